//! How a run tells what it is doing, and hears that it should stop. Silent by default.

/// Receives word of a run's steps. Every method has a default that does nothing.
///
/// Methods are called from several threads at once.
pub trait Progress: Sync {
    /// A step begins: `total` images are to be done in it.
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

/// The silent [`Progress`].
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {}
