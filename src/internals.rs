//! The parts of a run one by one, for `benches/` alone. Behind the feature `internals`; nothing is promised about any of it.

use std::path::Path;

use crate::error::{Error, Problem, Result};
use crate::input::archive::{Archive, Limits};
use crate::input::json::Malformed;
use crate::input::keyword_file::{KeywordField, KeywordSink, read_keywords};
use crate::output::file_set::FileSet;
use crate::output::npy::{Dtype, NpyWriter};
use crate::pipeline::encoder::Encoder;
use crate::pipeline::times::Stopwatch;
use crate::pipeline::write::row_block::RowBlock;
use crate::text::analyzer::Analyzer;
use crate::vocabulary::{DocumentFrequency, Numbering, Selection, Vocabulary, WordCounts, learn};

/// A listed zip archive.
pub struct Zip {
    archive: Archive,
    members: Vec<u32>,
}

impl Zip {
    /// Lists the archive.
    pub fn open(path: &Path) -> Result<Zip> {
        let archive = Archive::open_zip(path, Limits::default())?;
        let members = (0..).take(archive.len()).collect();
        Ok(Zip { archive, members })
    }

    /// Reads, inflates and checks every member; the bytes of them all.
    pub fn inflate(&self) -> Result<u64> {
        let (mut total, mut problem) = (0, None);
        self.archive.reader(false).read_each(&self.members, &mut |_, bytes| match bytes {
            Ok(bytes) => total += bytes.len() as u64,
            Err(found) => problem = Some(found),
        });
        problem.map_or(Ok(total), |problem| Err(problem.into()))
    }
}

/// Where the keywords stand in a keyword file.
#[derive(Default)]
pub struct Field(KeywordField);

/// That of the release.
pub fn field() -> Field {
    Field::default()
}

/// Reads the keywords of a keyword file and hands each on.
pub fn parse(json: &[u8], field: &Field, keyword: impl FnMut(&[u8])) -> Result<()> {
    struct Sink<F>(F);
    impl<F: FnMut(&[u8])> KeywordSink for Sink<F> {
        fn restart(&mut self) {}
        fn keyword(&mut self, keyword: &[u8]) {
            (self.0)(keyword);
        }
    }
    read_keywords(json, &field.0, &mut Sink(keyword)).map_err(error)
}

/// Takes a keyword apart and hands each word on. `lowered` is room to work in.
pub fn analyze(analyzer: &Analyzer, keyword: &str, lowered: &mut String, word: impl FnMut(&str)) {
    analyzer.each_word(keyword, lowered, word);
}

/// Counts the words of keyword files and learns their vocabulary.
pub fn count(analyzer: &Analyzer, documents: &[String], frequency: DocumentFrequency) -> Result<Vocabulary> {
    let (_, counts) = encode_with(analyzer, documents, WordCounts::default())?;
    Ok(learn(vec![counts], Selection { frequency, max_features: None })?.vocabulary)
}

/// The word ids of keyword files, one after the other.
pub fn encode(analyzer: &Analyzer, documents: &[String], vocabulary: &Vocabulary) -> Result<Vec<u32>> {
    Ok(encode_with(analyzer, documents, vocabulary)?.0)
}

fn encode_with<N: Numbering>(analyzer: &Analyzer, documents: &[String], numbering: N) -> Result<(Vec<u32>, N)> {
    let field = field();
    let mut encoder = Encoder::new(analyzer, numbering, Stopwatch::default());
    for document in documents {
        encoder.add(document.as_bytes(), &field.0).map_err(error)?;
    }
    let words = encoder.take();
    let (numbering, _) = encoder.finish();
    Ok((words, numbering))
}

/// Makes the rows of these words and writes them as an array, hashed, into a file in `folder` that is removed again.
pub fn write(folder: &Path, words: &[u32]) -> Result<u64> {
    const IMAGE: usize = 100;
    const BLOCK: usize = 640 * IMAGE;
    let (files, _) = FileSet::begin(folder, "bench")?;
    let mut writer = NpyWriter::create(&files, "rows.npy", Dtype::Int64, &[words.len() as u64, 2])?;
    let mut block = RowBlock::default();
    for words in words.chunks(BLOCK) {
        for (id, words) in (0..).zip(words.chunks(IMAGE)) {
            block.add(id, words.iter().copied());
        }
        block = writer.write_block(block)?;
    }
    Ok(writer.finish()?.0.bytes)
}

fn error(malformed: Malformed) -> Error {
    Problem::new(Path::new("keyword file"), malformed.what).into()
}
