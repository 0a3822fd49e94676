//! The charts of the page. Each has a summary and a table for readers who cannot see it.

use std::collections::BTreeMap;

use super::figures::{Figures, SplitFigures};
use super::numbers::{grouped, percent};
use super::plot::{Axis, Mark, Plot, SIZE};
use crate::error::Result;
use crate::files::statistics::Learning;
use count_vectorizer::{DocumentFrequency, Limit};

/// A chart of the page.
#[derive(Debug)]
pub(super) struct Chart {
    /// The prefix of its element ids in the page.
    pub id: &'static str,
    pub title: &'static str,
    /// The result in one sentence.
    pub summary: String,
    /// The names of the lines, if there is more than one.
    pub legend: Vec<String>,
    /// The content of the `svg` element.
    pub svg: String,
    pub size: (u32, u32),
    /// The header of the table with the numbers.
    pub header: Vec<String>,
    pub lines: Vec<Vec<String>>,
}

impl Chart {
    fn new(id: &'static str, title: &'static str, plot: &Plot) -> Result<Chart> {
        let (summary, legend, header, lines) = Default::default();
        Ok(Chart { id, title, summary, legend, svg: plot.svg()?, size: SIZE, header, lines })
    }
}

/// The approximate number of lines of a table.
const TABLE_LINES: usize = 12;
/// The approximate number of points of a curve.
const POINTS: usize = 240;

fn names(figures: &Figures) -> Vec<String> {
    figures.splits.iter().map(|split| split.counts.split.clone()).collect()
}

fn legend(figures: &Figures) -> Vec<String> {
    if figures.splits.len() > 1 { names(figures) } else { Vec::new() }
}

/// The share of images by the number of their words.
pub(super) fn words_per_image(figures: &Figures) -> Result<Chart> {
    let most = figures.splits.iter().map(|split| quantile(&split.words_per_image, 0.999)).max().unwrap_or(0);
    let width = bin_width(most);
    let bins: Vec<Vec<f64>> = figures.splits.iter().map(|split| binned(&split.words_per_image, width, most)).collect();
    let highest = bins.iter().flatten().copied().fold(0.0, f64::max);
    let count = bins.iter().map(Vec::len).max().unwrap_or(1);
    let steps = |shares: &Vec<f64>| {
        let edges = (0_u32..)
            .zip(shares)
            .flat_map(|(i, &share)| [(f64::from(i) * width as f64, share), (f64::from(i + 1) * width as f64, share)]);
        edges.collect()
    };
    let plot = Plot {
        x: Axis { title: "words of the vocabulary in an image", range: (0.0, (count as u64 * width) as f64), is_log: false },
        y: Axis { title: "% of images", range: (0.0, (highest * 1.08).max(1e-3)), is_log: false },
        lines: bins.iter().map(steps).collect(),
        is_filled: true,
        mark: None,
    };
    let typical = figures.splits.iter().map(|split| format!("{}: {}", split.counts.split, typical(&split.words_per_image)));
    let shares = [0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0];
    let lines = shares.iter().map(|&share| {
        let of_split = |split: &SplitFigures| grouped(quantile(&split.words_per_image, share));
        let name = match share {
            0.0 => "fewest".to_owned(),
            1.0 => "most".to_owned(),
            _ => format!("{:.0}% have at most", share * 100.0),
        };
        std::iter::once(name).chain(figures.splits.iter().map(of_split)).collect()
    });
    Ok(Chart {
        summary: typical.collect::<Vec<_>>().join("; ") + ".",
        legend: legend(figures),
        header: std::iter::once("images".to_owned()).chain(names(figures)).collect(),
        lines: lines.collect(),
        ..Chart::new("words-per-image", "Words per image", &plot)?
    })
}

/// The numbers of words of the images in a sentence that is true for any number of images.
fn typical(images: &BTreeMap<u64, u64>) -> String {
    let all = sum(images.values());
    let (fewest, most) = (quantile(images, 0.0), quantile(images, 1.0));
    if all == 0 {
        return "there is no image".to_owned();
    }
    if fewest == most {
        let plural = if most == 1 { "" } else { "s" };
        return format!("every image has {} word{plural}", grouped(most));
    }
    let words: f64 = images.iter().map(|(&words, &count)| words as f64 * count as f64).sum();
    format!("the images have {} to {} words, {:.1} on average", grouped(fewest), grouped(most), words / all as f64)
}

/// Adds numbers without overflow, because a manifest may contain any number.
fn sum<'a>(numbers: impl Iterator<Item = &'a u64>) -> u64 {
    numbers.fold(0, |sum, &number| sum.saturating_add(number))
}

/// The smallest number of words that this share of the images does not exceed.
fn quantile(images: &BTreeMap<u64, u64>, share: f64) -> u64 {
    let all = sum(images.values());
    let wanted = ((all as f64 * share).ceil() as u64).max(1);
    let mut before: u64 = 0;
    let reached = images.iter().find(|&(_, &count)| {
        before = count.saturating_add(before);
        before >= wanted
    });
    reached.map_or(0, |(&words, _)| words)
}

/// A width of 1, 2 or 5 times a power of ten that gives at most 50 bins.
fn bin_width(most: u64) -> u64 {
    let widths = (0..).map_while(|power| 10_u64.checked_pow(power)).flat_map(|power| [power, 2 * power, 5 * power]);
    widths.into_iter().find(|&width| most / width < 50).unwrap_or(u64::MAX)
}

/// The percentage of the images in each bin, up to the bin of `most`.
fn binned(images: &BTreeMap<u64, u64>, width: u64, most: u64) -> Vec<f64> {
    let all = sum(images.values()).max(1) as f64;
    let mut bins = vec![0.0; (most / width) as usize + 1];
    for (&words, &count) in images {
        if let Some(bin) = bins.get_mut((words / width) as usize) {
            *bin += 100.0 * count as f64 / all;
        }
    }
    bins
}

/// The number of occurrences of words by their rank.
pub(super) fn rank_frequency(figures: &Figures) -> Result<Chart> {
    let ranked: Vec<Vec<u64>> = figures.splits.iter().map(|split| ranked(&split.frequencies.term)).collect();
    let ranks = ranked.iter().map(Vec::len).max().unwrap_or(0);
    let highest = ranked.iter().filter_map(|counts| counts.first()).max().copied().unwrap_or(1);
    let points = |counts: &Vec<u64>| -> Vec<(f64, f64)> {
        let places = spread(counts.len(), POINTS).into_iter();
        places.filter_map(|place| Some(((place + 1) as f64, *counts.get(place)? as f64))).collect()
    };
    let plot = Plot {
        x: Axis { title: "rank of the word", range: (1.0, (ranks as f64).max(2.0)), is_log: true },
        y: Axis { title: "occurrences", range: (1.0, (highest as f64 * 1.3).max(2.0)), is_log: true },
        lines: ranked.iter().map(points).collect(),
        is_filled: false,
        mark: None,
    };
    let lines = spread(ranks, TABLE_LINES).into_iter().map(|place| {
        let of_split = |counts: &Vec<u64>| counts.get(place).map_or_else(|| "–".into(), |&count| grouped(count));
        std::iter::once(grouped(place as u64 + 1)).chain(ranked.iter().map(of_split)).collect()
    });
    let shares = figures.splits.iter().zip(&ranked).map(|(split, counts)| format!("{}: {}", split.counts.split, share(counts)));
    Ok(Chart {
        summary: shares.collect::<Vec<_>>().join("; ") + ".",
        legend: legend(figures),
        header: std::iter::once("rank".to_owned()).chain(names(figures)).collect(),
        lines: lines.collect(),
        ..Chart::new("rank-frequency", "Word frequency by rank", &plot)?
    })
}

/// The share of the most frequent words in a sentence that is true for any number of words.
fn share(ranked: &[u64]) -> String {
    let tenth = ranked.len().div_ceil(10);
    let share = percent(sum(ranked.iter().take(tenth)), sum(ranked.iter()));
    let words = grouped(ranked.len() as u64);
    match (ranked.len(), tenth) {
        (0, _) => "no word occurs".to_owned(),
        (1, _) => "one word occurs".to_owned(),
        (_, 1) => format!("the most frequent of {words} words makes up {share} of all occurrences"),
        _ => format!("the {} most frequent of {words} words make up {share} of all occurrences", grouped(tenth as u64)),
    }
}

/// The counts of the words that occur, largest first.
fn ranked(counts: &[u64]) -> Vec<u64> {
    let mut counts: Vec<u64> = counts.iter().copied().filter(|&count| count > 0).collect();
    counts.sort_unstable_by(|a, b| b.cmp(a));
    counts
}

/// About `wanted` places of a list, dense at its start and sparse at its end. The first and the
/// last place are included.
fn spread(len: usize, wanted: usize) -> Vec<usize> {
    let Some(last) = len.checked_sub(1) else { return Vec::new() };
    let place = |i: usize| ((len as f64).powf(i as f64 / wanted.max(1) as f64) - 1.0).round() as usize;
    let mut places: Vec<usize> = (0..=wanted).map(|i| place(i).min(last)).collect();
    places.dedup();
    places
}

/// The size of the vocabulary for other values of `min_df`.
pub(super) fn min_df(learnt: &Learning, limits: DocumentFrequency, vocabulary_size: u64) -> Result<Chart> {
    let DocumentFrequency { min, max } = limits;
    let sizes = sizes(learnt, max);
    let chosen = min.documents(learnt.documents).ceil().max(1.0);
    let size_at = |df: f64| sizes.iter().find(|(least, _)| *least as f64 >= df).map_or(0, |&(_, size)| size);
    let (widest, largest) = (sizes.last().map_or(1, |&(df, _)| df), sizes.first().map_or(1, |&(_, size)| size));
    let points = spread(sizes.len(), POINTS).into_iter().filter_map(|place| sizes.get(place));
    // Up to the lowest document frequency, the curve is level.
    let points = std::iter::once(&(1, largest)).chain(points).map(|&(df, size)| (df as f64, size as f64)).collect();
    let marked = (chosen, size_at(chosen) as f64);
    let plot = Plot {
        x: Axis { title: "min_df", range: (1.0, (widest as f64).max(chosen).max(2.0)), is_log: true },
        y: Axis { title: "words", range: (0.0, (largest as f64 * 1.08).max(1.0)), is_log: false },
        lines: vec![points],
        is_filled: true,
        mark: Some(Mark { at: marked, note: format!("min_df {min}: {} words", grouped(size_at(chosen))) }),
    };
    let tried = [1_u64, 2, 3, 4, 5, 6, 10, 20, 50, 100, 1000, 10_000];
    let line = |df: u64| vec![grouped(df), grouped(size_at(df as f64)), percent(size_at(df as f64), largest)];
    let mut summary = format!(
        "min_df {min} keeps {3} of {0} distinct words in {1} images of {2} ({4}).",
        grouped(largest),
        grouped(learnt.documents),
        learnt.split,
        grouped(size_at(chosen)),
        percent(size_at(chosen), largest)
    );
    if vocabulary_size < size_at(chosen) {
        summary += &format!(" max_features keeps {} of them.", grouped(vocabulary_size));
    }
    summary += " min_df is the number of images in which a word must occur. Rarer words are dropped.";
    Ok(Chart {
        summary,
        header: ["min_df", "words", "share"].map(String::from).to_vec(),
        lines: tried.into_iter().filter(|&df| df <= widest).map(line).collect(),
        ..Chart::new("min-df", "What min_df cuts", &plot)?
    })
}

/// For each document frequency that occurs, the number of words with at least that frequency and at
/// most `max`.
fn sizes(learnt: &Learning, max: Limit) -> Vec<(u64, u64)> {
    let most = max.documents(learnt.documents);
    let mut sizes = Vec::with_capacity(learnt.document_frequencies.len());
    let mut size: u64 = 0;
    for &(df, words) in learnt.document_frequencies.iter().rev().filter(|(df, _)| *df as f64 <= most) {
        size = size.saturating_add(words);
        sizes.push((df, size));
    }
    sizes.reverse();
    sizes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_are_as_wide_as_a_person_would_make_them() {
        assert_eq!([0, 49, 50, 99, 100, 249, 250, 500, 999, 5000].map(bin_width), [1, 1, 2, 2, 5, 5, 10, 20, 20, 200]);
        let images = BTreeMap::from([(0, 1), (3, 2), (4, 1), (900, 1)]);
        assert_eq!(binned(&images, 2, 5), [20.0, 40.0, 20.0]);
    }

    #[test]
    fn quantiles_are_values_that_there_are() {
        let images = BTreeMap::from([(0, 1), (3, 2), (4, 1)]);
        assert_eq!([0.0, 0.25, 0.26, 0.75, 0.76, 1.0].map(|share| quantile(&images, share)), [0, 0, 3, 3, 4, 4]);
        assert_eq!(quantile(&BTreeMap::new(), 0.5), 0);
    }

    #[test]
    fn the_sentences_are_true_for_few_and_many_images() {
        let typical = |images: &[(u64, u64)]| typical(&images.iter().copied().collect());
        assert_eq!(typical(&[]), "there is no image");
        assert_eq!(typical(&[(1, 2)]), "every image has 1 word");
        assert_eq!(typical(&[(3, 2_000_000)]), "every image has 3 words");
        assert_eq!(typical(&[(1, 1), (3, 1)]), "the images have 1 to 3 words, 2.0 on average");
        assert_eq!(share(&[]), "no word occurs");
        assert_eq!(share(&[7]), "one word occurs");
        assert_eq!(share(&[1, 1, 1, 1]), "the most frequent of 4 words makes up 25.0% of all occurrences");
        assert_eq!(share(&[2; 2_000]), "the 200 most frequent of 2,000 words make up 10.0% of all occurrences");
    }

    #[test]
    fn a_long_list_is_thinned_towards_its_end() {
        assert_eq!(spread(5, 240), [0, 1, 2, 3, 4]);
        let places = spread(100_000, 10);
        assert_eq!((places.first(), places.last(), places.len()), (Some(&0), Some(&99_999), 11));
        assert!(spread(0, 10).is_empty());
    }

    #[test]
    fn the_curve_counts_the_words_at_each_min_df_and_knows_of_max_df() {
        let document_frequencies = vec![(1, 5), (2, 3), (7, 1), (9, 1)];
        let learnt = Learning { split: "dev".into(), documents: 10, document_frequencies, dropped: Vec::new() };
        assert_eq!(sizes(&learnt, Limit::Share(1.0)), [(1, 10), (2, 5), (7, 2), (9, 1)]);
        assert_eq!(sizes(&learnt, Limit::Share(0.8)), [(1, 9), (2, 4), (7, 1)]);
    }
}
