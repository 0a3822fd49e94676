//! The options that say how inputs are read.

/// How inputs are read. The default detects everything.
///
/// ```
/// use keyword_files::records::{InputFormat, ReadOptions};
///
/// let options = ReadOptions { format: InputFormat::Csv, delimiter: Some(b';'), ..ReadOptions::default() };
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// The format of all inputs.
    pub format: InputFormat,
    /// The delimiter of CSV and TSV. Without it, the first line decides.
    pub delimiter: Option<u8>,
    /// Whether CSV and TSV have no header: their columns are then named 1, 2, ….
    pub no_header: bool,
    /// The keys that lead to the records of a JSON file.
    pub records: Option<Vec<String>>,
    /// The ending of the members of zips, tars and folders that hold keywords, such as
    /// `.tags.json`. Without it, these are `.json`, or `.txt` if there is no `.json`.
    pub member: Option<String>,
    /// What the images of zips, tars and folders are called.
    pub names: MemberNames,
}

/// A format of inputs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum InputFormat {
    /// The format is detected from the first bytes and the name of each input.
    #[default]
    Auto,
    /// A JSON list of records, or a JSON object whose values are records.
    Json,
    /// JSON Lines: a JSON value on each line.
    JsonLines,
    /// A table with delimiters and RFC 4180 quoting.
    Csv,
    /// The same with tabs as delimiters.
    Tsv,
    /// Parquet.
    Parquet,
    /// A tar with a file of keywords for each image.
    Tar,
    /// A zip with a file of keywords for each image.
    Zip,
    /// A folder with a file of keywords for each image.
    Folder,
    /// COCO annotations.
    Coco,
}

impl InputFormat {
    /// All formats with their names on the command line.
    ///
    /// ```
    /// use keyword_files::records::InputFormat;
    ///
    /// assert!(InputFormat::ALL.contains(&("jsonl", InputFormat::JsonLines)));
    /// ```
    pub const ALL: [(&'static str, InputFormat); 10] = [
        ("auto", InputFormat::Auto),
        ("json", InputFormat::Json),
        ("jsonl", InputFormat::JsonLines),
        ("csv", InputFormat::Csv),
        ("tsv", InputFormat::Tsv),
        ("parquet", InputFormat::Parquet),
        ("tar", InputFormat::Tar),
        ("zip", InputFormat::Zip),
        ("folder", InputFormat::Folder),
        ("coco", InputFormat::Coco),
    ];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, format)| *format == self).map_or("", |(name, _)| name)
    }
}

/// What the images of zips, tars and folders are called.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MemberNames {
    /// `a/b/dog.json` is `dog`.
    #[default]
    Key,
    /// `a/b/dog.json` is `a/b/dog`.
    Path,
}

/// More keys than these lead to no list of records.
const MOST_KEYS: usize = 64;

/// The keys of a dotted path such as `photos.photo`. `\.` is a dot inside a key.
///
/// ```
/// assert_eq!(keyword_files::records::dotted_keys(r"a.b\.c").unwrap(), ["a", "b.c"]);
/// ```
///
/// # Errors
///
/// A key is empty, or there are more than 64. The text says so.
pub fn dotted_keys(path: &str) -> Result<Vec<String>, String> {
    let mut keys = vec![String::new()];
    let mut rest = path.chars().peekable();
    while let Some(c) = rest.next() {
        let is_literal = c == '\\' && rest.next_if_eq(&'.').is_some();
        match (c, keys.last_mut()) {
            ('.', _) => keys.push(String::new()),
            (_, Some(key)) => key.push(if is_literal { '.' } else { c }),
            (_, None) => {}
        }
    }
    if keys.iter().any(String::is_empty) {
        let expected = r"expected keys joined by dots, such as photos.photo; a literal dot is \.";
        return Err(format!("'{path}' is not a path of keys, {expected}"));
    }
    if keys.len() > MOST_KEYS {
        let found = keys.len();
        return Err(format!("the path has {found} keys, expected at most {MOST_KEYS}"));
    }
    Ok(keys)
}

/// The dotted path of some keys, the inverse of [`dotted_keys`].
pub(crate) fn dotted_path<'k>(keys: impl IntoIterator<Item = &'k str>) -> String {
    let keys: Vec<String> = keys.into_iter().map(|key| key.replace('.', r"\.")).collect();
    keys.join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_keys_joined_by_dots_with_escaped_dots_inside_keys() {
        for (path, keys) in [
            ("icons", vec!["icons"]),
            ("photos.photo", vec!["photos", "photo"]),
            (r"a\.b.c", vec!["a.b", "c"]),
            (r"a\b", vec![r"a\b"]),
        ] {
            assert_eq!(dotted_keys(path).unwrap(), keys);
            assert_eq!(dotted_path(keys), path);
        }
        for path in ["", ".", "a..b", "a."] {
            let expected = r"expected keys joined by dots, such as photos.photo; a literal dot is \.";
            let message = format!("'{path}' is not a path of keys, {expected}");
            assert_eq!(dotted_keys(path).unwrap_err(), message);
        }
    }
}
