//! `dataset.json` in Karpathy's form: `images[]` with `filename`, `imgid` and `split`; every other key is passed over.

use std::fmt;
use std::io::Read;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::json::{self, Malformed};
use super::utf8_reader::Utf8Reader;

/// One image as `dataset.json` describes it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct CocoImage {
    pub filename: String,
    pub imgid: u64,
    pub split: String,
}

/// Reads the JSON `text` and hands each image on as it comes. A text that is too large to be held at once comes through
/// [`stream_coco_images`].
pub fn read_coco_images(text: &[u8], sink: &mut dyn ImageSink) -> Result<(), Malformed> {
    let json = json::utf8(text)?;
    read(serde_json::Deserializer::from_str(json), sink).map_err(|error| json::explain(&error, text, wanted))
}

/// [`read_coco_images`] from a stream, a few times slower and in no more memory than one image takes.
pub fn stream_coco_images(text: impl Read, sink: &mut dyn ImageSink) -> Result<(), Malformed> {
    let mut text = Utf8Reader::new(text);
    let outcome = read(serde_json::Deserializer::from_reader(&mut text), sink);
    outcome.map_err(|error| text.flaw().unwrap_or_else(|| json::explain(&error, text.start(), wanted)))
}

fn read<'de, R: serde_json::de::Read<'de>>(
    mut parser: serde_json::Deserializer<R>,
    sink: &mut dyn ImageSink,
) -> Result<(), serde_json::Error> {
    Dataset(sink).deserialize(&mut parser).and_then(|()| parser.end())
}

/// Puts an error of shape into words.
fn wanted(said: &str) -> String {
    match said.rsplit_once(", expected ").filter(|_| said.starts_with("invalid ")) {
        Some((_, expected)) => format!("expected {}, found {}", expected.replace("u64", "a whole number"), json::found_in(said)),
        None => said.to_owned(),
    }
}

/// Receives the images one by one.
pub trait ImageSink {
    /// All images so far do not count: the list comes again, and of two the last counts, as in Python.
    fn restart(&mut self);

    /// An image and its place in the list.
    fn image(&mut self, place: u64, image: CocoImage);
}

struct Dataset<'a>(&'a mut dyn ImageSink);

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
            } else {
                found = true;
                self.0.restart();
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

struct Images<'a>(&'a mut dyn ImageSink);

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
            self.0.image(place, image);
            place += 1;
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for CocoImage {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Image)
    }
}

struct Image;

impl<'de> Visitor<'de> for Image {
    type Value = CocoImage;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with filename, imgid and split")
    }

    /// The last of two equal keys counts, as in Python.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<CocoImage, A::Error> {
        let (mut filename, mut imgid, mut split) = (None, None, None);
        while let Some(key) = map.next_key()? {
            match key {
                Key::Filename => filename = Some(map.next_value()?),
                Key::Imgid => imgid = Some(map.next_value()?),
                Key::Split => split = Some(map.next_value()?),
                Key::Other => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        let missing =
            |key| A::Error::custom(format_args!("there is no '{key}', expected an object with filename, imgid and split"));
        Ok(CocoImage {
            filename: filename.ok_or_else(|| missing("filename"))?,
            imgid: imgid.ok_or_else(|| missing("imgid"))?,
            split: split.ok_or_else(|| missing("split"))?,
        })
    }
}

enum Key {
    Filename,
    Imgid,
    Split,
    Other,
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // As bytes, since a lone surrogate may stand in a key that nobody asks for.
        deserializer.deserialize_bytes(KeyVisitor)
    }
}

struct KeyVisitor;

impl Visitor<'_> for KeyVisitor {
    type Value = Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_bytes<E>(self, key: &[u8]) -> Result<Key, E> {
        Ok(match key {
            b"filename" => Key::Filename,
            b"imgid" => Key::Imgid,
            b"split" => Key::Split,
            _ => Key::Other,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Seen = Vec<(u64, String, u64, String)>;

    impl ImageSink for Seen {
        fn restart(&mut self) {
            self.clear();
        }

        fn image(&mut self, place: u64, image: CocoImage) {
            self.push((place, image.filename, image.imgid, image.split));
        }
    }

    fn collected(json: &str) -> Result<Seen, String> {
        let mut images = Seen::new();
        match read_coco_images(json.as_bytes(), &mut images) {
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
    fn of_two_lists_of_images_the_last_counts_and_both_must_be_sound() {
        let image = |name: &str| format!(r#"{{"filename": "{name}", "imgid": 1, "split": "test"}}"#);
        let json = format!(r#"{{"images": [{}, {}], "images": [{}]}}"#, image("a"), image("b"), image("c"));
        assert_eq!(collected(&json).unwrap(), [(0, "c".into(), 1, "test".into())]);
        assert!(collected(&format!(r#"{{"images": [{}], "images": []}}"#, image("a"))).unwrap().is_empty());
        assert_eq!(
            collected(r#"{"images": 5, "images": []}"#).unwrap_err(),
            "line 1 column 12: expected a list of images, found integer `5`"
        );
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        for (json, message) in [
            ("", "line 1 column 0: the file is empty, expected a JSON object"),
            ("{}", "line 1 column 2: there is no 'images', expected a list of objects with filename, imgid and split"),
            (
                r#"{"images": [{"filename": "a", "split": "b"}]}"#,
                "line 1 column 43: there is no 'imgid', expected an object with filename, imgid and split",
            ),
            (
                r#"{"images": [{"filename": "a", "split": "b", "imgid": -1}]}"#,
                "line 1 column 55: expected a whole number, found integer `-1`",
            ),
            (r#"{"images": 5}"#, "line 1 column 12: expected a list of images, found integer `5`"),
            (r#"{"images": ["#, "line 1 column 12: the JSON is cut short: EOF while parsing a list"),
        ] {
            assert_eq!(collected(json).unwrap_err(), message);
        }
    }
}
