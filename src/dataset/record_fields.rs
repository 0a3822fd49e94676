//! Where the keywords and the name of an image are, in the form in which records are read.

use std::borrow::Cow;

use keyword_files::json::{Advice, FieldPath, IdField, IdPattern, KeywordField, Malformed, advice, keys_found};
use keyword_files::shell::quoted;

use crate::error::Problem;

/// Where the keywords and the names are, in the form in which records are read. The default is the
/// field of the release and nothing else.
#[derive(Debug, Clone, Default)]
pub(crate) struct RecordFields {
    pub keywords: KeywordField,
    pub id: Option<IdField>,
    pub id_pattern: Option<IdPattern>,
    /// Whether records with the same id are one image.
    pub group: bool,
    /// Whether these are the fields of a user's own data, and not of a preset.
    pub are_given: bool,
}

impl RecordFields {
    /// The name that a record gives to its image.
    pub fn id_in(&self, text: &[u8], field: &IdField) -> Result<String, Malformed> {
        let name = field.read(text)?;
        Ok(match self.image_name(&name)? {
            Cow::Owned(part) => part,
            Cow::Borrowed(_) => name,
        })
    }

    /// The name of an image, given that of its member, its key, its number or the name in its
    /// record: the part that `--id-pattern` selects.
    pub fn image_name<'n>(&self, name: &'n str) -> Result<Cow<'n, str>, Malformed> {
        let name = match &self.id_pattern {
            Some(pattern) => Cow::Owned(pattern.apply(name)?),
            None => Cow::Borrowed(name),
        };
        if name.is_empty() { Err(Malformed::empty_name()) } else { Ok(name) }
    }

    /// The keys at the top of a record that a reader must read. None means all.
    pub fn keys_to_read(&self) -> Vec<&str> {
        if self.may_read_any_key() { Vec::new() } else { self.top_keys() }
    }

    /// The keys at the top of a record that are read, as far as they are known.
    fn top_keys(&self) -> Vec<&str> {
        self.paths().filter_map(FieldPath::first_key).collect()
    }

    /// Whether a JSONPath may read any key of a record.
    fn may_read_any_key(&self) -> bool {
        self.paths().any(|path| path.first_key().is_none())
    }

    fn paths(&self) -> impl Iterator<Item = &FieldPath> {
        let confidence = self.keywords.confidence.as_ref().map(|confidence| &confidence.path);
        let id = self.id.as_ref().map(|id| &id.path);
        [Some(&self.keywords.path), confidence, id].into_iter().flatten()
    }

    /// The problem with a record whose keywords cannot be read. `problem` makes a problem with the
    /// record out of what is wrong and the place.
    pub fn problem(&self, malformed: Malformed, text: &[u8], problem: impl FnOnce(String, String) -> Problem) -> Problem {
        let problem = problem(malformed.to_string(), malformed.place.to_string());
        if !self.are_given {
            return problem.hint_or_skip(REWRITE);
        }
        match advice(text, &self.keywords, &malformed) {
            Advice::ReadAt(path) => problem.hint(format!("use --keywords-field {}", quoted(&path))),
            Advice::KeywordKey(key) => problem.hint(format!("use --keyword-key {}", quoted(&key))),
            Advice::ConfidenceKey(key) => problem.hint(format!("use --confidence-key {}", quoted(&key))),
            Advice::ReadStrings => problem.hint("remove --keyword-key, because the keywords are not objects"),
            Advice::ReadKeysWithScores => problem.hint("--min-confidence 0.5 uses its keys with at least that score"),
            Advice::ReadAsList => problem.hint("--format json reads a list of records"),
            Advice::ReadOtherwise => problem.hint_inspect(),
            Advice::AddLabel => problem.hint_or_skip("add it to the table"),
            Advice::Correct => problem.hint_or_skip("correct the record"),
        }
    }

    /// Adds what to do if a record has no name.
    pub fn add_hint_for_id(malformed: &Malformed, problem: Problem) -> Problem {
        if malformed.lacks_name() {
            return problem.hint_inspect();
        }
        problem.hint_or_skip(if malformed.lacks_match() { "change --id-pattern" } else { "correct the record" })
    }

    /// What is wrong if no record has the field of the keywords. `first` is the text of the first
    /// record.
    pub fn no_record_has_keywords(&self, first: &[u8]) -> String {
        let keys = keys_found(first).map(|keys| format!(" (fields of the first: {keys})"));
        format!("no record has the field '{}'{}", self.keywords.path, keys.unwrap_or_default())
    }
}

const REWRITE: &str = "write the file again";
