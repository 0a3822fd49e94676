//! The plan of a set: what is decided once for all parts.

use std::borrow::Cow;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use count_vectorizer::UNICODE_VERSION;
use keyword_files::npy::header::Dtype;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::advice::LEARN_AGAIN;
use super::record::{check_files, read_record};
use crate::error::{Problem, Result};
use crate::files::folder::names_in;
use crate::files::manifest::{Input, Tool};
use crate::files::names::{self, MatrixNames, is_plain_name};
use crate::files::output_line::Output;
use crate::forms::emit::Emit;
use crate::forms::layout::Layout;
use crate::forms::padded::Padding;

/// The only format of plans so far.
const FORMAT: u64 = 1;

/// The words, sorted by their bytes, with their ids.
pub(super) const WORDS: &str = "words.terms";
/// The words in the order of their ids, if that is another order.
pub(super) const WORDS_BY_ID: &str = "words_by_id.terms";
/// A line for each part.
pub(super) const PARTS: &str = "parts.jsonl";
/// The content of the statistics of the set.
pub(super) const STATISTICS: &str = "statistics.json";

/// `plan_NAME.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ShardPlan {
    pub format: u64,
    pub tool: Tool,
    pub unicode: String,
    /// The name of the set.
    pub name: String,
    /// Distinguishes the plans of a set. It depends on the parts and all options.
    pub hash: String,
    /// The options of the manifest.
    pub options: Map<String, Value>,
    /// The stop words, if they come from a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop_words: Option<Vec<String>>,
    pub forms: PlanForms,
    /// `--min-df`, which is part of the names of the outputs.
    pub min_df: String,
    /// Whether the names of all images are their ids. Otherwise the images are numbered.
    pub names_are_ids: bool,
    /// Whether the id map has the second names of the images.
    pub has_file_names: bool,
    /// Whether words of one character were dropped in the samples.
    pub drops_letters: bool,
    pub counts: PlanCounts,
    /// The files that were read in addition to the parts.
    pub inputs: Vec<Input>,
    /// The files in the folder of the plan.
    pub files: Vec<Output>,
}

/// The counts of a plan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PlanCounts {
    pub parts: u64,
    pub images: u64,
    pub documents: u64,
    /// Different names, which have ids if images are numbered.
    pub names: u64,
    pub vocabulary_size: u64,
    /// Rows of the pairs.
    pub rows: u64,
    /// Different words that are not in the vocabulary, if it was learned.
    pub different_words_dropped: Option<u64>,
}

/// The forms in which the matrix is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PlanForms {
    script_layout: bool,
    pairs: bool,
    ranges: bool,
    csr: bool,
    padded: Option<(NonZeroUsize, i64)>,
    parquet: bool,
    dtype: Dtype,
}

impl PlanForms {
    pub fn new(layout: Layout, emit: &Emit) -> PlanForms {
        PlanForms {
            script_layout: layout == Layout::Script,
            pairs: emit.pairs,
            ranges: emit.ranges,
            csr: emit.csr,
            padded: emit.padded.map(|Padding { to, id }| (to, id)),
            parquet: emit.parquet,
            dtype: emit.dtype,
        }
    }

    pub fn layout(self) -> Layout {
        if self.script_layout { Layout::Script } else { Layout::Documented }
    }

    pub fn emit(self) -> Emit {
        let PlanForms { pairs, ranges, csr, padded, parquet, dtype, .. } = self;
        Emit { pairs, ranges, csr, padded: padded.map(|(to, id)| Padding { to, id }), parquet, dtype }
    }
}

/// A part in `parts.jsonl`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PlanPart {
    pub part: u64,
    /// The SHA-256 of the record of the part.
    pub record: String,
    /// The number of lines and rows in the parts before, if they number the images.
    pub first_number: Option<u64>,
    /// The number of names in the parts before: the id of the first image if images are numbered.
    pub first_id: u64,
    /// The number of rows of pairs, and of those in the parts before.
    pub rows: u64,
    pub first_row: u64,
    /// The number of encoded images, and of those in the parts before.
    pub lines: u64,
    pub first_line: u64,
}

impl PlanPart {
    /// The name of an image in the set, given its name in the part.
    pub fn name<'n>(&self, name: &'n str) -> Cow<'n, str> {
        match (self.first_number, name.parse::<u64>()) {
            (Some(first), Ok(number)) => Cow::Owned(first.saturating_add(number).to_string()),
            _ => Cow::Borrowed(name),
        }
    }
}

/// A plan that was read from a folder.
#[derive(Debug, Clone)]
pub(super) struct OpenPlan {
    pub plan: ShardPlan,
    /// The folder of the set.
    pub out: PathBuf,
}

impl OpenPlan {
    /// Reads the plan of the set `name`, or the only plan in `out`.
    ///
    /// # Errors
    ///
    /// There is no plan or several, the plan is damaged, or another version of the tool wrote it.
    pub fn read(out: &Path, name: Option<&str>) -> Result<OpenPlan> {
        let name = match name {
            Some(name) => name.to_owned(),
            None => only_plan_in(out)?,
        };
        let path = out.join(names::plan(&name));
        if !path.exists() {
            return Err(Problem::new(path, "there is no plan").hint("run amc-keywords shards learn first").into());
        }
        let (plan, _) = read_record::<ShardPlan>(&path, LEARN_AGAIN)?;
        let problem = |what: String| Err(Problem::new(&path, what).hint(LEARN_AGAIN).into());
        let (found, this) = (&plan.tool, Tool::this());
        if *found != this || plan.unicode != UNICODE_VERSION {
            return problem(format!("was written by {} {}, and this is {}", found.name, found.version, this.version));
        }
        let is_hash = plan.hash.len() == names::HASH_DIGITS && plan.hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        if plan.format != FORMAT || plan.name != name || !is_plain_name(&name) || !is_hash {
            return problem(format!("expected a plan of format {FORMAT} for the set '{name}'"));
        }
        let plan = OpenPlan { plan, out: out.to_path_buf() };
        check_files(&plan.plan.files, &plan.path(""), &path, LEARN_AGAIN)?;
        Ok(plan)
    }

    /// The path of a file of the plan.
    pub fn path(&self, name: &str) -> PathBuf {
        self.out.join(names::plan_folder(&self.plan.name, &self.plan.hash)).join(name)
    }

    /// The words in the order of their ids.
    pub fn words_by_id(&self) -> PathBuf {
        let has_other_order = self.plan.files.iter().any(|file| file.name == WORDS_BY_ID);
        self.path(if has_other_order { WORDS_BY_ID } else { WORDS })
    }

    /// The name of the folder of the encoded parts.
    pub fn matrix_folder(&self) -> String {
        names::matrix_folder(&self.plan.name, &self.plan.hash)
    }

    /// The folder of an encoded part.
    pub fn encoded_part(&self, part: u64) -> PathBuf {
        self.out.join(self.matrix_folder()).join(names::part(part))
    }

    /// The names of the files of the matrix.
    pub fn names(&self) -> MatrixNames {
        MatrixNames::new(&self.plan.name, &self.plan.min_df)
    }
}

impl ShardPlan {
    /// The format and the versions of plans of this program.
    pub fn versions() -> (u64, Tool, String) {
        (FORMAT, Tool::this(), UNICODE_VERSION.to_owned())
    }
}

/// The set of the only plan in a folder.
fn only_plan_in(out: &Path) -> Result<String> {
    let plans = names_in(out, |name| names::set_of_plan(name).is_some())?;
    match plans.as_slice() {
        [plan] => Ok(names::set_of_plan(plan).unwrap_or_default().to_owned()),
        [] => Err(Problem::new(out, "there is no plan_….json").hint("run amc-keywords shards learn first").into()),
        several => {
            let problem = Problem::new(out, format!("there are several plans: {}", several.join(", ")));
            Err(problem.hint("choose one with --name").into())
        }
    }
}
