//! The numbers of the page, counted from the files of a set.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use crate::error::{Problem, Result};
use crate::files::manifest::SplitCounts;
use crate::files::names;
use crate::files::statistics::Statistics;
use crate::progress::Progress;
use crate::readback::frequencies::Frequencies;
use crate::readback::matrix::MatrixFile;
use crate::readback::pairs::PairsReader;
use crate::readback::written_set::WrittenSet;
use count_vectorizer::Vocabulary;

/// The numbers of a page.
#[derive(Debug)]
pub(super) struct Figures {
    pub vocabulary: Vocabulary,
    pub statistics: Statistics,
    /// The splits in the order in which they were encoded.
    pub splits: Vec<SplitFigures>,
}

/// The numbers of one split.
#[derive(Debug)]
pub(super) struct SplitFigures {
    pub counts: SplitCounts,
    pub frequencies: Frequencies,
    /// The number of images by the number of their words.
    pub words_per_image: BTreeMap<u64, u64>,
}

impl Figures {
    /// Counts in two passes over the pairs of each split.
    pub fn of_set(set: &WrittenSet, progress: &dyn Progress) -> Result<Figures> {
        let statistics = read_statistics(set)?;
        let (mut vocabulary, mut splits) = (Vocabulary::default(), Vec::new());
        for matrix in set.matrices() {
            let MatrixFile { mut pairs, vocabulary: words, split, .. } = MatrixFile::of_set(set, &matrix, None)?;
            let path = pairs.path().to_path_buf();
            let missing = |what: &str| Problem::new(&path, format!("expected {what} in {}", set.name)).hint(RUN_AGAIN);
            let counts = split.ok_or_else(|| missing("the counts of its split"))?;
            let words = words.ok_or_else(|| missing("its vocabulary"))?;
            let words_per_image = words_per_image(&mut pairs, &counts, progress)?;
            let frequencies = Frequencies::count(pairs, words.len(), progress)?;
            splits.push(SplitFigures { counts, frequencies, words_per_image });
            vocabulary = words;
        }
        set.refuse_replaced()?;
        if splits.is_empty() {
            let problem = Problem::new(set.path_to(&set.name), "expected the pairs of a split among the outputs");
            return Err(problem.hint("write them too, with --emit pairs").into());
        }
        Ok(Figures { vocabulary, statistics, splits })
    }
}

const RUN_AGAIN: &str = "run the job again to write the files";

/// The largest accepted size of the statistics. Runs write much less.
const MOST_MIB: u64 = 64;

fn read_statistics(set: &WrittenSet) -> Result<Statistics> {
    let name = names::statistics(set.set());
    let Some(output) = set.output(&name) else {
        let problem = Problem::new(set.path_to(&set.name), format!("expected {name} among the outputs"));
        return Err(problem.hint("an earlier version wrote them; run the job again").into());
    };
    let bytes = set.bytes_of(output, "statistics", MOST_MIB)?;
    Statistics::from_json(&bytes).map_err(|what| Problem::new(set.path_to(&name), what).hint(RUN_AGAIN).into())
}

/// The number of images by the number of their words. Adjacent rows of the same image are one
/// image, as in [`Frequencies`].
fn words_per_image(pairs: &mut PairsReader, counts: &SplitCounts, progress: &dyn Progress) -> Result<BTreeMap<u64, u64>> {
    let mut images: BTreeMap<u64, u64> = BTreeMap::new();
    let add = |words: &mut u64, _| *words += 1;
    pairs.each_run(progress, add, |_, words| {
        *images.entry(std::mem::take(words)).or_default() += 1;
        ControlFlow::Continue(())
    })?;
    if counts.images_without_a_word > 0 {
        images.insert(0, counts.images_without_a_word);
    }
    Ok(images)
}
