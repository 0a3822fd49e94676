//! `amc-keywords report`: the page as text. `tests/browser.rs` opens it in a browser.

use std::process::Command;

use crate::util::{WorkDir, keyword_file};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const PAGE: &str = "out/report_clickture.html";

/// Dev and Lite, encoded into `out`. With `--min-df 2` the words are dog and red.
fn written(more: &[&str]) -> WorkDir {
    let work = WorkDir::new();
    work.clickture_split("dev", &[&["Red dog", "a"], &["the dog", "cat"], &["red"], &["with"]]);
    work.clickture_split("lite", &[&["red fox"], &[]]);
    work.id_map("clickture/img_id_map.pkl", &[("a", 0), ("b", 1)]);
    work.tool("clickture").args(["--out", "out", "--min-df", "2", "--quiet"]).args(more).ok();
    work
}

fn page(work: &WorkDir) -> String {
    work.tool("report").args(["out", "--quiet"]).ok();
    work.text(PAGE)
}

/// The JSON data of the vocabulary table.
fn table(page: &str) -> Value {
    let start = page.split("<script type=\"application/json\" id=\"words-json\">").nth(1).unwrap();
    serde_json::from_str(start.split("</script>").next().unwrap()).unwrap()
}

/// The text of the page without tags and with single spaces.
fn text(page: &str) -> String {
    let body = page.split("<body>").nth(1).unwrap().split("<script").next().unwrap();
    let tagless: String =
        body.split('<').map(|piece| piece.split_once('>').map_or("", |(_, text)| text).to_owned() + " ").collect();
    tagless.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(unix)]
#[test]
fn the_page_is_written_next_to_the_outputs_and_has_their_counts() {
    let work = written(&[]);
    let done = work.tool("report").args(["out"]).ok();
    assert_eq!((done.stdout.as_str(), done.stderr.as_str()), ("out/report_clickture.html\n", ""));
    let page = work.text(PAGE);
    assert!(page.starts_with("<!doctype html>\n<html lang=\"en\" data-made-by=\"amc-keywords\">\n"), "{page}");
    let expected = json!({"ids": [0, 1], "words": ["dog", "red"], "splits": [
        {"name": "dev", "images": [2, 2], "occurrences": [2, 2]},
        {"name": "lite", "images": [0, 1], "occurrences": [0, 1]},
    ]});
    assert_eq!(table(&page), expected);
    let text = text(&page);
    for message in [
        "Vocabulary of 2 words, learned from 4 images of dev with min_df 2. Encoded splits: dev and lite.",
        "dev 80.0% 4 1 4 1 (25.0%) 0",
        "lite 50.0% 1 1 2 1 (50.0%) 0",
        "dev: the images have 0 to 2 words, 1.0 on average; lite: the images have 0 to 1 words, 0.5 on average.",
        "dev: the most frequent of 2 words makes up 50.0% of all occurrences; lite: one word occurs.",
        "min_df 2 keeps 2 of 3 distinct words in 4 images of dev (66.7%). min_df is the number of images in which a word must occur. \
         Rarer words are dropped.",
        "A repeated word counts each time. Stop words and single characters do not count.",
        "Created by amc-keywords report out --set clickture",
        "Dropped: too rare The most frequent of these words, with the number of images. cat 1",
        "00000000 id 0 red dog a (one character) 2 kept one character: a",
        "00000001 id 1 the (stop word) dog cat (too rare) 1 kept stop word: the too rare: cat",
        "red fox (not in the vocabulary) 1 kept not in the vocabulary: fox",
        "keyword/keywords_dev.zip zip",
        "img_keyword_ind_clickture_dev_sk_2_sparse.npy 4 × 2 int64 192 bytes",
    ] {
        assert!(text.contains(message), "{message}\n{text}");
    }
}

#[test]
fn the_page_is_the_same_for_both_layouts() {
    let documented = page(&written(&[]));
    let script = page(&written(&["--layout", "script"]));
    assert_eq!(table(&documented), table(&script));
    let before_files = |page: &str| text(page).split(" Files Read").next().unwrap().to_owned();
    assert_eq!(before_files(&documented), before_files(&script));
}

#[test]
fn the_page_of_a_given_vocabulary_has_no_min_df_chart() {
    let work = written(&[]);
    let vocabulary = ["--vocabulary", "out/vocabulary_clickture_dev_sk_2.json", "--min-df", "2", "--splits", "dev"];
    work.tool("clickture").args(["--out", "given"]).args(vocabulary).ok();
    let done = work.tool("report").args(["given", "--out", "-"]).ok();
    let text = text(&done.stdout);
    assert!(text.contains("Vocabulary of 2 words from vocabulary_clickture_dev_sk_2.json. Encoded splits: dev."), "{text}");
    assert!(text.contains("The vocabulary was given and not learned in this run"), "{text}");
    assert!(text.contains("cat (not in the vocabulary)") && !text.contains("What min_df cuts"), "{text}");
    assert!(!work.join("given/report_clickture.html").exists());
}

#[test]
fn input_never_becomes_markup_and_the_page_loads_nothing() {
    let hostile =
        ["<script>alert(1)</script>", "</script><img src=x onerror=alert(1)>", "\" onload=\"alert(1)", "<!--", "https:dog"];
    let work = WorkDir::new();
    let dataset = json!({"images": [{"filename": "\"><svg onload=alert(1)>.jpg", "imgid": 7, "split": "train"}]}).to_string();
    let members = [
        ("keywords_coco/dataset.json", dataset),
        ("keywords_coco/keyword_train/\"><svg onload=alert(1)>.json", keyword_file(&hostile)),
    ];
    work.zip("keyword/keywords_coco.zip", &members);
    work.tool("mscoco").args(["--phrases", "--min-df", "1", "--splits", "train", "--out", "out"]).ok();
    work.tool("report").args(["out"]).ok();
    let page = work.text("out/report_coco.html");
    assert_eq!(page.matches("<script").count(), 2, "{page}");
    assert_eq!(page.matches("</script").count(), 2, "{page}");
    for markup in ["<img", "<svg onload", "<!--", "<link", "<iframe", "onerror=alert(1)>", " onload=\"", "@import", "url("] {
        assert!(!page.contains(markup), "{markup}");
    }
    for address in ["http://", "https://", "src=\"//", "href=\"//"] {
        assert!(!page.contains(address), "{address}");
    }
    let mut words = table(&page)["words"].as_array().unwrap().clone();
    words.sort_by_key(ToString::to_string);
    let mut expected = hostile.map(Value::from).to_vec();
    expected.sort_by_key(ToString::to_string);
    assert_eq!(words, expected);
    assert!(page.contains("&#60;script&#62;alert(1)&#60;/script&#62;"), "{page}");
}

#[test]
fn the_content_policy_allows_only_the_page_s_script_and_style() {
    let page = page(&written(&[]));
    let between = |start: &str, end: &str| page.split(start).nth(1).unwrap().split(end).next().unwrap().to_owned();
    let hash = |text: String| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
    let (style, script) = (hash(between("<style>", "</style>")), hash(between("<script>", "</script>")));
    let policy = between("Content-Security-Policy\" content=\"", "\"");
    let expected =
        format!("default-src 'none'; img-src data:; style-src {style}; script-src {script}; base-uri 'none'; form-action 'none'");
    assert_eq!(policy, expected);
    assert!(!page.contains(" style=\""), "an attribute that the policy would refuse");
}

#[cfg(unix)]
#[test]
fn a_folder_with_several_sets_gives_one_page_per_set() {
    let work = written(&[]);
    work.coco(&[("train", &["dog"]), ("test", &["cat"])]);
    work.tool("mscoco").args(["--out", "out", "--min-df", "1"]).ok();
    let done = work.tool("report").args(["out", "--json"]).ok();
    assert_eq!(done.stdout, "{\"written\":[\"out/report_clickture.html\",\"out/report_coco.html\"]}\n");
    let one = work.tool("report").args(["out", "--set", "coco", "--out", "coco.html"]).ok();
    assert_eq!((one.stdout.as_str(), work.text("coco.html")), ("coco.html\n", work.text("out/report_coco.html")));
    let several = "--out names one file, but there are 2 sets (clickture, coco); choose one with --set";
    work.tool("report").args(["out", "--out", "x.html"]).refused(several);
    let unknown = "out: there is no set lite (found: clickture, coco); use --set clickture";
    work.tool("report").args(["out", "--set", "lite"]).refused(unknown);
}

#[test]
fn outputs_that_differ_from_the_manifest_are_refused() {
    let work = written(&[]);
    for (name, bytes) in [
        ("img_keyword_ind_clickture_lite_sk_2_sparse.npy", 144),
        ("statistics_clickture.json", work.read("out/statistics_clickture.json").len()),
    ] {
        let was = work.read(&format!("out/{name}"));
        work.write(&format!("out/{name}"), [&was[..], b"x"].concat());
        let line = format!(
            "out/{name}: expected {bytes} bytes, as manifest_clickture.json says, found {}; run amc-keywords verify out",
            bytes + 1
        );
        work.tool("report").args(["out"]).refused(&line);
        work.write(&format!("out/{name}"), was);
    }
    let statistics = work.text("out/statistics_clickture.json").replace("\"format\":1", "\"format\":2");
    work.write("out/statistics_clickture.json", statistics);
    let other = "out/statistics_clickture.json: expected statistics of format 1, found 2; run the \
                 job again to write the files";
    work.tool("report").args(["out"]).refused(other);
}

#[cfg(unix)]
#[test]
fn a_pipe_instead_of_the_statistics_is_refused() {
    let work = written(&[]);
    let (pipe, manifest) = ("out/statistics_clickture.json", work.text("out/manifest_clickture.json"));
    let size = work.read(pipe).len();
    work.remove(pipe).pipe(pipe);
    work.write("out/manifest_clickture.json", manifest.replace(&format!("\"bytes\": {size},"), "\"bytes\": 0,"));
    work.tool("report").args(["out"]).refused(&format!("{pipe}: expected a file"));
}

#[cfg(unix)]
#[test]
fn a_report_overwrites_an_earlier_report_but_no_other_file() {
    let work = written(&[]);
    let first = page(&work);
    assert_eq!(page(&work), first, "the same files give the same page");
    work.write("mine.html", "<!doctype html>\n<html lang=\"en\">\n");
    for file in ["out/manifest_clickture.json", "out", "mine.html"] {
        let line = format!("{file}: the file exists and is not a report; choose another name with --out");
        work.tool("report").args(["out", "--out", file]).refused(&line);
    }
    let missing = "no/such/page.html: cannot write: No such file or directory (os error 2)";
    work.tool("report").args(["out", "--out", "no/such/page.html"]).refused(missing);
}

#[cfg(unix)]
#[test]
fn small_pictures_are_shown_next_to_the_keywords() {
    let work = written(&[]);
    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, 900, 300);
    encoder.set_color(png::ColorType::Rgb);
    encoder.write_header().unwrap().write_image_data(&[200, 30, 30].repeat(900 * 300)).unwrap();
    work.write("pictures/00000000.png", &png)
        .write("pictures/more/00000002.PNG", &png)
        .write("pictures/00000001.jpg", "no picture");
    work.tool("report").args(["out", "--images", "pictures"]).ok();
    let page = work.text(PAGE);
    // Both Dev and Lite have an image 0.
    assert_eq!(page.matches("<img src=\"data:image/jpeg;base64,/9j/").count(), 3, "{page}");
    assert_eq!(page.matches(" width=\"320\" height=\"107\" alt=\"The picture of image ").count(), 3);
    assert!(text(&page).contains("Created by amc-keywords report out --set clickture --images pictures"), "{page}");
    work.write("others/7.png", &png);
    let warning = "clickture: found no picture of a sample image; expected NAME.jpg, NAME.jpeg or NAME.png \
                   with the name of the keyword file";
    work.tool("report").args(["out", "--images", "others"]).warns(warning);
    let missing = "no/such: cannot read: No such file or directory (os error 2)";
    work.tool("report").args(["out", "--images", "no/such"]).refused(missing);
}

#[cfg(target_os = "linux")]
#[test]
fn open_passes_the_page_to_the_system_browser() {
    use std::os::unix::fs::PermissionsExt;
    let work = written(&[]);
    work.write("bin/xdg-open", "#!/bin/sh\necho \"$1\" >asked\n");
    std::fs::set_permissions(work.join("bin/xdg-open"), std::fs::Permissions::from_mode(0o755)).unwrap();
    work.pipe("asked");
    let path = format!("{}:{}", work.join("bin").display(), std::env::var("PATH").unwrap());
    work.tool("report").args(["out", "--open"]).env("PATH", &path).ok();
    let asked = Command::new("timeout").arg("60").arg("cat").arg(work.join("asked")).output().unwrap();
    assert_eq!(String::from_utf8(asked.stdout).unwrap(), "out/report_clickture.html\n");
}

#[test]
fn the_statistics_contain_counts_and_sample_images() {
    let work = written(&[]);
    let statistics = work.json("out/statistics_clickture.json");
    let learnt =
        json!({"split": "dev", "documents": 4, "document_frequencies": [[1, 1], [2, 2]], "dropped": [["cat", 1, "too rare"]]});
    assert_eq!((&statistics["format"], &statistics["learnt"]), (&json!(1), &learnt));
    let images = json!([
        {"id": 0, "name": "00000000", "keywords": [["Red dog", [["red", "kept"], ["dog", "kept"]]], ["a", [["a", "one letter"]]]]},
        {"id": 1, "name": "00000001", "keywords": [["the dog", [["the", "stop word"], ["dog", "kept"]]], ["cat", [["cat", "too rare"]]]]},
        {"id": 2, "name": "00000002", "keywords": [["red", [["red", "kept"]]]]},
        {"id": 3, "name": "00000003", "keywords": [["with", [["with", "stop word"]]]]},
    ]);
    assert_eq!(statistics["splits"][0], json!({"split": "dev", "images": images}));
    let lite = &statistics["splits"][1]["images"];
    assert_eq!(lite[0]["keywords"], json!([["red fox", [["red", "kept"], ["fox", "not in the vocabulary"]]]]));
}

#[test]
fn many_long_keywords_do_not_make_the_statistics_large() {
    let work = WorkDir::new();
    let many: Vec<String> = (0..2_000).map(|n| format!("k{n} {}", "é".repeat(500))).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    work.clickture_split("dev", &[&many, &["dog"]]);
    work.tool("clickture").args(["--out", "out", "--min-df", "1"]).ok();
    let statistics = work.json("out/statistics_clickture.json");
    let image = &statistics["splits"][0]["images"][0];
    assert_eq!((image["keywords"].as_array().unwrap().len(), &image["further_keywords"]), (200, &json!(1_800)));
    assert!(work.read("out/statistics_clickture.json").len() < 120_000);
    assert!(text(&page(&work)).contains("and 1,800 more"));
}

#[test]
fn a_skipped_image_is_not_a_sample() {
    let work = WorkDir::new();
    work.clickture_split("dev", &[&["dog"], &["cat"]]).write("clickture/clickture-dev.lst", "00000000\n00000009\n00000001\n");
    work.tool("clickture").args(["--out", "out", "--min-df", "1", "--on-error", "skip"]).ok();
    let statistics = work.json("out/statistics_clickture.json");
    let images = statistics["splits"][0]["images"].as_array().unwrap();
    assert_eq!(images.iter().map(|image| image["id"].clone()).collect::<Vec<_>>(), [0, 1]);
}

#[test]
fn the_page_of_thirty_thousand_words_has_less_than_two_megabytes() {
    let work = WorkDir::new();
    let words: Vec<String> = (0..30_000).map(|n| format!("word{n:08}")).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    work.clickture_split("dev", &[&words, &words[..100]]);
    work.tool("clickture").args(["--out", "out", "--min-df", "1"]).ok();
    let page = page(&work);
    assert_eq!(table(&page)["words"].as_array().unwrap().len(), 30_000);
    assert!(page.len() < 2_000_000, "{}", page.len());
}

#[test]
fn terms_that_cross_keywords_are_not_counted_as_kept() {
    let ngrams = page(&written(&["--ngram-range", "1,2"]));
    assert!(ngrams.contains("kept within single keywords"), "{ngrams}");
    let chars = page(&written(&["--analyzer", "char"]));
    assert!(chars.contains("A repeated word counts each time.</p>") && chars.contains("kept within single keywords"), "{chars}");
    let words = page(&written(&[]));
    assert!(words.contains(" kept") && !words.contains("kept within single keywords"), "{words}");
}
