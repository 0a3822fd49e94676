//! Turns image keywords into word-id matrices, exactly as scikit-learn's `CountVectorizer` does.
//!
//! A run has six steps:
//!
//! 1. **dataset**: [`Clickture`], [`Mscoco`] or your own [`Collection`] finds the images, their
//!    order and their keyword files.
//! 2. **input**: [`Settings::jobs`] threads read the keyword files from zips, folders, tars, lines
//!    and tables.
//! 3. **text**: an [`Analyzer`] divides the keywords of an image into words.
//! 4. **vocabulary**: the words that occur in enough images ([`DocumentFrequency`]) get ids. They
//!    are the [`Vocabulary`].
//! 5. **matrix**: the words of each image become rows `[img_id, word_id]`. [`Layout::Script`] adds
//!    the [`Ranges`] of the rows. [`Emit`] selects other forms: a sparse matrix of counts, padded
//!    ids with a mask, Parquet.
//! 6. **output**: the `.npy` files, the vocabulary and a manifest appear in the folder, all of them
//!    or none. A [`Summary`] lists them.
//!
//! [`Report`] makes a page about the outputs. [`Clickture::run`], [`Mscoco::run`] and
//! [`Collection::run`] do all six steps:
//!
//! ```
//! use amc_keywords::{Analyzer, Clickture, ClicktureSplit, Settings, Silent, StopWords, Vocabulary};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let out = std::env::temp_dir().join(format!("amc-keywords-walk-{}", std::process::id()));
//! let clickture = Clickture { root: "sample".into(), out: Some(out.clone()), splits: Some(vec![ClicktureSplit::Dev]) };
//! let summary = clickture.run(&Settings::default(), &Silent)?;
//! assert_eq!(summary.notes, ["dev: read from keyword/keywords_dev.zip"]);
//! assert_eq!(summary.counts.vocabulary_size, 164);
//! assert_eq!(summary.outputs[0].name, "img_keyword_ind_clickture_dev_sk_6_sparse.npy");
//! assert_eq!(summary.outputs[0].shape, Some(vec![2231, 2]));
//!
//! // Image 72 again, by hand. Its words:
//! let keywords = ["meal", "salad", "piñata", "delicious", "café", "food", "design", "pattern", "t-shirt"];
//! let words = Analyzer::new(StopWords::english()).words(&keywords.join(" "));
//! assert_eq!(words, ["meal", "salad", "piñata", "delicious", "café", "food", "design", "pattern", "shirt"]);
//!
//! // Those in the vocabulary: "salad" and "delicious" occur in too few images.
//! let json = std::fs::read_to_string(out.join("vocabulary_clickture_dev_sk_6.json"))?;
//! let vocabulary = Vocabulary::from_words(json.lines().filter_map(|line| line.split('"').nth(1)));
//! let ids: Vec<u32> = words.iter().filter_map(|word| vocabulary.id(word)).collect();
//! assert_eq!(ids.len(), 7);
//!
//! // The rows of the matrix: 128 bytes of header, then two little-endian int64 a row.
//! let npy = std::fs::read(out.join(&summary.outputs[0].name))?;
//! let number = |bytes: &[u8]| i64::from_le_bytes(bytes.try_into().unwrap());
//! let rows = npy[128..].chunks(16).map(|row| (number(&row[..8]), number(&row[8..])));
//! let of_72: Vec<u32> = rows.filter(|(image, _)| *image == 72).map(|(_, word)| word as u32).collect();
//! assert_eq!(of_72, ids);
//! # std::fs::remove_dir_all(out)?;
//! # Ok(())
//! # }
//! ```
//!
//! The library never prints and never exits. It reports its work through [`Progress`] and failures
//! through [`Error`]. The same input and settings give the same bytes with any number of threads.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing))]

mod check;
mod dataset;
mod error;
mod extract;
mod files;
mod forms;
mod input_kind;
mod inputs;
mod inspect;
mod parallel;
mod policy;
mod problems;
mod progress;
mod readback;
mod report;
mod row_sorter;
mod run;
mod settings;
pub mod shards;
mod times;
mod word_store;

pub use check::against_manifest::verify;
pub use check::result::{FileCheck, FileState, FolderCheck};
pub use count_vectorizer::{
    Analyzer, AnalyzerKind, AnalyzerOptions, CountMatrix, CountVectorizer, CountVectorizerBuilder, Document, DocumentFrequency,
    Limit, StopWords, StripAccents, UNICODE_VERSION, Vocabulary,
};
pub use dataset::clickture::{Clickture, ClicktureSplit};
pub use dataset::collection::Collection;
pub use dataset::fields::Fields;
pub use dataset::mscoco::{CocoSplit, Mscoco};
pub use error::{Error, Problem, Problems, Result, shown};
pub use files::manifest::{Counts, SplitCounts};
pub use files::output_line::Output;
pub use forms::emit::Emit;
pub use forms::id_ranges::Ranges;
pub use forms::layout::Layout;
pub use forms::padded::Padding;
pub use inputs::stop_word_file::read_stop_words;
pub use inputs::vocabulary_file::read_vocabulary;
pub use inspect::inspect;
pub use inspect::inspection::{EncodeCommand, FieldRole, InspectedField, InspectedInput, Inspection};
pub use keyword_files::is_catching_panic;
pub use keyword_files::npy::header::Dtype;
pub use keyword_files::records::{InputFormat, MemberNames, ReadOptions, dotted_keys};
pub use policy::{Duplicates, OnError};
pub use progress::{Progress, Silent};
pub use readback::array::read_matrix;
pub use readback::frequencies::Frequencies;
pub use readback::image_names::ImageNames;
pub use readback::matrix::MatrixFile;
pub use readback::pairs::{Pair, PairsReader};
pub use readback::words::{WordChange, WordChanges, WordEntry, WordList};
pub use report::numbers::grouped;
pub use report::{Page, Report};
pub use run::summary::Summary;
pub use settings::{Settings, StopWordList};
pub use times::{Times, Work};
