//! Output of a run: results on stdout, warnings and progress on stderr. Signals cancel the run.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use amc_keywords::{FolderCheck, Progress, Summary, grouped};
use anyhow::Context;
use serde_json::json;

use super::colors::WARNING;
use super::options::RunOptions;
use super::signals::Signals;
use super::steps::{ProgressKind, Steps};
use super::{folder_check, summary};

/// The exit status of the signal that was received.
static STATUS: AtomicU8 = AtomicU8::new(130);

/// The exit status after a signal.
pub fn interrupted_status() -> u8 {
    STATUS.load(Ordering::Relaxed)
}

/// The output of a run, which Ctrl-C cancels.
pub struct Terminal {
    begun: Instant,
    is_quiet: bool,
    is_verbose: bool,
    as_json: bool,
    signals: Signals,
    steps: Option<Steps>,
    /// The warnings of the run, for its result as JSON.
    warnings: Mutex<Vec<String>>,
}

impl Terminal {
    /// The output of a run with these options.
    pub fn new(options: &RunOptions) -> anyhow::Result<Self> {
        let signals = Signals::listen()?;
        let kind = if options.quiet { ProgressKind::None } else { options.progress };
        Ok(Terminal {
            begun: Instant::now(),
            is_quiet: options.quiet,
            is_verbose: options.verbose,
            as_json: options.json,
            steps: Steps::begin(kind, signals.clone()),
            signals,
            warnings: Mutex::default(),
        })
    }

    /// The output of a subcommand that only reads and shows no progress.
    pub fn reading(is_quiet: bool, is_verbose: bool) -> anyhow::Result<Self> {
        let signals = Signals::listen()?;
        let warnings = Mutex::default();
        Ok(Terminal { begun: Instant::now(), is_quiet, is_verbose, as_json: false, steps: None, signals, warnings })
    }

    /// Prints the summary of a run.
    pub fn print_summary(&self, summary: &Summary) -> anyhow::Result<ExitCode> {
        let seconds = self.begun.elapsed().as_secs_f64();
        if self.is_verbose {
            let _ = anstream::stderr().write_all(summary::times(summary).as_bytes());
        }
        self.print_notes(&summary.notes);
        let printed = match self.as_json {
            true => self.print_json(summary::json(summary, seconds)),
            false => self.print(&adapted(&summary::table(summary, seconds))),
        };
        printed.with_context(|| {
            format!("{}: the outputs were written, but the summary could not be printed", summary.out.display())
        })?;
        Ok(ExitCode::SUCCESS)
    }

    /// Prints the result of a step as JSON or as a line.
    pub fn print_result(&self, result: serde_json::Value, text: &str) -> anyhow::Result<ExitCode> {
        self.print_time("done");
        match self.as_json {
            true => self.print_json(result)?,
            false => self.print(&format!("{text}\n"))?,
        }
        Ok(ExitCode::SUCCESS)
    }

    /// Prints a result with the warnings of the run as one line of JSON.
    fn print_json(&self, mut result: serde_json::Value) -> anyhow::Result<()> {
        let warnings = self.warnings.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(result) = result.as_object_mut() {
            result.insert("warnings".to_owned(), json!(*warnings));
        }
        self.print(&format!("{result}\n"))
    }

    /// Prints notes on stderr, one per line.
    pub fn print_notes(&self, notes: &[String]) {
        if !self.is_quiet {
            let _ = anstream::stderr().write_all(summary::notes(notes).as_bytes());
        }
    }

    /// Prints the result of a check. Files that are not fine are an error, with what to do `next`.
    pub fn print_check(&self, check: &FolderCheck, next: &str) -> anyhow::Result<ExitCode> {
        self.print_time(&format!("checked {}", count(check.files.len(), "file")));
        self.print(&folder_check::text(check, self.as_json)?)?;
        folder_check::verdict(check, next)
    }

    /// Prints the paths of written files, one per line or as one JSON object.
    pub fn print_paths(&self, paths: &[PathBuf]) -> anyhow::Result<()> {
        self.print_time(&format!("wrote {}", count(paths.len(), "page")));
        let names: Vec<_> = paths.iter().map(|path| path.to_string_lossy()).collect();
        let text = if self.as_json { serde_json::to_string(&json!({ "written": names }))? } else { names.join("\n") };
        self.print(&(text + "\n"))
    }

    /// Prints a page. It is the result, so `--quiet` does not suppress it.
    pub fn print_page(&self, page: &str) -> anyhow::Result<ExitCode> {
        self.print_time("made 1 page");
        write_out(page)?;
        Ok(ExitCode::SUCCESS)
    }

    /// With `--verbose`, prints on stderr what was done and how long it took.
    pub fn print_time(&self, done: &str) {
        if self.is_verbose {
            print_time(self.begun, done);
        }
    }

    /// Prints a text unless `--quiet` is given.
    fn print(&self, text: &str) -> anyhow::Result<()> {
        if self.is_quiet && !self.as_json {
            return Ok(());
        }
        write_out(text)
    }
}

/// Prints on stderr what was done and how long it took.
pub fn print_time(begun: Instant, done: &str) {
    let seconds = begun.elapsed().as_secs_f64();
    let _ = writeln!(io::stderr(), "amc-keywords: {done} in {seconds:.2} s");
}

fn count(number: usize, noun: &str) -> String {
    format!("{} {noun}{}", grouped(number as u64), if number == 1 { "" } else { "s" })
}

/// Prints to stdout. A reader that has gone away is not an error.
pub fn write_out(text: &str) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error).context("cannot write to standard output"),
        _ => Ok(()),
    }
}

/// Removes the styles if stdout must not have any.
fn adapted(text: &str) -> String {
    match anstream::AutoStream::choice(&io::stdout()) {
        anstream::ColorChoice::Never => anstream::adapter::strip_str(text).to_string(),
        _ => text.to_owned(),
    }
}

impl Progress for Terminal {
    fn begin(&self, step: &str, total: u64) {
        if let Some(steps) = &self.steps {
            steps.step(step, total);
        }
    }

    fn advance(&self, images: u64) {
        if let Some(steps) = &self.steps {
            steps.advance(images);
        }
    }

    fn end(&self) {
        if let Some(steps) = &self.steps {
            steps.end();
        }
    }

    fn warn(&self, message: &str) {
        self.warnings.lock().unwrap_or_else(PoisonError::into_inner).push(message.to_owned());
        if self.is_quiet {
            return;
        }
        let warn = || {
            let _ = writeln!(anstream::stderr().lock(), "{WARNING}amc-keywords: warning:{WARNING:#} {message}");
        };
        match &self.steps {
            Some(steps) => steps.above(warn),
            None => warn(),
        }
    }

    fn is_cancelled(&self) -> bool {
        let received = self.signals.received();
        if let Some(status) = received {
            STATUS.store(status, Ordering::Relaxed);
        }
        received.is_some()
    }
}
