//! `dataset.json` in Karpathy's form: `images[]` with `filename`, `imgid` and `split`; every other key is passed over.

use std::fmt;
use std::io::Read;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::json::{self, Malformed};
use super::utf8_reader::Utf8Reader;

/// One image as `dataset.json` describes it.
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct CocoImage {
    pub filename: String,
    pub imgid: u64,
    pub split: String,
}

/// Reads the JSON `text` and hands each image on as it comes, together with its place in the list; `image` says what is wrong with
/// one. A text that is too large to be held at once comes through [`stream_coco_images`].
pub(crate) fn read_coco_images(text: &[u8], image: OnImage<'_>) -> Result<(), Malformed> {
    let json = json::utf8(text)?;
    read(serde_json::Deserializer::from_str(json), image).map_err(|error| json::explain(&error, text, str::to_owned))
}

/// [`read_coco_images`] from a stream, a few times slower and in no more memory than one image takes.
pub(crate) fn stream_coco_images(text: impl Read, image: OnImage<'_>) -> Result<(), Malformed> {
    let mut text = Utf8Reader::new(text);
    let outcome = read(serde_json::Deserializer::from_reader(&mut text), image);
    outcome.map_err(|error| text.flaw().unwrap_or_else(|| json::explain(&error, text.start(), str::to_owned)))
}

fn read<'de, R: serde_json::de::Read<'de>>(
    mut parser: serde_json::Deserializer<R>,
    image: OnImage<'_>,
) -> Result<(), serde_json::Error> {
    Dataset(image).deserialize(&mut parser).and_then(|()| parser.end())
}

/// Receives each image with its place in the list.
pub(crate) type OnImage<'a> = &'a mut dyn FnMut(u64, CocoImage) -> Result<(), String>;

struct Dataset<'a>(OnImage<'a>);

impl<'de> DeserializeSeed<'de> for Dataset<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Dataset<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with a list of images")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut found = false;
        while let Some(key) = map.next_key::<String>()? {
            if key != "images" {
                map.next_value::<IgnoredAny>()?;
            } else if found {
                return Err(A::Error::custom("'images' comes twice"));
            } else {
                found = true;
                map.next_value_seed(Images(&mut *self.0))?;
            }
        }
        if found {
            Ok(())
        } else {
            Err(A::Error::custom("there is no 'images', expected a list of objects with filename, imgid and split"))
        }
    }
}

struct Images<'a>(OnImage<'a>);

impl<'de> DeserializeSeed<'de> for Images<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Images<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of images")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let mut place = 0;
        while let Some(image) = list.next_element::<CocoImage>()? {
            (self.0)(place, image).map_err(A::Error::custom)?;
            place += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collected(json: &str) -> Result<Vec<(u64, String, u64, String)>, String> {
        let mut images = Vec::new();
        let mut collect = |place, image: CocoImage| {
            images.push((place, image.filename, image.imgid, image.split));
            Ok(())
        };
        match read_coco_images(json.as_bytes(), &mut collect) {
            Ok(()) => Ok(images),
            Err(e) => Err(format!("{}: {}", e.place, e.what)),
        }
    }

    #[test]
    fn images_are_read_and_other_keys_are_passed_over() {
        let json = r#"{"dataset": "coco", "images": [{"filepath": "val2014", "sentids": [1], "filename": "a.jpg", "imgid": 0,
            "split": "train", "sentences": [{"raw": "x"}]}, {"split": "val", "imgid": 7, "filename": "b.jpg"}]}"#;
        assert_eq!(collected(json).unwrap(), [(0, "a.jpg".into(), 0, "train".into()), (1, "b.jpg".into(), 7, "val".into())]);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        for (json, message) in [
            ("", "line 1 column 0: the file is empty, expected a JSON object"),
            ("{}", "line 1 column 2: there is no 'images', expected a list of objects with filename, imgid and split"),
            (r#"{"images": [], "images": []}"#, "line 1 column 23: 'images' comes twice"),
            (r#"{"images": [{"filename": "a", "split": "b"}]}"#, "line 1 column 43: missing field `imgid`"),
            (
                r#"{"images": [{"filename": "a", "split": "b", "imgid": -1}]}"#,
                "line 1 column 55: invalid value: integer `-1`, expected u64",
            ),
            (r#"{"images": 5}"#, "line 1 column 12: invalid type: integer `5`, expected a list of images"),
            (r#"{"images": ["#, "line 1 column 12: the JSON is cut short: EOF while parsing a list"),
        ] {
            assert_eq!(collected(json).unwrap_err(), message);
        }
    }
}
