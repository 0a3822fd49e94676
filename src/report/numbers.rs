//! Numbers as readable text.

/// A number with thousands separators.
///
/// ```
/// assert_eq!(amc_keywords::grouped(1_234_567), "1,234,567");
/// ```
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A size in bytes with three digits: `512 bytes`, `1.25 MB`.
pub(super) fn bytes(bytes: u64) -> String {
    let units = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if bytes < 1000 {
        return format!("{bytes} bytes");
    }
    let (mut size, mut unit) = (bytes as f64 / 1e3, "kB");
    for larger in units.iter().skip(1) {
        if size < 999.5 {
            break;
        }
        (size, unit) = (size / 1e3, larger);
    }
    let decimals = if size < 9.995 { 2 } else { usize::from(size < 99.95) };
    format!("{size:.decimals$} {unit}")
}

/// A part of a whole as `12.3%`. `0%` means none and `100%` means all, so values near them are
/// not rounded to them.
pub(super) fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "–".into();
    }
    let percent = 100.0 * part as f64 / whole as f64;
    match part {
        0 => "0%".into(),
        _ if part == whole => "100%".into(),
        _ if percent < 0.05 => "< 0.1%".into(),
        _ if percent >= 99.95 => "> 99.9%".into(),
        _ => format!("{percent:.1}%"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn sizes_have_three_digits() {
        let sizes = [0, 999, 1000, 9994, 9996, 999_499, 999_600, 1_600_000_128, u64::MAX].map(bytes);
        let expected = ["0 bytes", "999 bytes", "1.00 kB", "9.99 kB", "10.0 kB", "999 kB", "1.00 MB", "1.60 GB", "18.4 EB"];
        assert_eq!(sizes, expected);
    }

    #[test]
    fn a_share_is_never_rounded_to_none_or_all() {
        let shares = [(0, 0), (0, 7), (1, 100_000), (1, 3), (99_999, 100_000), (7, 7)].map(|(part, whole)| percent(part, whole));
        assert_eq!(shares, ["–", "0%", "< 0.1%", "33.3%", "> 99.9%", "100%"]);
    }
}
