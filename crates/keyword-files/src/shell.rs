//! Words of a command line.

/// A word as a POSIX shell reads it. On Windows, the word is in double quotes, which PowerShell and
/// `cmd` read unless it contains `$`, `%` or `"`.
///
/// ```
/// use keyword_files::shell::quoted;
///
/// assert_eq!(["tags.json", "é/a+b"].map(quoted), ["tags.json", "é/a+b"]);
/// # #[cfg(unix)]
/// assert_eq!(["a b", "it's"].map(quoted), ["'a b'", r"'it'\''s'"]);
/// # #[cfg(windows)]
/// # assert_eq!(["a b", r"C:\x"].map(quoted), [r#""a b""#, r"C:\x"]);
/// ```
pub fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+".contains(c) || cfg!(windows) && r"\:".contains(c);
    match word.is_empty() || !word.chars().all(is_plain) {
        false => word.to_owned(),
        true if cfg!(windows) => format!("\"{word}\""),
        true => format!("'{}'", word.replace('\'', r"'\''")),
    }
}
