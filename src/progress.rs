//! How a run tells what it is doing, and hears that it should stop. Silent by default.

/// Receives word of a run's steps. Every method has a default that does nothing.
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
    /// A step begins: `total` images are to be done in it; 0 if it is not counted in images, or not known how much there is.
    fn begin(&self, _step: &str, _total: u64) {}

    /// `images` more of the current step are done.
    fn advance(&self, _images: u64) {}

    /// The current step is done.
    fn end(&self) {}

    /// Something that a person should know, though the run goes on.
    fn warn(&self, _message: &str) {}

    /// Whether the run should stop: it then ends with [`Error::Interrupted`](crate::Error::Interrupted) and leaves nothing behind.
    fn is_cancelled(&self) -> bool {
        false
    }
}

/// The [`Progress`] that says nothing and never stops a run.
///
/// ```
/// use amc_keywords::{Progress, Silent};
///
/// assert!(!Silent.is_cancelled());
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {}
