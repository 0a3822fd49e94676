//! Points at which a test can abort the process, as a kill at that instant would.

/// Aborts if the environment variable `AMC_KEYWORDS_ABORT_AT` names this point. Does nothing in a
/// release build.
#[cfg(any(test, feature = "fault-injection"))]
pub(super) fn reach(point: &str) {
    if std::env::var_os("AMC_KEYWORDS_ABORT_AT").is_some_and(|wanted| wanted == point) {
        std::process::abort();
    }
}

/// Aborts if the environment variable `AMC_KEYWORDS_ABORT_AT` names this point. Does nothing in a
/// release build.
#[cfg(not(any(test, feature = "fault-injection")))]
pub(super) fn reach(_point: &str) {}
