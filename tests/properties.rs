//! Properties that hold for any keywords: the files contain exactly the words, ranges agree with
//! pairs, and neither the kind of archive nor the number of threads changes a byte.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;

use crate::util::{WorkDir, keyword_file};
use amc_keywords::{Analyzer, Clickture, ClicktureSplit, Layout, Settings, Silent, StopWordList, StopWords};
use proptest::prelude::*;

const PAIRS: &str = "img_keyword_ind_clickture_dev_sk_1_sparse.npy";
const SCRIPT_PAIRS: &str = "img_keyword_rec_clickture_dev_sk_1.npy";
const VOCABULARY: &str = "vocabulary_clickture_dev_sk_1.json";

/// The id and the keywords of an image.
type Image = (u32, Vec<String>);

/// Up to thirty images in any order. Their keywords share words or have any characters.
fn images() -> impl Strategy<Value = Vec<Image>> {
    let keyword = prop_oneof![
        3 => "(dog|cat|red dog|Young ADULT|3d|x| |the fire|caf\u{e9} \u{394}\u{3a3}){1,3}",
        1 => "\\PC{0,12}",
        1 => any::<String>(),
        1 => "[ab]{30,60}",
    ];
    let keywords = prop::collection::vec(keyword, 0..8);
    prop::collection::btree_map(0_u32..60, keywords, 1..30).prop_map(|images| images.into_iter().collect()).prop_shuffle()
}

/// Dev with these images in this order.
fn data_set(images: &[Image]) -> WorkDir {
    let files = images.iter().map(|(id, keywords)| {
        let keywords: Vec<&str> = keywords.iter().map(String::as_str).collect();
        (format!("keywords_dev/{id:08}.json"), keyword_file(&keywords))
    });
    let names: String = images.iter().map(|(id, _)| format!("{id:08}\n")).collect();
    let work = WorkDir::new();
    work.zip("keyword/keywords_dev.zip", &files.collect::<Vec<_>>()).write("clickture/clickture-dev.lst", names);
    work
}

/// Encodes Dev into the folder `out`. Returns `false` if there is no word.
fn encode(work: &WorkDir, out: &str, layout: Layout, jobs: usize) -> bool {
    let settings = Settings {
        stop_words: StopWordList::None,
        frequency: amc_keywords::DocumentFrequency { min: "1".parse().unwrap(), ..Default::default() },
        layout,
        jobs: NonZeroUsize::new(jobs).unwrap(),
        ..Settings::default()
    };
    let splits = Some(vec![ClicktureSplit::Dev]);
    let job = Clickture { root: work.path().to_path_buf(), out: Some(work.join(out)), splits };
    match job.run(&settings, &Silent) {
        Ok(_) => true,
        Err(error) if error.to_string().contains("word except stop words") => false,
        Err(error) => panic!("{error}"),
    }
}

/// The words of each image as the analyzer finds them.
fn expected(images: &[Image]) -> Vec<(u32, Vec<String>)> {
    let analyzer = Analyzer::new(StopWords::none());
    images.iter().map(|(id, keywords)| (*id, analyzer.words(&keywords.join(" ")))).collect()
}

/// The files in a folder without the manifest, which names the archive.
fn outputs(work: &WorkDir, out: &str) -> BTreeMap<String, Vec<u8>> {
    let names = work.files().into_iter().filter(|name| name.starts_with(&format!("{out}/")) && !name.contains("manifest"));
    names.map(|name| (name.split_once('/').unwrap().1.to_owned(), work.read(&name))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_files_contain_exactly_the_words(images in images()) {
        let work = data_set(&images);
        let expected = expected(&images);
        let some_word = expected.iter().any(|(_, words)| !words.is_empty());
        prop_assert_eq!(encode(&work, "out", Layout::Documented, 2), some_word);
        if some_word {
            let vocabulary = work.words(&format!("out/{VOCABULARY}"));
            let different: BTreeSet<&String> = expected.iter().flat_map(|(_, words)| words).collect();
            prop_assert!(vocabulary.iter().eq(different));
            let decoded: Vec<(u32, &str)> = work
                .matrix(&format!("out/{PAIRS}"))
                .into_iter()
                .map(|[id, word]| (u32::try_from(id).unwrap(), vocabulary[usize::try_from(word).unwrap()].as_str()))
                .collect();
            let flat: Vec<(u32, &str)> =
                expected.iter().flat_map(|(id, words)| words.iter().map(|word| (*id, word.as_str()))).collect();
            prop_assert_eq!(decoded, flat);
        }
    }

    #[test]
    fn ranges_agree_with_pairs(images in images()) {
        let work = data_set(&images);
        if !encode(&work, "documented", Layout::Documented, 1) {
            return Ok(());
        }
        encode(&work, "script", Layout::Script, 2);
        let pairs = work.matrix(&format!("script/{SCRIPT_PAIRS}"));
        prop_assert_eq!(work.matrix(&format!("documented/{PAIRS}")), pairs.clone());
        let ranges = work.matrix(&format!("script/{PAIRS}"));
        let mut covered = 0;
        for (id, [first, last]) in (0_i64..).zip(&ranges) {
            let rows: Vec<i64> = (0..).zip(&pairs).filter(|(_, pair)| pair[0] == id).map(|(row, _)| row).collect();
            match (rows.first(), rows.last()) {
                (Some(from), Some(to)) => prop_assert_eq!((first, last), (from, to), "id {}", id),
                // The release's scripts start at id 0 and leave this row.
                _ if id == 0 => prop_assert_eq!((*first, *last), (0, -1)),
                _ => prop_assert_eq!((*first, *last), (-1, -1), "id {}", id),
            }
            covered += rows.len();
        }
        prop_assert_eq!(covered, pairs.len(), "every row belongs to a range");
        prop_assert_eq!(Some(ranges.len() as i64 - 1), pairs.iter().map(|pair| pair[0]).max());
    }

    #[test]
    fn a_zip_its_folder_and_any_number_of_threads_give_the_same_bytes(images in images(), jobs in 2_usize..9) {
        let work = data_set(&images);
        if !encode(&work, "one", Layout::Documented, 1) {
            return Ok(());
        }
        encode(&work, "many", Layout::Documented, jobs);
        prop_assert_eq!(outputs(&work, "one"), outputs(&work, "many"));
        for (id, keywords) in &images {
            let keywords: Vec<&str> = keywords.iter().map(String::as_str).collect();
            work.write(&format!("keyword/keywords_dev/{id:08}.json"), keyword_file(&keywords));
        }
        work.remove("keyword/keywords_dev.zip");
        encode(&work, "folder", Layout::Documented, jobs);
        prop_assert_eq!(outputs(&work, "one"), outputs(&work, "folder"));
    }
}
