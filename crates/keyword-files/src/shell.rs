//! Words of a command line.

/// A word as a POSIX shell reads it.
///
/// ```
/// use keyword_files::shell::quoted;
///
/// assert_eq!(["tags.json", "a b", "it's"].map(quoted), ["tags.json", "'a b'", r"'it'\''s'"]);
/// ```
pub fn quoted(word: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/');
    match !word.is_empty() && word.bytes().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}
