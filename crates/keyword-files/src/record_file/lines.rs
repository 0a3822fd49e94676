//! JSON objects, one a line. Blank lines are passed over, and counted.

use std::io::{self, BufRead, BufReader, Read};

use super::records::Cutter;
use super::{Limits, Problem, RecordFile, Result};

const BUFFER: usize = 128 << 10;

/// Reads all lines and says how many there are.
pub(super) fn read(file: &RecordFile, limits: Limits, cutter: &mut Cutter<'_, '_>) -> Result<u64> {
    let mut input = BufReader::with_capacity(BUFFER, file.packing.open(&file.path)?);
    let most = limits.member();
    let mut number = 0_u64;
    loop {
        let broken = |error: io::Error| file.broken(&error, format!("line {}", number + 1));
        let start = cutter.len();
        // Two more for the line's end.
        let read = input.by_ref().take(most.saturating_add(2)).read_until(b'\n', cutter.text()).map_err(broken)?;
        if read == 0 {
            return Ok(number);
        }
        let is_whole = cutter.text().pop_if(|byte| *byte == b'\n').is_some();
        let text = cutter.text();
        if is_whole {
            text.pop_if(|byte| *byte == b'\r');
        }
        let line = text.get(start..).unwrap_or_default();
        let goes_on = if line.len() as u64 > most {
            if !is_whole {
                input.skip_until(b'\n').map_err(broken)?;
            }
            let what = format!("the line has more than {most} bytes");
            let problem = Problem::new(&file.path, what).at(file.place(number, None));
            let problem = problem.hint("if it is one image's, raise --max-member-size");
            cutter.flawed(number, start, (false, problem))
        } else if number == 0 && matches!(line.trim_ascii(), b"{" | b"[") {
            let problem =
                Problem::new(&file.path, "a JSON value goes over several lines, expected an object a line").at("line 1");
            return Err(problem.hint("`jq -c .` writes objects so, `jq -c '.[]'` those of a list").into());
        } else if line.trim_ascii().is_empty() {
            text.truncate(start);
            true
        } else {
            cutter.record(number, start, false)
        };
        number += 1;
        if !goes_on {
            return Ok(number);
        }
    }
}
