//! A door to each reader of input, for `fuzz/` alone: hands it any bytes, and panics where what it says cannot be true.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::num::NonZeroUsize;
use std::path::Path;

use crate::dataset::fields::{Fields, RecordFields};
use crate::input::archive::{Archive, Content, Limits};
use crate::input::coco_file::{CocoImage, ImageSink, read_coco_images, stream_coco_images};
use crate::input::extract::extract;
use crate::input::id_map::IdMap;
use crate::input::keyword_file::{KeywordField, KeywordSink, read_keywords};
use crate::input::list_file::ListFile;
use crate::input::record_file::{Record, RecordFile};
use crate::input::source::Source;
use crate::input::vocabulary_file::parse_vocabulary;
use crate::pipeline::encoder::Encoder;
use crate::pipeline::times::Stopwatch;
use crate::progress::Silent;
use crate::string_table::StringTable;
use crate::text::analyzer::Analyzer;
use crate::vocabulary::Numbering;

/// Where the bytes are said to come from.
const FILE: &str = "input";
/// No input of a fuzzer is much longer than its members may be.
const LIMITS: Limits = Limits { max_member_size: 1 << 20 };

/// Opens the zip at `path`, reads every member in two ways, and extracts it into the existing folder `into`.
pub fn archive(path: &Path, into: &Path) {
    let archive = match Archive::open_zip(path, LIMITS) {
        Ok(archive) => archive,
        Err(error) => return assert_one_line(&error.to_string()),
    };
    let members: Vec<u32> = (0..archive.len() as u32).collect();
    let mut found = Vec::new();
    archive.reader(false).read_each(&members, &mut |index, bytes| {
        assert_eq!(index, found.len(), "members come in order");
        found.push(bytes.map(<[u8]>::to_vec));
    });
    assert_eq!(found.len(), members.len());
    for (&member, bytes) in members.iter().zip(found) {
        let alone = archive.with_content(member, whole).and_then(|bytes| bytes);
        match (bytes, alone) {
            (Ok(bytes), Ok(alone)) => assert!(bytes == alone, "a member is the same in any company"),
            (Err(problem), Err(_)) => assert_one_line(&problem.to_string()),
            (Err(problem), Ok(alone)) => assert!(alone.len() as u64 > LIMITS.max_member_size, "{problem}"),
            (Ok(bytes), Err(problem)) => panic!("{} bytes, but alone: {problem}", bytes.len()),
        }
        assert!(String::from_utf8(archive.name_bytes(member)).is_err() || archive.find(&archive.name(member)) == Some(member));
    }
    if let Err(error) = extract(&archive, &members, into, NonZeroUsize::MIN, &Silent) {
        error.to_string().lines().for_each(assert_one_line);
    }
}

fn whole(content: Content<'_>) -> Result<Vec<u8>, crate::Problem> {
    let mut bytes = Vec::new();
    match content {
        Content::Whole(content) => bytes.extend_from_slice(content),
        Content::Stream(stream) => {
            stream.read_to_end(&mut bytes).map(drop).map_err(|error| crate::Problem::new(FILE, error.to_string()))?
        }
    }
    Ok(bytes)
}

/// A message that a hostile name or text cannot break into lines.
fn assert_one_line(message: &str) {
    assert!(!message.is_empty() && !message.contains(char::is_control), "{message:?}");
}

/// The keywords of a keyword file as text, lone surrogates replaced; none if it is malformed.
pub fn keyword_file(bytes: &[u8]) -> Option<Vec<String>> {
    let mut sink = Keywords(Vec::new());
    match read_keywords(bytes, &KeywordField::default(), &mut sink) {
        Ok(()) => Some(sink.0),
        Err(malformed) => {
            assert!(!malformed.place.is_empty() && malformed.what.len() < 400, "{malformed:?}");
            None
        }
    }
}

struct Keywords(Vec<String>);

impl KeywordSink for Keywords {
    fn restart(&mut self) {
        self.0.clear();
    }

    fn keyword(&mut self, keyword: &[u8]) {
        self.0.push(String::from_utf8_lossy(keyword).into_owned());
    }
}

/// Reads an id map and asks it for everything that it holds.
pub fn id_map(bytes: &[u8]) {
    let map = match IdMap::from_pickle(Path::new(FILE), bytes.to_vec(), &Silent) {
        Ok(map) => map,
        Err(error) => return assert_one_line(&error.to_string()),
    };
    assert!(!map.is_empty() && map.len() == map.ids().len());
    assert!(map.ids().is_sorted_by(|a, b| a < b), "ids rise");
    for id in map.ids() {
        let name = map.name_of(id).expect("each id has a name");
        assert_eq!(map.id_of(name), Some(id), "{name:?}");
        assert!(map.contains_id(id));
    }
}

/// Reads the file at `path` as a tar or as lines, packed or not, and of each record the name and the keywords, wherever they stand.
pub fn records(path: &Path) {
    let file = match Source::at(path) {
        Ok(Source::Records(file)) => file,
        Ok(Source::Zip | Source::Folder) => return,
        Err(error) => return assert_one_line(&error.to_string()),
    };
    let all_fields = [Fields::default(), listed_fields(), object_fields()].map(|fields| fields.checked().expect("sound fields"));
    let (mut before, mut count) = (None, 0);
    let rows = file.read(LIMITS, &["tags", "id"], &mut |records| {
        for record in records.iter() {
            assert!(before < Some(record.number), "records come in order");
            (before, count) = (Some(record.number), count + 1);
            all_fields.iter().for_each(|fields| read_record(&file, &record, fields));
        }
        true
    });
    match rows {
        Ok(rows) => assert!(file.has_members() || count <= rows, "{count} records, {rows} lines"),
        Err(error) => assert_one_line(&error.to_string()),
    }
}

fn listed_fields() -> Fields {
    Fields { keywords: Some("tags".into()), separator: Some(",".into()), id: Some("id".into()), ..Fields::default() }
}

fn object_fields() -> Fields {
    let least_confidence = Some(("score".into(), 0.5));
    Fields { keywords: Some("a.tags".into()), keyword_key: Some("name".into()), least_confidence, ..Fields::default() }
}

fn read_record(file: &RecordFile, record: &Record<'_>, fields: &RecordFields) {
    let text = match record.text {
        Ok(text) => text,
        Err(problem) => return assert_one_line(&problem.to_string()),
    };
    assert!(text.len() as u64 <= LIMITS.max_member_size);
    if let Some(Err(malformed)) = fields.id.as_ref().map(|path| fields.id_in(text, path)) {
        assert_one_line(&file.problem(record, malformed.what, Some(&malformed.place)).to_string());
    }
    if let Err(malformed) = read_keywords(text, &fields.keywords, &mut Keywords(Vec::new())) {
        let problem = fields.problem(malformed, text, |what, place| file.problem(record, what, Some(&place)));
        assert_one_line(&problem.to_string());
    }
}

/// Reads a list.
pub fn list(bytes: &[u8]) {
    let list = match ListFile::parse(Path::new(FILE), bytes.to_vec()) {
        Ok(list) => list,
        Err(error) => return assert_one_line(&error.to_string()),
    };
    let names: Vec<_> = list.names().collect();
    assert!(!names.is_empty() && names.is_sorted_by(|a, b| a.line < b.line));
    for listed in names {
        assert!(!listed.name.is_empty() && listed.name == listed.name.trim() && !listed.name.contains('\n'));
        assert_one_line(&list.problem(listed, "").to_string());
    }
}

/// Reads a `dataset.json` whole and as a stream: both say the same.
pub fn dataset_json(bytes: &[u8]) {
    let (mut images, mut streamed) = (Images::default(), Images::default());
    let whole = read_coco_images(bytes, &mut images);
    let stream = stream_coco_images(bytes, &mut streamed);
    assert_eq!(whole.is_ok(), stream.is_ok(), "{whole:?} {stream:?}");
    if whole.is_ok() {
        assert!(images.0 == streamed.0);
    }
}

#[derive(Default)]
struct Images(Vec<CocoImage>);

impl ImageSink for Images {
    fn restart(&mut self) {
        self.0.clear();
    }

    fn image(&mut self, place: u64, image: CocoImage) {
        assert_eq!(place, self.0.len() as u64);
        self.0.push(image);
    }
}

/// Reads a vocabulary.
pub fn vocabulary_file(bytes: &[u8]) {
    let vocabulary = match parse_vocabulary(Path::new(FILE), bytes) {
        Ok(vocabulary) => vocabulary,
        Err(error) => return assert_one_line(&error.to_string()),
    };
    assert!(!vocabulary.is_empty());
    for (id, word) in (0..).zip(vocabulary.words()) {
        assert_eq!(vocabulary.id(word), Some(id), "{word:?}");
    }
}

/// The words of documents, each a list of keywords, by the way that a run takes: one keyword map for all of them.
pub fn words(documents: &[Vec<String>], analyzer: &Analyzer) -> Vec<Vec<String>> {
    let field = KeywordField::default();
    let mut encoder = Encoder::new(analyzer, Words::default(), Stopwatch::default());
    for document in documents {
        let json = serde_json::json!({"tagging": {"keywords": document}}).to_string();
        let tally = encoder.add(json.as_bytes(), &field).expect("serde_json writes what is read");
        assert_eq!((tally.keywords, tally.unknown), (document.len() as u64, 0));
    }
    let numbers = encoder.take();
    let (Words { table, lengths }, _) = encoder.finish();
    let mut numbers = numbers.into_iter().map(|number| table.get(number).expect("each number has a word").to_owned());
    lengths.iter().map(|&length| numbers.by_ref().take(length).collect()).collect()
}

#[derive(Default)]
struct Words {
    table: StringTable,
    lengths: Vec<usize>,
}

impl Numbering for Words {
    fn number(&mut self, word: &str) -> Option<u32> {
        Some(self.table.insert(word).0)
    }

    fn document(&mut self, words: &[u32]) {
        self.lengths.push(words.len());
    }
}
