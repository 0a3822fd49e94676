//! `amc-keywords shards`: sharded runs in steps.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use amc_keywords::Settings;
use amc_keywords::shards::{Count, Encode, Finish, Learn, LearnedPlan, Merge};
use clap::{Args, Command, Subcommand, ValueHint};
use serde_json::json;

use super::encode::{FieldOptions, FormatOptions, set_name};
use super::options::{
    BinaryOption, ErrorOptions, FormOptions, GivenVocabulary, LimitOptions, RunOptions, StopWordOptions, WordOptions,
};
use super::terminal::Terminal;

/// Encode many shards in steps, on one machine or many
///
/// The result has the same bytes as one run of encode over all shards. Every step can be repeated,
/// run twice at the same time, or stopped at any time.
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub struct ShardsArguments {
    #[command(subcommand)]
    step: ShardsStep,
}

#[derive(Debug, Subcommand)]
enum ShardsStep {
    Count(Box<CountArguments>),
    Merge(MergeArguments),
    Learn(Box<LearnArguments>),
    Encode(EncodePartArguments),
    Finish(FinishArguments),
}

/// Why a part is not counted with both options.
const HIDDEN_REPEATS: &str =
    "--group cannot join records of two parts, and --duplicates allow would hide them; leave out one of the two";

/// Read the shards of one part and count their words
#[derive(Debug, Args)]
struct CountArguments {
    /// Files or folders with keywords; together they are one part
    ///
    /// Text files, COCO files and tars may be compressed with gzip or zstd. - is standard input.
    #[arg(value_name = "SHARD", required = true)]
    shards: Vec<PathBuf>,
    /// Write the part to DIR/parts
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    out: PathBuf,
    /// Write part N, counted from 0 in the order of the images
    #[arg(long, value_name = "N", value_parser = part_number)]
    part: u64,
    #[command(flatten)]
    fields: FieldOptions,
    #[command(flatten)]
    format: FormatOptions,
    #[command(flatten)]
    words: WordOptions,
    #[command(flatten)]
    stop_words: StopWordOptions,
    #[command(flatten)]
    binary: BinaryOption,
    #[command(flatten)]
    errors: ErrorOptions,
    #[command(flatten)]
    run: RunOptions,
}

/// Add up the counts of some parts, so that learn reads fewer files
#[derive(Debug, Args)]
struct MergeArguments {
    /// Folder with the counted parts
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    folder: PathBuf,
    /// Numbers of the first and the last part
    #[arg(long, value_name = "A-B", value_parser = part_range)]
    parts: PartRange,
    /// Read these sums instead of the counts of their parts (repeatable)
    #[arg(long, value_name = "SUMS", value_hint = ValueHint::DirPath)]
    sums: Vec<PathBuf>,
    /// Write the sums to this folder
    #[arg(long, value_name = "SUMS", value_hint = ValueHint::DirPath)]
    out: PathBuf,
    #[command(flatten)]
    run: RunOptions,
}

/// Add up the counts of all parts and choose the words
#[derive(Debug, Args)]
struct LearnArguments {
    /// Folder with the counted parts
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    folder: PathBuf,
    /// Use this name in output files
    #[arg(long, value_name = "NAME", value_parser = set_name)]
    name: String,
    /// Refuse to go on unless there are exactly N parts
    #[arg(long, value_name = "N", value_parser = part_count)]
    parts: Option<u64>,
    /// Learn the vocabulary from the parts in this folder instead
    #[arg(long, value_name = "DIR2", value_hint = ValueHint::DirPath, conflicts_with = "vocabulary")]
    fit: Option<PathBuf>,
    /// Read these sums instead of the counts of their parts (repeatable)
    #[arg(long, value_name = "SUMS", value_hint = ValueHint::DirPath, conflicts_with = "vocabulary")]
    sums: Vec<PathBuf>,
    #[command(flatten)]
    limits: LimitOptions,
    #[command(flatten)]
    given: GivenVocabulary,
    #[command(flatten)]
    forms: FormOptions,
    #[command(flatten)]
    run: RunOptions,
}

/// Write the matrix of one part
#[derive(Debug, Args)]
struct EncodePartArguments {
    #[command(flatten)]
    set: SetArguments,
    /// Write the matrix of part N
    #[arg(long, value_name = "N", value_parser = part_number)]
    part: u64,
    #[command(flatten)]
    run: RunOptions,
}

/// Check the parts and write vocabulary, id map, statistics and manifest
#[derive(Debug, Args)]
struct FinishArguments {
    #[command(flatten)]
    set: SetArguments,
    /// Also join the parts to the single files that encode writes
    #[arg(long)]
    concat: bool,
    #[command(flatten)]
    run: RunOptions,
}

#[derive(Debug, Args)]
struct SetArguments {
    /// Folder with the parts and the plan
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    folder: PathBuf,
    /// Use the plan of this name [default: the only plan in DIR]
    #[arg(long, value_name = "NAME", value_parser = set_name)]
    name: Option<String>,
}

impl ShardsArguments {
    /// The step's name, for messages.
    pub fn command_name(&self) -> &'static str {
        match self.step {
            ShardsStep::Count(_) => "shards count",
            ShardsStep::Merge(_) => "shards merge",
            ShardsStep::Learn(_) => "shards learn",
            ShardsStep::Encode(_) => "shards encode",
            ShardsStep::Finish(_) => "shards finish",
        }
    }

    /// Refuses combinations of options that cannot be right.
    pub fn check(&self) -> Result<(), String> {
        match &self.step {
            ShardsStep::Count(arguments) => {
                arguments.fields.check(&arguments.format)?;
                if arguments.fields.joins_records() && arguments.errors.allows_duplicates() {
                    return Err(HIDDEN_REPEATS.to_owned());
                }
                arguments.stop_words.check()?;
                arguments.words.check()
            }
            ShardsStep::Learn(arguments) => {
                arguments.limits.check(&arguments.given)?;
                arguments.forms.check()
            }
            ShardsStep::Merge(_) | ShardsStep::Encode(_) | ShardsStep::Finish(_) => Ok(()),
        }
    }
}

/// Why a step does not have an option of `encode`, and what to do instead.
pub fn explain_refusal(option: &str) -> Option<String> {
    let (why, instead) = match option {
        "--list" => ("a list orders the images of all parts", "remove other images from the shards, or use amc-keywords encode"),
        "--id-map" => ("a part does not have all names of a map", "use whole numbers as names, or the ids of id_map_NAME.json"),
        "--check" => ("no step reads all shards", "use amc-keywords verify after shards finish"),
        _ => return step_with(option).map(|step| format!("{option} belongs to another step; use it with shards {step}")),
    };
    Some(format!("{option} is not available in sharded runs, because {why}; {instead}"))
}

/// The name of the step that has an option.
fn step_with(option: &str) -> Option<String> {
    let option = option.strip_prefix("--")?;
    let steps = ShardsArguments::augment_args(Command::new("shards"));
    let has_option = |step: &&Command| step.get_arguments().any(|argument| argument.get_long() == Some(option));
    steps.get_subcommands().find(has_option).map(|step| step.get_name().to_owned())
}

fn part_number(text: &str) -> Result<u64, String> {
    const LARGEST: u64 = 999_999_999;
    let number = text.parse().ok().filter(|number| *number <= LARGEST);
    number.ok_or_else(|| format!("expected the number of a part from 0 to {LARGEST}"))
}

/// The numbers of consecutive parts.
#[derive(Debug, Clone)]
struct PartRange(RangeInclusive<u64>);

fn part_range(text: &str) -> Result<PartRange, String> {
    let numbers = text.split_once('-').and_then(|(first, last)| Some((part_number(first).ok()?, part_number(last).ok()?)));
    let range = numbers.filter(|(first, last)| first <= last).map(|(first, last)| PartRange(first..=last));
    range.ok_or_else(|| "expected the numbers of two parts such as 0-99".to_owned())
}

fn part_count(text: &str) -> Result<u64, String> {
    let count = text.parse().ok().filter(|count| *count > 0);
    count.ok_or_else(|| "expected a number of parts from 1".to_owned())
}

/// Runs a step and prints its result.
pub fn run(arguments: ShardsArguments) -> anyhow::Result<ExitCode> {
    match arguments.step {
        ShardsStep::Count(arguments) => count(*arguments),
        ShardsStep::Merge(arguments) => merge(arguments),
        ShardsStep::Learn(arguments) => learn(*arguments),
        ShardsStep::Encode(arguments) => encode(arguments),
        ShardsStep::Finish(arguments) => finish(arguments),
    }
}

fn settings(run: &RunOptions) -> Settings {
    Settings { jobs: run.threads(), timed: run.verbose, ..Settings::default() }
}

/// What a step prints: where its result is, and facts about it unless it was there before.
fn step_line(path: &Path, done: bool, facts: &str) -> String {
    format!("{}: {}", path.display(), if done { facts } else { "is complete already" })
}

fn count(arguments: CountArguments) -> anyhow::Result<ExitCode> {
    let CountArguments { shards, out, part, fields, format, words, stop_words, binary, errors, run } = arguments;
    let terminal = Terminal::new(&run)?;
    let settings = Settings {
        analyzer: words.options(),
        stop_words: stop_words.stop_words(),
        binary: binary.binary,
        ..errors.add_to(settings(&run))
    };
    let job = Count { shards, out, part, fields: fields.fields(), options: format.options() };
    let counted = job.run(&settings, &terminal)?;
    terminal.print_notes(&counted.notes);
    let result = json!({
        "part": part,
        "folder": counted.folder.to_string_lossy(),
        "done": counted.done,
        "images": counted.images,
        "documents": counted.documents,
        "skipped": counted.skipped,
        "terms": counted.terms,
    });
    let facts = format!("{} images, {} distinct words", counted.images, counted.terms);
    terminal.print_result(result, &step_line(&counted.folder, counted.done, &facts))
}

fn merge(MergeArguments { folder, parts, sums, out, run }: MergeArguments) -> anyhow::Result<ExitCode> {
    let terminal = Terminal::new(&run)?;
    let merged = Merge { folder, parts: parts.0, sums, out: out.clone() }.run(&settings(&run), &terminal)?;
    let result = json!({
        "folder": out.to_string_lossy(),
        "done": merged.done,
        "parts": merged.parts,
        "terms": merged.terms,
    });
    let facts = format!("{} parts, {} distinct words", merged.parts, merged.terms);
    terminal.print_result(result, &step_line(&out, merged.done, &facts))
}

fn learn(arguments: LearnArguments) -> anyhow::Result<ExitCode> {
    let LearnArguments { folder, name, parts, fit, sums, limits, given, forms, run } = arguments;
    let terminal = Terminal::new(&run)?;
    let settings =
        limits.add_to(Settings { vocabulary: given.path(), layout: forms.layout, emit: forms.emit(), ..settings(&run) });
    let learned = Learn { folder, name, parts, fit, sums }.run(&settings, &terminal)?;
    let result = json!({
        "plan": learned.plan.to_string_lossy(),
        "folder": learned.folder.to_string_lossy(),
        "done": learned.done,
        "parts": learned.parts,
        "images": learned.images,
        "vocabulary_size": learned.vocabulary_size,
        "rows": learned.rows,
    });
    let LearnedPlan { parts, images, vocabulary_size, rows, .. } = learned;
    let facts = format!("{parts} parts, {images} images, {vocabulary_size} words, {rows} rows");
    terminal.print_result(result, &step_line(&learned.plan, learned.done, &facts))
}

fn encode(EncodePartArguments { set, part, run }: EncodePartArguments) -> anyhow::Result<ExitCode> {
    let terminal = Terminal::new(&run)?;
    let encoded = Encode { folder: set.folder, part, name: set.name }.run(&settings(&run), &terminal)?;
    terminal.print_notes(&encoded.notes);
    let result = json!({
        "part": part,
        "folder": encoded.folder.to_string_lossy(),
        "done": encoded.done,
        "images": encoded.images,
        "rows": encoded.rows,
    });
    let facts = format!("{} images, {} rows", encoded.images, encoded.rows);
    terminal.print_result(result, &step_line(&encoded.folder, encoded.done, &facts))
}

fn finish(FinishArguments { set, concat, run }: FinishArguments) -> anyhow::Result<ExitCode> {
    let terminal = Terminal::new(&run)?;
    let finished = Finish { folder: set.folder, name: set.name, concat }.run(&settings(&run), &terminal)?;
    match finished.done {
        true => terminal.print_summary(&finished.summary),
        false => {
            let manifest = finished.summary.out.join(&finished.summary.manifest);
            let result = json!({
                "out": finished.summary.out.to_string_lossy(),
                "manifest": finished.summary.manifest,
                "done": false,
            });
            terminal.print_result(result, &step_line(&manifest, false, ""))
        }
    }
}
