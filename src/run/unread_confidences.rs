//! A warning about `--min-confidence` in data without confidences.

use keyword_files::records::Format;

use crate::dataset::split_source::SplitSource;
use crate::word_store::Tally;

/// What to do about confidences that a run did not read.
pub(super) fn next_step(source: &SplitSource) -> &'static str {
    let mut formats = source.streams.iter().map(|stream| stream.file.format());
    match !source.streams.is_empty() && formats.all(|format| format == Format::Coco) {
        true => "remove it, since scores in COCO annotations are not read",
        false => "name the confidence of each record with --confidence-field",
    }
}

/// A warning if keywords need a least confidence, and none was read. `next` says what to do.
pub(crate) fn warning(set: &str, needs_confidence: bool, tally: Tally, next: &str) -> Option<String> {
    let is_unread = needs_confidence && tally.keywords > 0 && tally.with_confidence == 0;
    is_unread.then(|| format!("{set}: --min-confidence left out no keyword, because no record has a confidence; {next}"))
}
