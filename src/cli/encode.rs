//! `amc-keywords encode`.

use std::path::PathBuf;
use std::process::ExitCode;

use amc_keywords::{Collection, Fields, InputFormat, MemberNames, ReadOptions, dotted_keys};
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::options::SharedOptions;
use super::terminal::Terminal;

/// Encode keywords of your own: a zip, tar, tar.gz or folder of NAME.json files, JSON lines, or parquet
#[derive(Debug, Args)]
#[command(after_help = "Example: amc-keywords encode tags.jsonl --keywords-field tags --out out")]
pub struct Arguments {
    /// Zips, tars, folders, .jsonl or .parquet files, which together are one set; tars and lines may be packed by gzip or zstd
    #[arg(value_name = "KEYWORDS", required = true)]
    keywords: Vec<PathBuf>,
    /// Where outputs go; made if missing
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// What the set is called in the names of the outputs [default: the first input's name without its ending]
    #[arg(long, value_name = "NAME", value_parser = set_name)]
    name: Option<String>,
    /// The images to encode, one name a line, in the order of the output [default: all]
    #[arg(long, value_name = "FILE")]
    list: Option<PathBuf>,
    /// The image ids by name, a pickle or JSON [default: the names if all are whole numbers, else numbers from 0 in order]
    #[arg(long, value_name = "FILE")]
    id_map: Option<PathBuf>,
    /// Learn the vocabulary from these keywords instead; may be given several times
    #[arg(long, value_name = "KEYWORDS", conflicts_with = "vocabulary")]
    fit: Vec<PathBuf>,
    #[command(flatten)]
    fields: FieldOptions,
    #[command(flatten)]
    format: FormatOptions,
    #[command(flatten)]
    pub shared: SharedOptions,
}

/// Where the keywords and the names are.
#[derive(Debug, Args)]
#[command(next_help_heading = "Fields")]
struct FieldOptions {
    /// Path to the keywords: keys joined by dots, or a JSONPath [default: tagging.keywords]
    #[arg(long, value_name = "PATH", value_parser = path)]
    keywords_field: Option<String>,
    /// Divide each string into keywords, for example at , or \\n or \\t
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true, value_parser = separator)]
    separator: Option<String>,
    /// Key of the keyword in each object of a list
    #[arg(long, value_name = "KEY")]
    keyword_key: Option<String>,
    /// Use only keywords with at least this confidence
    #[arg(long, value_name = "F", allow_negative_numbers = true, value_parser = confidence)]
    min_confidence: Option<f64>,
    /// Key of the confidence, a number, in each object of a list
    #[arg(long, value_name = "KEY", requires_all = ["min_confidence", "keyword_key"])]
    confidence_key: Option<String>,
    /// Path to the confidence of the whole record
    #[arg(long, value_name = "PATH", requires = "min_confidence", conflicts_with = "confidence_key", value_parser = path)]
    confidence_field: Option<String>,
    /// Table of codes and their words: a CSV of two columns, or a JSON object
    #[arg(long, value_name = "FILE")]
    labels: Option<PathBuf>,
    /// Path to the name of the image in a record [default: the number of the record, from 0]
    #[arg(long, value_name = "PATH", value_parser = path)]
    id_field: Option<String>,
    /// Use the part of each name that this regular expression selects
    #[arg(long, value_name = "REGEX", allow_hyphen_values = true, value_parser = pattern)]
    id_pattern: Option<String>,
    /// Join the records that have the same id
    #[arg(long, requires = "id_field")]
    group: bool,
}

impl FieldOptions {
    fn fields(self) -> Fields {
        if self.keyword_key.is_some()
            && self.min_confidence.is_some()
            && self.confidence_key.is_none()
            && self.confidence_field.is_none()
        {
            let what = "the confidence of the objects has no key; add --confidence-key";
            clap::Error::raw(clap::error::ErrorKind::MissingRequiredArgument, format!("{what}\n")).exit();
        }
        Fields {
            keywords: self.keywords_field,
            separator: self.separator,
            keyword_key: self.keyword_key,
            confidence_key: self.confidence_key,
            confidence: self.confidence_field,
            min_confidence: self.min_confidence,
            labels: self.labels,
            id: self.id_field,
            id_pattern: self.id_pattern,
            group: self.group,
        }
    }
}

/// How the inputs are read.
#[derive(Debug, Args)]
#[command(next_help_heading = "Input")]
struct FormatOptions {
    /// Set the format: auto, json, jsonl, csv, tsv, parquet, tar, zip, folder, coco
    #[arg(long, value_name = "FORMAT", default_value = "auto", hide_default_value = true, value_parser = format())]
    format: InputFormat,
    /// Set the delimiter of CSV [default: detected in the first line]
    #[arg(long, value_name = "C", allow_hyphen_values = true, value_parser = delimiter)]
    delimiter: Option<u8>,
    /// Name the columns of CSV 1, 2, …, as it has no header
    #[arg(long)]
    no_header: bool,
    /// Read the records at this path of a JSON file, such as photos.photo
    #[arg(long, value_name = "PATH", value_parser = dotted)]
    records: Option<Keys>,
    /// Read the members with this ending [default: .json, or .txt if there is none]
    #[arg(long, value_name = "ENDING", value_parser = ending)]
    member: Option<String>,
    /// Name images of zips, tars and folders by key or by path [default: key]
    #[arg(long, value_name = "WHAT", default_value = "key", hide_default_value = true, value_parser = names())]
    names: MemberNames,
}

impl FormatOptions {
    fn options(self) -> ReadOptions {
        let FormatOptions { format, delimiter, no_header, records, member, names } = self;
        ReadOptions { format, delimiter, no_header, records: records.map(|Keys(keys)| keys), member, names }
    }
}

/// The keys of a path. A list by itself would be taken for several values.
#[derive(Debug, Clone)]
struct Keys(Vec<String>);

fn dotted(path: &str) -> Result<Keys, String> {
    dotted_keys(path).map(Keys)
}

fn format() -> impl TypedValueParser<Value = InputFormat> {
    let value = |name: String| InputFormat::ALL.iter().find(|(known, _)| *known == name).map(|(_, format)| *format);
    PossibleValuesParser::new(InputFormat::ALL.map(|(name, _)| name)).try_map(move |name| value(name).ok_or("no format"))
}

fn names() -> impl TypedValueParser<Value = MemberNames> {
    let value = |name: String| if name == "path" { MemberNames::Path } else { MemberNames::Key };
    PossibleValuesParser::new(["key", "path"]).map(value)
}

fn delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        br"\t" => Ok(b'\t'),
        [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\n' | b'\r') => Ok(*byte),
        _ => Err("expected one character such as , or ; or \\t".to_owned()),
    }
}

fn ending(text: &str) -> Result<String, String> {
    match text.len() > 1 && text.starts_with('.') && !text.contains('/') {
        true => Ok(text.to_owned()),
        false => Err("expected an ending such as .tags.json".to_owned()),
    }
}

fn path(path: &str) -> Result<String, amc_keywords::Error> {
    Fields::check_path(path).map(|()| path.to_owned())
}

fn pattern(pattern: &str) -> Result<String, amc_keywords::Error> {
    Fields::check_pattern(pattern).map(|()| pattern.to_owned())
}

/// A separator. A shell passes `\n` and `\t` as two characters.
fn separator(text: &str) -> Result<String, String> {
    match text {
        "" => Err("expected a text such as , or |".to_owned()),
        text => Ok(text.replace("\\n", "\n").replace("\\t", "\t")),
    }
}

fn confidence(text: &str) -> Result<f64, String> {
    let least = text.parse().ok().filter(|least: &f64| least.is_finite());
    least.ok_or_else(|| "expected a number such as 0.5".to_owned())
}

fn set_name(name: &str) -> Result<String, amc_keywords::Error> {
    Collection::check_name(name).map(|()| name.to_owned())
}

/// Encodes the keywords and prints the summary.
pub fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let Arguments { keywords, out, name, list, id_map, fit, fields, format, shared } = arguments;
    let terminal = Terminal::new(&shared.run)?;
    let job = Collection { keywords, out, name, list, id_map, fit, fields: fields.fields(), options: format.options() };
    if shared.output.check {
        return terminal.print_check(&job.check(&shared.settings(), &terminal)?, "run without --check to write them anew");
    }
    terminal.print_summary(&job.run(&shared.settings(), &terminal)?)
}
