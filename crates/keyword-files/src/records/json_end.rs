//! Where a JSON value ends, found in 64 bytes at a time.
//!
//! Only strings and brackets are looked at. The text between them is checked by whoever parses it.

use wide::u8x32;

/// How many bytes are looked at together.
const BLOCK: usize = 64;
/// Every second bit.
const ODD_BITS: u64 = 0xAAAA_AAAA_AAAA_AAAA;

/// Finds the end of a list, an object or a string that comes in pieces.
///
/// The depth is a number, so nesting takes no memory.
#[derive(Debug, Default)]
pub(super) struct ValueEnd {
    depth: u64,
    is_in_string: bool,
    /// Whether the last byte was a backslash that escapes the next one.
    is_escaped: bool,
}

/// The bits of 64 bytes that matter.
struct Marks {
    quotes: u64,
    backslashes: u64,
    open: u64,
    close: u64,
}

impl ValueEnd {
    /// The number of bytes of `piece` up to the end of the value, if it ends there. The first piece
    /// must begin with the value's first byte.
    pub fn find(&mut self, piece: &[u8]) -> Option<usize> {
        let (blocks, rest) = piece.as_chunks::<BLOCK>();
        for (number, block) in blocks.iter().enumerate() {
            if let Some(end) = self.find_in_block(&Marks::of(block), BLOCK) {
                return Some(number * BLOCK + end);
            }
        }
        if rest.is_empty() {
            return None;
        }
        let mut block = [0; BLOCK];
        block.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        self.find_in_block(&Marks::of(&block), rest.len()).map(|end| blocks.len() * BLOCK + end)
    }

    /// The same for a block of which the first `len` bytes are meant.
    #[inline]
    fn find_in_block(&mut self, marks: &Marks, len: usize) -> Option<usize> {
        let quotes = marks.quotes & !self.escaped(marks.backslashes, len);
        let in_string = inside(quotes) ^ if self.is_in_string { u64::MAX } else { 0 };
        let (open, close) = (marks.open & !in_string, marks.close & !in_string);
        // A string that is no part of a list or an object ends with its second quote.
        let closed_strings = if self.depth == 0 { quotes & !in_string } else { 0 };
        let may_end = u64::from(close.count_ones()) >= self.depth || closed_strings != 0;
        if may_end && let Some(end) = self.end_in(open, close, closed_strings) {
            return Some(end);
        }
        if !may_end {
            self.depth += u64::from(open.count_ones());
            self.depth -= u64::from(close.count_ones());
        }
        self.is_in_string = in_string >> (len - 1) & 1 == 1;
        None
    }

    /// Follows the depth bracket by bracket.
    fn end_in(&mut self, open: u64, close: u64, closed_strings: u64) -> Option<usize> {
        let mut marks = open | close | closed_strings;
        while marks != 0 {
            let place = marks.trailing_zeros();
            let mark = 1 << place;
            marks &= marks - 1;
            if open & mark != 0 {
                self.depth += 1;
                continue;
            }
            if close & mark != 0 {
                self.depth = self.depth.saturating_sub(1);
            }
            if self.depth == 0 {
                return Some(place as usize + 1);
            }
        }
        None
    }

    /// The bits of the bytes behind an odd number of backslashes.
    #[inline]
    fn escaped(&mut self, backslashes: u64, len: usize) -> u64 {
        let before = u64::from(self.is_escaped);
        if backslashes == 0 {
            self.is_escaped = false;
            return before;
        }
        // Adding to the first backslash of a run carries to the first byte behind it. Whether that
        // is at an even distance shows in the alternating bits.
        let starts = backslashes & !before;
        let shifted = (starts << 1) | ODD_BITS;
        let ends = shifted.wrapping_sub(starts) ^ ODD_BITS;
        let escaping = ends & backslashes;
        self.is_escaped = escaping >> (len - 1) & 1 == 1;
        ends ^ (backslashes | before)
    }
}

/// The bits from each odd quote up to the next even one, without the latter.
#[inline]
fn inside(quotes: u64) -> u64 {
    [1, 2, 4, 8, 16, 32].iter().fold(quotes, |bits, shift| bits ^ bits << shift)
}

impl Marks {
    #[inline]
    fn of(block: &[u8; BLOCK]) -> Marks {
        let [low, high] = block.as_chunks().0 else {
            return Marks { quotes: 0, backslashes: 0, open: 0, close: 0 };
        };
        let (low, high) = (u8x32::new(*low), u8x32::new(*high));
        let equal = |low: u8x32, high: u8x32, byte| {
            let bits = |half: u8x32| half.simd_eq(u8x32::splat(byte)).to_bitmask();
            u64::from(bits(low)) | u64::from(bits(high)) << 32
        };
        // Brackets and braces differ in one bit, which few other bytes share.
        let case = u8x32::splat(0x20);
        let (folded_low, folded_high) = (low | case, high | case);
        Marks {
            quotes: equal(low, high, b'"'),
            backslashes: equal(low, high, b'\\'),
            open: equal(folded_low, folded_high, b'{'),
            close: equal(folded_low, folded_high, b'}'),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The end as one would find it byte by byte.
    fn slow_end(text: &[u8]) -> Option<usize> {
        let (mut depth, mut in_string, mut escaped) = (0_u64, false, false);
        for (place, &byte) in text.iter().enumerate() {
            let is_quote = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            let is_end = match byte {
                _ if is_quote => {
                    in_string = !in_string;
                    !in_string && depth == 0
                }
                b'{' | b'[' if !in_string => {
                    depth += 1;
                    false
                }
                b'}' | b']' if !in_string => {
                    depth = depth.saturating_sub(1);
                    depth == 0
                }
                _ => false,
            };
            if is_end {
                return Some(place + 1);
            }
        }
        None
    }

    fn end_in_pieces(text: &[u8], size: usize) -> Option<usize> {
        let mut end = ValueEnd::default();
        (0..).zip(text.chunks(size)).find_map(|(piece, bytes)| Some(piece * size + end.find(bytes)?))
    }

    #[test]
    fn the_end_of_a_value_is_that_of_its_last_bracket_or_quote() {
        for (text, end) in [
            (r#"[] "#, Some(2)),
            (r#"["]", {"a": "\"}"}], 1"#, Some(19)),
            (r#""a\\" "#, Some(5)),
            (r#""a\" "#, None),
            (r#"{"a": ["#, None),
        ] {
            assert_eq!(end_in_pieces(text.as_bytes(), 1000), end, "{text}");
            assert_eq!(slow_end(text.as_bytes()), end, "{text}");
        }
        let deep = [vec![b'['; 100_000], vec![b']'; 100_001]].concat();
        assert_eq!(end_in_pieces(&deep, 4096), Some(200_000));
    }

    proptest! {
        #[test]
        fn it_is_found_in_pieces_of_any_size(
            first in r#"["\[{]"#, text in r#"[\\\\"\[\]{}a]{0,300}"#, size in 1..200_usize,
        ) {
            let text = format!("{first}{text}");
            prop_assert_eq!(end_in_pieces(text.as_bytes(), size), slow_end(text.as_bytes()));
        }
    }
}
