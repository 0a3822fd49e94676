//! Files of text that are not UTF-8.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use keyword_files::shell::quoted;
use keyword_files::source;

/// Bytes of a file that are looked at.
const MOST: u64 = 16 << 20;

/// How a control byte starts in a JSON string.
const ESCAPED_CONTROL: &[u8] = br"\u00";

/// The encoding of a text that is not UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Utf16,
    /// Its letters are those of Latin-1.
    Windows1252,
}

/// How a file, or the members of an archive, become UTF-8.
pub(crate) struct Conversion {
    /// A sentence with the command for a POSIX shell.
    pub note: String,
    /// The file or folder that the command makes.
    pub result: PathBuf,
}

/// The start of a file as UTF-8, and the encoding that it has.
pub(crate) struct Decoded {
    pub encoding: Encoding,
    pub text: String,
}

impl Encoding {
    /// The name of the encoding for `iconv`.
    fn name(self) -> &'static str {
        match self {
            Encoding::Utf16 => "UTF-16",
            Encoding::Windows1252 => "WINDOWS-1252",
        }
    }
}

impl Decoded {
    /// The start of the text at `path` if it has another encoding than UTF-8 throughout.
    pub fn of(path: &Path) -> Option<Decoded> {
        let mut bytes = Vec::new();
        File::open(path).ok()?.take(MOST).read_to_end(&mut bytes).ok()?;
        if source::is_other_format(&bytes) { None } else { Decoded::of_bytes(&bytes) }
    }

    /// The text of a member of an archive, if it is not UTF-8. A member that is not JSON comes as a
    /// JSON string.
    pub fn of_member(text: &[u8]) -> Option<String> {
        match text {
            // The bytes behind the quote are escaped.
            [b'"', 0xff, 0xfe, ..] | [b'"', 0xfe, 0xff, ..] => Some(String::new()),
            // An escaped control byte: the member is no text.
            [b'"', ..] if text.windows(ESCAPED_CONTROL.len()).any(|at| at == ESCAPED_CONTROL) => None,
            _ => Decoded::of_bytes(text).map(|decoded| decoded.text),
        }
    }

    fn of_bytes(bytes: &[u8]) -> Option<Decoded> {
        if let [first @ (0xff | 0xfe), second, rest @ ..] = bytes
            && u16::from(*first) + u16::from(*second) == 0xff + 0xfe
        {
            let unit = |pair: &[u8; 2]| if *first == 0xff { u16::from_le_bytes(*pair) } else { u16::from_be_bytes(*pair) };
            let units = rest.as_chunks::<2>().0.iter().map(unit);
            let text = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
            return Some(Decoded { encoding: Encoding::Utf16, text });
        }
        let is_control = |byte: &u8| *byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r' | b'\x0c');
        if bytes.iter().any(is_control) {
            return None;
        }
        let (mut valid, mut invalid) = (0_usize, 0_usize);
        for chunk in bytes.utf8_chunks() {
            valid += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
            invalid += usize::from(!chunk.invalid().is_empty());
        }
        // A text in UTF-8 with a few damaged characters must not be converted.
        let is_other = invalid > 10 * valid;
        is_other.then(|| Decoded { encoding: Encoding::Windows1252, text: bytes.iter().copied().map(char::from).collect() })
    }
}

impl Conversion {
    /// Converts a file.
    pub fn of_file(path: &Path, encoding: Encoding) -> Conversion {
        let result = converted_path(path);
        let [from, to] = [path, &result].map(quoted_path);
        let command = format!("iconv -f {} -t UTF-8 {from} > {to}", encoding.name());
        Conversion { note: format!("It is not UTF-8. Convert it first: {command}"), result }
    }

    /// Copies an archive of this format to a folder and converts the copy of each member that is
    /// not UTF-8. Only members with one of the endings are converted.
    pub fn of_members(path: &Path, format: &str, endings: &[&str]) -> Conversion {
        let name = format!("{}-utf8", source::stem(path));
        let result = match path.file_name() {
            Some(_) => path.with_file_name(name),
            None => path.join("..").join(name),
        };
        let [from, all, to] = [path, &path.join("."), &result].map(quoted_path);
        let copy = match format {
            "zip" => format!("unzip -q {from} -d {to}"),
            "tar" => format!("tar -xf {from} -C {to}"),
            _ => format!("cp -R {all} {to}"),
        };
        let names: Vec<String> = endings.iter().map(|ending| format!("-iname {}", quoted(&format!("*{ending}")))).collect();
        let names = names.join(" -o ");
        let command = format!("mkdir {to} && {copy} && find {to} -type f \\( {names} \\) -exec sh -c '{CONVERT}' {{}} \\;");
        Conversion { note: format!("Some files in it are not UTF-8. Convert a copy first: {command}"), result }
    }
}

/// Converts the file `$0` if it is not UTF-8. A text in UTF-16 begins with a byte order mark.
const CONVERT: &str = concat!(
    r#"case $(od -An -tx1 -N2 "$0") in *ff?fe*|*fe?ff*) from=UTF-16;; *) from=WINDOWS-1252;; esac; "#,
    r#"iconv -f UTF-8 -t UTF-8 "$0" > "$0-" 2>/dev/null || "#,
    r#"iconv -f $from -t UTF-8 "$0" > "$0-" && mv "$0-" "$0""#,
);

/// A path as a word of a shell command. It is not taken for an option.
fn quoted_path(path: &Path) -> String {
    quoted(&word_of(path))
}

/// A path as a word of a command. It is not taken for an option.
pub(crate) fn word_of(path: &Path) -> String {
    let path = path.to_string_lossy();
    let is_option = path.starts_with('-') && path != "-";
    if is_option { format!("./{path}") } else { path.into_owned() }
}

/// The path of the converted file: `tags-utf8.csv` next to `tags.csv`.
fn converted_path(path: &Path) -> PathBuf {
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push("-utf8");
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8]) -> Option<(Encoding, String)> {
        Decoded::of_bytes(bytes).map(|found| (found.encoding, found.text))
    }

    #[test]
    fn texts_in_other_encodings_are_recognized() {
        assert_eq!(decoded(b"a,caf\xe9\r\n"), Some((Encoding::Windows1252, "a,caf\u{e9}\r\n".into())));
        assert_eq!(decoded(b"\xff\xfea\0\xe9\0"), Some((Encoding::Utf16, "a\u{e9}".into())));
        assert_eq!(decoded(b"\xfe\xff\0a\0\xe9\0"), Some((Encoding::Utf16, "a\u{e9}".into())));
    }

    #[test]
    fn texts_in_utf_8_and_other_files_are_not_converted() {
        for bytes in [&b""[..], b"a,b", "caf\u{e9}".as_bytes(), b"caf\xc3\xa9, th\xe9", b"PK\x03\x04\xff", b"\x1f\x8b\x08\xff"] {
            assert_eq!(decoded(bytes), None, "{bytes:?}");
        }
    }

    #[test]
    fn a_converted_file_is_next_to_the_original() {
        assert_eq!(converted_path(Path::new("d/tags.csv")), Path::new("d/tags-utf8.csv"));
        assert_eq!(converted_path(Path::new("tags")), Path::new("tags-utf8"));
    }
}
