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

/// Where keywords and names stand.
#[derive(Debug, Args)]
#[command(next_help_heading = "Fields")]
struct FieldOptions {
    /// The keys, joined by dots, that lead to the keywords: a list of strings, or one string [default: tagging.keywords]
    #[arg(long, value_name = "KEYS", value_parser = keys)]
    keywords_field: Option<String>,
    /// What stands between the keywords of one string, such as , or | or \t [default: nothing, the string is one keyword]
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true, conflicts_with = "keyword_key", value_parser = separator)]
    separator: Option<String>,
    /// The keywords are a list of objects: the key of the keyword in each
    #[arg(long, value_name = "KEY")]
    keyword_key: Option<String>,
    /// Leave out keywords of less confidence
    #[arg(long, value_name = "F", requires_all = ["confidence_key", "keyword_key"], allow_negative_numbers = true, value_parser = confidence)]
    min_confidence: Option<f64>,
    /// The key of the confidence, a number, in each object
    #[arg(long, value_name = "KEY", requires = "min_confidence")]
    confidence_key: Option<String>,
    /// The keys, joined by dots, that lead to the image's name in a line or row [default: its number, from 0]
    #[arg(long, value_name = "KEYS", value_parser = keys)]
    id_field: Option<String>,
}

impl FieldOptions {
    fn fields(self) -> Fields {
        Fields {
            keywords: self.keywords_field,
            separator: self.separator,
            keyword_key: self.keyword_key,
            least_confidence: self.confidence_key.zip(self.min_confidence),
            id: self.id_field,
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

fn keys(path: &str) -> Result<String, amc_keywords::Error> {
    Fields::check_path(path).map(|()| path.to_owned())
}

fn separator(text: &str) -> Result<String, String> {
    match text {
        "" => Err("expected a text such as , or |".to_owned()),
        // What a shell hands over as it stands.
        r"\t" => Ok("\t".to_owned()),
        text => Ok(text.to_owned()),
    }
}

fn confidence(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|least: &f64| least.is_finite()).ok_or_else(|| "expected a number such as 0.5".to_owned())
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
