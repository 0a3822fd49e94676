//! The person at the other end: warnings and progress on stderr, results on stdout, and the signals that ask to stop.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::time::Instant;

use amc_keywords::{FolderCheck, Progress, Summary};
use anyhow::Context;
use serde_json::json;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use super::options::RunOptions;
use super::{folder_check, summary};

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
        Ok(Terminal { is_verbose: options.verbose, as_json: options.json, ..Terminal::reading(options.quiet)? })
    }

    /// The same for what only reads, and tells of nothing but its result.
    pub fn reading(is_quiet: bool) -> anyhow::Result<Self> {
        let listen = |signal, status| -> io::Result<Arc<AtomicBool>> {
            let heard = Arc::new(AtomicBool::new(false));
            flag::register_conditional_shutdown(signal, status, Arc::clone(&heard))?;
            flag::register(signal, Arc::clone(&heard))?;
            Ok(heard)
        };
        // A handler, any handler, makes a write past `ulimit -f` an error that names the file, where the default is to die.
        #[cfg(unix)]
        flag::register(signal_hook::consts::SIGXFSZ, Arc::default()).context("cannot listen for SIGXFSZ")?;
        Ok(Terminal {
            begun: Instant::now(),
            is_quiet,
            is_verbose: false,
            as_json: false,
            interrupted: listen(SIGINT, 130).context("cannot listen for Ctrl-C")?,
            terminated: listen(SIGTERM, 143).context("cannot listen for SIGTERM")?,
        })
    }

    /// Prints what a run did.
    pub fn print_summary(&self, summary: &Summary) -> anyhow::Result<ExitCode> {
        let seconds = self.begun.elapsed().as_secs_f64();
        if self.is_verbose {
            let _ = io::stderr().write_all(summary::times(summary).as_bytes());
        }
        let text = if self.as_json { summary::json(summary, seconds)? } else { summary::table(summary, seconds) };
        let printed = self.print(&text);
        printed.with_context(|| format!("{}: the files are in place, but not all was told", summary.out.display()))?;
        Ok(ExitCode::SUCCESS)
    }

    /// Prints what a check found; files that are not as they should be are an error, with what to do `next`.
    pub fn print_check(&self, check: &FolderCheck, next: &str) -> anyhow::Result<ExitCode> {
        self.print(&folder_check::text(check, self.as_json)?)?;
        folder_check::verdict(check, next)
    }

    /// Prints the paths of files that were written, a line each, or as one line of JSON.
    pub fn print_paths(&self, paths: &[PathBuf]) -> anyhow::Result<()> {
        let names: Vec<_> = paths.iter().map(|path| path.to_string_lossy()).collect();
        let text = if self.as_json { serde_json::to_string(&json!({ "written": names }))? } else { names.join("\n") };
        self.print(&(text + "\n"))
    }

    /// Prints a page in place of a file: it is the result, whatever talk there is to be.
    pub fn print_page(&self, page: &str) -> anyhow::Result<ExitCode> {
        write_out(page)?;
        Ok(ExitCode::SUCCESS)
    }

    /// Prints a result, unless there is to be no talk.
    fn print(&self, text: &str) -> anyhow::Result<()> {
        if self.is_quiet && !self.as_json {
            return Ok(());
        }
        write_out(text)
    }
}

/// A reader that has gone away is no error.
fn write_out(text: &str) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error).context("cannot write to standard output"),
        _ => Ok(()),
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
