//! The choice of the forms in which the words of a split are written.

use serde_json::{Map, Value, json};

use super::content::MatrixContent;
use super::form::{Extent, Form, InputSize};
use super::layout::Layout;
use super::padded::{self, Padding};
use super::{csr, pairs, parquet, ranges};
use crate::error::{Error, Result};
use crate::files::names::FormFile;
use keyword_files::npy::header::Dtype;

/// The forms in which the words of a split are written. Each form has its own files. The default is
/// only the pairs.
///
/// ```
/// use std::num::NonZeroUsize;
/// use amc_keywords::{Clickture, ClicktureSplit, Dtype, Emit, Padding, Settings, Silent};
///
/// let to = NonZeroUsize::new(16).unwrap();
/// let emit = Emit { csr: true, padded: Some(Padding { to, id: -1 }), ..Emit::default() };
/// let out = std::env::temp_dir().join(format!("amc-keywords-emit-{}", std::process::id()));
/// let splits = Some(vec![ClicktureSplit::Dev]);
/// let clickture = Clickture { root: "sample".into(), out: Some(out.clone()), splits };
/// let summary = clickture.run(&Settings { emit, ..Settings::default() }, &Silent)?;
/// let names: Vec<&str> = summary.outputs.iter().map(|output| output.name.as_str()).take(5).collect();
/// assert_eq!(names, [
///     "img_keyword_ind_clickture_dev_sk_6_sparse.npy",
///     "img_keyword_ind_clickture_dev_sk_6_sparse_csr.npz",
///     "img_keyword_ind_clickture_dev_sk_6_sparse_csr_rows.npy",
///     "img_keyword_ind_clickture_dev_sk_6_sparse_padded.npy",
///     "img_keyword_ind_clickture_dev_sk_6_sparse_padded_mask.npy",
/// ]);
/// let mask = &summary.outputs[4];
/// assert_eq!((mask.shape.as_deref(), mask.dtype), (Some(&[200, 16][..]), Some(Dtype::Uint8)));
/// # std::fs::remove_dir_all(out)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Emit {
    /// The pairs `[img_id, word_id]`, N x 2. With [`Layout::Script`] they are always written.
    pub pairs: bool,
    /// The ranges `[first row, last row]` of each image id in the pairs, N x 2, see
    /// [`Ranges`](crate::Ranges). With [`Layout::Script`] the main file contains them, so they must
    /// not be requested here.
    pub ranges: bool,
    /// The counts of each word in each image: a sparse matrix (CSR) of int64 for
    /// `scipy.sparse.load_npz`. It equals byte for byte what `scipy.sparse.save_npz(…,
    /// compressed=False)` writes for scikit-learn's `transform` with sorted indices. It has one row
    /// per encoded image, in list order. A second file contains the id of each row.
    pub csr: bool,
    /// The first word ids of each encoded image, in list order, and a mask of uint8 that is 1 for
    /// each word.
    pub padded: Option<Padding>,
    /// A Parquet file with one row per encoded image: `image_id` (int64), `name` (string), `words`
    /// (list of strings), `word_ids` (list of [`dtype`](Self::dtype)). Needs the cargo feature
    /// `parquet`.
    pub parquet: bool,
    /// [`Dtype::Int64`] or [`Dtype::Int32`]: the type of the elements of the pairs, the ranges and the
    /// padded ids, and of the word ids in Parquet.
    pub dtype: Dtype,
}

impl Default for Emit {
    fn default() -> Self {
        Emit { pairs: true, ranges: false, csr: false, padded: None, parquet: false, dtype: Dtype::Int64 }
    }
}

impl Emit {
    /// The names of the forms on the command line.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        let forms = [
            (pairs::NAME, self.pairs),
            (ranges::NAME, self.ranges),
            (csr::NAME, self.csr),
            (padded::NAME, self.padded.is_some()),
            (parquet::NAME, self.parquet),
        ];
        forms.into_iter().filter(|(_, wanted)| *wanted).map(|(name, _)| name)
    }

    /// Checks that the forms can be written, and can be written together.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`]: there is no form, the ranges are requested twice, the padding is invalid,
    /// or the type is neither int64 nor int32.
    pub fn check(&self, layout: Layout) -> Result<()> {
        if self.names().next().is_none() && layout == Layout::Documented {
            let what = "there is nothing to write; choose a form with --emit, such as pairs";
            return Err(Error::Refused(what.into()));
        }
        if self.ranges {
            ranges::check_layout(layout)?;
        }
        if !matches!(self.dtype, Dtype::Int64 | Dtype::Int32) {
            return Err(Error::Refused("ids are int64 or int32".into()));
        }
        if let Some(padding) = self.padded {
            padding.check(self.dtype)?;
        }
        Ok(())
    }

    /// The forms in the order in which they are written. The pairs always come first, because they
    /// count the rows.
    pub(super) fn forms(&self, layout: Layout, extent: Extent) -> Vec<Box<dyn Form>> {
        let pairs = self.pairs_file(layout);
        let mut forms: Vec<Box<dyn Form>> = vec![Box::new(pairs::Pairs { file: pairs })];
        if let Some(file) = self.ranges_file(layout).filter(|_| extent == Extent::Whole) {
            forms.push(Box::new(ranges::RangesForm { file }));
        }
        if self.csr {
            forms.push(Box::new(csr::Csr));
        }
        if let Some(padding) = self.padded {
            forms.push(Box::new(padded::Padded(padding)));
        }
        if self.parquet {
            forms.push(Box::new(parquet::Parquet));
        }
        forms
    }

    /// The file of the ranges if they are written.
    pub(crate) fn ranges_file(&self, layout: Layout) -> Option<FormFile> {
        match layout {
            Layout::Documented => self.ranges.then_some(FormFile::Ranges),
            Layout::Script => Some(FormFile::Main),
        }
    }

    /// The file of the pairs if they are written.
    pub(crate) fn pairs_file(&self, layout: Layout) -> Option<FormFile> {
        match layout {
            Layout::Documented => self.pairs.then_some(FormFile::Main),
            Layout::Script => Some(FormFile::Records),
        }
    }

    pub(super) fn has_ranges(&self, layout: Layout) -> bool {
        self.ranges_file(layout).is_some()
    }

    /// Checks that the pairs, if they are written, can hold the id of every encoded image.
    ///
    /// # Errors
    ///
    /// An id does not fit. The error names the first one.
    pub(crate) fn check_ids(&self, layout: Layout, content: &MatrixContent<'_>) -> Result<()> {
        match self.pairs_file(layout) {
            Some(_) => pairs::check_ids(content, self.dtype),
            None => Ok(()),
        }
    }

    /// The options for the manifest.
    pub(crate) fn for_manifest(&self) -> Map<String, Value> {
        let options = [
            ("emit", json!(self.names().collect::<Vec<_>>())),
            ("pad_to", json!(self.padded.map(|padding| padding.to))),
            ("pad_id", json!(self.padded.map(|padding| padding.id))),
            ("dtype", json!(self.dtype)),
        ];
        options.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// A lower bound of the size of the outputs of some images with this number of bytes of JSON.
    pub(crate) fn likely_size(&self, layout: Layout, images: u64, json_bytes: u64) -> u64 {
        let input = InputSize { images, json_bytes };
        let sizes = self.forms(layout, Extent::Whole).into_iter().map(|form| form.likely_size(input, self.dtype));
        sizes.fold(0, u64::saturating_add)
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use super::*;

    #[test]
    fn forms_that_exclude_each_other_are_refused() {
        let padded = |to, id| Some(Padding { to: NonZeroUsize::new(to).unwrap(), id });
        let message = |emit: Emit, layout| emit.check(layout).map_err(|error| error.to_string());
        let none = Emit { pairs: false, ..Emit::default() };
        let nothing = "there is nothing to write; choose a form with --emit, such as pairs";
        assert_eq!(message(none.clone(), Layout::Documented).unwrap_err(), nothing);
        assert_eq!(message(none, Layout::Script), Ok(()));
        let twice = "with --layout script the main file contains the ranges; remove ranges from \
                     --emit";
        assert_eq!(message(Emit { ranges: true, ..Emit::default() }, Layout::Script).unwrap_err(), twice);
        let wide = Emit { padded: padded(1_000_001, 0), ..Emit::default() };
        let narrower = "a padded row has at most 1000000 words; use a smaller --pad-to";
        assert_eq!(message(wide, Layout::Documented).unwrap_err(), narrower);
        let int32 = |id| Emit { padded: padded(1, id), dtype: Dtype::Int32, ..Emit::default() };
        let smaller = "the padding 2147483648 does not fit into int32; choose another --pad-id, or \
                       --dtype int64";
        assert_eq!(message(int32(1 << 31), Layout::Documented).unwrap_err(), smaller);
        assert_eq!(message(int32(-(1 << 31)), Layout::Documented), Ok(()));
        let bytes = Emit { dtype: Dtype::Uint8, ..Emit::default() };
        assert_eq!(message(bytes, Layout::Documented).unwrap_err(), "ids are int64 or int32");
    }

    #[test]
    fn the_likely_size_is_the_sum_over_the_forms() {
        let emit = Emit::default();
        assert_eq!(emit.likely_size(Layout::Documented, 10, 3200), 1600);
        let emit = Emit { pairs: false, csr: true, padded: Some(Padding { to: NonZeroUsize::MIN, id: -1 }), ..emit };
        assert_eq!(emit.likely_size(Layout::Documented, 10, 3200), 1200 + 90);
        assert_eq!(emit.likely_size(Layout::Script, 10, 3200), 1600 + 1200 + 90);
    }
}
