//! Listed names that differ from the name of an image only in the ending or in Unicode
//! normalization.

use std::collections::BTreeMap;

use unicode_normalization::{UnicodeNormalization, is_nfc};

/// The longest ending of a file name, with the dot.
const LONGEST_ENDING: usize = 6;
/// How many endings of listed names are known.
const MOST_ENDINGS: usize = 8;
/// How many near names are kept.
const MOST_NEAR: usize = 1000;

/// What the names of a list look like.
#[derive(Debug, Default)]
pub(crate) struct NameForms {
    endings: Vec<String>,
    has_non_ascii: bool,
}

impl NameForms {
    /// Adds a listed name.
    pub fn add(&mut self, name: &str) {
        self.has_non_ascii |= !name.is_ascii();
        if let Some((_, ending)) = split_ending(name)
            && self.endings.len() < MOST_ENDINGS
            && !self.endings.iter().any(|known| known == ending)
        {
            self.endings.push(ending.to_owned());
        }
    }

    /// The listed names that an image of this name may have been meant by.
    pub fn variants(&self, name: &str) -> Vec<String> {
        let mut variants: Vec<String> = Vec::new();
        variants.extend(split_ending(name).map(|(stem, _)| stem.to_owned()));
        variants.extend(self.endings.iter().map(|ending| format!("{name}{ending}")));
        if self.has_non_ascii && !name.is_ascii() {
            variants.extend([name.nfc().collect(), name.nfd().collect()]);
        }
        variants
    }
}

/// A name before its ending, and the ending with the dot.
fn split_ending(name: &str) -> Option<(&str, &str)> {
    let (stem, ending) = name.split_at_checked(name.rfind('.')?)?;
    let is_ending = ending.len() > 1 && ending.len() <= LONGEST_ENDING;
    let is_plain = ending.bytes().skip(1).all(|byte| byte.is_ascii_alphanumeric());
    (is_ending && is_plain && !stem.is_empty()).then_some((stem, ending))
}

/// Names of images that are not listed, by the place of a listed name that is nearly the same. It
/// does not depend on the order in which names are added.
#[derive(Debug, Default, Clone)]
pub(crate) struct NearNames {
    by_place: BTreeMap<u32, String>,
}

impl NearNames {
    /// Adds a name.
    pub fn add(&mut self, place: u32, name: &str) {
        let known = self.by_place.entry(place).or_insert_with(|| name.to_owned());
        if name < known.as_str() {
            *known = name.to_owned();
        }
        if self.by_place.len() > MOST_NEAR {
            self.by_place.pop_last();
        }
    }

    /// Adds the names of another.
    pub fn append(&mut self, other: &NearNames) {
        other.by_place.iter().for_each(|(place, name)| self.add(*place, name));
    }

    /// How the listed name at a place differs from the name of an image.
    pub fn difference(&self, place: u32, listed: &str) -> Option<Difference<'_>> {
        let name = self.by_place.get(&place)?.as_str();
        Some(match (listed.strip_prefix(name), name.strip_prefix(listed)) {
            (Some(ending), _) => Difference::EndingInList { name, ending: ending.to_owned() },
            (_, Some(ending)) => Difference::EndingInInputs { name, ending },
            _ if is_nfc(name) => Difference::Normalization { list: "NFD", inputs: "NFC" },
            _ => Difference::Normalization { list: "NFC", inputs: "NFD" },
        })
    }
}

/// How a listed name differs from the name of an image.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Difference<'a> {
    /// The listed name has an ending more.
    EndingInList { name: &'a str, ending: String },
    /// The name of the image has an ending more.
    EndingInInputs { name: &'a str, ending: &'a str },
    /// The characters are the same, and their code points are not.
    Normalization { list: &'static str, inputs: &'static str },
}

impl Difference<'_> {
    /// What is wrong with the listed name.
    pub fn what(&self) -> String {
        match self {
            Difference::EndingInList { name, .. } | Difference::EndingInInputs { name, .. } => {
                format!("no image of that name is in the inputs, but '{name}' is")
            }
            Difference::Normalization { list, inputs } => format!(
                "no image of that name is in the inputs, but a name that differs only in Unicode \
                 normalization is (the list has {list}, the inputs have {inputs})"
            ),
        }
    }

    /// What to do.
    pub fn hint(&self) -> String {
        match self {
            Difference::EndingInList { ending, .. } => {
                let ending = ending.replace('.', r"\.");
                format!("take the ending off the listed names, for example with sed 's/{ending}$//'")
            }
            Difference::EndingInInputs { ending, .. } => {
                let ending = ending.replace('.', r"\.");
                format!("take the ending off the names with --id-pattern '^(.*?)(?:{ending})?$'")
            }
            Difference::Normalization { inputs, .. } => {
                let form = inputs.to_lowercase();
                format!("convert the list to {inputs}, for example with uconv -x any-{form}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The message about a listed name if only `name` is in the inputs.
    fn message(listed: &[&str], name: &str) -> Option<(String, String)> {
        let mut forms = NameForms::default();
        listed.iter().for_each(|listed| forms.add(listed));
        let mut near = NearNames::default();
        for variant in forms.variants(name) {
            let place = listed.iter().position(|listed| *listed == variant);
            place.into_iter().for_each(|place| near.add(place as u32, name));
        }
        let found = listed.iter().enumerate().find_map(|(place, listed)| near.difference(place as u32, listed));
        found.map(|difference| (difference.what(), difference.hint()))
    }

    #[test]
    fn names_that_differ_in_the_ending_are_found() {
        let but = "no image of that name is in the inputs, but";
        assert_eq!(
            message(&["x", "a.b.JPG"], "a.b"),
            Some((format!("{but} 'a.b' is"), r"take the ending off the listed names, for example with sed 's/\.JPG$//'".into()))
        );
        let hint = r"take the ending off the names with --id-pattern '^(.*?)(?:\.png)?$'";
        assert_eq!(message(&["a"], "a.png"), Some((format!("{but} 'a.png' is"), hint.into())));
        assert_eq!(message(&["a.jpg"], "a.png"), None);
        assert_eq!(message(&["a"], "a.not an ending"), None);
        assert_eq!(message(&[".png"], ""), None);
    }

    #[test]
    fn names_that_differ_in_normalization_are_found() {
        let what = "no image of that name is in the inputs, but a name that differs only in Unicode normalization is \
                    (the list has NFD, the inputs have NFC)";
        let hint = "convert the list to NFC, for example with uconv -x any-nfc";
        assert_eq!(message(&["re\u{301}d"], "réd"), Some((what.into(), hint.into())));
        let (what, hint) = message(&["réd"], "re\u{301}d").unwrap();
        assert!(what.ends_with("(the list has NFC, the inputs have NFD)") && hint.ends_with("any-nfd"), "{what}; {hint}");
        assert_eq!(message(&["réd"], "red"), None);
    }

    #[test]
    fn the_order_of_the_names_does_not_matter() {
        let names: Vec<(u32, String)> = (0..3000).map(|n| (n % 1500, format!("{n}"))).collect();
        let (mut forth, mut back) = (NearNames::default(), NearNames::default());
        names.iter().for_each(|(place, name)| forth.add(*place, name));
        names.iter().rev().for_each(|(place, name)| back.add(*place, name));
        assert_eq!((forth.by_place.len(), &forth.by_place), (MOST_NEAR, &back.by_place));
    }
}
