use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::member_choice::MemberChoice;
use super::*;
use crate::archive::{Archive, Limits};
use crate::source::Source;

/// A record as it was read: its names and its text, or the problem with it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Read {
    name: Option<String>,
    display_name: Option<String>,
    text: Result<String, String>,
}

/// Reads a file of this name with these bytes. Messages have the name of the file without folders.
fn read_all(name: &str, bytes: &[u8], options: ReadOptions, keys: &[&str]) -> Result<Vec<Read>, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    let short = |text: String| text.replace(&folder.path().join("").display().to_string(), "");
    let file = match Source::at(&path, &Arc::new(options)) {
        Ok(Source::Records(file)) => file,
        Ok(_) => panic!("{name} is no file of records"),
        Err(error) => return Err(short(error.to_string())),
    };
    let mut all = Vec::new();
    let rows = file.read(Limits { max_member_size: 1000 }, keys, &mut |records| {
        all.extend(records.iter().map(|record| Read {
            name: record.name.map(String::from),
            display_name: record.display_name.map(String::from),
            text: match record.text {
                Ok(text) => Ok(String::from_utf8_lossy(text).into_owned()),
                Err(problem) => Err(short(problem.to_string())),
            },
        }));
        true
    });
    rows.map_err(|error| short(error.to_string()))?;
    Ok(all)
}

fn of_format(format: InputFormat) -> ReadOptions {
    ReadOptions { format, ..ReadOptions::default() }
}

fn below(path: &str) -> ReadOptions {
    ReadOptions { records: Some(dotted_keys(path).unwrap()), ..ReadOptions::default() }
}

/// The names, where there are some, and texts of sound records.
fn texts(name: &str, text: &str, options: ReadOptions) -> Result<Vec<String>, String> {
    let read = read_all(name, text.as_bytes(), options, &["tags"])?;
    let shown = |read: Read| {
        let name = read.name.map(|name| format!("{name}=")).unwrap_or_default();
        format!("{name}{}", read.text.unwrap_or_else(|problem| problem))
    };
    Ok(read.into_iter().map(shown).collect())
}

fn auto(name: &str, text: &str) -> Result<Vec<String>, String> {
    texts(name, text, ReadOptions::default())
}

#[test]
fn a_list_gives_its_elements_and_a_map_its_values_with_their_keys() {
    assert_eq!(
        auto("a", "[{\"tags\": 1},\r\n {\"tags\": [2]} , 3]\n"),
        Ok(vec!["{\"tags\": 1}".into(), "{\"tags\": [2]}".into(), "3".into()])
    );
    assert_eq!(auto("a", "\u{feff}[]"), Ok(vec![]));
    let map = r#"{"a\u00e9.jpg": ["dog"], "b": "cat, dog", "c": {}, "d": null}"#;
    assert_eq!(auto("a", map), Ok(vec!["aé.jpg=[\"dog\"]".into(), "b=\"cat, dog\"".into(), "c={}".into(), "d=null".into()]));
}

#[test]
fn records_are_read_at_a_path() {
    let text = r#"{"n": [1, {"x": "]"}], "a.b": {"c": [{"tags": 1}], "d": {"k": {"tags": 2}}}, "z": {}}"#;
    assert_eq!(texts("a", text, below(r"a\.b.c")), Ok(vec![r#"{"tags": 1}"#.into()]));
    assert_eq!(texts("a", text, below(r"a\.b.d")), Ok(vec![r#"k={"tags": 2}"#.into()]));
    for (path, message) in [
        ("x", "a: line 1: no 'x' (found: n, a.b, z); run amc-keywords inspect a to see the options"),
        (r"a\.b.x", r"a: line 1: no 'a\.b.x' (found: c, d); run amc-keywords inspect a to see the options"),
        ("n.x", "a: line 1: there is no object at n, so n.x is not in it; run amc-keywords inspect a to see the options"),
    ] {
        assert_eq!(texts("a", text, below(path)), Err(message.into()));
    }
    let twice = "{\"p\": [],\n\"p\": []}";
    assert_eq!(texts("a", twice, below("p")), Err("a: line 2: the key p occurs twice; give each key once".into()));
    let text = "{\"p\": 5}";
    let message = "a: line 1: expected a list or an object of records at p; run amc-keywords inspect a to see the options";
    assert_eq!(texts("a", text, below("p")), Err(message.into()));
}

#[test]
fn objects_that_follow_each_other_are_records_even_if_they_are_not_lines() {
    let records = Ok(vec!["{\n\"tags\": 1\n}".into(), "{\"tags\": 2}".into(), "{}".into()]);
    assert_eq!(auto("a.json", "{\n\"tags\": 1\n}\n{\"tags\": 2}{}\n"), records);
    assert_eq!(texts("a.json", "{\n\"tags\": 1\n}\n{\"tags\": 2}{}\n", of_format(InputFormat::Json)), records);
}

#[test]
fn one_object_is_a_record_a_map_or_an_error_that_names_the_lists_in_it() {
    let record = r#"{"id": "a", "tags": ["dog"]}"#;
    assert_eq!(auto("a.json", record), Ok(vec![record.into()]));
    let map = r#"{"a": {"x": [{"y": 1}]}, "b": {"x": []}}"#;
    assert_eq!(auto("a.json", map).map(|records| records.len()), Ok(2));
    let wrapper = r#"{"photos": {"n": 1, "photo": [{"tags": 1}]}, "stat": "ok"}"#;
    let message = "a.json: is one JSON object that contains lists of records at: photos.photo; \
                   choose one, for example --records 'photos.photo'; or --format json if each value is an image";
    assert_eq!(auto("a.json", wrapper), Err(message.into()));
    assert_eq!(auto("a.jsonl", wrapper), Err(message.replace(".json:", ".jsonl:")));
    let json = texts("a.json", wrapper, of_format(InputFormat::Json));
    assert_eq!(json.map(|records| records.len()), Ok(2));
    let icons = r#"{"icons": {"home": {"tags": 1}}}"#;
    assert!(auto("a.json", icons).unwrap_err().contains("lists of records at: icons;"));
}

#[test]
fn a_json_text_that_ends_early_or_goes_wrong_is_an_error_with_its_place() {
    let cut = "cut short: the file ends in the middle; copy or download it again";
    let check = "`jq . FILE` checks it";
    for (text, message) in [
        ("[1,\n{\"tags\": [", format!("a: line 2, element 1: {cut}")),
        ("[1", format!("a: line 1, element 1: {cut}")),
        ("{\"k\"", format!("a: line 1, element 0: {cut}")),
        (
            "[1 2]",
            format!(
                "a: line 1, element 1: not JSON: expected , or ] after an entry of the list, found \
                 '2'; {check}"
            ),
        ),
        (
            "[1,]",
            format!(
                "a: line 1, element 1: not JSON: expected an entry of the list after the comma, \
                 found ']'; {check}"
            ),
        ),
        ("{1: 2}", format!("a: line 1, element 0: not JSON: expected a key in quotes, found '1'; {check}")),
        ("[1]\n[2]", "a: line 2: something follows the JSON value; if each line is a record, add --format jsonl".into()),
        ("{\n}\n[]", "a: line 3: something follows the JSON value; if each line is a record, add --format jsonl".into()),
        ("{\"k\":\n1} {\"k\": [", format!("a: line 2, element 1: {cut}")),
    ] {
        assert_eq!(auto("a", text), Err(message), "{text}");
    }
}

#[test]
fn a_large_record_is_a_problem_of_that_record_and_nesting_takes_no_memory() {
    let text = format!("[\"{}\", 1]", "x".repeat(2000));
    let too_large = "a: element 0: the record has more than 1000 bytes; if it is one image's, raise --max-member-size";
    assert_eq!(auto("a", &text), Ok(vec![too_large.into(), "1".into()]));
    let deep = format!("{{\"skipped\": {}{}, \"p\": [1]}}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(texts("a", &deep, below("p")), Ok(vec!["1".into()]));
}

#[test]
fn lines_may_have_a_byte_order_mark_and_crlf() {
    let text = "\u{feff}{\"tags\": 1}\r\n\r\n{\"tags\": 2}\r\n";
    assert_eq!(auto("a.jsonl", text), Ok(vec!["{\"tags\": 1}".into(), "{\"tags\": 2}".into()]));
    let spread = auto("a.jsonl", "{\n\"tags\": 1}\n");
    let message = "a.jsonl: line 1: the JSON value goes on over several lines, expected one value on each line; \
                   read a list or a map of records with --format json, or rewrite it with `jq -c .`";
    assert_eq!(spread, Err(message.into()));
}

#[test]
fn rows_of_a_table_become_objects_of_the_columns_that_are_read() {
    let read = |text: &str, keys: &[&str], options| {
        let read = read_all("a.csv", text.as_bytes(), options, keys)?;
        Ok::<_, String>(read.into_iter().map(|read| read.text.unwrap_or_else(|problem| problem)).collect::<Vec<_>>())
    };
    let table = "\u{feff}id;tags;n\r\n1;\"dog; \"\"big\"\"\ncat\";x\r\n2;;\r\n";
    let rows = [r#"{"id":"1","tags":"dog; \"big\"\ncat"}"#, r#"{"id":"2","tags":""}"#];
    assert_eq!(read(table, &["tags", "id"], ReadOptions::default()), Ok(rows.map(String::from).to_vec()));
    let all = [r#"{"id":"1","tags":"dog; \"big\"\ncat","n":"x"}"#, r#"{"id":"2","tags":"","n":""}"#];
    assert_eq!(read(table, &[], ReadOptions::default()), Ok(all.map(String::from).to_vec()));
    let no_header = ReadOptions { no_header: true, delimiter: Some(b' '), ..ReadOptions::default() };
    let rows = [r#"{"2":"b"}"#, r#"{"2":"d"}"#];
    assert_eq!(read("a b\nc d\n", &["2"], no_header), Ok(rows.map(String::from).to_vec()));
}

#[test]
fn the_columns_from_one_on_are_a_list_and_rows_may_differ_in_length() {
    let read = |text: &str, keys: &[&str], no_header| {
        let options = ReadOptions { no_header, ..ReadOptions::default() };
        let read = read_all("a.csv", text.as_bytes(), options, keys).unwrap();
        read.into_iter().map(|read| read.text.unwrap_or_else(|problem| problem)).collect::<Vec<_>>()
    };
    let bare = "a.jpg,dog,\"big, \"\"red\"\"\"\n\nb.jpg\nc.jpg,,sea,\n";
    let rows = [r#"{"1":"a.jpg","2-":["dog","big, \"red\""]}"#, r#"{"1":"b.jpg","2-":[]}"#, r#"{"1":"c.jpg","2-":["sea"]}"#];
    assert_eq!(read(bare, &["1", "2-"], true), rows);
    assert_eq!(read(bare, &["2-", "1"], true), rows);
    assert_eq!(read(bare, &["4-"], true), [r#"{"4-":[]}"#, r#"{"4-":[]}"#, r#"{"4-":[]}"#]);
    let least = "a.csv: line 3: the row has 1 fields, expected at least 3; run amc-keywords inspect a.csv to see the options";
    let last = [r#"{"3":"big, \"red\"","1-":["a.jpg","dog"]}"#, least, r#"{"3":"sea","1-":["c.jpg"]}"#];
    assert_eq!(read(bare, &["1-", "3"], true), last);
    assert_eq!(read("file,tags\na.jpg,dog,cat\n", &["file", "2-"], false), [r#"{"file":"a.jpg","2-":["dog","cat"]}"#]);
    // A column of this name is meant first.
    assert_eq!(read("2-,n\na,b\n", &["2-"], false), [r#"{"2-":"a"}"#]);
    for key in ["0-", "-", "x-", "2", "+2-", "99999999999999999999-"] {
        let error = read_all("a.csv", b"a\n", ReadOptions { no_header: true, ..ReadOptions::default() }, &[key]).unwrap_err();
        assert!(error.starts_with(&format!("a.csv: line 1: there is no column '{key}' (columns: 1)")), "{error}");
    }
}

#[test]
fn a_broken_table_is_an_error_with_its_line() {
    let quote = "a quote inside a quoted field is written as \"\"";
    for (text, message) in [
        ("tags,id\na,\"b\n", format!("a.csv: line 2: a quoted field begins here and has no closing quote; {quote}")),
        ("tags,id\n\"a\"b,c\n", format!("a.csv: line 2: expected a delimiter after the closing \
                                         quote, found 'b'; {quote}")),
        ("tags,tags\n", "a.csv: line 1: two columns are called 'tags'; rename one of them".into()),
        ("id,n\n", "a.csv: line 1: there is no column 'tags' (columns: id, n); run amc-keywords inspect a.csv to see the options".into()),
        ("id,tags.all\n", "a.csv: line 1: there is no column 'tags' (columns: id, tags.all); a literal dot in the name of a column is written as \\., such as 'tags\\.all'".into()),
        ("", "a.csv: is empty, expected records".into()),
    ] {
        assert_eq!(auto("a.csv", text), Err(message), "{text}");
    }
    let ragged =
        "a.csv: line 3: the row has 1 fields, expected 2 as in the first row; check the delimiters and quotes of this row";
    assert_eq!(auto("a.csv", "tags,id\na,b\nc\n"), Ok(vec![r#"{"tags":"a"}"#.into(), ragged.into()]));
}

#[test]
fn coco_images_have_their_captions_or_categories_in_the_order_of_the_annotations() {
    let captions = r#"{"annotations": [{"image_id": 2, "caption": "a \"dog\""}, {"image_id": 1, "caption": "b"},
        {"image_id": 2, "caption": "c"}], "images": [{"id": 2, "file_name": "2.jpg"}, {"id": 1}], "info": {}}"#;
    let record = |id: &str, file_name: &str, keywords: &str| Read {
        name: Some(id.into()),
        display_name: Some(file_name.to_owned()).filter(|name| !name.is_empty()),
        text: Ok(format!(r#"{{"id":"{id}","file_name":"{file_name}","tagging":{{"keywords":[{keywords}]}}}}"#)),
    };
    let read = |text: &str| read_all("a.json", text.as_bytes(), ReadOptions::default(), &["tagging"]);
    assert_eq!(read(captions), Ok(vec![record("2", "2.jpg", r#""a \"dog\"","c""#), record("1", "", r#""b""#)]));
    let instances = r#"{"images": [{"id": "x"}, {"id": 7}],
        "annotations": [{"image_id": 7, "category_id": 1, "bbox": [1]}, {"image_id": 7, "segments_info": [{"category_id": 5}]}],
        "categories": [{"id": 5, "name": "cat"}, {"id": 1, "name": "dog"}]}"#;
    assert_eq!(read(instances), Ok(vec![record("x", "", ""), record("7", "", r#""dog","cat""#)]));
}

#[test]
fn coco_annotations_that_do_not_belong_together_are_refused() {
    for (text, message) in [
        (
            r#"{"images": [{"id": 1}], "annotations": [{"image_id": 2, "caption": "a"}]}"#,
            "an annotation has the image id 2, which is not in images; remove the annotation, or add the image",
        ),
        (
            r#"{"images": [{"id": 1}], "annotations": [{"image_id": 1, "category_id": 9}]}"#,
            "an annotation has the category id 9, which is not in categories; remove the annotation, or add the category",
        ),
        (r#"{"images": [{"id": 1}, {"id": 1}]}"#, "images[1]: the image id 1 occurs twice in images"),
        (r#"{"images": [{"x": 1}]}"#, "images[0]: missing field `id`; run amc-keywords inspect a.json to see the options"),
        (
            r#"{"images": [{"id": 1}], "dataset": "x"}"#,
            "is one JSON object that contains lists of records at: images; \
             choose one, for example --records 'images'; or --format json if each value is an image",
        ),
        (r#"{"images": [{"id": 1}], "images": []}"#, "line 1: the key images occurs twice"),
        (
            "{\"images\": [{\"id\": 1}],\n\"annotations\": [",
            "line 2: cut short: the file ends in the middle; copy or download it again",
        ),
    ] {
        assert_eq!(auto("a.json", text), Err(format!("a.json: {message}")), "{text}");
    }
}

fn tar_of(files: &[(&str, &str)]) -> Vec<u8> {
    let mut tar = ::tar::Builder::new(Vec::new());
    for (name, data) in files {
        let mut header = ::tar::Header::new_gnu();
        header.set_size(data.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, name, data.as_bytes()).unwrap();
    }
    tar.into_inner().unwrap()
}

#[test]
fn members_of_a_tar_are_chosen_by_their_ending_and_concatenated_tars_are_read_on() {
    let read = |tar: &[u8], options: ReadOptions| {
        let read = read_all("a.tar", tar, options, &["tags"]).unwrap();
        let shown = read.into_iter().map(|read| format!("{}={}", read.name.unwrap(), read.text.unwrap()));
        shown.collect::<Vec<_>>()
    };
    let json = tar_of(&[("1.txt", "dog"), ("1.JSON", "\u{feff}{}"), ("1.cls", "7\n")]);
    assert_eq!(read(&json, ReadOptions::default()), ["1.JSON={}"]);
    let class = ReadOptions { member: Some(".cls".into()), ..ReadOptions::default() };
    assert_eq!(read(&json, class), ["1.cls=\"7\""]);
    let text = tar_of(&[("a/1.txt", "dog\r\n\"cat\"\r\n"), ("1.jpg", "x")]);
    assert_eq!(read(&text, ReadOptions::default()), [r#"a/1.txt="dog\r\n\"cat\"""#]);
    let two = [json.clone(), tar_of(&[("2.json", "[]")])].concat();
    assert_eq!(read(&two, ReadOptions::default()), ["1.JSON={}", "2.json=[]"]);
}

#[test]
fn a_file_with_the_name_of_a_tar_must_be_one() {
    let message = "a.tar: is not a tar: its first entry has no valid header; correct its name or --format, or download it again";
    assert_eq!(auto("a.tar", &"hello ".repeat(200)), Err(message.into()));
}

#[test]
fn json_behind_many_texts_is_an_error_rather_than_half_of_the_images() {
    let long = "x".repeat(900);
    let names: Vec<String> = (0..200).map(|number| format!("{number}.txt")).collect();
    let mut files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), long.as_str())).collect();
    assert_eq!(read_all("a.tar", &tar_of(&files), ReadOptions::default(), &[]).unwrap().len(), 200);
    files.push(("z.json", "[]"));
    let message = "a.tar: 'z.json': comes after many .txt members, so both may contain the \
                   keywords; choose with --member .json or --member .txt";
    assert_eq!(read_all("a.tar", &tar_of(&files), ReadOptions::default(), &[]), Err(message.into()));
}

/// Each image's keywords by its name, in order.
type Images = BTreeMap<String, Vec<String>>;

/// What was read of a file whose records have `tags`, a list or a text with `|`, and `id` or a
/// name.
fn images_of(name: &str, bytes: &[u8]) -> Vec<(String, Vec<String>)> {
    let read = read_all(name, bytes, ReadOptions::default(), &["tags", "id"]).unwrap();
    let image = |read: Read| {
        let value: Value = serde_json::from_str(&read.text.unwrap()).unwrap();
        let tags = value.get("tags").unwrap_or(&value);
        let name = read.name.unwrap_or_else(|| value["id"].as_str().unwrap().to_owned());
        (name.strip_suffix(".json").unwrap_or(&name).to_owned(), keywords(tags))
    };
    read.into_iter().map(image).collect()
}

fn keywords(tags: &Value) -> Vec<String> {
    match tags {
        Value::String(text) => text.split('|').filter(|tag| !tag.is_empty()).map(String::from).collect(),
        tags => serde_json::from_value(tags.clone()).unwrap(),
    }
}

fn table(images: &Images, delimiter: u8) -> Vec<u8> {
    let mut writer = ::csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
    writer.write_record(["id", "tags"]).unwrap();
    images.iter().for_each(|(name, tags)| writer.write_record([name, &tags.join("|")]).unwrap());
    writer.into_inner().unwrap()
}

fn parquet_of(images: &Images) -> Vec<u8> {
    use ::parquet::data_type::{ByteArray, ByteArrayType};
    use ::parquet::file::writer::SerializedFileWriter;
    let schema = "message images { required binary id (utf8); required binary tags (utf8); }";
    let schema = Arc::new(::parquet::schema::parser::parse_message_type(schema).unwrap());
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::default()).unwrap();
    let ids: Vec<ByteArray> = images.keys().map(|name| name.as_str().into()).collect();
    let tags: Vec<ByteArray> = images.values().map(|tags| tags.join("|").as_str().into()).collect();
    let mut group = writer.next_row_group().unwrap();
    for values in [ids, tags] {
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<ByteArrayType>().write_batch(&values, None, None).unwrap();
        column.close().unwrap();
    }
    group.close().unwrap();
    writer.into_inner().unwrap()
}

/// The images of a zip, read as an archive.
fn images_of_zip(images: &Images) -> Vec<(String, Vec<String>)> {
    use std::io::Write as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.zip");
    let mut zip = ::zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    for (name, tags) in images {
        let options = ::zip::write::SimpleFileOptions::default();
        zip.start_file(format!("{name}.json"), options).unwrap();
        zip.write_all(json!({ "tags": tags }).to_string().as_bytes()).unwrap();
    }
    zip.finish().unwrap();
    let mut archive = Archive::open_zip(&path, Limits::default()).unwrap();
    let choice = MemberChoice::new(&ReadOptions::default());
    let members = archive.choose_members(&choice).members;
    let mut found = Vec::new();
    archive.reader(false).read_each(&members, &mut |index, bytes| {
        let value: Value = serde_json::from_slice(bytes.unwrap()).unwrap();
        let name = archive.name(members[index]);
        found.push((archive.image_name(&name, &choice).to_owned(), keywords(&value["tags"])));
    });
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn every_format_gives_the_same_images(
        images in prop::collection::btree_map(
            "[a-z0-9é]{1,6}", prop::collection::vec("[a-zé寺\"\\\\,;\t\n ]{1,5}", 0..4), 2..12,
        ),
    ) {
        let expected: Vec<(String, Vec<String>)> = images.clone().into_iter().collect();
        let objects: Vec<Value> =
            images.iter().map(|(name, tags)| json!({ "id": name, "tags": tags })).collect();
        let mut lines = String::new();
        objects.iter().for_each(|object| writeln!(lines, "{object}").unwrap());
        prop_assert_eq!(images_of("a.jsonl", lines.as_bytes()), expected.clone());
        prop_assert_eq!(images_of("a", serde_json::to_string(&objects).unwrap().as_bytes()), expected.clone());
        let pretty = serde_json::to_string_pretty(&objects).unwrap();
        prop_assert_eq!(images_of("a.json", pretty.as_bytes()), expected.clone());
        let sequence = objects.iter().map(|object| format!("{object:#}\n"));
        prop_assert_eq!(images_of("a", sequence.collect::<String>().as_bytes()), expected.clone());
        prop_assert_eq!(images_of("a.json", json!(images).to_string().as_bytes()), expected.clone());
        prop_assert_eq!(images_of("a.csv", &table(&images, b',')), expected.clone());
        prop_assert_eq!(images_of("a.tsv", &table(&images, b'\t')), expected.clone());
        let members: Vec<(String, String)> = images
            .iter()
            .map(|(name, tags)| (format!("{name}.json"), json!({ "tags": tags }).to_string()))
            .collect();
        let members: Vec<(&str, &str)> =
            members.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        prop_assert_eq!(images_of("a.tar", &tar_of(&members)), expected.clone());
        prop_assert_eq!(images_of_zip(&images), expected.clone());
        prop_assert_eq!(images_of("a", &parquet_of(&images)), expected);
    }
}

/// A value of a column of lists. `None` is null.
type Tags = Option<Vec<Option<String>>>;

/// A table with lists of texts, numbers and texts, each of which may be null. Its pages and row
/// groups are small.
fn parquet_with_nulls(rows: &[(Tags, Option<i64>, Option<String>)]) -> Vec<u8> {
    use ::parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
    use ::parquet::file::properties::WriterProperties;
    use ::parquet::file::writer::SerializedFileWriter;
    let schema = "message m { optional group tags (LIST) { repeated group list { optional binary element (UTF8); } } \
                  optional int64 id; optional binary text (UTF8); required int32 number; }";
    let schema = Arc::new(::parquet::schema::parser::parse_message_type(schema).unwrap());
    let properties = WriterProperties::builder().set_data_page_row_count_limit(7).set_write_batch_size(5).build();
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties)).unwrap();
    for rows in rows.chunks(300) {
        let (mut tags, mut defined, mut repeated) = (Vec::<ByteArray>::new(), Vec::new(), Vec::new());
        for (row, ..) in rows {
            let entries = row.as_deref().unwrap_or_default();
            if entries.is_empty() {
                defined.push(i16::from(row.is_some()));
                repeated.push(0);
            }
            for (place, entry) in entries.iter().enumerate() {
                defined.push(if entry.is_some() { 3 } else { 2 });
                repeated.push(i16::from(place > 0));
                tags.extend(entry.as_deref().map(ByteArray::from));
            }
        }
        let ids: Vec<i64> = rows.iter().filter_map(|row| row.1).collect();
        let id_levels: Vec<i16> = rows.iter().map(|row| row.1.is_some().into()).collect();
        let texts: Vec<ByteArray> = rows.iter().filter_map(|row| row.2.as_deref().map(ByteArray::from)).collect();
        let text_levels: Vec<i16> = rows.iter().map(|row| row.2.is_some().into()).collect();
        let numbers: Vec<i32> = (0..rows.len()).map(|row| row as i32 - 5).collect();
        let mut group = writer.next_row_group().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<ByteArrayType>().write_batch(&tags, Some(&defined), Some(&repeated)).unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<Int64Type>().write_batch(&ids, Some(&id_levels), None).unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<ByteArrayType>().write_batch(&texts, Some(&text_levels), None).unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<::parquet::data_type::Int32Type>().write_batch(&numbers, None, None).unwrap();
        column.close().unwrap();
        group.close().unwrap();
    }
    writer.into_inner().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn simple_columns_of_parquet_give_the_same_rows_as_trees(
        kinds in prop::collection::vec(
            (
                prop::option::weighted(0.8, prop::collection::vec(prop::option::weighted(0.9, "[a-cé\"]{0,3}"), 0..4)),
                prop::option::weighted(0.8, -3..1000_i64),
                prop::option::weighted(0.8, "[a-cé\"\n]{0,3}"),
            ),
            1..12,
        ),
        count in 1..700_usize,
    ) {
        let rows: Vec<_> = kinds.into_iter().cycle().take(count).collect();
        let bytes = parquet_with_nulls(&rows);
        let read = |keys: &[&str]| -> Vec<Value> {
            let all = read_all("a.parquet", &bytes, ReadOptions::default(), keys).unwrap();
            all.into_iter().map(|read| serde_json::from_str(&read.text.unwrap()).unwrap()).collect()
        };
        let expected: Vec<Value> = rows
            .iter()
            .enumerate()
            .map(|(place, (tags, id, text))| json!({"tags": tags, "id": id, "text": text, "number": place as i64 % 300 - 5}))
            .collect();
        // Without keys, all columns are read, and each row is a tree.
        prop_assert_eq!(read(&[]), expected.clone());
        prop_assert_eq!(read(&["tags", "id", "text", "number", "id"]), expected.clone());
        let texts: Vec<Value> = expected.iter().map(|row| json!({ "text": row["text"] })).collect();
        prop_assert_eq!(read(&["text"]), texts);
    }
}
