//! `amc-keywords report`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use amc_keywords::{Page, Report};
use anyhow::bail;
use clap::Args;

use super::options::RunOptions;
use super::terminal::Terminal;

/// Write an HTML page with charts, the vocabulary and sample images
#[derive(Debug, Args)]
pub struct ReportArguments {
    /// Folder with the outputs of a run
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Write only the page of this set [default: all sets]
    #[arg(long, value_name = "NAME")]
    set: Option<String>,
    /// Write the page to FILE, or to stdout with - [default: DIR/report_SET.html]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Show pictures (JPEG, PNG) from this folder
    ///
    /// A picture has the name of the keyword file. The page contains thumbnails.
    #[arg(long, value_name = "DIR")]
    images: Option<PathBuf>,
    /// Open the page in the browser
    #[arg(long)]
    open: bool,
    #[command(flatten)]
    run: RunOptions,
}

/// Writes the pages and prints their names.
pub fn run(arguments: ReportArguments) -> anyhow::Result<ExitCode> {
    let ReportArguments { folder, set, out, images, open, run } = arguments;
    let terminal = Terminal::new(&run)?;
    let pages = Report { folder: folder.clone(), set, images }.pages(&terminal)?;
    if out.as_deref() == Some(Path::new("-")) {
        return terminal.print_page(&only(&pages)?.html);
    }
    let mut written = Vec::new();
    for page in &pages {
        let path = match &out {
            Some(path) => only(&pages).map(|_| path.clone())?,
            None => folder.join(page.name()),
        };
        page.write(&path)?;
        written.push(path);
    }
    terminal.print_paths(&written)?;
    for path in written.iter().filter(|_| open) {
        if open::that_detached(path).is_err() {
            bail!("{}: the page is written, but no browser could be started; open it yourself", path.display());
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The page, if there is only one.
fn only(pages: &[Page]) -> anyhow::Result<&Page> {
    match pages {
        [page] => Ok(page),
        several => {
            let names: Vec<&str> = several.iter().map(|page| page.set.as_str()).collect();
            bail!("--out names one file, but there are {} sets ({}); choose one with --set", names.len(), names.join(", "))
        }
    }
}
