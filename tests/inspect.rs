//! The subcommand `inspect`.

use serde_json::{Value, json};

use crate::util::WorkDir;
use crate::util::archives::{gzip, tar, zip};

/// The message for a text that no options can read.
const UNKNOWN: &str = "unknown format, expected JSON, JSON Lines, CSV, TSV, Parquet, tar or zip; convert it to a CSV file with a \
                       row such as a.jpg,dog|cat for each image, or to JSON Lines";

/// The options of the only command that `inspect` suggests for these inputs, without `--out`. The
/// command must run.
fn suggested(work: &WorkDir, inputs: &[&str]) -> Vec<String> {
    let done = work.tool("inspect").args(inputs).args(["--json"]).ok();
    let inspection: Value = serde_json::from_str(&done.stdout).unwrap();
    let commands = inspection["commands"].as_array().unwrap();
    assert_eq!(commands.len(), 1, "{}", done.dump());
    let words: Vec<String> = serde_json::from_value(commands[0]["arguments"].clone()).unwrap();
    assert_eq!(&words[..2], ["amc-keywords", "encode"]);
    work.tool("encode").args(&words[2..]).ok();
    work.remove("out");
    let options = words.iter().skip_while(|word| !word.starts_with("--")).cloned();
    options.take_while(|word| word != "--out").collect()
}

/// Records with these fields for 40 images. `{}` is the number of the image.
fn repeated(record: &str, separator: &str) -> String {
    let records = (0..40).map(|number| record.replace("{}", &number.to_string()));
    records.collect::<Vec<_>>().join(separator)
}

#[test]
fn a_command_is_printed_that_runs_for_files_of_every_format() {
    let work = WorkDir::new();
    let list = |record: &str| format!("[{}]", repeated(record, ",\n"));
    let map = |record: &str| format!("{{{}}}", repeated(record, ", "));
    for (name, content, options) in [
        ("a.jsonl", repeated(r#"{"id": {}, "tags": ["red dog"]}"#, "\n"), &["--keywords-field", "tags", "--id-field", "id"][..]),
        (
            "b.json",
            list(r#"{"SourceFile": "{}.jpg", "XMP:Subject": ["dog"]}"#),
            &["--keywords-field", "XMP:Subject", "--id-field", "SourceFile"],
        ),
        ("c.json", map(r#""{}.jpg": "dog, red ball, cat""#), &["--separator", ","]),
        ("d.json", map(r#""{}.jpg": {"tags": ["dog"], "width": 5}"#), &["--keywords-field", "tags"]),
        ("e.json", map(r#""{}.jpg": {"dog": 0.9, "c{}": 0.2}"#), &["--min-confidence", "0.5"]),
        ("meta.json", map(r#""{}.jpg": ["dog"]"#).replace('{', r#"{"_meta": {"version": 1}, "#), &[]),
        (
            "f.json",
            format!(r#"{{"page": 1, "photos": {{"n": 2, "photo": {}}}}}"#, list(r#"{"id": "{}", "tags": "dog cat sea"}"#)),
            &["--records", "photos.photo", "--keywords-field", "tags", "--separator", " ", "--id-field", "id"],
        ),
        (
            "g.jsonl",
            repeated(r#"{"img": "{}", "r": {"tags": [{"name": "dog", "score": 0.9}, {"name": "cat", "score": 0.1}]}}"#, "\n"),
            &[
                "--keywords-field",
                "r.tags",
                "--keyword-key",
                "name",
                "--confidence-key",
                "score",
                "--min-confidence",
                "0.5",
                "--id-field",
                "img",
            ],
        ),
        (
            "h.jsonl",
            repeated(r#"{"id": "{}", "responses": [{"labelAnnotations": [{"mid": "/m/1", "description": "dog"}]}]}"#, "\n"),
            &["--keywords-field", "$.responses[*].labelAnnotations[*].description", "--id-field", "id"],
        ),
        (
            "i.jsonl",
            repeated(
                r#"{"id": "{}", "talk": [{"role": "user", "content": "What?"}, {"role": "assistant", "content": "A dog."}]}"#,
                "\n",
            ),
            &["--keywords-field", "$.talk[?@.role=='assistant'].content", "--id-field", "id"],
        ),
        (
            "j.jsonl",
            repeated(r#"{"key": "{}", "my.tags": ["dog"], "score": NaN}"#, "\n"),
            &["--keywords-field", r"my\.tags", "--id-field", "key"],
        ),
        (
            "k.csv",
            format!("file;keywords\n{}", repeated("{}.jpg;dog, red ball, cat", "\n")),
            &["--keywords-field", "keywords", "--separator", ",", "--id-field", "file"],
        ),
        ("l.csv", repeated("img/{}.jpg,a small dog", "\n"), &["--no-header", "--keywords-field", "2", "--id-field", "1"]),
        ("m.txt", repeated("dog and cat", "\n"), &["--format", "csv", "--no-header", "--keywords-field", "1"]),
        (
            "n.txt",
            repeated("{}.jpg#0\tA small dog .\n{}.jpg#1\tTwo dogs .", "\n"),
            &["--no-header", "--keywords-field", "2", "--id-field", "1", "--id-pattern", "^(.+)#[0-9]+$", "--group"],
        ),
        (
            "o.json",
            r#"{"id": "a", "tags": ["dog"]}"#.to_owned(),
            &["--keywords-field", "tags", "--id-field", "id", "--min-df", "1"],
        ),
        ("p;q.jsonl", repeated(r#"{"id": {}, "tags": ["dog"]}"#, "\n"), &["--keywords-field", "tags", "--id-field", "id"]),
    ] {
        work.write(name, content);
        assert_eq!(suggested(&work, &[name]), options, "{name}");
    }
}

#[test]
fn members_of_archives_are_found_by_their_endings_and_named_with_their_folders_if_needed() {
    let work = WorkDir::new();
    let members = |ending: &str, content: &str| -> Vec<(String, String)> {
        (0..20).map(|number| (format!("{number}{ending}"), content.to_owned())).collect()
    };
    work.write("a.zip", zip(&members(".txt", "dog\r\nred ball\r\n")));
    assert_eq!(suggested(&work, &["a.zip"]), ["--separator", r"\n"]);
    let caption = members(".caption", "a dog");
    let caption: Vec<(&str, &str)> = caption.iter().map(|(name, content)| (&**name, &**content)).collect();
    work.write("b.tar", tar(&caption));
    assert_eq!(suggested(&work, &["b.tar"]), ["--member", ".caption"]);
    for number in 0..20 {
        work.write(&format!("c/{number}.tags.json"), r#"["dog"]"#);
        work.write(&format!("c/{number}.meta.json"), r#"{"width": 5}"#);
    }
    assert_eq!(suggested(&work, &["c"]), ["--member", ".tags.json"]);
    work.write("d/1/a.json", r#"{"tags": ["dog"]}"#).write("d/2/a.json", r#"{"tags": ["cat"]}"#);
    assert_eq!(suggested(&work, &["d"]), ["--names", "path", "--keywords-field", "tags", "--min-df", "1"]);
    let shard = repeated(r#"{"id": "{}", "tags": ["dog"]}"#, "\n");
    work.write("e/1.jsonl", &shard).write("e/2.jsonl.gz", gzip(shard.replace(": \"", ": \"x").as_bytes()));
    assert_eq!(suggested(&work, &["e"]), ["--keywords-field", "tags", "--id-field", "id"]);
}

#[test]
fn a_long_table_is_grouped_and_its_codes_are_looked_up_in_a_second_input() {
    let work = WorkDir::new();
    let rows: String = (0..60).map(|row| format!("{:016x},m/0{},0.{}\n", row / 3, row % 3, row % 10)).collect();
    work.write("rows.csv", format!("ImageID,LabelName,Confidence\n{rows}"));
    work.write("names.csv", "m/00,Dog\nm/01,Human face\nm/02,Cat\n");
    let confidence = ["--keywords-field", "LabelName", "--confidence-field", "Confidence", "--min-confidence", "0.5"];
    let names = ["--id-field", "ImageID", "--group"];
    assert_eq!(suggested(&work, &["rows.csv"]), [&confidence[..], &names].concat());
    let labels = ["--labels", "names.csv"];
    assert_eq!(suggested(&work, &["rows.csv", "names.csv"]), [&confidence[..], &labels, &names].concat());
    // A row number is unique, but the image is what repeats.
    let rows: String = (0..60).map(|row| format!("{row},{}.jpg,a dog\n", row / 3)).collect();
    work.write("captions.csv", format!("id,image,caption\n{rows}"));
    assert_eq!(suggested(&work, &["captions.csv"]), ["--keywords-field", "caption", "--id-field", "image", "--group"]);
}

#[test]
fn a_name_that_repeats_is_joined_only_if_no_other_name_of_images_is_unique() {
    let work = WorkDir::new();
    let record = |n: usize| json!({"SourceFile": format!("{n}/1.jpg"), "FileName": "1.jpg", "Subject": ["dog"]});
    work.write("exif.json", Value::from_iter((0..40).map(record)).to_string());
    assert_eq!(suggested(&work, &["exif.json"]), ["--keywords-field", "Subject", "--id-field", "SourceFile"]);
    work.write("rows.csv", "file,tag\na.jpg,dog\na.jpg,sea\n");
    let note = "\nSeveral records have the same name. --group makes them one image.\n";
    assert!(work.tool("inspect").args(["rows.csv"]).ok().stdout.contains(note));
}

#[test]
fn codes_need_a_table_and_a_missing_code_is_named() {
    let work = WorkDir::new();
    let rows: String = (0..40).map(|n| format!("{n}.jpg,/m/0{}\n", n % 20)).collect();
    let labels: String = (1..20).map(|n| format!("/m/0{n},Word {n}\n")).collect();
    work.write("rows.csv", format!("image,label\n{rows}")).write("names.csv", labels);
    let shown = |inputs: &[&str], note: &str| {
        let done = work.tool("inspect").args(inputs).ok();
        assert!(done.stdout.contains(&format!("\n{note}\n")), "{}", done.dump());
        done.stdout
    };
    shown(&["rows.csv"], "The keywords are codes. If a table has their words, give it to inspect too.");
    let missing =
        "A record cannot be encoded: the code \"/m/00\" is not in --labels. Add it, or skip such images with --on-error skip.";
    assert!(shown(&["rows.csv", "names.csv"], missing).contains(" --labels names.csv "));
    work.write("encoded.tsv", "image\ttags\n1.jpg\tcaf%C3%A9,new+york\n2.jpg\t100% wool\n");
    shown(&["encoded.tsv"], "Some keywords are URL-encoded. docs/recipes.md shows how to decode them.");
}

#[test]
fn records_are_in_the_only_map_of_a_project_file() {
    let work = WorkDir::new();
    let image = |n: usize| {
        let regions: Vec<Value> = (0..2).map(|_| json!({"shape": {"name": "rect"}, "attributes": {"object": "dog"}})).collect();
        (format!("{n}.jpg1000"), json!({"filename": format!("{n}.jpg"), "regions": regions}))
    };
    let expected = ["--records", "images", "--keywords-field", "$.regions[*].attributes.object"];
    for count in [5, 40] {
        let images: serde_json::Map<String, Value> = (0..count).map(image).collect();
        let project = json!({"settings": {"ui": {"zoom": 1}}, "images": images, "attributes": {"region": {}, "file": {}}});
        let mut with_list = project.clone();
        with_list["order"] = images.keys().cloned().collect();
        for project in [project, with_list] {
            work.write("project.json", project.to_string());
            let few: &[&str] = if count < 20 { &["--min-df", "1"] } else { &[] };
            assert_eq!(suggested(&work, &["project.json"]), [&expected, few].concat());
        }
    }
}

#[test]
fn labels_are_read_without_their_scores_and_values_may_look_like_options() {
    let work = WorkDir::new();
    work.write("pairs.jsonl", repeated(r#"{"id": {}, "found": [["red dog", 0.9], ["sea", 0.1]]}"#, "\n"));
    assert_eq!(suggested(&work, &["pairs.jsonl"]), ["--keywords-field", "$.found[*][0]", "--id-field", "id"]);
    work.write("triples.json", format!("{{{}}}", repeated(r#""{}.jpg": [["n02084071", "dog", 0.9]]"#, ",")));
    assert_eq!(suggested(&work, &["triples.json"]), ["--keywords-field", "$[*][1]"]);
    work.write("dash.csv", format!("file,-tags\n{}", repeated("{}.jpg,dog", "\n")));
    assert_eq!(suggested(&work, &["dash.csv"]), ["--keywords-field=-tags", "--id-field", "file"]);
}

#[test]
fn wrong_coco_annotations_are_an_error_and_not_read_in_another_way() {
    let work = WorkDir::new();
    let images = json!([{"id": 1, "file_name": "a.jpg"}]);
    let (categories, annotations) = (json!([{"id": 1, "name": "dog"}]), json!([{"image_id": 1, "category_id": 7}]));
    work.write("coco.json", json!({"images": images, "annotations": annotations, "categories": categories}).to_string());
    let missing = "an annotation has the category id 7, which is not in categories";
    work.tool("inspect")
        .args(["coco.json"])
        .refused(&format!("coco.json: {missing}; remove the annotation, or add the category"));
}

#[test]
fn texts_next_to_a_json_file_are_read_and_boxes_are_no_keywords() {
    let work = WorkDir::new();
    for n in 0..25 {
        work.write(&format!("tags/{n}.txt"), "red dog, sea").write(&format!("boxes/{n}.txt"), "0 0.5 0.5 0.25 0.25\n");
    }
    work.write("tags/meta.json", r#"{"0": {"tags": "red dog"}}"#);
    assert_eq!(suggested(&work, &["tags"]), ["--member", ".txt", "--separator", ","]);
    let none = "No field looks like keywords; name one with the option --keywords-field of encode.";
    assert!(work.tool("inspect").args(["boxes"]).ok().stdout.contains(none));
}

#[test]
fn rows_with_any_number_of_keywords_are_read_from_their_second_column_on() {
    let work = WorkDir::new();
    let row = |n: usize| format!("{n}.jpg,red dog{}\n", ",cat".repeat(n % 4));
    let rows: String = (0..40).map(row).collect();
    let from_second = ["--keywords-field", "2-", "--id-field"];
    work.write("bare.csv", &rows).write("head.csv", format!("image,tags\n{rows}")).write("tabs.txt", rows.replace(',', "\t"));
    assert_eq!(suggested(&work, &["bare.csv"]), [&["--no-header"][..], &from_second, &["1"]].concat());
    assert_eq!(suggested(&work, &["head.csv"]), [&from_second[..], &["image"]].concat());
    assert_eq!(suggested(&work, &["tabs.txt"]), [&["--format", "csv", "--no-header"][..], &from_second, &["1"]].concat());
    work.write("even.csv", "1.jpg,dog,cat\n2.jpg,sea,dog\n");
    assert_eq!(suggested(&work, &["even.csv"]), [&["--no-header"][..], &from_second, &["1", "--min-df", "1"]].concat());
    work.write("uneven.csv", "1.jpg,dog,train\n2.jpg,sea,test\n");
    assert!(!suggested(&work, &["uneven.csv"]).contains(&"2-".to_owned()));
    work.write("spaced.txt", "1.jpg  dog red sea\n2.jpg dog\n");
    let spaced = ["--format", "csv", "--delimiter", " ", "--no-header"];
    assert_eq!(suggested(&work, &["spaced.txt"]), [&spaced[..], &from_second, &["1", "--min-df", "1"]].concat());
    work.write("names.txt", "1.jpg\n2.jpg\n");
    work.tool("inspect").args(["names.txt"]).refused(&format!("names.txt: {UNKNOWN}"));
    // A row of another length is broken if the header has more than two columns, or if it is rare.
    let is_broken = |rows: &str, line: &str| {
        work.write("broken.csv", rows);
        let done = work.tool("inspect").args(["broken.csv"]).ok();
        assert!(done.stdout.contains(&format!("\nA record cannot be read: broken.csv: {line} fields,")), "{}", done.dump());
    };
    is_broken("image,tags,width\na.jpg,dog,5\nb.jpg,cat\n", "line 3: the row has 2");
    is_broken("image,tags\na.jpg,dog\nb.jpg,cat\nc.jpg,sea\nd.jpg,sky\ne.jpg,sea, sky\n", "line 6: the row has 3");
}

#[test]
fn a_table_of_zeros_and_ones_is_named_as_such() {
    let work = WorkDir::new();
    let note = "\nEach column of 0 and 1 looks like a keyword. docs/recipes.md shows how to convert such a table.\n";
    let is_named = |rows: &str| {
        work.write("a.csv", format!("file,sea,sky\n{rows}"));
        work.tool("inspect").args(["a.csv"]).ok().stdout.contains(note)
    };
    assert!(is_named("a.jpg,1,-1\nb.jpg,0,1\n"));
    assert!(!is_named("a.jpg,1,640\nb.jpg,0,480\n"));
}

#[test]
fn coco_annotations_need_no_options_and_other_lists_of_images_are_records() {
    let work = WorkDir::new();
    let images: Vec<Value> = (0..20).map(|id| json!({"id": id, "file_name": format!("{id}.jpg")})).collect();
    let annotations: Vec<Value> = (0..20).map(|id| json!({"image_id": id, "caption": "a dog"})).collect();
    work.write("coco.json", json!({"images": images, "annotations": annotations}).to_string());
    assert_eq!(suggested(&work, &["coco.json"]), [""; 0]);
    let images: Vec<Value> =
        (0..20).map(|id| json!({"imgid": id, "sentences": [{"raw": format!("dog {id}"), "tokens": ["dog"]}]})).collect();
    work.write("split.json", json!({"images": images, "dataset": "x"}).to_string());
    let options = ["--records", "images", "--keywords-field", "sentences", "--keyword-key", "raw", "--id-field", "imgid"];
    assert_eq!(suggested(&work, &["split.json"]), options);
    let questions: Vec<Value> = (0..20).map(|id| json!({"image_id": id, "question": "a dog?"})).collect();
    work.write("empty_info.json", json!({"info": {}, "questions": questions}).to_string());
    let options = ["--records", "questions", "--keywords-field", "question", "--id-field", "image_id"];
    assert_eq!(suggested(&work, &["empty_info.json"]), options);
    let rows: Vec<Value> =
        (0..20).map(|id| json!({"row_idx": id, "row": {"file": format!("{id}.jpg"), "tags": ["dog"]}})).collect();
    work.write("two_lists.json", json!({"features": [{"name": "tags"}], "rows": rows}).to_string());
    let options = ["--records", "rows", "--keywords-field", "row.tags", "--id-field", "row.file"];
    assert_eq!(suggested(&work, &["two_lists.json"]), options);
    let images: serde_json::Map<String, Value> = (0..20)
        .map(|id| (format!("img{id}"), if id == 1 { json!([{"caption": "a sea"}]) } else { json!([{"name": "dog"}]) }))
        .collect();
    work.write("images_of_two_kinds.json", Value::from(images).to_string());
    assert_eq!(suggested(&work, &["images_of_two_kinds.json"]), ["--keywords-field", "$[*].name"]);
}

#[cfg(unix)]
#[test]
fn the_format_the_first_records_the_fields_and_the_command_are_shown() {
    let work = WorkDir::new();
    work.write("my tags.csv", "file,tags,width\na.jpg,\"dog, red ball\",5\nb.jpg,cat,6\nc.jpg,\"sea, sky\",7\nd.jpg,,8\n");
    let done = work.tool("inspect").args(["my tags.csv"]).ok();
    let text = "\
my tags.csv: csv. Its name ends with .csv.
4 records

  number  tags           file   width
  0       dog, red ball  a.jpg  5
  1       cat            b.jpg  6
  2       sea, sky       c.jpg  7

  keywords  tags  string       dog, red ball
  name      file  unique name  a.jpg

amc-keywords encode 'my tags.csv' --keywords-field tags --separator ',' --id-field file --min-df 1 --out out --name my_tags
";
    assert_eq!(done.stdout, text, "{}", done.dump());
}

#[test]
fn a_blank_line_is_no_record_but_has_a_number() {
    let work = WorkDir::new();
    work.write("set.jsonl", "\n{\"tags\": [\"dog\"]}\n\n{\"tags\": [\"cat\"]}\n");
    let done = work.tool("inspect").args(["set.jsonl"]).ok();
    assert!(done.stdout.contains("\n2 records\n\n  number  tags\n  1       [\"dog\"]\n  3       [\"cat\"]\n"), "{}", done.dump());
    work.tool("encode").args(["set.jsonl", "--keywords-field", "tags", "--min-df", "1", "--out", "out"]).ok();
    assert_eq!(work.matrix("out/img_keyword_ind_set_sk_1.npy"), [[1, 1], [3, 0]]);
}

#[test]
fn names_of_a_long_input_are_known_to_be_unique_only_in_its_first_records() {
    let work = WorkDir::new();
    let lines: String = (0..1001).map(|n| format!("{{\"id\": \"{n}.jpg\", \"tags\": [\"dog\"]}}\n")).collect();
    work.write("a.jsonl", lines);
    let done = work.tool("inspect").args(["a.jsonl"]).ok();
    let field = "\n  name      id    unique name in the first 1,000 records  0.jpg\n";
    assert!(done.stdout.contains(field), "{}", done.dump());
}

#[test]
fn the_json_output_has_a_fixed_schema() {
    let work = WorkDir::new();
    work.write("tags.jsonl.gz", gzip(b"{\"id\": \"a\", \"tags\": [\"dog\"]}\n"));
    let done = work.tool("inspect").args(["tags.jsonl.gz", "--json"]).ok();
    let command = "amc-keywords encode tags.jsonl.gz --keywords-field tags --id-field id --min-df 1 --out out";
    let expected = json!({
        "inputs": [{
            "path": "tags.jsonl.gz",
            "format": "jsonl",
            "reason": "Its name ends with .jsonl.",
            "compression": "gzip",
            "records": 1,
            "sampled": 1,
            "columns": ["number", "tags", "id"],
            "rows": [["0", "[\"dog\"]", "a"]],
            "fields": [
                {"path": "tags", "role": "keywords", "shape": "list of strings", "example": "dog", "options": ["--keywords-field", "tags"]},
                {"path": "id", "role": "name", "shape": "unique name", "example": "a", "options": ["--id-field", "id"]},
            ],
            "notes": [],
        }],
        "commands": [{"command": command, "arguments": command.split(' ').collect::<Vec<_>>()}],
    });
    assert_eq!(serde_json::from_str::<Value>(&done.stdout).unwrap(), expected);
}

#[cfg(unix)]
#[test]
fn standard_input_is_inspected_as_a_file_is() {
    let work = WorkDir::new();
    work.write("tags.json", format!("[{}]", repeated(r#"{"id": {}, "tags": ["dog"]}"#, ",")));
    let done = work.tool("inspect").args(["-"]).after("exec < tags.json;").ok();
    let command = "amc-keywords encode - --keywords-field tags --id-field id --out out\n";
    assert!(
        done.stdout.ends_with(&format!("The stream has been read; give it to encode again.\n\n{command}")),
        "{}",
        done.dump()
    );
    work.write("a.zip", zip(&[("a.json", "[]")]));
    let message = "-: a zip cannot be read from a pipe or standard input; save it to a file and give the file's path";
    work.tool("inspect").args(["-"]).after("exec < a.zip;").refused(message);
    work.write("yaml", "- a: 1\n  b: 2, 3\n");
    work.tool("inspect").args(["-"]).after("exec < yaml;").refused(&format!("-: {UNKNOWN}"));
    work.tool("inspect").args(["yaml"]).refused(&format!("yaml: {UNKNOWN}"));
    work.write("lines", "{\"tags\": [\"dog\"]}\n{\"tags\": [\"dog\"}\n");
    let done = work.tool("inspect").args(["-"]).after("exec < lines;").ok();
    assert!(done.stdout.contains("\nA record cannot be read: -: line 2: not JSON\n"), "{}", done.dump());
}

#[test]
fn columns_that_share_a_name_do_not_make_the_header_a_record() {
    let work = WorkDir::new();
    work.write("a.csv", format!("photo;tags;;\n{}\n", repeated("{}.jpg;red, dog;;", "\n")));
    let options = suggested(&work, &["a.csv"]);
    assert!(!options.contains(&"--no-header".to_owned()), "{options:?}");
    assert!(options.windows(2).any(|pair| pair == ["--keywords-field", "tags"]), "{options:?}");
}

#[test]
fn fields_that_differ_in_a_number_are_read_together() {
    let work = WorkDir::new();
    work.write("a.csv", "file,Tag 1,Tag 2,Tag 10\na.jpg,dog,,sea\nb.jpg,red,cat,\n");
    let options = suggested(&work, &["a.csv"]);
    let fields = ["--keywords-field", "$['Tag 1','Tag 2','Tag 10']", "--id-field", "file"];
    assert_eq!(options[..4], fields, "{options:?}");
    work.tool("encode").args(["a.csv", "--out", "out"]).args(&options).silent();
    assert_eq!(work.matrix("out/img_keyword_ind_a_sk_1.npy"), [[0, 1], [0, 3], [1, 2], [1, 0]]);
}

#[test]
fn a_folder_of_json_files_with_a_record_on_each_line_is_read_as_lines() {
    let work = WorkDir::new();
    work.write("set/part-0.json", "{\"tags\": \"dog\"}\n{\"tags\": \"red\"}\n").write("set/part-1.json", "{\"tags\": \"cat\"}\n");
    let options = suggested(&work, &["set"]);
    assert_eq!(options, ["--format", "jsonl", "--keywords-field", "tags", "--min-df", "1"]);
    let message = "set: 'set/part-0.json': line 2 column 1: not JSON: trailing characters; run amc-keywords inspect set to see \
                   the options";
    work.tool("encode").args(["set", "--out", "out", "--keywords-field", "tags"]).refused(message);
}

#[test]
fn the_archives_of_a_data_set_get_the_subcommand_of_the_data_set() {
    let work = WorkDir::new();
    work.clickture_split("dev", &[&["dog"], &["cat"]]);
    for (input, root) in [(".", "."), ("keyword", "."), ("keyword/keywords_dev.zip", ".")] {
        let note = format!("\nIt is part of the AMC release. Encode the release with amc-keywords clickture --root {root}.\n\n");
        let done = work.tool("inspect").args([input]).ok();
        assert!(done.stdout.ends_with(&note), "{}", done.dump());
    }
}

#[test]
fn json_that_holds_columns_gets_advice_instead_of_a_command() {
    let note = "\nIt holds columns rather than records. Write a record for each image, for example with pandas: \
                table.to_json('tags.jsonl', orient='records', lines=True).\n\n";
    let work = WorkDir::new();
    for text in [
        r#"{"name": {"0": "a", "1": "b"}, "tags": {"0": ["dog"], "1": ["cat"]}}"#,
        r#"{"columns": ["name", "tags"], "index": [0, 1], "data": [["a", ["dog"]], ["b", ["cat"]]]}"#,
    ] {
        work.write("a.json", text);
        let done = work.tool("inspect").args(["a.json"]).ok();
        assert!(done.stdout.ends_with(note), "{}", done.dump());
    }
}

#[test]
fn an_input_without_keywords_gets_a_note_instead_of_a_command() {
    let work = WorkDir::new();
    work.write("a.jsonl", "{\"id\": 1, \"url\": \"http://x/1\"}\nnonsense\n");
    let done = work.tool("inspect").args(["a.jsonl"]).ok();
    let no_field = "No field looks like keywords; name one with the option --keywords-field of encode.";
    let notes = format!("\n{no_field}\n\nA record cannot be read: a.jsonl: line 2: not JSON\n\n");
    assert!(done.stdout.ends_with(&notes), "{}", done.dump());
    work.write("b.json", "");
    work.tool("inspect").args(["b.json"]).refused("b.json: is empty, expected records");
    work.write("e/0.json", "").write("e/1.json", r#"{"tags": ["dog"]}"#);
    let empty = "\nA record cannot be read: e: '0': the file is empty\n";
    assert!(work.tool("inspect").args(["e"]).ok().stdout.contains(empty));
    work.write("c/1.xml", "<annotation><name>dog</name></annotation>");
    work.write("tables.zip", zip(&[("tags.csv", "file,tags\na.jpg,dog\n")]));
    let no_members = "It contains no .json and no .txt file. If it contains tables or JSON Lines, unpack them and give them to \
                      inspect. Otherwise convert the files with the keywords to JSON, text or CSV.";
    let own_keys = "Each record has a key of its own. If it names the image, write one JSON object with all of these keys.";
    work.write("keys.jsonl", "{\"a.jpg\": [\"dog\"]}\n{\"b.jpg\": [\"cat\"]}\n");
    for (input, note) in [("c", no_members), ("tables.zip", no_members), ("keys.jsonl", own_keys)] {
        let done = work.tool("inspect").args([input]).ok();
        assert!(done.stdout.ends_with(&format!("\n{note}\n\n")), "{}", done.dump());
    }
    work.tool("inspect").args(["c/1.xml"]).refused("c/1.xml: is an XML file, expected keywords; convert it to JSON or CSV");
    work.write("d.list", "sea\nred dog\nblue sky\n");
    let done = work.tool("inspect").args(["d.list"]).ok();
    assert!(done.stdout.starts_with("d.list: csv. It is read as a table, because it fits no other format.\n"), "{}", done.dump());
}

#[cfg(unix)]
#[test]
fn a_table_that_is_not_utf8_can_be_converted_and_encoded_with_the_commands_that_are_printed() {
    let table = "file;\u{e9}tiquettes\r\na.jpg;plage\r\nb.jpg;Stra\u{df}e\r\n";
    let latin: Vec<u8> = table.chars().map(|c| c as u8).collect();
    let utf16: Vec<u8> = "\u{feff}".encode_utf16().chain(table.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    for (encoding, bytes) in [("WINDOWS-1252", latin), ("UTF-16", utf16)] {
        let work = WorkDir::new();
        work.write("a.csv", bytes);
        let done = work.tool("inspect").args(["a.csv"]).ok();
        let convert = format!("iconv -f {encoding} -t UTF-8 a.csv > a-utf8.csv");
        assert!(done.stdout.contains(&format!("\nIt is not UTF-8. Convert it first: {convert}\n")), "{}", done.dump());
        let encode = "amc-keywords encode a-utf8.csv --keywords-field étiquettes --id-field file --min-df 1 --out out\n";
        assert!(done.stdout.ends_with(encode), "{}", done.dump());
        let converted = std::process::Command::new("sh").current_dir(work.path()).args(["-c", &convert]).status().unwrap();
        assert!(converted.success());
        let options = ["--keywords-field", "étiquettes", "--id-field", "file", "--min-df", "1", "--out", "out"];
        work.tool("encode").args(["a-utf8.csv"]).args(options).silent();
        assert_eq!(work.words("out/vocabulary_a-utf8_sk_1.json"), ["plage", "straße"]);
    }
}

#[cfg(unix)]
#[test]
fn members_that_are_not_utf8_can_be_converted_and_encoded_with_the_commands_that_are_printed() {
    let latin = |text: &str| text.chars().map(|c| c as u8).collect::<Vec<u8>>();
    let utf16 = |text: &str| "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let contents = [
        ("a/1.json", latin("{\"tags\": [\"Stra\u{df}e\"]}")),
        ("a/2.JSON", utf16("{\"tags\": [\"plage\"]}")),
        ("3.json", "{\"tags\": [\"caf\u{e9}\"]}".into()),
        ("3.jpg", latin("\u{e9}")),
    ];
    for (input, copy) in
        [("set.zip", "unzip -q set.zip -d set-utf8"), ("set.tar", "tar -xf set.tar -C set-utf8"), ("set", "cp -R set/. set-utf8")]
    {
        let work = WorkDir::new();
        for (name, content) in &contents {
            work.write(&format!("set/{name}"), content);
        }
        if input != "set" {
            std::fs::remove_dir_all(work.path().join("set")).unwrap();
            work.write(input, if input == "set.zip" { zip(&contents) } else { tar(&contents) });
        }
        let done = work.tool("inspect").args([input]).ok();
        let begun =
            format!("\nSome files in it are not UTF-8. Convert a copy first: mkdir set-utf8 && {copy} && find set-utf8 -type f ");
        assert!(done.stdout.contains(&begun), "{}", done.dump());
        let encode = "amc-keywords encode set-utf8 --keywords-field tags --min-df 1 --out out\n";
        assert!(done.stdout.ends_with(encode), "{}", done.dump());
        let convert = done.stdout.lines().find_map(|line| line.split_once("Convert a copy first: ")).unwrap().1;
        let converted = std::process::Command::new("sh").current_dir(work.path()).args(["-c", convert]).status().unwrap();
        assert!(converted.success());
        let options = ["--keywords-field", "tags", "--min-df", "1", "--out", "out"];
        work.tool("encode").args(["set-utf8"]).args(options).ok();
        assert_eq!(work.words("out/vocabulary_set-utf8_sk_1.json"), ["caf\u{e9}", "plage", "stra\u{df}e"]);
        assert_eq!(std::fs::read(work.path().join("set-utf8/3.jpg")).unwrap(), latin("\u{e9}"));
    }
}

#[test]
fn a_damaged_record_of_a_text_in_utf8_is_named() {
    let work = WorkDir::new();
    work.write("a.csv", b"file;tags\na.jpg;caf\xc3\xa9\nb.jpg;Stra\xdfe\n");
    let done = work.tool("inspect").args(["a.csv"]).ok();
    let note =
        "A record cannot be read: a.csv: line 3: not UTF-8; save the file as UTF-8, or skip such images with --on-error skip\n";
    assert!(done.stdout.contains(note), "{}", done.dump());
}
