//! Colors, according to `--color`, the terminal, and variables such as `NO_COLOR`.

use std::ffi::OsString;

use anstream::ColorChoice;
use anstyle::{AnsiColor, Style};

pub const ERROR: Style = AnsiColor::Red.on_default().bold();
pub const WARNING: Style = AnsiColor::Yellow.on_default().bold();
pub const HEADING: Style = Style::new().bold();

/// Applies `--color` before the command line is parsed, so that it also affects help and usage
/// errors.
pub fn apply_option(arguments: impl Iterator<Item = OsString>) {
    if let Some(choice) = last_choice(arguments) {
        choice.write_global();
    }
}

/// The value of the last `--color`.
fn last_choice(arguments: impl Iterator<Item = OsString>) -> Option<ColorChoice> {
    let mut arguments = arguments.map(|argument| argument.to_string_lossy().into_owned()).take_while(|argument| argument != "--");
    let mut choice = None;
    while let Some(argument) = arguments.next() {
        let value = if argument == "--color" { arguments.next() } else { argument.strip_prefix("--color=").map(str::to_owned) };
        choice = match value.as_deref() {
            Some("always") => Some(ColorChoice::AlwaysAnsi),
            Some("never") => Some(ColorChoice::Never),
            Some("auto") => Some(ColorChoice::Auto),
            _ => choice,
        };
    }
    choice
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_color_on_the_command_line_counts() {
        let choice = |line: &str| last_choice(line.split(' ').map(OsString::from));
        assert_eq!(choice("amc-keywords verify --color=never out"), Some(ColorChoice::Never));
        assert_eq!(choice("amc-keywords --color never verify --color always"), Some(ColorChoice::AlwaysAnsi));
        assert_eq!(choice("amc-keywords verify --color"), None);
        assert_eq!(choice("amc-keywords verify --color mauve"), None);
        assert_eq!(choice("amc-keywords verify -- --color never"), None);
    }
}
