//! The report page in a real browser.

use crate::util::WorkDir;
use crate::util::browser::Browser;
use serde_json::{Value, json};

const HOSTILE: &str = "<script>document.title='pwned'</script>";
const IMAGE: &str = "</script><img src=x onerror=\"document.title='pwned'\">";

/// A browser of this width with a page whose vocabulary has 120 phrases and two hostile ones.
fn opened(width: u32) -> Option<(WorkDir, Browser)> {
    let browser = Browser::start()?;
    let work = WorkDir::new();
    let many: Vec<String> = (0..120).map(|n| format!("word {n:03}")).collect();
    let mut first: Vec<&str> = many.iter().map(String::as_str).collect();
    first.extend([HOSTILE, IMAGE]);
    work.coco(&[("train", &first), ("train", &["word 007", HOSTILE]), ("test", &["word 007"])]);
    work.tool("mscoco").args(["--phrases", "--min-df", "1", "--out", "out"]).ok();
    work.tool("report").args(["out"]).ok();
    browser.resize(width, 900);
    browser.open(&format!("file://{}", work.join("out/report_coco.html").display()));
    Some((work, browser))
}

/// The visible rows of the vocabulary table as text.
fn rows(browser: &Browser) -> Vec<Vec<String>> {
    let rows = browser.run("return [...document.querySelectorAll('#rows tr')].map(r => [...r.cells].map(c => c.textContent))");
    serde_json::from_value(rows).unwrap()
}

fn words(browser: &Browser) -> Vec<String> {
    rows(browser).into_iter().map(|row| row[1].clone()).collect()
}

#[test]
fn the_vocabulary_table_can_be_searched_sorted_and_paged() {
    let Some((_work, browser)) = opened(1280) else { return };
    assert_eq!(words(&browser)[..2], ["word 007", HOSTILE].map(str::to_owned), "the commonest come first");
    assert_eq!((words(&browser).len(), browser.run("return place.textContent")), (50, json!("1–50 of 122")));
    browser.click("#next");
    browser.click("#next");
    assert_eq!((words(&browser).len(), browser.run("return place.textContent")), (22, json!("101–122 of 122")));

    browser.click("#columns th:nth-child(2) button");
    assert_eq!(words(&browser)[..3], [IMAGE, HOSTILE, "word 000"].map(str::to_owned), "by word, from the start");
    browser.click("#columns th:nth-child(2) button");
    assert_eq!(words(&browser)[0], "word 119");
    let sorted = "return [...document.querySelectorAll('#columns th')].map(h => h.getAttribute('aria-sort'))";
    assert_eq!(browser.run(sorted), json!(["none", "descending", "none", "none"]));

    browser.type_into("#search", "D 00");
    let found: Vec<String> = (0..10).rev().map(|n| format!("word {n:03}")).collect();
    assert_eq!((words(&browser), browser.run("return found.textContent")), (found, json!("10 words")));
    assert_eq!(rows(&browser)[2], ["9", "word 007", "3", "3"]);
    browser.type_into("#search", "no such word");
    assert_eq!((words(&browser).len(), browser.run("return found.textContent")), (0, json!("0 words")));
    assert_eq!(browser.console(), [""; 0]);
}

#[test]
fn hostile_keywords_stay_text_and_the_page_loads_nothing() {
    let Some((_work, browser)) = opened(1280) else { return };
    browser.type_into("#search", "<");
    assert_eq!(words(&browser), [HOSTILE, IMAGE]);
    let counts = "return ['script', 'img', 'iframe', 'link'].map(tag => document.getElementsByTagName(tag).length)";
    assert_eq!(browser.run(counts), json!([2, 0, 0, 0]));
    assert_eq!(browser.run("return document.title"), "coco: keywords and vocabulary");
    let shown = browser.run("return samples.textContent");
    assert!(shown.as_str().unwrap().contains(HOSTILE) && shown.as_str().unwrap().contains(IMAGE), "{shown}");
    assert_eq!(browser.run("return performance.getEntriesByType('resource').length"), 0);
    assert_eq!(browser.console(), [""; 0]);

    // If markup did get through, the content policy would stop it.
    browser
        .run("const s = document.createElement('script'); s.textContent = 'document.title = \"pwned\"'; document.body.append(s)");
    browser.run("const i = new Image(); i.src = 'http://127.0.0.1:9/x.png'; document.body.append(i)");
    assert_eq!(browser.run("return document.title"), "coco: keywords and vocabulary");
    let refused = browser.console().join("\n");
    assert!(refused.contains("inline script") && refused.contains("img-src data:"), "{refused}");
}

#[test]
fn charts_have_titles_and_descriptions_and_the_page_fits_a_phone() {
    let Some((_work, browser)) = opened(390) else { return };
    assert_eq!(browser.run("return [document.documentElement.scrollWidth, innerWidth]"), json!([390, 390]));
    let described = "return [...document.querySelectorAll('svg[role=img]')].map(svg => \
                     svg.getAttribute('aria-labelledby').split(' ').map(id => document.getElementById(id).textContent))";
    let charts: Vec<Vec<String>> = serde_json::from_value(browser.run(described)).unwrap();
    let titles: Vec<&str> = charts.iter().map(|chart| chart[0].as_str()).collect();
    assert_eq!(titles, ["Words per image", "Word frequency by rank", "What min_df cuts"]);
    assert_eq!(
        charts[2][1],
        "min_df 1 keeps 122 of 122 distinct words in 3 images of train+test (100%). \
         min_df is the number of images in which a word must occur. Rarer words are dropped."
    );
    let sizes = browser.run("return [...document.querySelectorAll('svg[role=img]')].map(svg => svg.getBBox().width > 300)");
    assert_eq!(sizes, Value::from(vec![true, true, true]));
}
