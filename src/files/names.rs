//! The name of every file that a run writes. Names are built and recognized only here.

use std::fmt::Display;

/// The names of the files of one matrix.
#[derive(Debug, Clone)]
pub(crate) struct MatrixNames {
    /// Such as `clickture_dev_sk_6`.
    stem: String,
    /// The end of the main file's name, [`SPARSE`] or nothing.
    suffix: &'static str,
}

/// A file of a matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FormFile {
    /// Contains the pairs, or the ranges with layout `script`.
    Main,
    /// Contains the pairs with layout `script`.
    Records,
    Ranges,
    Csr,
    CsrRows,
    Padded,
    PaddedMask,
    Parquet,
}

const MAIN: &str = "img_keyword_ind_";
const RECORDS: &str = "img_keyword_rec_";
/// The release's scripts add this to the main files of Clickture only.
const SPARSE: &str = "_sparse";
const ARRAY: &str = ".npy";

impl FormFile {
    /// The files next to the main file.
    const OTHERS: [FormFile; 6] =
        [FormFile::Ranges, FormFile::CsrRows, FormFile::Csr, FormFile::PaddedMask, FormFile::Padded, FormFile::Parquet];

    /// The part of the name that replaces the `.npy` of the main file's name.
    const fn ending(self) -> &'static str {
        match self {
            FormFile::Main | FormFile::Records => ARRAY,
            FormFile::Ranges => "_ranges.npy",
            FormFile::Csr => "_csr.npz",
            FormFile::CsrRows => "_csr_rows.npy",
            FormFile::Padded => "_padded.npy",
            FormFile::PaddedMask => "_padded_mask.npy",
            FormFile::Parquet => ".parquet",
        }
    }
}

impl MatrixNames {
    /// The names of the matrix `matrix`, such as `coco`, with this `--min-df`.
    pub fn new(matrix: &str, min_df: impl Display) -> MatrixNames {
        MatrixNames { stem: stem_of(matrix, min_df), suffix: "" }
    }

    /// The same names with `_sparse` in the name of the main file, as Clickture has it.
    pub fn sparse(self) -> MatrixNames {
        MatrixNames { suffix: SPARSE, ..self }
    }

    /// The name of a file.
    pub fn of(&self, file: FormFile) -> String {
        let MatrixNames { stem, suffix } = self;
        match file {
            FormFile::Records => format!("{RECORDS}{stem}{ARRAY}"),
            other => format!("{MAIN}{stem}{suffix}{}", other.ending()),
        }
    }
}

fn stem_of(name: &str, min_df: impl Display) -> String {
    format!("{name}_sk_{min_df}")
}

/// The name of a file that exists as JSON and as a pickle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TwoFormats(String);

impl TwoFormats {
    pub fn json(&self) -> String {
        format!("{}.json", self.0)
    }

    pub fn pickle(&self) -> String {
        format!("{}.pkl", self.0)
    }
}

const VOCABULARY: &str = "vocabulary_";
const ID_MAP: &str = "id_map_";
const STATISTICS: &str = "statistics_";
const MANIFEST: &str = "manifest_";
const PARTS_LIST: &str = "parts_";
const PLAN: &str = "plan_";
const MATRIX: &str = "matrix_";
const HIDDEN: &str = ".amc-keywords-";
const STAGING: &str = ".partial";
const LOCK: &str = ".lock";

/// The vocabulary `name`, such as `clickture_dev`.
pub(crate) fn vocabulary(name: &str, min_df: impl Display) -> TwoFormats {
    TwoFormats(format!("{VOCABULARY}{}", stem_of(name, min_df)))
}

/// The fitted vectorizer `name`, such as `coco_keyword`.
pub(crate) fn vectorizer(name: &str, min_df: impl Display) -> String {
    format!("count_vectorizer_{}.pkl", stem_of(name, min_df))
}

/// The names of a set's images and their ids.
pub(crate) fn id_map(set: &str) -> TwoFormats {
    TwoFormats(format!("{ID_MAP}{set}"))
}

/// The list of a set's images that were skipped.
pub(crate) fn skipped(set: &str) -> String {
    format!("skipped_{set}.tsv")
}

/// The statistics of a set.
pub(crate) fn statistics(set: &str) -> String {
    format!("{STATISTICS}{set}.json")
}

/// The set whose statistics have this name.
pub(crate) fn set_of_statistics(name: &str) -> Option<&str> {
    name.strip_prefix(STATISTICS)?.strip_suffix(".json")
}

/// The manifest of a set.
pub(crate) fn manifest(set: &str) -> String {
    format!("{MANIFEST}{set}.json")
}

/// The list of the parts of a set that was encoded in parts.
pub(crate) fn parts_list(set: &str) -> String {
    format!("{PARTS_LIST}{set}.jsonl")
}

/// Whether this is the name of a list of parts.
pub(crate) fn is_parts_list(name: &str) -> bool {
    name.starts_with(PARTS_LIST) && name.ends_with(".jsonl")
}

/// The folder of the counted parts.
pub(crate) const PARTS: &str = "parts";

/// The folder of a part.
pub(crate) fn part(number: u64) -> String {
    format!("{number:05}")
}

/// The number of the part whose folder has this name.
pub(crate) fn number_of_part(name: &str) -> Option<u64> {
    let number = name.parse().ok()?;
    (part(number) == name).then_some(number)
}

/// The plan of a set.
pub(crate) fn plan(set: &str) -> String {
    format!("{PLAN}{set}.json")
}

/// The set whose plan has this name.
pub(crate) fn set_of_plan(name: &str) -> Option<&str> {
    name.strip_prefix(PLAN)?.strip_suffix(".json")
}

/// The folder of the other files of a plan. `hash` distinguishes the plans of a set.
pub(crate) fn plan_folder(set: &str, hash: &str) -> String {
    format!("{PLAN}{set}_{hash}")
}

/// The folder of the parts that were encoded according to a plan.
pub(crate) fn matrix_folder(set: &str, hash: &str) -> String {
    format!("{MATRIX}{set}_{hash}")
}

/// Whether this is the name of a folder of any plan of the set.
pub(crate) fn is_folder_of_plan(name: &str, set: &str) -> bool {
    let prefixes = [plan_folder(set, ""), matrix_folder(set, "")];
    let hash = prefixes.iter().find_map(|prefix| name.strip_prefix(prefix.as_str()));
    hash.is_some_and(|hash| hash.len() == HASH_DIGITS && hash.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// The number of digits of the hash of a plan.
pub(crate) const HASH_DIGITS: usize = 12;

/// The set whose manifest has this name.
pub(crate) fn set_of_manifest(name: &str) -> Option<&str> {
    name.strip_prefix(MANIFEST)?.strip_suffix(".json")
}

/// The lock file of a set.
pub(super) fn lock(set: &str) -> String {
    format!("{HIDDEN}{set}{LOCK}")
}

/// The set whose lock file has this name.
pub(super) fn set_of_lock(name: &str) -> Option<&str> {
    name.strip_prefix(HIDDEN)?.strip_suffix(LOCK)
}

/// The staging folder of a set.
pub(super) fn staging_name(set: &str) -> String {
    format!("{HIDDEN}{set}{STAGING}")
}

/// The set whose staging folder has this name.
pub(super) fn set_of_staging(name: &str) -> Option<&str> {
    name.strip_prefix(HIDDEN)?.strip_suffix(STAGING)
}

/// The names of the files that may contain the pairs of a matrix, the most likely first. `name` is
/// any file of the matrix.
pub(crate) fn pairs_names(name: &str) -> Vec<String> {
    let main = FormFile::OTHERS
        .iter()
        .find_map(|file| Some(format!("{}{ARRAY}", name.strip_suffix(file.ending())?)))
        .unwrap_or_else(|| name.to_owned());
    let records = stem(&main, MAIN).map(|stem| format!("{RECORDS}{stem}{ARRAY}"));
    records.into_iter().chain([main]).collect()
}

/// The name of the vocabulary of a matrix that has its own. `name` is any file of the matrix.
pub(crate) fn vocabulary_of(name: &str) -> Option<String> {
    let main = pairs_names(name).pop()?;
    let stem = [MAIN, RECORDS].iter().find_map(|prefix| stem(&main, prefix))?;
    Some(format!("{VOCABULARY}{stem}.json"))
}

/// Whether this is the name of a file next to the main file of a matrix.
pub(crate) fn is_other_form(name: &str) -> bool {
    FormFile::OTHERS.iter().any(|file| name.ends_with(file.ending()))
}

/// Whether this is the name of an id map in JSON.
pub(crate) fn is_id_map(name: &str) -> bool {
    name.starts_with(ID_MAP) && name.ends_with(".json")
}

/// Whether this is the name of a vocabulary in JSON.
pub(crate) fn is_vocabulary(name: &str) -> bool {
    name.starts_with(VOCABULARY) && name.ends_with(".json")
}

/// Whether the name of a matrix file names this split.
pub(crate) fn names_split(name: &str, split: &str) -> bool {
    name.contains(&format!("_{split}_"))
}

fn stem<'a>(name: &'a str, prefix: &str) -> Option<&'a str> {
    let stem = name.strip_prefix(prefix)?.strip_suffix(ARRAY)?;
    Some(stem.strip_suffix(SPARSE).unwrap_or(stem))
}

/// Whether `name` can be the name of an output: ASCII letters, digits, `.`, `_`, `-` and `+`, not
/// hidden, at most 200 bytes.
///
/// Manifests and commit lists are read back from the folder. This keeps their names inside it.
pub(crate) fn is_plain_name(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'+');
    !name.is_empty() && name.len() <= 200 && !name.starts_with('.') && name.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_that_is_built_is_plain_and_is_recognized() {
        for names in [MatrixNames::new("tate-2024", "0.5"), MatrixNames::new("c", 6).sparse()] {
            let (main, records) = (names.of(FormFile::Main), names.of(FormFile::Records));
            let stem = &names.stem;
            for file in FormFile::OTHERS.into_iter().chain([FormFile::Main]) {
                let name = names.of(file);
                assert!(is_plain_name(&name), "{name}");
                assert_eq!(pairs_names(&name), [records.clone(), main.clone()], "{name}");
                assert_eq!(vocabulary_of(&name), Some(format!("vocabulary_{stem}.json")));
                assert_eq!(is_other_form(&name), file != FormFile::Main, "{name}");
            }
            assert_eq!(pairs_names(&records), std::slice::from_ref(&records));
            assert_eq!(vocabulary_of(&records), Some(format!("vocabulary_{stem}.json")));
        }
        let json = vocabulary("tate-2024", "0.5").json();
        assert_eq!(vocabulary_of("img_keyword_ind_tate-2024_sk_0.5.npy"), Some(json.clone()));
        assert!(is_vocabulary(&json) && !is_vocabulary(&vocabulary("a", 6).pickle()));
        assert!(is_id_map(&id_map("coco").json()) && !is_id_map(&id_map("coco").pickle()));
        assert_eq!(set_of_manifest(&manifest("coco")), Some("coco"));
        assert_eq!(set_of_staging(&staging_name("coco")), Some("coco"));
        assert_eq!((set_of_manifest("a.json"), set_of_staging(&lock("coco"))), (None, None));
    }

    #[test]
    fn names_are_those_of_the_release() {
        let clickture = MatrixNames::new("clickture_dev", 6).sparse();
        let main = clickture.of(FormFile::Main);
        assert_eq!(main, "img_keyword_ind_clickture_dev_sk_6_sparse.npy");
        assert_eq!(clickture.of(FormFile::Records), "img_keyword_rec_clickture_dev_sk_6.npy");
        let csr = clickture.of(FormFile::Csr);
        assert_eq!(csr, "img_keyword_ind_clickture_dev_sk_6_sparse_csr.npz");
        let coco = MatrixNames::new("coco", 6);
        assert_eq!(coco.of(FormFile::Main), "img_keyword_ind_coco_sk_6.npy");
        assert_eq!(vectorizer("coco_keyword", 6), "count_vectorizer_coco_keyword_sk_6.pkl");
        assert!(names_split(&main, "dev") && !names_split(&main, "lite"));
    }

    #[test]
    fn a_foreign_name_is_its_own_pairs_file() {
        assert_eq!(pairs_names("mine.npy"), ["mine.npy"]);
        assert_eq!(vocabulary_of("mine.npy"), None);
    }
}
