//! COCO's `dataset.json` in Karpathy's form: `images`, a list of objects with `filename`, `imgid`
//! and `split`. Other keys are ignored.

use std::cell::Cell;
use std::fmt;
use std::io::Read;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::found_value::FoundValue;
use super::malformed::{Expected, Flaw, Malformed};
use super::part::{KeyBytes, byte_of};
use super::utf8::{Utf8Reader, utf8};

/// One image of `dataset.json`.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct CocoImage {
    /// The name of the image file.
    pub filename: String,
    /// The image id.
    pub imgid: u64,
    /// The split, such as `train`.
    pub split: String,
}

/// Receives the images one by one.
pub trait ImageSink {
    /// Discards all images so far, because the list comes again: as in Python, the last one counts.
    fn restart(&mut self);

    /// Takes an image and its place in the list.
    fn image(&mut self, place: u64, image: CocoImage);
}

/// Reads the JSON `text` and hands on each image as it comes. [`stream_coco_images`] reads a text
/// that is too large to be held in memory.
pub fn read_coco_images(text: &[u8], sink: &mut dyn ImageSink) -> Result<(), Malformed> {
    let state = ReadState::default();
    let read = read(serde_json::Deserializer::from_str(utf8(text)?), sink, &state);
    read.map_err(|error| Malformed::from_parser(error, text, |error| state.flaw(FoundValue::at(text, byte_of(text, error)))))
}

/// Does the same for a stream. It is a few times slower, and needs memory for one image only.
pub fn stream_coco_images(text: impl Read, sink: &mut dyn ImageSink) -> Result<(), Malformed> {
    let mut text = Utf8Reader::new(text);
    let state = ReadState::default();
    let read = read(serde_json::Deserializer::from_reader(&mut text), sink, &state);
    read.map_err(|error| {
        text.flaw().unwrap_or_else(|| Malformed::from_parser(error, text.start(), |error| state.flaw(text.value_at(error))))
    })
}

fn read<'de, R: serde_json::de::Read<'de>>(
    mut parser: serde_json::Deserializer<R>,
    sink: &mut dyn ImageSink,
    state: &ReadState,
) -> Result<(), serde_json::Error> {
    parser.deserialize_map(Dataset { sink, state }).and_then(|()| parser.end())
}

/// What the parser expects next, for the message if it finds something else.
struct ReadState {
    expected: Cell<&'static str>,
    missing: Cell<Option<&'static str>>,
}

impl Default for ReadState {
    fn default() -> Self {
        ReadState { expected: Cell::new("an object with a list of images"), missing: Cell::new(None) }
    }
}

impl ReadState {
    fn flaw(&self, found: Option<FoundValue>) -> Flaw {
        let expected = Expected::Dataset(self.expected.get());
        match self.missing.get() {
            Some(key) => Flaw::MissingInDataset { key, expected },
            None => Flaw::WrongType { expected, found },
        }
    }

    fn missing<E: serde::de::Error>(&self, key: &'static str, expected: &'static str) -> E {
        self.expected.set(expected);
        self.missing.set(Some(key));
        E::custom("a key is missing")
    }
}

const AN_IMAGE: &str = "an object with filename, imgid and split";

/// The whole text.
struct Dataset<'a> {
    sink: &'a mut dyn ImageSink,
    state: &'a ReadState,
}

impl<'de> Visitor<'de> for Dataset<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Dataset { sink, state } = self;
        let mut found = false;
        while let Some(key) = map.next_key::<String>()? {
            if key != "images" {
                map.next_value::<IgnoredAny>()?;
            } else {
                found = true;
                sink.restart();
                state.expected.set("a list of images");
                map.next_value_seed(Images { sink: &mut *sink, state })?;
            }
        }
        match found {
            true => Ok(()),
            false => Err(state.missing("images", "a list of objects with filename, imgid and split")),
        }
    }
}

/// The list of images.
struct Images<'a> {
    sink: &'a mut dyn ImageSink,
    state: &'a ReadState,
}

impl<'de> DeserializeSeed<'de> for Images<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Images<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let mut place = 0;
        self.state.expected.set(AN_IMAGE);
        while let Some(image) = list.next_element_seed(ImageSeed(self.state))? {
            self.sink.image(place, image);
            place += 1;
        }
        Ok(())
    }
}

/// One image of the list.
struct ImageSeed<'a>(&'a ReadState);

impl<'de> DeserializeSeed<'de> for ImageSeed<'_> {
    type Value = CocoImage;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<CocoImage, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for ImageSeed<'_> {
    type Value = CocoImage;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    /// As in Python, the last of equal keys counts.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<CocoImage, A::Error> {
        let state = self.0;
        let (mut filename, mut imgid, mut split) = (None, None, None);
        let mut key = Vec::new();
        while map.next_key_seed(KeyBytes(&mut key))?.is_some() {
            state.expected.set(if key == b"imgid" { "a whole number" } else { "a string" });
            match key.as_slice() {
                b"filename" => filename = Some(map.next_value()?),
                b"imgid" => imgid = Some(map.next_value()?),
                b"split" => split = Some(map.next_value()?),
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        state.expected.set(AN_IMAGE);
        Ok(CocoImage {
            filename: filename.ok_or_else(|| state.missing("filename", AN_IMAGE))?,
            imgid: imgid.ok_or_else(|| state.missing("imgid", AN_IMAGE))?,
            split: split.ok_or_else(|| state.missing("split", AN_IMAGE))?,
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

    /// The images. A stream of the text gives the same ones, or the same message. Its column may be
    /// one more, because the parser of a stream counts the byte behind a value.
    fn collected(json: &str) -> Result<Seen, String> {
        let (mut whole, mut streamed) = (Seen::new(), Seen::new());
        let outcome = read_coco_images(json.as_bytes(), &mut whole);
        let of_stream = stream_coco_images(json.as_bytes(), &mut streamed);
        let message = |malformed: &Malformed| malformed.to_string();
        assert_eq!(of_stream.as_ref().map_err(message), outcome.as_ref().map_err(message), "{json}");
        assert_eq!(whole, streamed);
        match outcome {
            Ok(()) => Ok(whole),
            Err(e) => Err(format!("{}: {e}", e.place)),
        }
    }

    #[test]
    fn images_are_read_and_other_keys_are_ignored() {
        let json = r#"{"dataset": "coco", "images": [{"filepath": "val2014", "sentids": [1], "filename": "a.jpg", "imgid": 0,
            "split": "train", "sentences": [{"raw": "x"}]}, {"split": "val", "imgid": 7, "filename": "b.jpg"}]}"#;
        assert_eq!(collected(json).unwrap(), [(0, "a.jpg".into(), 0, "train".into()), (1, "b.jpg".into(), 7, "val".into())]);
    }

    #[test]
    fn the_last_of_two_lists_of_images_counts_and_both_must_be_valid() {
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
    fn a_stream_names_what_was_found_far_inside() {
        let image = "{\"filename\": \"a\",\n \"imgid\": 1, \"split\": \"test\"}, ".repeat(4000);
        for (last, found) in
            [("-1}]}", "a whole number, found integer `-1`"), ("\"\\\"7\"  }", "a whole number, found string \"\\\"7\"")]
        {
            let text = format!("{{\"images\": [{image}\n{{\"imgid\": {last}");
            let malformed = stream_coco_images(text.as_bytes(), &mut Seen::new()).unwrap_err();
            assert_eq!(malformed.to_string(), format!("expected {found}"));
        }
    }

    #[test]
    fn messages_name_the_place_and_what_was_found() {
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
            (r#"{"images": {}}"#, "line 1 column 11: expected a list of images, found an object"),
            (r#"{"images": "a\\\"b" }"#, "line 1 column 19: expected a list of images, found string \"a\\\\\\\"b\""),
            (r#"{"images": [[]]}"#, "line 1 column 12: expected an object with filename, imgid and split, found a list"),
            (r#"{"images": [{"filename": null, "split": "b", "imgid": 1}]}"#, "line 1 column 29: expected a string, found null"),
            (
                r#"{"images": [{"imgid": 18446744073709551616, "split": "b"}]}"#,
                "line 1 column 42: expected a whole number, found floating point `1.8446744073709552e+19`",
            ),
            (r#"{"images": ["#, "line 1 column 12: the JSON is cut short: EOF while parsing a list"),
        ] {
            assert_eq!(collected(json).unwrap_err(), message);
        }
    }
}
