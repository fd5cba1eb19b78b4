//! What is going on, on standard error: a line for each source that is waited for on a terminal,
//! plain lines elsewhere.

use std::future::Future;
use std::io::{IsTerminal as _, Write as _};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::error::plain;
use crate::program::named;

/// Sources named at once; more are counted.
const NAMED: usize = 4;
/// A source that takes longer than this is named on plain lines.
const SLOW: Duration = Duration::from_secs(3);

/// Plain lines tell of something that goes on so often.
const A_WHILE: Duration = Duration::from_mins(1);

/// Tells the user what is going on.
#[derive(Clone)]
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    quiet: bool,
    sources: Arc<Mutex<Sources>>,
}

/// What is read.
#[derive(Default)]
struct Sources {
    step: String,
    /// Those that are waited for, in the order they began.
    open: Vec<(String, Instant)>,
    done: usize,
    total: usize,
    /// When something that goes on was told on plain lines.
    told: Option<Instant>,
}

impl Progress {
    pub(crate) fn new(quiet: bool) -> Self {
        let bar = (!quiet && std::io::stderr().is_terminal()).then(|| {
            let bar = ProgressBar::new_spinner();
            if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed:>3} {wide_msg}") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Self {
            bar,
            quiet,
            sources: Arc::default(),
        }
    }

    /// A step that begins.
    pub(crate) fn step(&self, text: &str) {
        self.with(|sources| text.clone_into(&mut sources.step));
        match &self.bar {
            Some(_) => self.show(),
            None if self.quiet => {}
            None => say(text),
        }
    }

    /// Something that takes long and goes on; on plain lines once a minute.
    pub(crate) fn going_on(&self, text: &str) {
        let told = self.with(|sources| {
            text.clone_into(&mut sources.step);
            let now = Instant::now();
            let due = sources.told.is_none_or(|told| now - told >= A_WHILE);
            if due {
                sources.told = Some(now);
            }
            due
        });
        match &self.bar {
            Some(_) => self.show(),
            None if self.quiet || !told => {}
            None => say(text),
        }
    }

    /// Waits for a source; on a terminal it is named while it lasts.
    pub(crate) async fn source<T>(&self, name: &str, work: impl Future<Output = T>) -> T {
        let begun = Instant::now();
        self.with(|sources| {
            sources.total += 1;
            sources.open.push((name.to_owned(), begun));
        });
        self.show();
        let result = work.await;
        self.with(|sources| {
            sources.done += 1;
            let at = sources.open.iter().position(|(open, _)| open == name);
            if let Some(at) = at {
                sources.open.remove(at);
            }
        });
        self.show();
        let took = begun.elapsed();
        if self.bar.is_none() && !self.quiet && took > SLOW {
            say(&format!("{name}: took {} s", took.as_secs()));
        }
        result
    }

    /// Something the user must see whether quiet or not.
    pub(crate) fn note(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| say(text)),
            None => say(text),
        }
    }

    /// Takes the spinner away.
    pub(crate) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn show(&self) {
        if let Some(bar) = &self.bar {
            bar.set_message(plain(&self.with(|sources| sources.line())));
        }
    }

    fn with<T>(&self, work: impl FnOnce(&mut Sources) -> T) -> T {
        work(&mut self.sources.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Sources {
    /// `7 of 12 read · waiting for logs, events`; the step where nothing is waited for.
    fn line(&self) -> String {
        if self.open.is_empty() {
            return self.step.clone();
        }
        let names: Vec<&str> = self
            .open
            .iter()
            .take(NAMED)
            .map(|(name, _)| name.as_str())
            .collect();
        let more = match self.open.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        format!(
            "{} of {} read · waiting for {}{more}",
            self.done,
            self.total,
            names.join(", ")
        )
    }
}

fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{}", plain(&named(text)));
}
