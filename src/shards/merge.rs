//! Merges sorted lists of terms as streams. At most [`FAN_IN`] lists are open at a time, so the
//! memory does not depend on the number of parts.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::fs::File;
use std::path::{Path, PathBuf};

use super::term::{Term, TermSource};
use super::term_file::{TermFile, TermWriter};
use super::terms::open_terms;
use crate::error::{Error, Problem, Result};
use crate::parallel::in_parallel;
use crate::progress::Progress;

/// The most lists that are merged at a time.
pub(super) const FAN_IN: usize = 64;

/// Several sorted lists as one.
pub(super) struct MergedLists<S> {
    sources: Vec<S>,
    heads: BinaryHeap<Reverse<NextTerm>>,
}

/// The next term of a source.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct NextTerm {
    term: Term,
    source: usize,
}

impl<S: TermSource> MergedLists<S> {
    /// # Errors
    ///
    /// A source cannot be read.
    pub fn new(mut sources: Vec<S>) -> Result<Self> {
        let mut heads = BinaryHeap::with_capacity(sources.len());
        for (number, source) in sources.iter_mut().enumerate() {
            let mut term = Term::default();
            if source.read(&mut term)? {
                heads.push(Reverse(NextTerm { term, source: number }));
            }
        }
        Ok(MergedLists { sources, heads })
    }

    /// Replaces `term` by the next entry, and returns the number of its source, or `None` at the
    /// end. A term comes once for each source that contains it.
    ///
    /// # Errors
    ///
    /// A source cannot be read or is not sorted.
    pub fn next_entry(&mut self, term: &mut Term) -> Result<Option<usize>> {
        let Some(mut head) = self.heads.peek_mut() else { return Ok(None) };
        let Reverse(NextTerm { term: next, source: number }) = &mut *head;
        std::mem::swap(term, next);
        let number = *number;
        let Some(source) = self.sources.get_mut(number) else { return Ok(None) };
        if !source.read(next)? {
            PeekMut::pop(head);
        } else if next.text <= term.text {
            return Err(Problem::new(source.path(), "its terms are not sorted").hint(super::advice::COUNT_AGAIN).into());
        }
        Ok(Some(number))
    }

    /// Replaces `sum` by the next term with the sums of its numbers. Returns `false` at the end.
    ///
    /// # Errors
    ///
    /// Those of [`next_entry`](Self::next_entry).
    pub fn next_sum(&mut self, sum: &mut Term, spare: &mut Term) -> Result<bool> {
        if self.next_entry(sum)?.is_none() {
            return Ok(false);
        }
        while self.heads.peek().is_some_and(|Reverse(head)| head.term.text == sum.text) {
            self.next_entry(spare)?;
            sum.numbers.iter_mut().zip(spare.numbers).for_each(|(sum, number)| *sum = sum.saturating_add(number));
        }
        Ok(true)
    }
}

/// Where a merge writes, and how.
#[derive(Clone, Copy)]
pub(super) struct MergeContext<'a> {
    /// The folder of the temporary files, which have no names.
    pub scratch: &'a Path,
    pub jobs: usize,
    pub progress: &'a dyn Progress,
}

/// Adds up the frequencies of the terms of all files.
///
/// # Errors
///
/// A file cannot be read, a temporary file cannot be written, or the run is cancelled.
pub(super) fn add_up(files: &[PathBuf], context: MergeContext<'_>) -> Result<TermFile> {
    let groups: Vec<&[PathBuf]> = files.chunks(FAN_IN).collect();
    let merge_group = |group: &&[PathBuf]| {
        let sources = group.iter().map(|path| open_terms(path)).collect::<Result<Vec<_>>>()?;
        merge(sources, context)
    };
    let mut runs: Vec<TermFile> = in_parallel(&groups, context.jobs, merge_group).into_iter().collect::<Result<_>>()?;
    while runs.len() > 1 {
        let mut merged = Vec::new();
        let mut rest = runs.into_iter().peekable();
        while rest.peek().is_some() {
            merged.push(merge(rest.by_ref().take(FAN_IN).collect(), context)?);
        }
        runs = merged;
    }
    match runs.pop() {
        Some(run) => Ok(run),
        None => merge(Vec::<TermFile>::new(), context),
    }
}

fn merge(sources: Vec<impl TermSource>, context: MergeContext<'_>) -> Result<TermFile> {
    let scratch = context.scratch;
    let file: File = tempfile::tempfile_in(scratch).map_err(Error::io(scratch, "make a temporary file in"))?;
    let mut writer = TermWriter::new(file);
    let mut merge = MergedLists::new(sources)?;
    let (mut sum, mut spare) = (Term::default(), Term::default());
    let mut terms = 0_u64;
    while merge.next_sum(&mut sum, &mut spare)? {
        writer.write(&sum).map_err(Error::io(scratch, "write a temporary file in"))?;
        terms += 1;
        if terms.is_multiple_of(1 << 16) && context.progress.is_cancelled() {
            return Err(Error::Interrupted);
        }
    }
    let file = writer.finish().map_err(Error::io(scratch, "write a temporary file in"))?;
    TermFile::of(file, scratch)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A list in memory.
    struct List(std::vec::IntoIter<(&'static str, u64)>);

    impl TermSource for List {
        fn read(&mut self, term: &mut Term) -> Result<bool> {
            let Some((text, documents)) = self.0.next() else { return Ok(false) };
            *term = Term { text: text.into(), numbers: [documents, 10 * documents] };
            Ok(true)
        }

        fn path(&self) -> &Path {
            Path::new("list")
        }
    }

    fn merged(lists: Vec<Vec<(&'static str, u64)>>) -> Result<Vec<(String, [u64; 2])>> {
        let mut merge = MergedLists::new(lists.into_iter().map(|list| List(list.into_iter())).collect())?;
        let (mut sum, mut spare, mut found) = (Term::default(), Term::default(), Vec::new());
        while merge.next_sum(&mut sum, &mut spare)? {
            found.push((String::from_utf8(sum.text.clone()).unwrap(), sum.numbers));
        }
        Ok(found)
    }

    #[test]
    fn numbers_of_equal_terms_are_added_up() {
        let lists = vec![vec![("a", 1), ("b", 2), ("é", 1)], vec![], vec![("b", 3)], vec![("a", 1), ("c", 5)]];
        let expected = [("a", [2, 20]), ("b", [5, 50]), ("c", [5, 50]), ("é", [1, 10])];
        assert_eq!(merged(lists).unwrap(), expected.map(|(text, numbers)| (text.to_owned(), numbers)));
    }

    #[test]
    fn a_list_that_is_not_sorted_is_refused() {
        let message = merged(vec![vec![("b", 1), ("a", 1)]]).unwrap_err().to_string();
        assert_eq!(message, format!("list: its terms are not sorted; {}", crate::shards::advice::COUNT_AGAIN));
    }
}
