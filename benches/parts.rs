//! The parts of a run, each on one thread: `cargo bench -p benches`. `table.py` measures whole runs.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::hint::black_box;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use amc_keywords::{Collection, Settings, Silent};
use count_vectorizer::{
    Analyzer, CorpusCounts, DocumentFrequency, Encoder, Limit, Numbering, Selection, StopWords, TermCounts, Vocabulary,
};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use keyword_files::archive::{Archive, Limits};
use keyword_files::json::{KeywordField, KeywordSink, read_keywords};

#[path = "make_corpus/random.rs"]
#[allow(dead_code)]
mod random;
#[path = "make_corpus/tags.rs"]
mod tags;
#[path = "make_corpus/zip_writer.rs"]
#[allow(dead_code)]
mod zip_writer;

const IMAGES: u64 = 4_000;

fn corpus() -> Vec<String> {
    let tagger = tags::Tagger::new(2017, 30_000, 100);
    let mut writer = tagger.writer(1);
    let document = |image| {
        let mut json = String::new();
        writer.write(image, &mut json);
        json
    };
    (0..IMAGES).map(document).collect()
}

fn bytes(documents: &[String]) -> Throughput {
    Throughput::Bytes(documents.iter().map(|document| document.len() as u64).sum())
}

/// Calls a function with each keyword.
struct Sink<F>(F);

impl<F: FnMut(&[u8])> KeywordSink for Sink<F> {
    fn restart(&mut self) {}

    fn keyword(&mut self, keyword: &[u8]) {
        (self.0)(keyword);
    }
}

/// Adds the keywords to the current document of an encoder.
struct EncoderSink<'e, 'a, N>(&'e mut Encoder<'a, N>);

impl<N: Numbering> KeywordSink for EncoderSink<'_, '_, N> {
    fn restart(&mut self) {
        self.0.restart_document();
    }

    fn keyword(&mut self, keyword: &[u8]) {
        self.0.keyword(keyword);
    }

    fn keyword_at(&mut self, text: &[u8], len: usize) {
        self.0.keyword_at(text, len);
    }
}

fn each_keyword(documents: &[String], keyword: impl FnMut(&[u8])) {
    let (field, mut sink) = (KeywordField::default(), Sink(keyword));
    for document in documents {
        assert!(read_keywords(document.as_bytes(), &field, &mut sink).is_ok());
    }
}

/// Encodes the documents. Returns their word numbers and the numbering.
fn number<N: Numbering>(analyzer: &Analyzer, documents: &[String], numbering: N) -> (Vec<u32>, N) {
    let field = KeywordField::default();
    let mut encoder = Encoder::new(analyzer, numbering);
    for document in documents {
        let read = read_keywords(document.as_bytes(), &field, &mut EncoderSink(&mut encoder));
        assert!(read.is_ok());
        encoder.end_document().unwrap();
    }
    (encoder.take(), encoder.into_numbering())
}

fn vocabulary(analyzer: &Analyzer, documents: &[String]) -> Vocabulary {
    let (_, counts) = number(analyzer, documents, TermCounts::default());
    let frequency = DocumentFrequency { min: Limit::Count(2), max: Limit::Share(1.0) };
    CorpusCounts::add_up(vec![counts]).select(Selection { frequency, max_features: None }).unwrap().vocabulary
}

fn inflate(c: &mut Criterion) {
    let documents = corpus();
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::open_zip(&zip_in(folder.path(), &documents), Limits::default()).unwrap();
    let members: Vec<u32> = (0..archive.len() as u32).collect();
    let mut group = c.benchmark_group("inflate");
    group.throughput(bytes(&documents));
    group.bench_function("read, inflate and check every member", |b| {
        b.iter(|| {
            let mut total = 0;
            archive.reader(false).read_each(&members, &mut |_, bytes| total += bytes.unwrap().len());
            total
        });
    });
    group.finish();
}

fn zip_in(folder: &Path, documents: &[String]) -> PathBuf {
    let path = folder.join("keywords_dev.zip");
    let mut zip = zip_writer::ZipWriter::create(&path).unwrap();
    for (image, document) in documents.iter().enumerate() {
        zip.add(&format!("keywords_dev/{image:08}.json"), document).unwrap();
    }
    zip.finish().unwrap();
    path
}

fn parse(c: &mut Criterion) {
    let documents = corpus();
    let mut group = c.benchmark_group("parse");
    group.throughput(bytes(&documents));
    group.bench_function("read every keyword", |b| {
        b.iter(|| {
            let mut count = 0_u64;
            each_keyword(&documents, |_| count += 1);
            count
        });
    });
    group.finish();
}

fn analyze(c: &mut Criterion) {
    let mut keywords = Vec::new();
    each_keyword(&corpus(), |keyword| keywords.push(String::from_utf8_lossy(keyword).into_owned()));
    let analyzer = Analyzer::new(StopWords::english());
    let mut group = c.benchmark_group("analyze");
    group.throughput(Throughput::Elements(keywords.len() as u64));
    group.bench_function("split every keyword into words", |b| {
        let mut lowered = String::new();
        b.iter(|| {
            for keyword in &keywords {
                let word = |word: &str| {
                    black_box(word);
                };
                analyzer.each_word(keyword, &mut lowered, word).unwrap();
            }
        });
    });
    group.finish();
}

fn count(c: &mut Criterion) {
    let documents = corpus();
    let analyzer = Analyzer::new(StopWords::english());
    let mut group = c.benchmark_group("count");
    group.throughput(bytes(&documents));
    group.bench_function("parse, count, learn", |b| b.iter(|| vocabulary(&analyzer, &documents)));
    group.finish();
}

fn encode(c: &mut Criterion) {
    let documents = corpus();
    let analyzer = Analyzer::new(StopWords::english());
    let vocabulary = vocabulary(&analyzer, &documents);
    let mut group = c.benchmark_group("encode");
    group.throughput(bytes(&documents));
    group.bench_function("parse, number", |b| b.iter(|| number(&analyzer, &documents, &vocabulary).0));
    group.finish();
}

/// The time that a run spends on rows and files. The run itself measures it.
fn write(c: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let collection =
        Collection { keywords: vec![zip_in(folder.path(), &corpus())], out: folder.path().join("out"), ..Collection::default() };
    let settings = Settings { jobs: NonZeroUsize::MIN, timed: true, ..Settings::default() };
    let run = || collection.run(&settings, &Silent).unwrap().times.write;
    let mut group = c.benchmark_group("write");
    group.throughput(Throughput::Bytes(run().bytes));
    group.bench_function("make rows, hash, write", |b| {
        b.iter_custom(|runs| (0..runs).map(|_| run().thread_time).sum());
    });
    group.finish();
}

criterion_group! {
    name = parts;
    config = Criterion::default().sample_size(20).warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(3));
    targets = inflate, parse, analyze, count, encode, write
}
criterion_main!(parts);
