//! The signals that stop a run.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// Exit statuses: 128 plus the number of the signal, as shells report it.
const INTERRUPTED: u8 = 130;
const TERMINATED: u8 = 143;

/// The signals received so far. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Signals {
    pub(super) interrupted: Arc<AtomicBool>,
    terminated: Arc<AtomicBool>,
}

impl Signals {
    /// Installs the handlers. A second Ctrl-C ends the program immediately.
    pub fn listen() -> anyhow::Result<Signals> {
        let listen = |signal, status: u8| -> io::Result<Arc<AtomicBool>> {
            let received = Arc::new(AtomicBool::new(false));
            flag::register_conditional_shutdown(signal, status.into(), Arc::clone(&received))?;
            flag::register(signal, Arc::clone(&received))?;
            Ok(received)
        };
        // By default, a write past `ulimit -f` kills the program. With a handler it is an error, and
        // the message names the file.
        #[cfg(unix)]
        flag::register(signal_hook::consts::SIGXFSZ, Arc::default()).context("cannot listen for SIGXFSZ")?;
        Ok(Signals {
            interrupted: listen(SIGINT, INTERRUPTED).context("cannot listen for Ctrl-C")?,
            terminated: listen(SIGTERM, TERMINATED).context("cannot listen for SIGTERM")?,
        })
    }

    /// The exit status, if a signal was received.
    pub fn received(&self) -> Option<u8> {
        let terminated = self.terminated.load(Ordering::Relaxed).then_some(TERMINATED);
        terminated.or_else(|| self.interrupted.load(Ordering::Relaxed).then_some(INTERRUPTED))
    }
}
