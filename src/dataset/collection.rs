//! A user's own keywords: zips, tars, folders, lines and tables that together are one set.

use std::borrow::Cow;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex};

use keyword_files::archive::sections::MemberSections;
use keyword_files::records::member_choice::MemberChoice;
use keyword_files::records::{Format, MemberNames, ReadOptions};
use keyword_files::source::{self, Source, file_name};
use serde_json::{Map, Value, json};

use super::fields::Fields;
use super::files::{InputFile, Rules};
use super::image_ids::{IdOptions, NamedIdMap};
use super::image_list::ListIndex;
use super::image_set::ImageSet;
use super::plan::{DataSet, Located, Part, Plan};
use super::record_fields::RecordFields;
use super::split::{OpenSplit, Wanted};
use super::split_source::{MemberInput, SplitSource, Stream};
use crate::error::{Error, Problem, Result, shown_path};
use crate::files::names::MatrixNames;
use crate::files::names::is_plain_name;
use crate::input_kind::InputKind;
use crate::inputs::id_map::IdMap;
use crate::inputs::long_list::LongList;
use crate::problems::ProblemList;
use crate::progress::Progress;

/// Your own keywords: any number of inputs that together are one set of images.
///
/// An input is a zip, a tar or a folder of files `NAME.json`, a file of JSON Lines, JSON, CSV, TSV
/// or COCO annotations, or a Parquet file. Files may be compressed with gzip or zstd. The format is
/// detected from the first bytes of a file. If they are inconclusive, the extension decides.
///
/// The images are those of [`list`](Self::list), in its order. Without a list, they are all images
/// in the order of the inputs. In an input, lines and rows keep their order, and the members of a
/// zip, tar or folder are sorted by the bytes of their names. If every name is a whole number, it
/// is the id. Otherwise the images are numbered from 0, and the id map is one of the outputs.
///
/// ```
/// use amc_keywords::{Collection, DocumentFrequency, Fields, Limit, Settings, Silent};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let folder = std::env::temp_dir().join(format!("amc-keywords-collection-{}", std::process::id()));
/// std::fs::create_dir_all(&folder)?;
/// let lines = "{\"id\": \"a\", \"tags\": [\"dog\", \"red dog\"]}\n{\"id\": \"b\", \"tags\": [\"cat\"]}\n";
/// std::fs::write(folder.join("pets.jsonl"), lines)?;
///
/// let collection = Collection {
///     keywords: vec![folder.join("pets.jsonl")],
///     out: folder.join("out"),
///     fields: Fields { keywords: Some("tags".into()), id: Some("id".into()), ..Fields::default() },
///     ..Collection::default()
/// };
/// let frequency = DocumentFrequency { min: Limit::Count(1), ..DocumentFrequency::default() };
/// let summary = collection.run(&Settings { frequency, ..Settings::default() }, &Silent)?;
/// assert_eq!(summary.outputs[0].name, "img_keyword_ind_pets_sk_1.npy");
/// assert_eq!(summary.outputs[0].shape, Some(vec![4, 2]));
/// assert_eq!(std::fs::read_to_string(folder.join("out/id_map_pets.json"))?, "{\n\"a\": 0,\n\"b\": 1\n}\n");
/// # std::fs::remove_dir_all(folder)?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct Collection {
    /// The inputs, in order.
    pub keywords: Vec<PathBuf>,
    /// The folder of the outputs.
    pub out: PathBuf,
    /// The name of the set, which is part of the names of the outputs: letters, digits, `.`, `_`,
    /// `-` and `+`. By default, it is the name of the first input without its extension.
    pub name: Option<String>,
    /// A file with one image name per line, which selects and orders the images.
    pub list: Option<PathBuf>,
    /// A pickle or JSON `{name: id}`, which must contain every image.
    pub id_map: Option<PathBuf>,
    /// The inputs of another set, from which the vocabulary is learned instead.
    pub fit: Vec<PathBuf>,
    /// The fields of keywords and names.
    pub fields: Fields,
    /// How the inputs are read.
    pub options: ReadOptions,
}

impl Collection {
    /// Whether a set can have this name.
    ///
    /// ```
    /// use amc_keywords::Collection;
    ///
    /// assert!(Collection::check_name("tate-2024").is_ok() && Collection::check_name("a/b").is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Refused`]: other characters than letters, digits, `.`, `_`, `-` and `+`, or too many of them.
    pub fn check_name(name: &str) -> Result<()> {
        // In addition to the longest name of an output.
        const LONGEST: usize = 120;
        if is_plain_name(name) && name.len() <= LONGEST {
            return Ok(());
        }
        let name: String = name.chars().take(LONGEST).collect();
        Err(Error::Refused(format!(
            "{name:?} cannot be part of a file name; choose a --name of at most {LONGEST} letters, \
             digits, '.', '_', '-' and '+'"
        )))
    }

    /// Warns if images get other names than the user may expect.
    fn warn_about_names(&self, split: &OpenSplit, progress: &dyn Progress) -> Result<()> {
        let SplitSource { streams, fields, .. } = &split.source;
        if self.fields.id.is_none() {
            let keys = fields.keys_to_read();
            for Stream { file, .. } in streams {
                if file.is_one_record(&keys)? {
                    let path = shown_path(file.path());
                    progress.warn(&format!("{path}: is one image without a name, so images are numbered; {NAME_BY_FILE}"));
                    break;
                }
            }
        }
        Ok(())
    }

    /// Refuses `--id-field` if it names no image, because all inputs have members. A part may belong
    /// to a set in which it names others. Returns a note if it names some of the images.
    fn check_id_field(&self, split: &OpenSplit, rules: Rules<'_>) -> Result<Option<String>> {
        let SplitSource { name, .. } = &split.source;
        match (self.fields.id.is_some() && split.source.has_members(), split.source.has_rows()) {
            (false, _) => Ok(None),
            (true, true) => Ok(Some(format!("{name}: {NAMED_BY_MEMBERS}, and other images by --id-field"))),
            (true, false) if rules.is_part => {
                rules.progress.warn(&format!("--id-field has no effect on this part: {NAMED_BY_MEMBERS}"));
                Ok(None)
            }
            (true, false) => Err(Error::Refused(format!("{ID_OF_MEMBERS}; remove --id-field"))),
        }
    }

    /// Warns about reading options that no input needs.
    fn warn_about_options(&self, split: &OpenSplit, progress: &dyn Progress) {
        let SplitSource { streams, .. } = &split.source;
        let has_tables = streams.iter().any(|stream| matches!(stream.file.format(), Format::Csv | Format::Tsv));
        let has_members = split.source.has_members();
        let ReadOptions { delimiter, no_header, member, names, .. } = &self.options;
        for (option, is_given, is_used, what) in [
            ("--delimiter", delimiter.is_some(), has_tables, "CSV or TSV"),
            ("--no-header", *no_header, has_tables, "CSV or TSV"),
            ("--member", member.is_some(), has_members, "a zip, tar or folder with a file for each image"),
            ("--names", *names == MemberNames::Path, has_members, "a zip, tar or folder with a file for each image"),
        ] {
            if is_given && !is_used {
                progress.warn(&format!("{option} has no effect, because no input is {what}; remove it"));
            }
        }
    }

    /// The options of the set for the manifest.
    pub(crate) fn manifest_options(&self) -> Map<String, Value> {
        let name_of = |path: &PathBuf| path.file_name().map(|name| name.to_string_lossy().into_owned());
        let mut options = self.fields.for_manifest();
        options.extend(read_options_for_manifest(&self.options));
        options.insert("list".into(), json!(self.list.as_ref().and_then(name_of)));
        options.insert("id_map".into(), json!(self.id_map.as_ref().and_then(name_of)));
        options.insert("fit".into(), json!(self.fit.iter().filter_map(name_of).collect::<Vec<_>>()));
        options
    }
}

const NAMED_BY_MEMBERS: &str = "images in zips, tars and folders are named by their members";

/// The problem with `--id-field` if all inputs have members.
pub(crate) const ID_OF_MEMBERS: &str = "--id-field names the images of tables, lines and JSON, but images in zips, tars and folders \
                                        are named by their members";

const NAME_BY_FILE: &str = "name the images with --id-field, or give the folder, in which NAME.json is the image NAME";

/// The reading options that are not the default, for the manifest.
fn read_options_for_manifest(options: &ReadOptions) -> Map<String, Value> {
    let ReadOptions { format, delimiter, no_header, records, member, names } = options;
    let given = [
        ("format", json!(Some(format.name()).filter(|name| *name != "auto"))),
        ("delimiter", json!(delimiter.map(|byte| char::from(byte).to_string()))),
        ("no_header", json!(no_header.then_some(true))),
        ("records", json!(records)),
        ("member", json!(member)),
        ("names", json!((*names == MemberNames::Path).then_some("path"))),
    ];
    let given = given.into_iter().filter(|(_, value)| !value.is_null());
    given.map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The detected formats of the inputs.
pub(crate) struct Sources {
    fields: RecordFields,
    fit: Vec<KeywordInput>,
    keywords: Vec<KeywordInput>,
    members: MemberChoice,
    list: Option<InputFile>,
    id_map: Option<InputFile>,
}

/// An input with keywords.
struct KeywordInput {
    file: InputFile,
    source: Source,
}

impl KeywordInput {
    /// Whether its images are lines, rows or JSON values, and not members.
    fn has_rows(&self) -> bool {
        matches!(&self.source, Source::Records(file) if !file.has_members())
    }

    /// Detects the formats of inputs. A folder of shards counts as its shards.
    fn detect_all(paths: &[PathBuf], options: &Arc<ReadOptions>) -> Result<Vec<KeywordInput>> {
        let mut inputs = Vec::new();
        for path in paths {
            let files = source::shards(path, options)?.unwrap_or_else(|| vec![path.clone()]);
            for path in files {
                let source = Source::at(&path, options)?;
                inputs.push(KeywordInput { file: InputFile::named(InputKind::from(&source), &path), source });
            }
        }
        Ok(inputs)
    }
}

impl Collection {
    /// The subcommand that encodes this data set.
    pub(crate) const COMMAND: &'static str = "encode";
}

impl DataSet for Collection {
    type Sources = Sources;

    fn command(&self) -> &'static str {
        Collection::COMMAND
    }

    fn name(&self) -> Result<Cow<'_, str>> {
        let Some(first) = self.keywords.first() else { return Err(Error::Refused("no input is given".into())) };
        if let Some(folder) = self.keywords.iter().chain(&self.fit).find(|input| is_inside(&self.out, input)) {
            let problem = Problem::new(&self.out, format!("is inside the keyword folder {}", shown_path(folder)));
            return Err(problem
                .hint(
                    "choose a folder outside it with --out, because the next run would read the \
                     outputs as keyword files",
                )
                .into());
        }
        source::check_inputs(self.keywords.iter().chain(&self.fit))?;
        let name = self.name.as_deref().map_or_else(|| source::stem(first).into(), Cow::Borrowed);
        Collection::check_name(&name)?;
        Ok(name)
    }

    fn out(&self) -> PathBuf {
        self.out.clone()
    }

    fn locate(&self, learns: bool) -> Result<Located<Sources>> {
        let options = Arc::new(self.options.clone());
        let fit: &[PathBuf] = if learns { &self.fit } else { &[] };
        let sources = Sources {
            fields: self.fields.checked()?,
            fit: KeywordInput::detect_all(fit, &options)?,
            keywords: KeywordInput::detect_all(&self.keywords, &options)?,
            members: MemberChoice::new(&self.options),
            list: self.list.as_deref().map(|path| InputFile::named(InputKind::List, path)),
            id_map: self.id_map.as_deref().map(|path| InputFile::named(InputKind::IdMap, path)),
        };
        let keywords = sources.fit.iter().chain(&sources.keywords).map(|input| &input.file);
        let mut files: Vec<InputFile> = keywords.chain(&sources.list).chain(&sources.id_map).cloned().collect();
        files.extend(self.fields.labels.as_deref().map(|path| InputFile::named(InputKind::Labels, path)));
        Ok(Located { files, sources })
    }

    fn open(&self, sources: Sources, rules: Rules<'_>) -> Result<Plan> {
        let name = self.name()?.into_owned();
        let Sources { fields, fit, keywords, members, list, id_map } = sources;
        let mut parts = Vec::new();
        if !fit.is_empty() {
            let (name, fields) = (format!("{name}, fit"), fields.clone());
            let opening = Opening { name, fields, members: &members, list: None, id_map: None };
            parts.push(Part { split: opening.open(fit, rules)?, names: None });
        }
        let names = MatrixNames::new(&name, rules.min_df);
        let opening = Opening { name: name.clone(), fields, members: &members, list, id_map };
        let split = opening.open(keywords, rules)?;
        if !rules.is_part {
            self.warn_about_names(&split, rules.progress)?;
        }
        let note = self.check_id_field(&split, rules)?;
        self.warn_about_options(&split, rules.progress);
        parts.push(Part { split, names: Some(names) });
        Ok(Plan {
            vocabulary_name: name.clone(),
            vectorizer_name: name,
            parts,
            notes: note.into_iter().collect(),
            options: self.manifest_options(),
        })
    }
}

/// A split that is being opened.
struct Opening<'a> {
    name: String,
    fields: RecordFields,
    members: &'a MemberChoice,
    list: Option<InputFile>,
    id_map: Option<InputFile>,
}

impl Opening<'_> {
    /// Opens the inputs. The images are found while these are read.
    fn open(self, inputs: Vec<KeywordInput>, rules: Rules<'_>) -> Result<OpenSplit> {
        let Opening { name, fields, members, list, id_map } = self;
        let read_list = |file: &InputFile| LongList::read(&file.path).and_then(ListIndex::new);
        let read_map = |file: &InputFile| -> Result<NamedIdMap> {
            Ok(NamedIdMap { ids: IdMap::read_json_or_pickle(&file.path, rules.progress)?, file: file_name(&file.path) })
        };
        let set = ImageSet {
            list: list.as_ref().map(read_list).transpose()?,
            options: IdOptions {
                map: id_map.as_ref().map(read_map).transpose()?,
                duplicates: rules.duplicates,
                is_part: rules.is_part,
            },
            // With a vocabulary, tables without rows give matrices without rows, as in scikit-learn.
            may_be_empty: rules.is_part || !rules.learns && inputs.iter().all(KeywordInput::has_rows),
            samples: Mutex::default(),
            near: Mutex::default(),
        };
        let mut source =
            SplitSource { name, archives: Vec::new(), members: Vec::new(), streams: Vec::new(), fields, inputs: Vec::new() };
        for (number, input) in (0..).zip(inputs) {
            let path = &input.file.path;
            let sections = match input.source {
                Source::Records(file) => {
                    source.streams.push(Stream { file, input: number });
                    None
                }
                Source::Zip => Some(MemberSections::of_zip(path, rules.limits, members.clone())?),
                Source::Folder => {
                    let is_cancelled = || rules.progress.is_cancelled();
                    Some(MemberSections::of_folder(path, rules.limits, members.clone(), &is_cancelled)?)
                }
            };
            if let Some(sections) = sections {
                warn_about_texts(&sections, rules.progress);
                source.members.push(MemberInput { sections, input: number });
            }
            source.inputs.push(input.file);
        }
        if source.fields.group && source.has_members() {
            let what = "--group joins the records of tables and lines, but in zips, tars and \
                        folders each image has one file; remove --group";
            return Err(Error::Refused(what.into()));
        }
        source.inputs.extend(list.into_iter().chain(id_map));
        let problems = ProblemList::new(rules.on_error);
        Ok(OpenSplit { source, wanted: Wanted::ToFind(Box::new(set)), problems, notes: Vec::new() })
    }
}

/// Whether `path`, which need not exist, is the folder `folder` or would be inside it.
fn is_inside(path: &Path, folder: &Path) -> bool {
    let Ok(folder) = fs::canonicalize(folder) else { return false };
    folder.is_dir() && resolved(path).starts_with(&folder)
}

/// Resolves a path of which only the first parts exist.
fn resolved(path: &Path) -> PathBuf {
    let mut whole = PathBuf::new();
    for part in std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf()).components() {
        match part {
            Component::ParentDir => drop(whole.pop()),
            part => whole.push(part),
        }
        whole = fs::canonicalize(&whole).unwrap_or(whole);
    }
    whole
}

/// Warns if more text members are ignored than JSON members are read.
fn warn_about_texts(sections: &MemberSections, progress: &dyn Progress) {
    let (texts, read) = (sections.ignored_texts(), sections.count());
    if texts > read {
        let path = shown_path(sections.path());
        progress.warn(&format!(
            "{path}: .txt files are ignored next to .json files (found {texts} and {read}); --member .txt reads them instead"
        ));
    }
}
