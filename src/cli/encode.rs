//! `amc-keywords encode`.

use std::path::PathBuf;
use std::process::ExitCode;

use amc_keywords::{Collection, Fields, InputFormat, MemberNames, ReadOptions, dotted_keys};
use clap::Args;

use super::choice::choice;
use super::job::run_or_check;
use super::options::SharedOptions;

/// Encode your own keywords from JSON, CSV, Parquet, archives or folders
#[derive(Debug, Args)]
pub struct EncodeArguments {
    /// Files or folders with keywords; together they are one set
    ///
    /// Text files, COCO files and tars may be compressed with gzip or zstd. - is standard input.
    #[arg(value_name = "KEYWORDS", required = true)]
    keywords: Vec<PathBuf>,
    /// Write the outputs to this folder
    #[arg(long, value_name = "DIR", overrides_with = "out")]
    out: PathBuf,
    /// Use this name in output files [default: from the first input]
    #[arg(long, value_name = "NAME", overrides_with = "name", value_parser = set_name)]
    name: Option<String>,
    /// Encode only the images in this list, in its order
    #[arg(long, value_name = "FILE")]
    list: Option<PathBuf>,
    /// Take image ids from this map (pickle or JSON)
    ///
    /// Without a map, names that are whole numbers are the ids. Otherwise images are numbered from
    /// 0.
    #[arg(long, value_name = "FILE")]
    id_map: Option<PathBuf>,
    /// Learn the vocabulary from these keywords instead (repeatable)
    #[arg(long, hide_short_help = true, value_name = "KEYWORDS", conflicts_with = "vocabulary")]
    fit: Vec<PathBuf>,
    #[command(flatten)]
    fields: FieldOptions,
    #[command(flatten)]
    format: FormatOptions,
    #[command(flatten)]
    pub shared: SharedOptions,
}

impl EncodeArguments {
    /// Refuses options that exclude each other.
    pub fn check(&self) -> Result<(), String> {
        self.fields.check(&self.format)?;
        self.shared.check()
    }
}

/// Where the keywords and the names are.
#[derive(Debug, Args)]
#[command(next_help_heading = "Fields (where keywords and names are)")]
pub struct FieldOptions {
    /// Path to the keywords in a record [default: tagging.keywords]
    ///
    /// Keys joined by dots, or a JSONPath that starts with $. In CSV, 2- means all columns from the
    /// second on; rows may then differ in length.
    #[arg(long, value_name = "PATH", value_parser = path)]
    keywords_field: Option<String>,
    /// Divide each string into keywords, for example at , or \n or \t
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true, value_parser = separator)]
    separator: Option<String>,
    /// Key of the keyword in each object of a list
    #[arg(long, hide_short_help = true, value_name = "KEY")]
    keyword_key: Option<String>,
    /// Use only keywords with at least this confidence
    #[arg(long, hide_short_help = true, value_name = "F", allow_negative_numbers = true, value_parser = confidence)]
    min_confidence: Option<f64>,
    /// Key of the confidence in each object of a list
    #[arg(long, hide_short_help = true, value_name = "KEY", requires_all = ["min_confidence", "keyword_key"])]
    confidence_key: Option<String>,
    /// Path to the confidence of the whole record
    #[arg(long, hide_short_help = true, value_name = "PATH", requires = "min_confidence", conflicts_with = "confidence_key", value_parser = path)]
    confidence_field: Option<String>,
    /// Replace codes by the words of this table (CSV or JSON)
    #[arg(long, hide_short_help = true, value_name = "FILE")]
    labels: Option<PathBuf>,
    /// Path to the image name in a record [default: its number]
    #[arg(long, value_name = "PATH", value_parser = path)]
    id_field: Option<String>,
    /// Use the part of each name that this regular expression selects
    #[arg(long, hide_short_help = true, value_name = "REGEX", allow_hyphen_values = true, value_parser = pattern)]
    id_pattern: Option<String>,
    /// Join the records that have the same id
    #[arg(long, requires = "id_field")]
    group: bool,
}

impl FieldOptions {
    /// Refuses options that exclude each other or do not belong to the format.
    pub fn check(&self, format: &FormatOptions) -> Result<(), String> {
        format.check()?;
        if self.id_field.is_some() && matches!(format.format, InputFormat::Folder | InputFormat::Tar | InputFormat::Zip) {
            return Err("--id-field is only for --format json, jsonl, csv, tsv, parquet and coco".to_owned());
        }
        let has_place = self.confidence_key.is_some() || self.confidence_field.is_some();
        match self.keyword_key.is_some() && self.min_confidence.is_some() && !has_place {
            true => Err("the confidence of the objects has no key; add --confidence-key".to_owned()),
            false => Ok(()),
        }
    }

    /// Whether several records can be one image.
    pub fn joins_records(&self) -> bool {
        self.group
    }

    pub fn fields(self) -> Fields {
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
#[command(next_help_heading = "Input (how files are read)")]
pub struct FormatOptions {
    /// Read the inputs as FORMAT instead of detecting it
    #[arg(long, hide_short_help = true, value_name = "FORMAT", default_value = "auto", hide_default_value = true, value_parser = choice(InputFormat::ALL))]
    format: InputFormat,
    /// Delimiter of CSV [default: detected in the first line]
    #[arg(long, hide_short_help = true, value_name = "C", allow_hyphen_values = true, value_parser = delimiter)]
    delimiter: Option<u8>,
    /// Read CSV without a header; columns are 1, 2, …
    #[arg(long, hide_short_help = true)]
    no_header: bool,
    /// Read the records at this path of a JSON file, such as photos.photo
    #[arg(long, value_name = "PATH", value_parser = dotted)]
    records: Option<Keys>,
    /// Read the members with this ending [default: .json or .txt]
    #[arg(long, hide_short_help = true, value_name = "ENDING", value_parser = ending)]
    member: Option<String>,
    /// Name images of archives by key or by path [default: key]
    #[arg(long, hide_short_help = true, value_name = "WHAT", default_value = "key", hide_default_value = true, value_parser = choice([("key", MemberNames::Key), ("path", MemberNames::Path)]))]
    names: MemberNames,
}

impl FormatOptions {
    /// Refuses options that do not belong to the format.
    pub fn check(&self) -> Result<(), String> {
        use InputFormat::{Auto, Csv, Folder, Json, Tar, Tsv, Zip};
        let are_records = matches!(self.format, Auto | Json);
        let is_table = matches!(self.format, Auto | Csv | Tsv);
        let has_members = matches!(self.format, Auto | Folder | Tar | Zip);
        for (option, is_given, is_used, formats) in [
            ("--records", self.records.is_some(), are_records, "json"),
            ("--delimiter", self.delimiter.is_some(), is_table, "csv and tsv"),
            ("--no-header", self.no_header, is_table, "csv and tsv"),
            ("--member", self.member.is_some(), has_members, "zip, tar and folder"),
            ("--names", self.names == MemberNames::Path, has_members, "zip, tar and folder"),
        ] {
            if is_given && !is_used {
                return Err(format!("{option} is only for --format {formats}"));
            }
        }
        Ok(())
    }

    pub fn options(self) -> ReadOptions {
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

pub fn set_name(name: &str) -> Result<String, amc_keywords::Error> {
    Collection::check_name(name).map(|()| name.to_owned())
}

/// Encodes the keywords and prints the summary.
pub fn run(arguments: EncodeArguments) -> anyhow::Result<ExitCode> {
    let EncodeArguments { keywords, out, name, list, id_map, fit, fields, format, shared } = arguments;
    let job = Collection { keywords, out, name, list, id_map, fit, fields: fields.fields(), options: format.options() };
    run_or_check(&shared, |settings, terminal| job.run(settings, terminal), |settings, terminal| job.check(settings, terminal))
}
