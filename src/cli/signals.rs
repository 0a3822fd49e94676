//! The signals that ask a run to stop.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// 128 and the signal's number, as a shell reports it.
const INTERRUPTED: u8 = 130;
const TERMINATED: u8 = 143;

/// Whether the run was asked to stop. Clones hear the same signals.
#[derive(Debug, Clone, Default)]
pub struct Signals {
    pub(super) interrupted: Arc<AtomicBool>,
    terminated: Arc<AtomicBool>,
}

impl Signals {
    /// Begins to listen. A second Ctrl-C ends the program at once.
    pub fn listen() -> anyhow::Result<Signals> {
        let listen = |signal, status: u8| -> io::Result<Arc<AtomicBool>> {
            let heard = Arc::new(AtomicBool::new(false));
            flag::register_conditional_shutdown(signal, status.into(), Arc::clone(&heard))?;
            flag::register(signal, Arc::clone(&heard))?;
            Ok(heard)
        };
        // A handler, any handler, makes a write past `ulimit -f` an error that names the file, where the default is to die.
        #[cfg(unix)]
        flag::register(signal_hook::consts::SIGXFSZ, Arc::default()).context("cannot listen for SIGXFSZ")?;
        Ok(Signals {
            interrupted: listen(SIGINT, INTERRUPTED).context("cannot listen for Ctrl-C")?,
            terminated: listen(SIGTERM, TERMINATED).context("cannot listen for SIGTERM")?,
        })
    }

    /// The exit status of a run that was asked to stop.
    pub fn heard(&self) -> Option<u8> {
        let terminated = self.terminated.load(Ordering::Relaxed).then_some(TERMINATED);
        terminated.or_else(|| self.interrupted.load(Ordering::Relaxed).then_some(INTERRUPTED))
    }
}
