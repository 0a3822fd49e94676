//! Python's white space: `str.isspace()`, as used by `str.split()` and by `\s` in `re`.

/// Returns whether `c` is white space for Python. Rust's `char::is_whitespace` does not include
/// U+001C to U+001F.
pub fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

/// The code points of [`is_space`] as ranges.
pub const RANGES: &[(u32, u32)] = &[
    (0x9, 0xd),
    (0x1c, 0x20),
    (0x85, 0x85),
    (0xa0, 0xa0),
    (0x1680, 0x1680),
    (0x2000, 0x200a),
    (0x2028, 0x2029),
    (0x202f, 0x202f),
    (0x205f, 0x205f),
    (0x3000, 0x3000),
];

/// Appends `text` to `out` and replaces each run of two or more white-space characters by a space.
/// A single white-space character is kept, as in scikit-learn's
/// `re.compile(r"\s\s+").sub(" ", text)`.
pub fn push_with_runs_collapsed(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(start) = rest.find(is_space) {
        let (before, spaces) = rest.split_at(start);
        let after = spaces.trim_start_matches(is_space);
        let run = spaces.strip_suffix(after).unwrap_or(spaces);
        out.push_str(before);
        out.push_str(if run.chars().nth(1).is_some() { " " } else { run });
        rest = after;
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ranges_contain_exactly_the_white_space() {
        let in_ranges = |c: char| RANGES.iter().any(|&(first, last)| (first..=last).contains(&(c as u32)));
        assert!(('\0'..=char::MAX).all(|c| is_space(c) == in_ranges(c)));
    }

    #[test]
    fn runs_become_a_space_and_a_single_tab_is_kept() {
        let collapsed = |text: &str| {
            let mut out = String::from("|");
            push_with_runs_collapsed(text, &mut out);
            out
        };
        assert_eq!(
            ["", "a", "a\tb", "a\t\nb\u{1f}", " \u{3000}a\u{a0} ", "\t", "\t\t"].map(collapsed),
            ["|", "|a", "|a\tb", "|a b\u{1f}", "| a ", "|\t", "| "]
        );
    }
}
