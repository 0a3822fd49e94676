//! BM25 against a second implementation, whose scores `golden/make_bm25.py` wrote.

use std::env;
use std::path::Path;
use std::process::Command;

use amc_rank::bm25::Bm25;
use amc_rank::images::Images;
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    documents: Vec<Vec<u32>>,
    queries: Vec<Vec<u32>>,
    scores: Vec<Vec<f64>>,
}

#[test]
fn committed_files_are_what_their_scripts_write() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    for script in ["tests/golden/make_bm25.py", "sample/make_queries.py"] {
        let Ok(output) = Command::new("python3").arg(folder.join(script)).arg("--check").output() else {
            assert!(env::var_os("CI").is_none(), "python3 is missing");
            return;
        };
        assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn scores_are_those_of_a_second_implementation() {
    let golden: Golden = serde_json::from_str(include_str!("../golden/bm25.json")).unwrap();
    let mut images = Images::default();
    for (id, words) in (0..).zip(&golden.documents) {
        let place = images.add(id).unwrap();
        images.get_mut(place).unwrap().words.extend(words);
    }
    let bm25 = Bm25::new(&images);
    let mut compared = 0;
    for (query, scores) in golden.queries.iter().zip(&golden.scores) {
        for (words, score) in golden.documents.iter().zip(scores) {
            let found = bm25.score(query, words);
            assert!((found - score).abs() < 1e-12, "query {query:?}, document {words:?}: {found}, expected {score}");
            compared += usize::from(*score > 0.0);
        }
    }
    assert!(compared > 50, "only {compared} scores are above 0");
}
