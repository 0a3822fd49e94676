//! The parts of a run, each on one thread: `cargo bench --features internals`. Whole runs are `table.py`'s business.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::hint::black_box;
use std::path::Path;
use std::time::Duration;

use amc_keywords::{Analyzer, DocumentFrequency, Limit, StopWords, internals};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

#[path = "../examples/make_corpus/random.rs"]
#[allow(dead_code)]
mod random;
#[path = "../examples/make_corpus/tags.rs"]
mod tags;
#[path = "../examples/make_corpus/zip_writer.rs"]
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

fn keywords(documents: &[String]) -> Vec<String> {
    let (field, mut all) = (internals::field(), Vec::new());
    for document in documents {
        internals::parse(document.as_bytes(), &field, |keyword| all.push(String::from_utf8_lossy(keyword).into_owned())).unwrap();
    }
    all
}

fn frequency() -> DocumentFrequency {
    DocumentFrequency { min: Limit::Count(2), max: Limit::Share(1.0) }
}

fn inflate(c: &mut Criterion) {
    let documents = corpus();
    let folder = tempfile::tempdir().unwrap();
    let zip = zip_of(&folder.path().join("keywords_dev.zip"), &documents);
    let mut group = c.benchmark_group("inflate");
    group.throughput(bytes(&documents));
    group.bench_function("read, inflate and check every member", |b| b.iter(|| zip.inflate().unwrap()));
    group.finish();
}

fn zip_of(path: &Path, documents: &[String]) -> internals::Zip {
    let mut zip = zip_writer::ZipWriter::create(path).unwrap();
    for (image, document) in documents.iter().enumerate() {
        zip.add(&format!("keywords_dev/{image:08}.json"), document).unwrap();
    }
    zip.finish().unwrap();
    internals::Zip::open(path).unwrap()
}

fn parse(c: &mut Criterion) {
    let (documents, field) = (corpus(), internals::field());
    let mut group = c.benchmark_group("parse");
    group.throughput(bytes(&documents));
    group.bench_function("hand every keyword on", |b| {
        b.iter(|| {
            let mut count = 0_u64;
            for document in &documents {
                internals::parse(document.as_bytes(), &field, |_| count += 1).unwrap();
            }
            count
        });
    });
    group.finish();
}

fn analyze(c: &mut Criterion) {
    let keywords = keywords(&corpus());
    let analyzer = Analyzer::new(StopWords::english());
    let mut group = c.benchmark_group("analyze");
    group.throughput(Throughput::Elements(keywords.len() as u64));
    group.bench_function("take every keyword apart", |b| {
        let mut lowered = String::new();
        b.iter(|| {
            for keyword in &keywords {
                internals::analyze(&analyzer, keyword, &mut lowered, |word| {
                    black_box(word);
                });
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
    group.bench_function("parse, count, learn", |b| b.iter(|| internals::count(&analyzer, &documents, frequency()).unwrap()));
    group.finish();
}

fn encode(c: &mut Criterion) {
    let documents = corpus();
    let analyzer = Analyzer::new(StopWords::english());
    let vocabulary = internals::count(&analyzer, &documents, frequency()).unwrap();
    let mut group = c.benchmark_group("encode");
    group.throughput(bytes(&documents));
    group.bench_function("parse, number", |b| b.iter(|| internals::encode(&analyzer, &documents, &vocabulary).unwrap()));
    group.finish();
}

fn write(c: &mut Criterion) {
    let words: Vec<u32> = (0..IMAGES as u32 * 100).map(|word| word.wrapping_mul(2_654_435_769) >> 17).collect();
    let folder = tempfile::tempdir().unwrap();
    let mut group = c.benchmark_group("write");
    group.throughput(Throughput::Bytes(16 * words.len() as u64));
    group.bench_function("make rows, hash, write", |b| b.iter(|| internals::write(folder.path(), &words).unwrap()));
    group.finish();
}

criterion_group! {
    name = parts;
    config = Criterion::default().sample_size(20).warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(3));
    targets = inflate, parse, analyze, count, encode, write
}
criterion_main!(parts);
