//! Member names as text, decoded as Python's `zipfile` does.

use std::borrow::Cow;

use rawzip::ZipFileHeaderRecord;
use rawzip::extra_fields::ExtraFieldId;

/// The general purpose bit for names in UTF-8.
const UTF_8: u16 = 1 << 11;

/// The upper half of code page 437.
const UPPER_HALF: [&str; 4] = [
    "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒ",
    "áíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐",
    "└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀",
    "αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}",
];

/// A member's name, decoded. Names are UTF-8 if their flag or Info-ZIP's Unicode path field says
/// so, and code page 437 otherwise.
///
/// Some Windows tools write `\` instead of `/`. This is corrected only where byte 0x5C cannot be
/// half of a character: in UTF-8 and in ASCII.
pub(super) fn decode_name<'r>(record: &ZipFileHeaderRecord<'r>) -> Cow<'r, [u8]> {
    let raw = record.file_path().as_bytes();
    if record.flags().bits() & UTF_8 != 0 {
        return with_slashes(raw);
    }
    let paths = record.extra_fields().filter(|(id, _)| *id == ExtraFieldId::INFO_ZIP_UNICODE_PATH);
    if let Some(path) = paths.filter_map(|(_, field)| unicode_path(field, raw)).next() {
        return Cow::Owned(with_slashes(path.as_bytes()).into_owned());
    }
    if raw.is_ascii() { with_slashes(raw) } else { Cow::Owned(decode_page_437(raw).into_bytes()) }
}

/// The name in a Unicode path field, which applies only to a name with the CRC-32 in the field.
fn unicode_path<'f>(field: &'f [u8], raw: &[u8]) -> Option<&'f str> {
    let [1, a, b, c, d, path @ ..] = field else { return None };
    let is_for_name = u32::from_le_bytes([*a, *b, *c, *d]) == crc32fast::hash(raw);
    std::str::from_utf8(path).ok().filter(|path| is_for_name && !path.is_empty())
}

fn decode_page_437(raw: &[u8]) -> String {
    let upper: Vec<char> = UPPER_HALF.iter().flat_map(|row| row.chars()).collect();
    let decode = |&byte: &u8| {
        let place = byte.checked_sub(0x80).map(usize::from);
        place.map_or(Some(char::from(byte)), |place| upper.get(place).copied())
    };
    raw.iter().filter_map(decode).collect()
}

/// Replaces `\` by `/` in a name without `/`.
pub(super) fn with_slashes(name: &[u8]) -> Cow<'_, [u8]> {
    if name.contains(&b'/') || !name.contains(&b'\\') {
        return Cow::Borrowed(name);
    }
    Cow::Owned(name.iter().map(|&byte| if byte == b'\\' { b'/' } else { byte }).collect())
}
