//! JSON Lines: a JSON value on each line. Blank lines are ignored, and counted.

use std::io::{self, BufRead, BufReader, Read};

use super::batch::{Cutter, Position};
use super::file::RecordFile;
use super::json_head::JsonHead;
use crate::archive::Limits;
use crate::error::{Problem, Result};

const BUFFER: usize = 128 << 10;

/// Reads all lines and returns how many there are.
pub(super) fn read(file: &RecordFile, limits: Limits, keys: &[&str], cutter: &mut Cutter<'_, '_>) -> Result<u64> {
    let mut input = BufReader::with_capacity(BUFFER, file.open_text()?);
    let most = limits.member();
    let mut number = 0_u64;
    // The lists of records in the first line, as long as it is the only one.
    let mut lists = None;
    loop {
        let broken = |error: io::Error| file.broken(&error, format!("line {}", number + 1));
        let start = cutter.len();
        // Two more bytes for the line's end.
        let line = input.by_ref().take(most.saturating_add(2));
        let read = { line }.read_until(b'\n', cutter.text()).map_err(broken)?;
        if read == 0 {
            break;
        }
        let is_whole = cutter.text().pop_if(|byte| *byte == b'\n').is_some();
        let text = cutter.text();
        if is_whole {
            text.pop_if(|byte| *byte == b'\r');
        }
        let line = text.get(start..).unwrap_or_default();
        let position = Position { number, line: number + 1 };
        let goes_on = if line.len() as u64 > most {
            if !is_whole {
                input.skip_until(b'\n').map_err(broken)?;
            }
            let problem = file.too_large(position, None, usize::try_from(most).unwrap_or(usize::MAX));
            cutter.flawed(position, start, problem)
        } else if number == 0 && matches!(line.trim_ascii(), b"{" | b"[") {
            let what = "the JSON value goes on over several lines, expected one value on each line";
            let problem = Problem::new(file.path(), what).at("line 1");
            let hint = "read a list or a map of records with --format json, or rewrite it with `jq -c .`";
            return Err(problem.hint(hint).into());
        } else if line.trim_ascii().is_empty() {
            text.truncate(start);
            true
        } else {
            lists = match lists {
                None => Some(lists_in(line, keys)),
                Some(_) => Some(Vec::new()),
            };
            cutter.record(position)
        };
        number += 1;
        if !goes_on {
            return Ok(number);
        }
    }
    match lists {
        Some(lists) if !lists.is_empty() => Err(file.lists_of_records(&lists).into()),
        _ => Ok(number),
    }
}

/// The paths of lists of records in a record that has no keywords itself.
fn lists_in(line: &[u8], keys: &[&str]) -> Vec<String> {
    let head = JsonHead::of(line);
    let has_keywords = keys.first().is_none_or(|key| head.has_key(key));
    if has_keywords { Vec::new() } else { head.lists }
}
