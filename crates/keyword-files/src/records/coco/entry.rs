//! The lists of COCO annotations and their entries.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::{Deserializer, Visitor};

/// The lists that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Images,
    Annotations,
    Categories,
}

impl Part {
    const ALL: [(&'static str, Part); 3] =
        [("images", Part::Images), ("annotations", Part::Annotations), ("categories", Part::Categories)];

    pub fn of(key: &str) -> Option<Part> {
        Self::ALL.iter().find(|(name, _)| *name == key).map(|(_, part)| *part)
    }

    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, part)| *part == self).map_or("", |(name, _)| name)
    }
}

/// An id: a number or a string, as text.
pub(super) struct Id<'a>(pub Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Id<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct IdVisitor;
        impl<'de> Visitor<'de> for IdVisitor {
            type Value = Id<'de>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a whole number or a string")
            }
            fn visit_u64<E>(self, number: u64) -> Result<Id<'de>, E> {
                Ok(Id(number.to_string().into()))
            }
            fn visit_i64<E>(self, number: i64) -> Result<Id<'de>, E> {
                Ok(Id(number.to_string().into()))
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Id<'de>, E> {
                Ok(Id(text.into()))
            }
            fn visit_str<E>(self, text: &str) -> Result<Id<'de>, E> {
                Ok(Id(text.to_owned().into()))
            }
        }
        deserializer.deserialize_any(IdVisitor)
    }
}

#[derive(Deserialize)]
pub(super) struct Image<'a> {
    #[serde(borrow)]
    pub id: Id<'a>,
    #[serde(borrow)]
    pub file_name: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
pub(super) struct Category<'a> {
    #[serde(borrow)]
    pub id: Id<'a>,
    #[serde(borrow)]
    pub name: Cow<'a, str>,
}

/// An annotation has a caption or a category, and one of panoptic segmentation many categories.
#[derive(Deserialize)]
pub(super) struct Annotation<'a> {
    #[serde(borrow)]
    pub image_id: Id<'a>,
    #[serde(borrow)]
    pub caption: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub category_id: Option<Id<'a>>,
    #[serde(borrow)]
    pub segments_info: Option<Vec<Segment<'a>>>,
}

#[derive(Deserialize)]
pub(super) struct Segment<'a> {
    #[serde(borrow)]
    pub category_id: Id<'a>,
}
