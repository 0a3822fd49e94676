//! Which members of a zip, tar or folder hold keywords, and what their images are called.

use super::options::{MemberNames, ReadOptions};
use crate::archive::member::is_keyword_file;

/// The endings that are looked for without `--member`, the preferred one first.
const JSON: &str = ".json";
const TEXT: &str = ".txt";

/// Chooses members by the endings of their names. Letter case does not matter.
#[derive(Debug, Clone, Default)]
pub struct MemberChoice {
    /// The ending that was asked for.
    ending: Option<String>,
    names: MemberNames,
}

/// How good a member is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MemberRank {
    /// It holds keywords if no member of the archive is `Wanted`.
    Fallback,
    /// It holds keywords.
    Wanted,
}

impl MemberChoice {
    /// The choice that the options ask for.
    pub fn new(options: &ReadOptions) -> Self {
        MemberChoice { ending: options.member.clone(), names: options.names }
    }

    /// Whether a member may hold keywords. Hidden files of macOS do not.
    pub fn rank(&self, name: &[u8]) -> Option<MemberRank> {
        if !is_keyword_file(name) {
            return None;
        }
        let file = name.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
        let has = |ending: &str| key_before(file, ending.as_bytes()).is_some_and(|key| !key.is_empty());
        match &self.ending {
            Some(ending) => has(ending).then_some(MemberRank::Wanted),
            None if has(JSON) => Some(MemberRank::Wanted),
            None => has(TEXT).then_some(MemberRank::Fallback),
        }
    }

    /// Whether a member is one string rather than JSON.
    pub fn is_text(&self, name: &str) -> bool {
        key_before(name.as_bytes(), JSON.as_bytes()).is_none()
    }

    /// What the image of a member is called.
    pub fn image_name<'n>(&self, member: &'n str) -> &'n str {
        let name = match self.names {
            MemberNames::Key => member.rsplit('/').next().unwrap_or_default(),
            MemberNames::Path => member,
        };
        let endings = self.ending.as_deref().map_or([JSON, TEXT], |ending| [ending, ending]);
        let key = endings.iter().find_map(|ending| key_before(name.as_bytes(), ending.as_bytes()));
        key.and_then(|key| name.get(..key.len())).unwrap_or(name)
    }
}

/// A name without its ending, which may have any letter case.
fn key_before<'n>(name: &'n [u8], ending: &[u8]) -> Option<&'n [u8]> {
    let (key, found) = name.split_at_checked(name.len().checked_sub(ending.len())?)?;
    found.eq_ignore_ascii_case(ending).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(member: Option<&str>, names: MemberNames) -> MemberChoice {
        MemberChoice { ending: member.map(String::from), names }
    }

    #[test]
    fn json_is_wanted_text_is_the_fallback_and_an_option_chooses_others() {
        use MemberRank::{Fallback, Wanted};
        let default = choice(None, MemberNames::Key);
        let tags = choice(Some(".tags.JSON"), MemberNames::Key);
        for (name, by_default, with_option) in [
            ("a/1.json", Some(Wanted), None),
            ("1.JSON", Some(Wanted), None),
            ("a/1.txt", Some(Fallback), None),
            ("1.tags.json", Some(Wanted), Some(Wanted)),
            ("1.jpg", None, None),
            (".json", None, None),
            ("a/", None, None),
            ("../1.json", Some(Wanted), None),
            ("a/._1.json", None, None),
        ] {
            let ranks = (default.rank(name.as_bytes()), tags.rank(name.as_bytes()));
            assert_eq!(ranks, (by_default, with_option), "{name}");
        }
    }

    #[test]
    fn an_image_is_called_by_its_key_with_or_without_its_folders() {
        let names = |member, names| {
            let choice = choice(member, names);
            ["a/b/1.json", "a/1.TXT", "1.tags.json", "a.b/c"].map(|name| choice.image_name(name).to_owned())
        };
        assert_eq!(names(None, MemberNames::Key), ["1", "1", "1.tags", "c"]);
        assert_eq!(names(None, MemberNames::Path), ["a/b/1", "a/1", "1.tags", "a.b/c"]);
        assert_eq!(names(Some(".tags.json"), MemberNames::Key), ["1.json", "1.TXT", "1", "c"]);
    }

    #[test]
    fn only_json_members_are_parsed() {
        let choice = choice(None, MemberNames::Key);
        assert!(choice.is_text("1.txt") && choice.is_text("1.caption") && !choice.is_text("a/1.Json"));
    }
}
