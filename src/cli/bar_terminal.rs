//! A terminal for progress bars that is two columns narrower than the real one.
//!
//! A terminal shows Ctrl-C as `^C` at the cursor. At the end of a full line, `^C` starts a new
//! line, and clearing the bar would leave the line above.

use std::io;

use indicatif::{ProgressDrawTarget, TermLike};

/// The width of `^C`.
const LEFT_FREE: u16 = 2;

#[derive(Debug)]
pub struct BarTerminal<T>(pub T);

impl<T: TermLike + 'static> BarTerminal<T> {
    /// A draw target without a rate limit.
    pub fn target(self) -> ProgressDrawTarget {
        ProgressDrawTarget::term_like(Box::new(self))
    }
}

impl<T: TermLike> TermLike for BarTerminal<T> {
    fn width(&self) -> u16 {
        self.0.width().saturating_sub(LEFT_FREE).max(1)
    }

    fn height(&self) -> u16 {
        self.0.height()
    }

    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_up(n)
    }

    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_down(n)
    }

    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_right(n)
    }

    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_left(n)
    }

    fn write_line(&self, s: &str) -> io::Result<()> {
        self.0.write_line(s)
    }

    fn write_str(&self, s: &str) -> io::Result<()> {
        self.0.write_str(s)
    }

    fn clear_line(&self) -> io::Result<()> {
        self.0.clear_line()
    }

    /// Moves the cursor to the start of the line, so that typed keys cover only a part of the bar.
    fn flush(&self) -> io::Result<()> {
        self.0.write_str("\r")?;
        self.0.flush()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use indicatif::{InMemoryTerm, ProgressBar, ProgressStyle};

    use super::*;

    #[test]
    fn a_key_shown_behind_a_full_bar_begins_no_line() {
        let terminal = InMemoryTerm::new(10, 80);
        let bar = ProgressBar::with_draw_target(Some(9), BarTerminal(terminal.clone()).target());
        bar.with_style(ProgressStyle::with_template("{wide_bar}").unwrap()).tick();
        let other = InMemoryTerm::new(10, 80);
        other.write_str(&terminal.contents()).unwrap();
        other.write_str("^C\r").unwrap();
        other.clear_line().unwrap();
        assert_eq!(other.contents(), "");
    }

    #[test]
    fn a_terminal_of_no_width_has_one_column() {
        assert_eq!(BarTerminal(InMemoryTerm::new(1, 1)).width(), 1);
    }
}
