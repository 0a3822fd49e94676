//! What a run did, for a person and for a program.

use std::fmt::Write;

use amc_keywords::Summary;
use serde_json::json;

/// The summary as one line of JSON.
pub fn json(summary: &Summary, seconds: f64) -> anyhow::Result<String> {
    let images: u64 = summary.counts.splits.iter().map(|split| split.images).sum();
    let object = json!({
        "out": summary.out.to_string_lossy(),
        "manifest": summary.manifest,
        "vocabulary_size": summary.counts.vocabulary_size,
        "different_words_dropped": summary.different_words_dropped,
        "splits": summary.counts.splits,
        "outputs": summary.outputs,
        "notes": summary.notes,
        "seconds": seconds,
        "images_per_second": rate(images, seconds),
    });
    Ok(serde_json::to_string(&object)? + "\n")
}

/// The summary as a table of at most 80 columns, as far as names allow.
pub fn table(summary: &Summary, seconds: f64) -> String {
    let mut text = String::new();
    for note in &summary.notes {
        let _ = writeln!(text, "{note}");
    }
    let _ = writeln!(text, "vocabulary size: {}", summary.counts.vocabulary_size);
    if let Some(dropped) = summary.different_words_dropped {
        let _ = writeln!(text, "other words, dropped: {}", grouped(dropped));
    }
    let _ = writeln!(text);
    text.push_str(&splits(summary));
    let _ = writeln!(text);
    for output in &summary.outputs {
        let shape = output.shape.as_deref().map(|axes| axes.iter().map(|&n| grouped(n)).collect::<Vec<_>>().join(" x "));
        let _ = match shape {
            Some(shape) => writeln!(text, "{}  {shape}", summary.out.join(&output.name).display()),
            None => writeln!(text, "{}", summary.out.join(&output.name).display()),
        };
    }
    let _ = writeln!(text, "{}", summary.out.join(&summary.manifest).display());
    let images: u64 = summary.counts.splits.iter().map(|split| split.images).sum();
    let _ = writeln!(text, "\n{} images in {seconds:.2} s, {} images a second", grouped(images), grouped(rate(images, seconds)));
    text
}

/// Where the time went, a line for each kind of work.
pub fn times(summary: &Summary) -> String {
    let mut text = String::from("work      thread-seconds        bytes  MB a second\n");
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

/// One line a split.
fn splits(summary: &Summary) -> String {
    let header = ["split", "images", "no word", "skipped", "keywords", "words kept", "dropped"].map(String::from);
    let lines = summary.counts.splits.iter().map(|split| {
        let counts =
            [split.images, split.images_without_a_word, split.skipped, split.keywords, split.words_kept, split.words_dropped];
        let mut cells = vec![split.split.clone()];
        cells.extend(counts.map(grouped));
        cells
    });
    let lines: Vec<Vec<String>> = std::iter::once(header.to_vec()).chain(lines).collect();
    let width = |column: usize| lines.iter().filter_map(|line| line.get(column)).map(|cell| cell.len()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..header.len()).map(width).collect();
    let mut text = String::new();
    for line in &lines {
        for (column, (cell, &width)) in line.iter().zip(&widths).enumerate() {
            let _ = if column == 0 { write!(text, "{cell:width$}") } else { write!(text, "  {cell:>width$}") };
        }
        text.push('\n');
    }
    text
}

fn rate(images: u64, seconds: f64) -> u64 {
    (images as f64 / seconds.max(1e-9)) as u64
}

/// 1234567 as 1,234,567.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!([0, 999, 1000, 1234567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }
}
