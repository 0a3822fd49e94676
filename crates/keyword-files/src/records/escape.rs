//! Text as the inside of a JSON string.

/// Appends the text with the escapes that JSON requires. Bytes that are not UTF-8 stay as they are.
pub(crate) fn push_escaped(text: &[u8], json: &mut Vec<u8>) {
    let mut rest = text;
    while let Some(place) = rest.iter().position(|&byte| byte < b' ' || byte == b'"' || byte == b'\\') {
        let (plain, special) = rest.split_at(place);
        json.extend_from_slice(plain);
        let Some((&byte, behind)) = special.split_first() else { return };
        match byte {
            b'\n' => json.extend_from_slice(b"\\n"),
            b'\r' => json.extend_from_slice(b"\\r"),
            b'\t' => json.extend_from_slice(b"\\t"),
            b'"' | b'\\' => json.extend_from_slice(&[b'\\', byte]),
            _ => json.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
        }
        rest = behind;
    }
    json.extend_from_slice(rest);
}

/// Appends a keyword as a JSON string. A lone surrogate becomes a replacement character.
pub fn push_json_string(keyword: &[u8], json: &mut Vec<u8>) {
    json.push(b'"');
    for chunk in keyword.utf8_chunks() {
        push_escaped(chunk.valid().as_bytes(), json);
        // The three bytes of a surrogate are three invalid chunks. Only the first is not a continuation
        // byte.
        if chunk.invalid().first().is_some_and(|byte| !(0x80..0xc0).contains(byte)) {
            json.extend_from_slice("\u{fffd}".as_bytes());
        }
    }
    json.push(b'"');
}

/// Appends a text file as a JSON string. The line end at its end is no part of the text.
pub(crate) fn push_text(text: &[u8], json: &mut Vec<u8>) {
    push_string(text.strip_suffix(b"\n").map_or(text, |text| text.strip_suffix(b"\r").unwrap_or(text)), json);
}

/// Appends a text as a JSON string. Bytes that are not UTF-8 stay as they are.
pub(crate) fn push_string(text: impl AsRef<[u8]>, json: &mut Vec<u8>) {
    json.push(b'"');
    push_escaped(text.as_ref(), json);
    json.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_text_comes_back(text in "[a\u{0}-\u{20}\"\\\\é日]{0,20}") {
            let mut json = b"\"".to_vec();
            push_escaped(text.as_bytes(), &mut json);
            json.push(b'"');
            prop_assert_eq!(serde_json::from_slice::<String>(&json).unwrap(), text);
        }
    }
}
