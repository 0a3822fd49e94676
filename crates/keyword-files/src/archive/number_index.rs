//! Names that are numbers, such as `00000001` to `01000000`. A table by number finds a name with
//! one access to memory. A hash index takes five, and with a million names each of them is slow.

/// A name is in the table if it consists of `prefix` and this number of digits. Then no other name
/// has its number.
#[derive(Default)]
pub(super) struct Numbered {
    prefix: Box<[u8]>,
    digits: usize,
    /// The first number of the table.
    first: u32,
    members: Vec<u32>,
}

/// The number of digits that fit into a number.
const MOST_DIGITS: usize = 9;
/// The largest number of places per name. COCO's table has seven.
const MOST_PLACES: usize = 8;

impl Numbered {
    const NO_MEMBER: u32 = u32::MAX;

    /// An empty table for names like the first one. Returns `None` if it is not a number, or if the
    /// numbers are too far apart.
    pub fn like_the_first<'n>(names: impl Iterator<Item = &'n [u8]> + Clone) -> Option<Numbered> {
        let example = names.clone().next()?;
        let digits = example.iter().rev().take(MOST_DIGITS).take_while(|byte| byte.is_ascii_digit()).count();
        let (prefix, _) = example.split_at_checked(example.len() - digits).filter(|_| digits > 0)?;
        let mut numbered = Numbered { prefix: prefix.into(), digits, ..Numbered::default() };
        let (mut least, mut greatest, mut count) = (u32::MAX, 0, 0);
        for number in names.filter_map(|name| numbered.number(name)) {
            (least, greatest, count) = (least.min(number), greatest.max(number), count + 1);
        }
        let places = (greatest - least) as usize + 1;
        if places > MOST_PLACES * count {
            return None;
        }
        (numbered.first, numbered.members) = (least, vec![Self::NO_MEMBER; places]);
        Some(numbered)
    }

    fn number(&self, name: &[u8]) -> Option<u32> {
        let (prefix, digits) = name.split_at_checked(self.prefix.len()).filter(|(_, digits)| digits.len() == self.digits)?;
        if !are_equal(prefix, &self.prefix) {
            return None;
        }
        let add = |number: u32, byte: &u8| byte.is_ascii_digit().then(|| 10 * number + u32::from(byte - b'0'));
        digits.iter().try_fold(0, add)
    }

    /// The place of the number of a name, if the name is in the table.
    fn place(&self, name: &[u8]) -> Option<usize> {
        Some(self.number(name)?.wrapping_sub(self.first) as usize)
    }

    /// The member with this name, if any. Returns `None` if the name does not belong to the table.
    pub fn find(&self, name: &[u8]) -> Option<Option<u32>> {
        let member = self.members.get(self.place(name)?).copied();
        Some(member.filter(|&member| member != Self::NO_MEMBER))
    }

    /// Adds the name of the member. Returns `None` if it does not belong to the table, and the
    /// member as an error if another one has the name.
    pub fn add(&mut self, name: &[u8], member: u32) -> Option<Result<(), u32>> {
        let slot = self.place(name).and_then(|place| self.members.get_mut(place))?;
        if *slot != Self::NO_MEMBER {
            return Some(Err(member));
        }
        *slot = member;
        Some(Ok(()))
    }
}

/// Whether two parts are equal. Empty parts are not compared, because the `memcmp` of the C library
/// takes fifty nanoseconds for them on a processor with AVX-512.
pub(super) fn are_equal(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && (a.is_empty() || a == b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(names: &[&str]) -> Option<Numbered> {
        let mut numbered = Numbered::like_the_first(names.iter().map(|name| name.as_bytes()))?;
        for (name, member) in names.iter().zip(0..) {
            numbered.add(name.as_bytes(), member);
        }
        Some(numbered)
    }

    #[test]
    fn a_name_of_other_letters_or_of_more_or_fewer_digits_is_another() {
        let numbered = table(&["a0007", "a0009", "b0008", "a08", "a00010", "a000x"]).unwrap();
        let found = ["a0007", "a0009", "a0008", "a0001", "a9999", "b0007", "a7", "a00007", "0007", "a", ""];
        let expected = [Some(Some(0)), Some(Some(1)), Some(None), Some(None), Some(None), None, None, None, None, None, None];
        assert_eq!(found.map(|name| numbered.find(name.as_bytes())), expected);
    }

    #[test]
    fn a_name_that_occurs_twice_is_found() {
        let mut numbered = table(&["12", "13"]).unwrap();
        assert_eq!((numbered.add(b"13", 2), numbered.add(b"1x", 3)), (Some(Err(2)), None));
    }

    #[test]
    fn there_is_no_table_for_names_that_are_no_numbers_or_lie_far_apart() {
        assert!(table(&[]).is_none() && table(&[""]).is_none() && table(&["a", "1"]).is_none());
        assert!(table(&["000000001", "999999999"]).is_none());
        assert!(table(&["1234567890123", "1234567890124"]).is_some(), "the digits before the last nine are a prefix");
    }
}
