//! The search for special bytes of a JSON string: a quote, a backslash, a control character. It
//! looks at 64 bytes at a time. Keywords are short, so most of the time of a search would go into
//! starting it.

use wide::u8x32;

/// Bytes that are looked at together.
pub(super) const BLOCK: usize = 64;

/// The place of the first special byte.
pub(super) fn first_special(text: &[u8]) -> Option<usize> {
    let mut start = 0;
    loop {
        match special_bits(text, start)? {
            0 => start += BLOCK,
            bits => return Some(start + bits.trailing_zeros() as usize),
        }
    }
}

/// The special bytes among the 64 from `start`, as bits. Bytes behind the end of the text are not
/// special. There is no answer if `start` is behind the end.
#[inline]
pub(super) fn special_bits(text: &[u8], start: usize) -> Option<u64> {
    let rest = text.get(start..).filter(|rest| !rest.is_empty())?;
    Some(rest.first_chunk().map_or_else(|| special_bits_at_end(rest), special_bits_of))
}

/// Not inlined: the compiler would merge it with the usual branch into much slower code.
#[cold]
#[inline(never)]
fn special_bits_at_end(rest: &[u8]) -> u64 {
    let mut block = [b' '; BLOCK];
    block.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    special_bits_of(&block)
}

#[inline]
fn special_bits_of(block: &[u8; BLOCK]) -> u64 {
    let [low, high] = block.as_chunks().0 else { return 0 };
    u64::from(special_bits_of_half(*low)) | u64::from(special_bits_of_half(*high)) << 32
}

#[inline]
fn special_bits_of_half(half: [u8; BLOCK / 2]) -> u32 {
    let bytes = u8x32::new(half);
    let equal = |byte| bytes.simd_eq(u8x32::splat(byte));
    let control = bytes.simd_eq(bytes.min(u8x32::splat(b' ' - 1)));
    (control | equal(b'"') | equal(b'\\')).to_bitmask()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_special(byte: u8) -> bool {
        byte == b'"' || byte == b'\\' || byte < b' '
    }

    /// Bytes next to the special ones, none of which is special.
    fn plain<const N: usize>() -> [u8; N] {
        std::array::from_fn(|at| [b'a', 0x80, 0xff, b'!', b'#', b'[', b']', b' '][at % 8])
    }

    #[test]
    fn each_special_byte_is_found_and_no_other() {
        for byte in 0..=255 {
            for at in 0..BLOCK {
                let mut text: [u8; BLOCK + 3] = plain();
                text[3 + at] = byte;
                assert_eq!(special_bits(&text, 3), Some(u64::from(is_special(byte)) << at), "{byte} at {at}");
            }
        }
    }

    #[test]
    fn the_bytes_before_the_end_are_found_and_behind_it_there_are_none() {
        let mut text: [u8; 100] = plain();
        (text[64], text[99]) = (b'\n', b'"');
        assert_eq!(
            [36, 64, 99, 100, 101].map(|start| special_bits(&text, start)),
            [Some(1 << 28 | 1 << 63), Some(1 | 1 << 35), Some(1), None, None]
        );
    }

    #[test]
    fn the_first_one_is_found_in_blocks_and_in_what_is_left_behind_them() {
        for at in 0..200 {
            let mut text: [u8; 200] = plain();
            text[at] = b'"';
            text[199] = b'\\';
            assert_eq!(first_special(&text), Some(at.min(199)));
            assert_eq!(first_special(&text[..at]), None);
        }
    }
}
