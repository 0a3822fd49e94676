//! Any bytes give a result or an error. Any dict is read back from any opcodes that write it.

use proptest::prelude::*;

use super::{golden, read};

/// How one pair is written: which opcode for the name, which for the number, and whether it is
/// memoised.
type Style = (u8, u8, bool);

fn name_bytes(name: &str, style: u8) -> Vec<u8> {
    let len = name.len();
    let with = |code: u8, len: &[u8]| [&[code], len, name.as_bytes()].concat();
    match style % 8 {
        0 if len < 256 => with(b'U', &[len as u8]),
        1 if len < 256 => with(0x8c, &[len as u8]),
        2 if len < 256 => with(b'C', &[len as u8]),
        3 => with(b'T', &(len as u32).to_le_bytes()),
        4 => with(0x8d, &(len as u64).to_le_bytes()),
        5 => {
            let escapes: String = name.chars().map(|c| format!("\\U{:08x}", u32::from(c))).collect();
            format!("V{escapes}\n").into_bytes()
        }
        6 => {
            let escapes: String = name.bytes().map(|b| format!("\\x{b:02x}")).collect();
            format!("S'{escapes}'\n").into_bytes()
        }
        _ => with(b'X', &(len as u32).to_le_bytes()),
    }
}

fn number_bytes(number: u64, style: u8) -> Vec<u8> {
    match style % 7 {
        0 if number < 1 << 8 => vec![b'K', number as u8],
        1 if number < 1 << 16 => [b"M".as_slice(), &(number as u16).to_le_bytes()].concat(),
        2 if number < 1 << 31 => [b"J".as_slice(), &(number as u32).to_le_bytes()].concat(),
        3 => format!("L{number}L\n").into_bytes(),
        4 => [b"\x8a\x08".as_slice(), &number.to_le_bytes()].concat(),
        5 => [b"\x8b\x0a\0\0\0".as_slice(), &number.to_le_bytes(), b"\0\0"].concat(),
        6 => [b"U\x14".as_slice(), format!("{number:020}").as_bytes()].concat(),
        _ => format!("I{number}\n").into_bytes(),
    }
}

/// Writes the dict in batches, as picklers do.
fn pickled(pairs: &[(String, u64, Style)], batch: usize) -> Vec<u8> {
    let mut out = b"\x80\x05}\x94".to_vec();
    for batch in pairs.chunks(batch) {
        out.extend_from_slice(if batch.len() == 1 { b"" } else { b"(" });
        for (name, number, (name_style, number_style, memo)) in batch {
            out.extend(name_bytes(name, *name_style));
            out.extend_from_slice(if *memo { b"\x94" } else { b"" });
            out.extend(number_bytes(*number, *number_style));
            out.extend_from_slice(if *memo { b"\x94" } else { b"" });
        }
        out.push(if batch.len() == 1 { b's' } else { b'u' });
    }
    out.push(b'.');
    out
}

fn number() -> impl Strategy<Value = u64> {
    prop_oneof![0..300u64, 0..=1u64 << 16, 0..1u64 << 33, 0..=1u64 << 53]
}

proptest! {
    #[test]
    fn any_dict_comes_back_whatever_opcodes_wrote_it(
        pairs in prop::collection::vec((any::<String>(), number(), any::<Style>()), 0..40),
        batch in 1..9usize,
    ) {
        let expected: Vec<_> = pairs.iter().map(|(name, number, _)| (name.clone(), *number)).collect();
        prop_assert_eq!(read(&pickled(&pairs, batch)).unwrap(), expected);
    }

    #[test]
    fn any_bytes_end_in_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes);
        let _ = read(&[b"}(".as_slice(), &bytes].concat());
    }

    #[test]
    fn any_opcodes_end_in_an_answer(
        bytes in prop::collection::vec(prop::sample::select(&b"(d}su.pqrghj\x94IJKML\x8a\x8bSTUVX\x8cBC\x95c\x93\0\x01a1\n'\\u"[..]), 0..60),
    ) {
        let _ = read(&bytes);
    }

    #[test]
    fn a_real_pickle_with_changed_bytes_ends_in_an_answer(
        file in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = file.get(&golden("")).1.clone();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let _ = read(&bytes);
        bytes.truncate(cut.index(bytes.len()));
        prop_assert!(read(&bytes).is_err());
    }
}
