//! Where a string of JSON ends, 32 bytes at a time. Keywords are short: what costs is not their bytes but a loop that ends after the
//! first round or the second as chance has it, so one round takes in nearly every keyword.

use wide::u8x32;

const BLOCK: usize = 32;

/// The place of the first byte that a string cannot hold plainly: its end, an escape, a control character.
pub(super) fn first_special(text: &[u8]) -> Option<usize> {
    let mut start = 0;
    while let Some(block) = text.get(start..)?.first_chunk::<BLOCK>() {
        let special = special_bits(*block);
        if special != 0 {
            return Some(start + special.trailing_zeros() as usize);
        }
        start += BLOCK;
    }
    Some(start + text.get(start..)?.iter().position(|&byte| is_special(byte))?)
}

fn is_special(byte: u8) -> bool {
    byte == b'"' || byte == b'\\' || byte < b' '
}

/// [`is_special`] of each byte, as a bit.
fn special_bits(block: [u8; BLOCK]) -> u32 {
    let bytes = u8x32::new(block);
    let equal = |byte| bytes.simd_eq(u8x32::splat(byte));
    let control = bytes.simd_eq(bytes.min(u8x32::splat(b' ' - 1)));
    (control | equal(b'"') | equal(b'\\')).to_bitmask()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes beside the limits of what is special, none of which is.
    fn plain<const N: usize>() -> [u8; N] {
        std::array::from_fn(|at| [b'a', 0x80, 0xff, b'!', b'#', b'[', b']', b' '][at % 8])
    }

    #[test]
    fn each_special_byte_is_found_and_no_other() {
        for byte in 0..=255 {
            for at in 0..BLOCK {
                let mut block = plain();
                block[at] = byte;
                assert_eq!(special_bits(block), u32::from(is_special(byte)) << at, "{byte} at {at}");
            }
        }
    }

    #[test]
    fn the_first_one_is_found_in_blocks_and_in_what_is_left_behind_them() {
        for at in 0..100 {
            let mut text: [u8; 100] = plain();
            text[at] = b'"';
            text[99] = b'\\';
            assert_eq!(first_special(&text), Some(at.min(99)));
            assert_eq!(first_special(&text[..at]), None);
        }
    }
}
