//! The summary of a run, as a table or as JSON.

use std::fmt::Write;
use std::path::Path;

use amc_keywords::{Output, SplitCounts, Summary, grouped};
use keyword_files::shell::quoted;
use serde_json::{Value, json};

use super::colors::HEADING;
use super::table::{COLUMNS, Column, Table, width};

/// The summary as a JSON object.
pub fn json(summary: &Summary, seconds: f64) -> Value {
    let images: u64 = summary.counts.splits.iter().map(|split| split.images).sum();
    json!({
        "out": summary.out.to_string_lossy(),
        "manifest": summary.manifest,
        "vocabulary_size": summary.counts.vocabulary_size,
        "different_words_dropped": summary.different_words_dropped,
        "splits": summary.counts.splits,
        "outputs": summary.outputs,
        "notes": summary.notes,
        "seconds": seconds,
        "images_per_second": rate(images, seconds),
    })
}

/// The summary for a terminal of 80 columns.
pub fn table(summary: &Summary, seconds: f64) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "vocabulary size: {}", grouped(summary.counts.vocabulary_size));
    if let Some(dropped) = summary.different_words_dropped {
        let _ = writeln!(text, "distinct words not kept: {}", grouped(dropped));
    }
    let _ = writeln!(text);
    text.push_str(&splits(&summary.counts.splits));
    let _ = writeln!(text);
    for output in &summary.outputs {
        text.push_str(&file(&summary.out.join(&output.name), output.shape.as_deref()));
    }
    let _ = writeln!(text, "{}", summary.out.join(&summary.manifest).display());
    let images: u64 = summary.counts.splits.iter().map(|split| split.images).sum();
    let _ = writeln!(
        text,
        "\n{} image{} in {seconds:.2} s, {} images per second",
        grouped(images),
        if images == 1 { "" } else { "s" },
        grouped(rate(images, seconds))
    );
    text.push_str(&next_steps(summary));
    text
}

/// The commands that show the result.
fn next_steps(summary: &Summary) -> String {
    let is_pairs = |output: &&Output| {
        output.name.ends_with(".npy")
            && output.shape.as_ref().is_some_and(|shape| shape.len() == 2)
            && !["_ranges.npy", "_padded.npy", "_padded_mask.npy"].iter().any(|ending| output.name.ends_with(ending))
    };
    let mut pairs: Vec<&Output> = summary.outputs.iter().filter(is_pairs).collect();
    // With the script layout, the pairs are in the files of records.
    if pairs.iter().any(|output| output.name.starts_with("img_keyword_rec_")) {
        pairs.retain(|output| output.name.starts_with("img_keyword_rec_"));
    }
    let is_list = |output: &&Output| output.name.starts_with("parts_") && output.name.ends_with(".jsonl");
    let Some(shown) = pairs.first().copied().or_else(|| summary.outputs.iter().find(is_list)) else { return String::new() };
    format!(
        "\nNext: amc-keywords show {}\n      amc-keywords report {}\n",
        quoted(&summary.out.join(&shown.name).display().to_string()),
        quoted(&summary.out.display().to_string())
    )
}

/// The notes of a run, one per line.
pub fn notes(notes: &[String]) -> String {
    notes.iter().map(|note| format!("amc-keywords: note: {note}\n")).collect()
}

/// A file and its shape. If the path leaves no room for the shape, it is on the next line.
fn file(path: &Path, shape: Option<&[u64]>) -> String {
    let path = path.display().to_string();
    let Some(shape) = shape else { return path + "\n" };
    let shape = shape.iter().map(|&n| grouped(n)).collect::<Vec<_>>().join(" x ");
    let gap = if width(&path) + 2 + width(&shape) > COLUMNS { "\n    " } else { "  " };
    format!("{path}{gap}{shape}\n")
}

/// The time that each kind of work took.
pub fn times(summary: &Summary) -> String {
    let mut text = format!("{HEADING}work      thread-seconds        bytes         MB/s{HEADING:#}\n");
    for (name, work) in summary.times.iter() {
        let seconds = work.thread_time.as_secs_f64();
        let _ = write!(text, "{name:8}  {seconds:14.3}");
        if work.bytes > 0 {
            let _ = write!(text, "  {:>11}  {:>11.0}", work.bytes, work.bytes as f64 / 1e6 / seconds.max(1e-9));
        }
        text.push('\n');
    }
    text
}

/// One row per split. If a name leaves no room for the counts, they are on the next line.
fn splits(splits: &[SplitCounts]) -> String {
    let titles = ["images", "no word", "skipped", "keywords", "words kept", "dropped"];
    let columns = std::iter::once(Column::text("split")).chain(titles.map(Column::numbers));
    let mut table = Table::new(columns.collect());
    let rows: Vec<Vec<String>> = splits.iter().map(row_of).collect();
    for row in &rows {
        let cells = row.iter().enumerate().skip(1);
        cells.for_each(|(column, cell)| table.widen(column, width(cell)));
    }
    let room = COLUMNS.saturating_sub(table.width_after_first());
    let names = rows.iter().filter_map(|row| row.first()).map(|name| width(name));
    names.filter(|&width| width <= room).for_each(|width| table.widen(0, width));
    let head = format!("{HEADING}{}{HEADING:#}\n", table.head().trim_end());
    std::iter::once(head).chain(rows.iter().map(|row| table.row(row))).collect()
}

fn row_of(split: &SplitCounts) -> Vec<String> {
    let counts =
        [split.images, split.images_without_a_word, split.skipped, split.keywords, split.words_kept, split.words_dropped];
    std::iter::once(split.split.clone()).chain(counts.map(grouped)).collect()
}

fn rate(images: u64, seconds: f64) -> u64 {
    (images as f64 / seconds.max(1e-9)) as u64
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn split(name: &str, count: u64) -> SplitCounts {
        let (keywords, words_kept, words_dropped) = (count * 100, count * 120, count * 10);
        SplitCounts { split: name.into(), images: count, keywords, words_kept, words_dropped, ..SplitCounts::default() }
    }

    #[test]
    fn the_table_fits_80_columns_at_the_size_of_lite_and_with_a_long_name() {
        let long = "a_split_with_a_name_that_says_much_and_leaves_no_room";
        let text =
            anstream::adapter::strip_str(&splits(&[split("dev", 79_665), split("lite", 1_000_000), split(long, 9)])).to_string();
        let expected = [
            "split     images  no word  skipped     keywords   words kept     dropped",
            "dev       79,665        0        0    7,966,500    9,559,800     796,650",
            "lite   1,000,000        0        0  100,000,000  120,000,000  10,000,000",
            long,
            "               9        0        0          900        1,080          90",
        ];
        assert_eq!(text.lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_shape_that_has_no_room_next_to_its_path_is_below_it() {
        let (near, far) = ("out/pairs.npy", "data/".repeat(14) + "pairs.npy");
        assert_eq!(file(Path::new(near), Some(&[1234, 2])), "out/pairs.npy  1,234 x 2\n");
        assert_eq!(file(Path::new(&far), Some(&[1234, 2])), format!("{far}\n    1,234 x 2\n"));
        assert_eq!(file(Path::new(&far), None), format!("{far}\n"));
    }
}
