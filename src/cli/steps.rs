//! Progress on stderr: a bar on a terminal, or a line every few seconds for a log.

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use amc_keywords::grouped;
use clap::ValueEnum;
use console::Term;
use indicatif::{ProgressBar, ProgressState, ProgressStyle, TermLike};

use super::bar_terminal::BarTerminal;
use super::signals::Signals;

/// A bar appears after this time.
const PATIENCE: Duration = Duration::from_millis(300);
const FRAME: Duration = Duration::from_millis(100);
const LINE_EVERY: Duration = Duration::from_secs(5);

/// The values of `--progress`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ProgressKind {
    Auto,
    Bar,
    Plain,
    None,
}

/// Shows the steps of a run from its own thread. The working threads only add to a counter.
pub struct Steps {
    shared: Arc<Shared>,
    painter: Option<JoinHandle<()>>,
}

impl Steps {
    /// Starts to show steps according to `kind` and the terminal. Returns `None` if nothing is to
    /// be shown or no thread can be started.
    pub fn begin(kind: ProgressKind, signals: Signals) -> Option<Steps> {
        let is_terminal = io::stderr().is_terminal();
        let is_dumb = std::env::var_os("TERM").is_some_and(|name| name == "dumb");
        let view = match kind {
            ProgressKind::None => return None,
            ProgressKind::Auto if !is_terminal || is_dumb => return None,
            ProgressKind::Auto | ProgressKind::Bar if is_terminal => StepsView::Bar(None),
            _ => StepsView::Lines,
        };
        let shared = Arc::new(Shared::new(view, signals));
        let painter = thread::Builder::new().name("progress".to_owned()).spawn({
            let shared = Arc::clone(&shared);
            move || shared.paint()
        });
        Some(Steps { shared, painter: Some(painter.ok()?) })
    }

    /// A step begins. A `total` of 0 means unknown.
    pub fn step(&self, name: &str, total: u64) {
        let mut state = self.shared.state();
        self.shared.done.store(0, Ordering::Relaxed);
        state.view.clear();
        state.step = Some(Step { name: name.to_owned(), total, begun: Instant::now() });
    }

    /// `images` more images are done.
    pub fn advance(&self, images: u64) {
        self.shared.done.fetch_add(images, Ordering::Relaxed);
    }

    /// The step is done. Its bar is removed.
    pub fn end(&self) {
        let done = self.shared.done.load(Ordering::Relaxed);
        let mut state = self.shared.state();
        if let Some(step) = state.step.take() {
            state.view.end(&step, done);
        }
    }

    /// Writes something above the bar.
    pub fn above(&self, write: impl FnOnce()) {
        match &self.shared.state().view {
            StepsView::Bar(Some(bar)) => bar.suspend(write),
            _ => write(),
        }
    }
}

impl Drop for Steps {
    fn drop(&mut self) {
        let mut state = self.shared.state();
        state.is_over = true;
        state.view.clear();
        drop(state);
        self.shared.over.notify_all();
        let _ = self.painter.take().map(JoinHandle::join);
    }
}

struct Shared {
    done: AtomicU64,
    state: Mutex<State>,
    over: Condvar,
    signals: Signals,
}

struct State {
    step: Option<Step>,
    view: StepsView,
    is_over: bool,
}

impl Shared {
    fn new(view: StepsView, signals: Signals) -> Shared {
        let state = Mutex::new(State { step: None, view, is_over: false });
        Shared { done: AtomicU64::new(0), state, over: Condvar::new(), signals }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Shows the step repeatedly until the end.
    fn paint(&self) {
        let mut state = self.state();
        let (mut pause, next) = state.view.pauses();
        loop {
            let waited = self.over.wait_timeout_while(state, pause, |state| !state.is_over);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
            if state.is_over {
                return;
            }
            pause = next;
            self.show(&mut state);
        }
    }

    /// Shows the state of the step. After a signal, the bar is removed immediately.
    fn show(&self, state: &mut State) {
        let State { step: Some(step), view, .. } = state else { return };
        match self.signals.received() {
            Some(_) => view.clear(),
            None => view.show(step, self.done.load(Ordering::Relaxed)),
        }
    }
}

struct Step {
    name: String,
    /// 0 if unknown.
    total: u64,
    begun: Instant,
}

/// The appearance of steps.
enum StepsView {
    /// A bar. It is `None` until it is first drawn.
    Bar(Option<ProgressBar>),
    /// A line every few seconds and at the end of a step.
    Lines,
}

impl StepsView {
    /// The time before a step is first shown, and between two updates.
    fn pauses(&self) -> (Duration, Duration) {
        match self {
            StepsView::Bar(_) => (PATIENCE, FRAME),
            StepsView::Lines => (LINE_EVERY, LINE_EVERY),
        }
    }

    fn show(&mut self, step: &Step, done: u64) {
        match self {
            StepsView::Bar(bar) => {
                draw(bar.get_or_insert_with(|| bar_of(step, BarTerminal(Term::buffered_stderr()))), done);
            }
            StepsView::Lines => print_line(&step.name, &how_far(step.total, done, step.begun.elapsed())),
        }
    }

    fn end(&mut self, step: &Step, done: u64) {
        match self {
            StepsView::Bar(_) => self.clear(),
            StepsView::Lines => print_line(&step.name, &how_it_went(done, step.begun.elapsed())),
        }
    }

    /// Removes the bar, if there is one.
    fn clear(&mut self) {
        if let StepsView::Bar(bar) = self
            && let Some(bar) = bar.take()
        {
            bar.finish_and_clear();
        }
    }
}

/// On a narrower terminal, only the name of the step is shown, because a bar of several lines could
/// not be cleared.
const NARROW: u16 = 40;

fn bar_of(step: &Step, terminal: BarTerminal<impl TermLike + 'static>) -> ProgressBar {
    let template = match step.total {
        _ if terminal.width() < NARROW => "{wide_msg}",
        0 => "{msg} {spinner} {how_far}",
        _ => "{msg} [{wide_bar}] {how_far}",
    };
    let how_far = |state: &ProgressState, out: &mut dyn fmt::Write| {
        let _ = out.write_str(&how_far(state.len().unwrap_or(0), state.pos(), state.elapsed()));
    };
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    let style = style.with_key("how_far", how_far).progress_chars("=> ").tick_chars("|/-\\ ");
    let bar = ProgressBar::with_draw_target(Some(step.total), terminal.target());
    bar.with_style(style).with_message(step.name.clone()).with_elapsed(step.begun.elapsed())
}

/// Draws the bar or turns the spinner.
fn draw(bar: &ProgressBar, done: u64) {
    bar.update(|state| state.set_pos(done));
    if let None | Some(0) = bar.length() {
        bar.tick();
    }
}

/// Prints a line. If stderr is closed, the run continues.
fn print_line(step: &str, text: &str) {
    let _ = writeln!(io::stderr(), "amc-keywords: {step}: {text}");
}

/// The done part of a step, its rate, and the remaining time, as far as they are known. If nothing
/// is counted, the time so far.
fn how_far(total: u64, done: u64, taken: Duration) -> String {
    let seconds = taken.as_secs_f64();
    let rate = done as f64 / seconds.max(1e-9);
    match (total, done) {
        (0, 0) => shown_seconds(seconds),
        (0, _) => format!("{} done, {}/s", grouped(done), grouped(rate as u64)),
        (_, 0) => format!("0 of {}", grouped(total)),
        _ => {
            let left = shown_seconds(total.saturating_sub(done) as f64 / rate);
            format!("{} of {}, {}/s, {left} left", grouped(done), grouped(total), grouped(rate as u64))
        }
    }
}

fn how_it_went(done: u64, taken: Duration) -> String {
    let seconds = taken.as_secs_f64();
    match done {
        0 => format!("done in {seconds:.1} s"),
        _ => format!("{} done in {seconds:.1} s", grouped(done)),
    }
}

/// 75 as `1 min 15 s`.
fn shown_seconds(seconds: f64) -> String {
    let seconds = seconds.ceil() as u64;
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use indicatif::InMemoryTerm;

    use super::*;

    fn step(total: u64) -> Step {
        Step { name: "reading dev".into(), total, begun: Instant::now().checked_sub(Duration::from_secs(4)).unwrap() }
    }

    fn bar(total: u64, terminal: &InMemoryTerm) -> ProgressBar {
        bar_of(&step(total), BarTerminal(terminal.clone()))
    }

    #[test]
    fn a_step_shows_its_progress_rate_and_time_left() {
        assert_eq!(how_far(80_000, 20_000, Duration::from_secs(4)), "20,000 of 80,000, 5,000/s, 12 s left");
        assert_eq!(how_far(80_000, 0, Duration::from_secs(4)), "0 of 80,000");
        assert_eq!(how_far(0, 20_000, Duration::from_secs(4)), "20,000 done, 5,000/s");
        assert_eq!(how_far(0, 0, Duration::from_millis(2100)), "3 s");
        assert_eq!(how_it_went(80_000, Duration::from_secs(4)), "80,000 done in 4.0 s");
        assert_eq!(how_it_went(0, Duration::from_millis(250)), "done in 0.2 s");
    }

    #[test]
    fn long_times_are_shown_in_minutes_and_hours() {
        assert_eq!([0.0, 59.2, 75.0, 3600.0].map(shown_seconds), ["0 s", "1 min 0 s", "1 min 15 s", "1 h 0 min"]);
    }

    #[test]
    fn a_bar_fills_one_line_of_80_columns_but_two_and_leaves_nothing() {
        let terminal = InMemoryTerm::new(10, 80);
        let bar = bar(80_000, &terminal);
        draw(&bar, 20_000);
        let screen = terminal.contents();
        assert!(screen.starts_with("reading dev [======>                    ] 20,000 of 80,000, "), "{screen}");
        assert!(screen.ends_with(" s left") && (77..=78).contains(&screen.len()), "{screen}");
        StepsView::Bar(Some(bar)).clear();
        assert_eq!(terminal.contents(), "");
    }

    #[test]
    fn on_a_narrow_terminal_the_bar_is_a_name_and_takes_no_other_line() {
        for width in 1..=60 {
            let terminal = InMemoryTerm::new(30, width);
            terminal.write_line("above").unwrap();
            let above = terminal.contents();
            let bar = bar(80_000, &terminal);
            for done in [0, 20_000, 40_000] {
                draw(&bar, done);
            }
            assert!(terminal.contents().starts_with(&above), "{width}: {}", terminal.contents());
            StepsView::Bar(Some(bar)).clear();
            assert_eq!(terminal.contents(), above, "{width}");
        }
    }

    #[test]
    fn a_step_of_unknown_length_shows_the_time_or_how_much_is_done() {
        let terminal = InMemoryTerm::new(10, 80);
        let bar = bar(0, &terminal);
        for (done, end) in [(0, " 5 s"), (20_000, "/s")] {
            draw(&bar, done);
            let screen = terminal.contents();
            assert!(screen.starts_with("reading dev ") && screen.ends_with(end) && screen.lines().count() == 1, "{screen}");
        }
        assert!(terminal.contents().contains(" 20,000 done, "), "{}", terminal.contents());
    }

    #[test]
    fn a_warning_is_printed_above_the_bar() {
        let terminal = InMemoryTerm::new(10, 80);
        let bar = bar(0, &terminal);
        draw(&bar, 0);
        let steps = Steps { shared: Arc::new(Shared::new(StepsView::Bar(Some(bar)), Signals::default())), painter: None };
        steps.above(|| terminal.write_line("warning: look out").unwrap());
        let screen = terminal.contents();
        assert!(screen.starts_with("warning: look out\nreading dev ") && screen.lines().count() == 2, "{screen}");
        drop(steps);
        assert_eq!(terminal.contents(), "warning: look out");
    }

    #[test]
    fn a_step_that_ends_and_a_signal_take_the_bar_away() {
        let (terminal, signals) = (InMemoryTerm::new(10, 80), Signals::default());
        let shared = Shared::new(StepsView::Bar(Some(bar(9, &terminal))), signals.clone());
        shared.state().step = Some(step(9));
        shared.show(&mut shared.state());
        assert!(terminal.contents().starts_with("reading dev ["));
        signals.interrupted.store(true, Ordering::Relaxed);
        shared.show(&mut shared.state());
        assert_eq!(terminal.contents(), "");
    }
}
