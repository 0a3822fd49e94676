//! Sharded runs: many shards are counted, possibly on many machines, and become one set.
//!
//! 1. [`Count`] reads the shards of a part once. It stores their terms with frequencies, and the
//!    words of each image as numbers of these terms.
//! 2. [`Learn`] adds up the counts of all parts. It selects the words with the rules of a single
//!    run, and decides which ids the images get. The result is a plan.
//! 3. [`Encode`] writes the matrix of a part according to the plan.
//! 4. [`Finish`] writes what belongs to the whole set: vocabulary, id map, statistics, manifest.
//!
//! [`Merge`] can add up the counts of some parts before, so that [`Learn`] reads fewer files.
//!
//! The bytes are those of one [`Collection`](crate::Collection) run over all shards in the order of
//! the parts. Every step can be repeated, run twice at the same time, or stopped at any time.
//!
//! ```
//! use amc_keywords::shards::{Count, Encode, Finish, Learn};
//! use amc_keywords::{DocumentFrequency, Fields, Limit, Settings, Silent};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let folder = std::env::temp_dir().join(format!("amc-keywords-shards-{}", std::process::id()));
//! std::fs::create_dir_all(&folder)?;
//! std::fs::write(folder.join("0.jsonl"), "{\"id\": \"a\", \"tags\": [\"dog\", \"red dog\"]}\n")?;
//! std::fs::write(folder.join("1.jsonl"), "{\"id\": \"b\", \"tags\": [\"dog\", \"cat\"]}\n")?;
//!
//! let out = folder.join("out");
//! let fields = Fields { keywords: Some("tags".into()), id: Some("id".into()), ..Fields::default() };
//! let frequency = DocumentFrequency { min: Limit::Count(2), ..DocumentFrequency::default() };
//! let settings = Settings { frequency, ..Settings::default() };
//! for part in 0..2 {
//!     let shards = vec![folder.join(format!("{part}.jsonl"))];
//!     let count = Count { shards, out: out.clone(), part, fields: fields.clone(), ..Count::default() };
//!     count.run(&settings, &Silent)?;
//! }
//! let learn = Learn { folder: out.clone(), name: "pets".into(), ..Learn::default() };
//! assert_eq!(learn.run(&settings, &Silent)?.vocabulary_size, 1);
//! for part in 0..2 {
//!     Encode { folder: out.clone(), part, name: None }.run(&settings, &Silent)?;
//! }
//! let finish = Finish { folder: out.clone(), name: None, concat: true };
//! assert_eq!(finish.run(&settings, &Silent)?.summary.counts.splits[0].rows, 3);
//! assert!(out.join("img_keyword_ind_pets_sk_2.npy").exists());
//! # std::fs::remove_dir_all(folder)?;
//! # Ok(())
//! # }
//! ```

mod advice;
mod concat;
mod count;
mod counted_parts;
mod duplicates;
mod encode;
mod finish;
mod images;
mod learn;
mod loaded_part;
mod merge;
mod numbered_names;
mod part;
mod part_writer;
mod partial_sums;
mod plan;
mod record;
mod samples;
mod selected_words;
mod set_parts;
mod set_writer;
mod term;
mod term_file;
mod terms;

pub use count::{Count, CountedShards};
pub use encode::{Encode, EncodedPart};
pub use finish::{Finish, FinishedSet};
pub use learn::{Learn, LearnedPlan};
pub use partial_sums::{Merge, MergedParts};
