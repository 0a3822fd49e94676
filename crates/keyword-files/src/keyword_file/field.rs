//! Where keywords stand in the JSON of an image, and in which form.

/// The path of keys to an image's keywords and what stands there.
#[derive(Debug, Clone, PartialEq)]
pub struct KeywordField {
    pub path: Vec<String>,
    pub form: KeywordForm,
}

/// The release's: a list of strings in `tagging.keywords`.
impl Default for KeywordField {
    fn default() -> Self {
        KeywordField { path: ["tagging", "keywords"].map(String::from).to_vec(), form: KeywordForm::Strings }
    }
}

/// In which form keywords stand.
#[derive(Debug, Clone, PartialEq)]
pub enum KeywordForm {
    /// A list of strings.
    Strings,
    /// A list of strings, or one string, which the separator takes apart.
    StringsOrText { separator: Option<String> },
    /// A list of objects that hold a keyword each.
    Objects { key: String, least: Option<LeastConfidence> },
}

/// Keywords of which the tagger is less sure are left out.
#[derive(Debug, Clone, PartialEq)]
pub struct LeastConfidence {
    pub key: String,
    pub least: f64,
}

impl KeywordForm {
    pub(super) fn may_be_strings(&self) -> bool {
        !matches!(self, KeywordForm::Objects { .. })
    }

    /// What messages say that is expected.
    pub(super) fn expected(&self) -> String {
        match self {
            KeywordForm::Strings => "a list of strings".to_owned(),
            KeywordForm::StringsOrText { .. } => "a list of strings, or a string,".to_owned(),
            KeywordForm::Objects { key, least: None } => format!("a list of objects, each with a string in {key},"),
            KeywordForm::Objects { key, least: Some(least) } => {
                format!("a list of objects, each with a string in {key} and a number in {},", least.key)
            }
        }
    }
}
