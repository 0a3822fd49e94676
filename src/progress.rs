//! The progress of a run, and its cancellation.

use crate::error::{Error, Result};

/// Receives the steps and warnings of a run. Every method does nothing by default.
///
/// Methods are called from several threads at once.
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use amc_keywords::{Clickture, ClicktureSplit, Progress, Settings};
///
/// #[derive(Default)]
/// struct Count(AtomicU64);
///
/// impl Progress for Count {
///     fn advance(&self, images: u64) {
///         self.0.fetch_add(images, Ordering::Relaxed);
///     }
/// }
///
/// let out = std::env::temp_dir().join(format!("amc-keywords-progress-{}", std::process::id()));
/// let clickture = Clickture { root: "sample".into(), out: Some(out.clone()), splits: Some(vec![ClicktureSplit::Dev]) };
/// let count = Count::default();
/// clickture.run(&Settings::default(), &count)?;
/// assert_eq!(count.0.into_inner(), 400); // 200 images are read, then written
/// # std::fs::remove_dir_all(out).unwrap();
/// # Ok::<(), amc_keywords::Error>(())
/// ```
pub trait Progress: Sync {
    /// A step with `total` images begins. `total` is 0 if the number is unknown or the step is not
    /// counted in images.
    fn begin(&self, _step: &str, _total: u64) {}

    /// `images` more images of the current step are done.
    fn advance(&self, _images: u64) {}

    /// The current step is done.
    fn end(&self) {}

    /// Reports something unusual. The run continues.
    fn warn(&self, _message: &str) {}

    /// Whether the run should stop. It then returns
    /// [`Error::Interrupted`](crate::Error::Interrupted) and leaves no files.
    fn is_cancelled(&self) -> bool {
        false
    }
}

impl dyn Progress + '_ {
    /// Ends a loop with an error if the run is cancelled.
    pub(crate) fn stop_if_cancelled(&self) -> Result<()> {
        if self.is_cancelled() { Err(Error::Interrupted) } else { Ok(()) }
    }
}

/// A [`Progress`] that prints nothing and never cancels.
///
/// ```
/// use amc_keywords::{Progress, Silent};
///
/// assert!(!Silent.is_cancelled());
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {}
