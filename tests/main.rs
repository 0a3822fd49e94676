//! The integration tests: one binary, one module per subject.
//!
//! Tests for Unix only need a POSIX shell, or compare text that is different on Windows: the quotes
//! of a shell, `/` in paths, and the messages of the system.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

// A private folder for each test, small data sets in it, and the real binary run on them.
mod util;

// A run that stops between any two steps of its commit.
#[cfg(all(unix, feature = "fault-injection"))]
mod aborts;
// The imports between the modules of the library.
mod architecture;
// The report page in a real browser.
mod browser;
// `--check`, and files that earlier runs left.
mod check;
// The generated reference page.
mod cli_page;
// The subcommand `clickture`.
mod clickture;
// Shell completions in real shells, and the manual pages.
#[cfg(unix)]
mod completions;
// The output forms that `--emit` selects.
mod emit;
// Parquet output.
mod emit_parquet;
// The subcommand `encode`.
mod encode;
// Errors in the data and on the command line.
mod errors;
// Words, ids and bytes compared with scikit-learn's and NumPy's.
mod exact;
// The examples as programs.
mod examples;
// Full disks, file-size limits and unwritable outputs.
#[cfg(unix)]
mod faults;
// The input formats, and the options for fields.
mod formats;
// The help texts.
mod help;
// Damaged and malicious inputs of `encode`.
#[cfg(unix)]
mod hostile_encode;
// Damaged and malicious keyword files.
mod hostile_json;
// Damaged and malicious lists, id maps and `dataset.json` files.
mod hostile_lists;
// The largest inputs in bounded memory.
#[cfg(target_os = "linux")]
mod hostile_memory;
// Damaged and malicious zip archives.
mod hostile_zip;
// The subcommand `inspect`.
mod inspect;
// Runs that are killed, interrupted or started twice.
#[cfg(unix)]
mod kills;
// The subcommand `mscoco`.
mod mscoco;
// Properties that hold for any keywords.
mod properties;
// The commands, sessions and links of the documentation pages.
#[cfg(unix)]
mod readme;
// The subcommand `report`.
mod report;
// The subcommand `shards`.
#[cfg(unix)]
mod shards;
// The subcommand `show`.
mod show;
// Output to a terminal: colors, progress and width.
#[cfg(unix)]
mod terminal;
// The library's `CountVectorizer` compared with scikit-learn's.
mod vectorizer;
// The subcommand `verify`.
mod verify;
// The subcommand `vocab`.
mod vocab;
// The options that define what a word is.
mod words;
// Inputs that would give a wrong result without a message.
mod wrong_results;
