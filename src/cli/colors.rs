//! Colours, as far as `--color`, the terminal, and `NO_COLOR` and its like ask for them.

use std::ffi::OsString;

use anstream::ColorChoice;
use anstyle::{AnsiColor, Style};

pub const ERROR: Style = AnsiColor::Red.on_default().bold();
pub const WARNING: Style = AnsiColor::Yellow.on_default().bold();
pub const HEADING: Style = Style::new().bold();

/// Heeds `--color` before the command line is taken apart, so that help, and what is said of a wrong command line, heed it too.
pub fn heed(arguments: impl Iterator<Item = OsString>) {
    if let Some(choice) = asked_for(arguments) {
        choice.write_global();
    }
}

/// What the last `--color` says.
fn asked_for(arguments: impl Iterator<Item = OsString>) -> Option<ColorChoice> {
    let mut arguments = arguments.map(|argument| argument.to_string_lossy().into_owned()).take_while(|argument| argument != "--");
    let mut asked = None;
    while let Some(argument) = arguments.next() {
        let value = if argument == "--color" { arguments.next() } else { argument.strip_prefix("--color=").map(str::to_owned) };
        asked = match value.as_deref() {
            Some("always") => Some(ColorChoice::AlwaysAnsi),
            Some("never") => Some(ColorChoice::Never),
            Some("auto") => Some(ColorChoice::Auto),
            _ => asked,
        };
    }
    asked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_color_on_the_command_line_counts() {
        let asked = |line: &str| asked_for(line.split(' ').map(OsString::from));
        assert_eq!(asked("amc-keywords verify --color=never out"), Some(ColorChoice::Never));
        assert_eq!(asked("amc-keywords --color never verify --color always"), Some(ColorChoice::AlwaysAnsi));
        assert_eq!(asked("amc-keywords verify --color"), None);
        assert_eq!(asked("amc-keywords verify --color mauve"), None);
        assert_eq!(asked("amc-keywords verify -- --color never"), None);
    }
}
