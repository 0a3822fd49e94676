//! Tables and their delimiters, recognized from their first lines.

/// The delimiters that are looked for in the first line, the preferred ones first.
const DELIMITERS: [u8; 4] = [b',', b'\t', b';', b'|'];

/// The most bytes in which the end of the first line is looked for.
pub(crate) const HEAD: usize = 64 << 10;

/// The delimiter in a first line `sep=;` of Excel, and the length of that line without its end.
pub(crate) fn named_delimiter(head: &[u8]) -> Option<(u8, usize)> {
    let line = head.split(|byte| matches!(byte, b'\n' | b'\r')).next()?;
    match line {
        [name @ .., delimiter] if name.eq_ignore_ascii_case(b"sep=") && *delimiter != b'"' => Some((*delimiter, line.len())),
        _ => None,
    }
}

/// The delimiter that occurs most often in the first line, outside quotes.
pub(crate) fn delimiter_of(head: &[u8]) -> u8 {
    let line = first_line(head);
    let mut is_quoted = false;
    let mut counts = [0_u32; DELIMITERS.len()];
    for &byte in line {
        is_quoted ^= byte == b'"';
        for (count, delimiter) in counts.iter_mut().zip(DELIMITERS) {
            *count += u32::from(byte == delimiter && !is_quoted);
        }
    }
    let most = counts.iter().copied().max().unwrap_or_default();
    let found = counts.iter().zip(DELIMITERS).find(|(count, _)| **count == most);
    found.map_or(b',', |(_, delimiter)| delimiter)
}

/// The text up to the first line end outside quotes.
fn first_line(head: &[u8]) -> &[u8] {
    let mut is_quoted = false;
    let end = head.iter().position(|&byte| {
        is_quoted ^= byte == b'"';
        !is_quoted && (byte == b'\n' || byte == b'\r')
    });
    end.and_then(|end| head.get(..end)).unwrap_or(head)
}

/// Whether a text looks like a table: its first two lines have the same number of fields, at least
/// two.
pub(crate) fn looks_like_table(head: &[u8]) -> bool {
    let delimiter = delimiter_of(head);
    let count = |line: &[u8]| {
        let mut is_quoted = false;
        let is_delimiter = |byte: &&u8| {
            is_quoted ^= **byte == b'"';
            !is_quoted && **byte == delimiter
        };
        line.iter().filter(is_delimiter).count()
    };
    let first = first_line(head);
    let rest = head.get(first.len()..).unwrap_or_default().trim_ascii_start();
    let second = first_line(rest);
    let is_text = !head.contains(&0) && !second.is_empty();
    is_text && count(first) > 0 && count(first) == count(second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_the_one_that_occurs_most_often_in_the_first_line() {
        for (text, delimiter) in
            [("a,b\n;;;", b','), ("a;b, c;d", b';'), ("a\tb", b'\t'), ("a|b|c,d", b'|'), ("\"a;;;b\",c", b','), ("a", b',')]
        {
            assert_eq!(delimiter_of(text.as_bytes()), delimiter, "{text}");
        }
    }

    #[test]
    fn a_first_line_of_excel_names_the_delimiter() {
        for (text, named) in [
            ("sep=;\r\na;b", Some((b';', 5))),
            ("SEP=\t\n", Some((b'\t', 5))),
            ("sep=", None),
            ("sep=;a\n", None),
            ("sep=\"\n", None),
            ("a,b", None),
        ] {
            assert_eq!(named_delimiter(text.as_bytes()), named, "{text}");
        }
    }

    #[test]
    fn a_table_has_two_lines_of_the_same_number_of_fields() {
        for (text, is_table) in
            [("a,b\r\n\"1,\n2\",3\n", true), ("a\tb\nc\td", true), ("a\nb\n", false), ("a,b\n", false), ("a,b\nc,d,e\n", false)]
        {
            assert_eq!(looks_like_table(text.as_bytes()), is_table, "{text}");
        }
    }
}
