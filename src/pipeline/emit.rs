//! The forms in which a split's rows are written.

use std::num::NonZeroUsize;

use serde_json::{Map, Value, json};

use crate::dataset::{Image, Split};
use crate::error::{Error, Problem, Result};
use crate::matrix::Layout;
use crate::output::npy::Dtype;

/// The forms in which a split's words are written, each into files of its own beside the main file. By default the pairs alone.
///
/// ```
/// use std::num::NonZeroUsize;
/// use amc_keywords::{Clickture, ClicktureSplit, Dtype, Emit, Padding, Settings, Silent};
///
/// let to = NonZeroUsize::new(16).unwrap();
/// let emit = Emit { csr: true, padded: Some(Padding { to, id: -1 }), ..Emit::default() };
/// let out = std::env::temp_dir().join(format!("amc-keywords-emit-{}", std::process::id()));
/// let clickture = Clickture { root: "sample".into(), out: Some(out.clone()), splits: Some(vec![ClicktureSplit::Dev]) };
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
    /// The ranges `[first row, last row]` of each image id in the pairs, N x 2, see [`Ranges`](crate::Ranges). With
    /// [`Layout::Script`] the main file holds them, and they cannot be asked for here.
    pub ranges: bool,
    /// How often each image has each word: a sparse matrix (CSR) of int64 that `scipy.sparse.load_npz` loads, byte for byte what
    /// `scipy.sparse.save_npz(…, compressed=False)` writes for scikit-learn's `transform` with sorted indices. It has a row for each
    /// image that was encoded, in list order, and a second file has the id of each row.
    pub csr: bool,
    /// The first word ids of each image that was encoded, in list order, and a mask of uint8: 1 where there is a word.
    pub padded: Option<Padding>,
    /// A Parquet file with a row for each image that was encoded: `image_id` (int64), `name` (string), `words` (list of strings),
    /// `word_ids` (list of [`dtype`](Self::dtype)). Needs the cargo feature `parquet`.
    pub parquet: bool,
    /// [`Dtype::Int64`] or [`Dtype::Int32`]: the elements of the pairs, the ranges, the padded ids, and Parquet's word ids.
    pub dtype: Dtype,
}

/// The width of the padded rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Padding {
    /// The words that a row has room for; what an image has more is cut off.
    pub to: NonZeroUsize,
    /// What stands where an image has no more words.
    pub id: i64,
}

impl Padding {
    /// The widest rows there can be: 8 MB.
    pub const MOST: usize = 1_000_000;
}

impl Default for Emit {
    fn default() -> Self {
        Emit { pairs: true, ranges: false, csr: false, padded: None, parquet: false, dtype: Dtype::Int64 }
    }
}

impl Emit {
    /// Whether this program can write Parquet: the cargo feature `parquet`.
    pub const HAS_PARQUET: bool = cfg!(feature = "parquet");

    /// The names of the forms, as on the command line.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        let forms = [
            ("pairs", self.pairs),
            ("ranges", self.ranges),
            ("csr", self.csr),
            ("padded", self.padded.is_some()),
            ("parquet", self.parquet),
        ];
        forms.into_iter().filter(|(_, wanted)| *wanted).map(|(name, _)| name)
    }

    /// What cannot be had, or not together.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`]: no form at all, the ranges twice, a padding of no use, another type than int64 and int32, or Parquet where
    /// it was not compiled in.
    pub fn check(&self, layout: Layout) -> Result<()> {
        let wrong = |what: String| Err(Error::Refused(what));
        if self.names().next().is_none() && layout == Layout::Documented {
            return wrong("there is nothing to write: name a form with --emit, such as pairs".into());
        }
        if self.ranges && layout == Layout::Script {
            return wrong("with --layout script the main file holds the ranges: leave ranges out of --emit".into());
        }
        if !matches!(self.dtype, Dtype::Int64 | Dtype::Int32) {
            return wrong("ids are int64 or int32".into());
        }
        if let Some(Padding { to, id }) = self.padded {
            if to.get() > Padding::MOST {
                return wrong(format!("a padded row has {} words at most: give --pad-to a smaller number", Padding::MOST));
            }
            if !self.dtype.fits(id) {
                return wrong(format!("the padding {id} does not fit into int32: choose another --pad-id, or --dtype int64"));
            }
        }
        if self.parquet && !Self::HAS_PARQUET {
            return wrong("Parquet was not compiled in: build with --features parquet".into());
        }
        Ok(())
    }

    /// Whether the id of every image that is encoded fits into the pairs; `is_encoded` tells it of a place in the list.
    ///
    /// # Errors
    ///
    /// Names the first that does not.
    pub(crate) fn check_ids(&self, layout: Layout, split: &Split, is_encoded: impl Fn(usize) -> bool) -> Result<()> {
        let is_too_large = |(place, image): &(usize, &Image)| !self.dtype.fits(image.id as i64) && is_encoded(*place);
        let found = split.images.iter().enumerate().find(is_too_large);
        match found.filter(|_| self.pairs || layout == Layout::Script) {
            None => Ok(()),
            Some((place, image)) => {
                let what = format!("the image id {} does not fit into int32", image.id);
                let problem = Problem::new(split.path_of(place), what).in_member(split.image_name(place));
                Err(problem.hint("use --dtype int64").into())
            }
        }
    }

    /// Whether a number of this kind fits into the ids' type, the largest of them being `largest`.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if it does not.
    pub(crate) fn check_fits(&self, kind: &str, largest: u64) -> Result<()> {
        if i64::try_from(largest).is_ok_and(|largest| self.dtype.fits(largest)) {
            return Ok(());
        }
        Err(Error::Refused(format!("{kind} go up to {largest}, which does not fit into int32; use --dtype int64")))
    }

    /// The options that the outputs depend on, for the manifest.
    pub(crate) fn for_manifest(&self) -> Map<String, Value> {
        let options = [
            ("emit", json!(self.names().collect::<Vec<_>>())),
            ("pad_to", json!(self.padded.map(|padding| padding.to))),
            ("pad_id", json!(self.padded.map(|padding| padding.id))),
            ("dtype", json!(self.dtype)),
        ];
        options.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// About how many bytes the outputs of some images will have at least: a word comes from 32 bytes of JSON at the most that was seen,
    /// usually from about 12.
    pub(crate) fn likely_size(&self, layout: Layout, images: u64, json: u64) -> u64 {
        let width = self.dtype.size();
        let of_words = |bytes: u64| json.saturating_mul(bytes) / 32;
        let pairs = if self.pairs || layout == Layout::Script { of_words(2 * width) } else { 0 };
        let csr = if self.csr { of_words(12) } else { 0 };
        let row = self.padded.map_or(0, |padding| (width + 1).saturating_mul(padding.to.get() as u64));
        pairs.saturating_add(csr).saturating_add(images.saturating_mul(row))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_had_together_is_refused() {
        let padded = |to, id| Some(Padding { to: NonZeroUsize::new(to).unwrap(), id });
        let said = |emit: Emit, layout| emit.check(layout).map_err(|error| error.to_string());
        let none = Emit { pairs: false, ..Emit::default() };
        let nothing = "there is nothing to write: name a form with --emit, such as pairs";
        assert_eq!(said(none.clone(), Layout::Documented).unwrap_err(), nothing);
        assert_eq!(said(none, Layout::Script), Ok(()));
        let twice = "with --layout script the main file holds the ranges: leave ranges out of --emit";
        assert_eq!(said(Emit { ranges: true, ..Emit::default() }, Layout::Script).unwrap_err(), twice);
        let wide = Emit { padded: padded(1_000_001, 0), ..Emit::default() };
        let narrower = "a padded row has 1000000 words at most: give --pad-to a smaller number";
        assert_eq!(said(wide, Layout::Documented).unwrap_err(), narrower);
        let int32 = |id| Emit { padded: padded(1, id), dtype: Dtype::Int32, ..Emit::default() };
        let smaller = "the padding 2147483648 does not fit into int32: choose another --pad-id, or --dtype int64";
        assert_eq!(said(int32(1 << 31), Layout::Documented).unwrap_err(), smaller);
        assert_eq!(said(int32(-(1 << 31)), Layout::Documented), Ok(()));
        let bytes = Emit { dtype: Dtype::Uint8, ..Emit::default() };
        assert_eq!(said(bytes, Layout::Documented).unwrap_err(), "ids are int64 or int32");
    }

    #[test]
    fn numbers_that_int32_cannot_hold_are_refused() {
        let emit = Emit { dtype: Dtype::Int32, ..Emit::default() };
        assert!(emit.check_fits("row numbers", (1 << 31) - 1).is_ok());
        let error = emit.check_fits("row numbers", 1 << 31).unwrap_err().to_string();
        assert_eq!(error, "row numbers go up to 2147483648, which does not fit into int32; use --dtype int64");
        assert!(Emit::default().check_fits("row numbers", 1 << 31).is_ok());
    }

    #[test]
    fn the_likely_size_adds_up_the_forms() {
        let emit = Emit::default();
        assert_eq!(emit.likely_size(Layout::Documented, 10, 3200), 1600);
        let emit = Emit { pairs: false, csr: true, padded: Some(Padding { to: NonZeroUsize::MIN, id: -1 }), ..emit };
        assert_eq!(emit.likely_size(Layout::Documented, 10, 3200), 1200 + 90);
        assert_eq!(emit.likely_size(Layout::Script, 10, 3200), 1600 + 1200 + 90);
    }
}
