//! The person at the other end: warnings and progress on stderr, results on stdout, and the signals that ask to stop.

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::time::Instant;

use amc_keywords::{Progress, Summary};
use anyhow::Context;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use super::options::RunOptions;
use super::summary;

/// 128 and the signal's number, as a shell reports it.
static STATUS: AtomicU8 = AtomicU8::new(130);

/// The exit status after a signal.
pub fn interrupted_status() -> u8 {
    STATUS.load(Ordering::Relaxed)
}

/// Tells of a run on stderr, and hears Ctrl-C.
pub struct Terminal {
    begun: Instant,
    is_quiet: bool,
    is_verbose: bool,
    as_json: bool,
    interrupted: Arc<AtomicBool>,
    terminated: Arc<AtomicBool>,
}

impl Terminal {
    /// Begins to listen for signals. A second Ctrl-C ends the program at once.
    pub fn new(options: &RunOptions) -> anyhow::Result<Self> {
        let listen = |signal, status| -> io::Result<Arc<AtomicBool>> {
            let heard = Arc::new(AtomicBool::new(false));
            flag::register_conditional_shutdown(signal, status, Arc::clone(&heard))?;
            flag::register(signal, Arc::clone(&heard))?;
            Ok(heard)
        };
        Ok(Terminal {
            begun: Instant::now(),
            is_quiet: options.quiet,
            is_verbose: options.verbose,
            as_json: options.json,
            interrupted: listen(SIGINT, 130).context("cannot listen for Ctrl-C")?,
            terminated: listen(SIGTERM, 143).context("cannot listen for SIGTERM")?,
        })
    }

    /// Prints what a run did. A reader that has gone away is no error: the work is done.
    pub fn print(&self, summary: &Summary) -> anyhow::Result<ExitCode> {
        let seconds = self.begun.elapsed().as_secs_f64();
        if self.is_verbose {
            let _ = io::stderr().write_all(summary::times(summary).as_bytes());
        }
        let text = if self.as_json {
            summary::json(summary, seconds)?
        } else if self.is_quiet {
            return Ok(ExitCode::SUCCESS);
        } else {
            summary::table(summary, seconds)
        };
        let mut stdout = io::stdout().lock();
        match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error).context("cannot write the summary"),
            _ => Ok(ExitCode::SUCCESS),
        }
    }
}

impl Progress for Terminal {
    fn warn(&self, message: &str) {
        if !self.is_quiet {
            let _ = writeln!(io::stderr(), "amc-keywords: warning: {message}");
        }
    }

    fn is_cancelled(&self) -> bool {
        if self.terminated.load(Ordering::Relaxed) {
            STATUS.store(143, Ordering::Relaxed);
            return true;
        }
        self.interrupted.load(Ordering::Relaxed)
    }
}
