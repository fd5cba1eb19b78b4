//! What ends a command: one clear message, the cause once, the way out.

use crate::exit::Exit;
use crate::program::named;

/// Why a command ended without its result.
#[derive(Debug)]
pub(crate) struct Failure {
    /// What is wrong with the user's thing.
    pub(crate) message: String,
    /// What to do about it.
    pub(crate) help: Option<String>,
    /// The exit code.
    pub(crate) exit: Exit,
}

impl Failure {
    /// Could not read or collect.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: None,
            exit: Exit::Failed,
        }
    }

    /// The command line is wrong.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: None,
            exit: Exit::Usage,
        }
    }

    /// Adds the way out.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// A library's error with its causes, each once.
    pub(crate) fn from_chain(context: &str, error: &dyn std::error::Error) -> Self {
        Self::new(format!("{context}: {}", chain(error)))
    }

    /// Prints it to standard error.
    pub(crate) fn print(&self) {
        use std::io::Write as _;
        let mut stderr = std::io::stderr();
        let _ = writeln!(stderr, "error: {}", plain(&named(&self.message)));
        if let Some(help) = &self.help {
            let _ = writeln!(stderr, " help: {}", plain(&named(help)));
        }
    }
}

/// An error and its causes, joined on one line; a cause whose text the one above repeats is left
/// out, and so is what an error draws below its first line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = first_line(error);
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = first_line(cause);
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    text
}

fn first_line(error: &dyn std::error::Error) -> String {
    let text = error.to_string();
    text.lines().next().unwrap_or_default().to_owned()
}

/// A text from elsewhere (a server, a file) without what would steer the terminal or hide itself.
pub(crate) fn plain(text: &str) -> String {
    digpod_report::visible_line(text)
}
