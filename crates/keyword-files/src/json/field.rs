//! Where the keywords of an image are in its JSON, and in which form.

/// The path of keys to the keywords of an image, and the form of the value there.
#[derive(Debug, Clone, PartialEq)]
pub struct KeywordField {
    pub path: Vec<String>,
    pub form: KeywordForm,
}

/// The field of the release: a list of strings in `tagging.keywords`.
impl Default for KeywordField {
    fn default() -> Self {
        KeywordField {
            path: ["tagging", "keywords"].map(String::from).to_vec(),
            form: KeywordForm::Strings,
        }
    }
}

/// The form of the value that holds the keywords.
#[derive(Debug, Clone, PartialEq)]
pub enum KeywordForm {
    /// A list of strings.
    Strings,
    /// A list of strings, or one string that the separator divides.
    StringsOrText { separator: Option<String> },
    /// A list of objects with one keyword each.
    Objects { key: String, least: Option<LeastConfidence> },
}

/// The confidence that a keyword needs, and its key.
#[derive(Debug, Clone, PartialEq)]
pub struct LeastConfidence {
    pub key: String,
    pub least: f64,
}

impl KeywordForm {
    /// Whether the keywords may be a list of strings, which the fast path reads.
    pub fn may_be_strings(&self) -> bool {
        !matches!(self, KeywordForm::Objects { .. })
    }
}
