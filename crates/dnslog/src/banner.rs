//! Starts and the errors that end them.

use std::ops::Range;

use crate::event::{Start, StartupError};
use crate::lines::{self, MAX_NAME};
use crate::tally::{At, short_text, text};

/// Starts and errors kept, besides the last one.
const FIRST: usize = 16;
/// Zones kept of a start.
const MAX_ZONES: usize = 256;
/// Bytes of an error kept.
const MAX_MESSAGE: usize = 4 * MAX_NAME;

/// Starts and errors as they come.
#[derive(Clone, Debug, Default)]
pub(crate) struct Banner {
    starts: Vec<Start>,
    /// The last start has more lines to come.
    open: bool,
    errors: Vec<StartupError>,
    /// The last error ends inside a quoted token.
    quoted: bool,
}

impl Banner {
    pub(crate) fn zone(&mut self, zone: &[u8], at: At<'_>) {
        let zones = &mut self.start(at).zones;
        if zones.len() < MAX_ZONES {
            zones.push(short_text(zone));
        }
    }

    pub(crate) fn version(&mut self, version: &[u8], at: At<'_>) {
        if self
            .starts
            .last()
            .is_some_and(|start| start.version.is_some())
        {
            self.close();
        }
        self.start(at).version = Some(short_text(version));
    }

    pub(crate) fn platform(&mut self, platform: &[u8], go: &[u8], at: At<'_>) {
        let start = self.start(at);
        start.platform = Some(short_text(platform));
        start.go = Some(short_text(go));
        self.close();
    }

    /// What comes next is another start.
    pub(crate) fn close(&mut self) {
        self.open = false;
    }

    fn start(&mut self, at: At<'_>) -> &mut Start {
        if !self.open {
            self.starts.truncate(FIRST);
            self.starts.push(Start {
                span: at.span(),
                stamp: at.stamp.map(text),
                ..Start::default()
            });
            self.open = true;
        }
        let last = self.starts.len().saturating_sub(1);
        self.starts.get_mut(last).expect("one was pushed")
    }

    pub(crate) fn startup_error(&mut self, line: &[u8], at: At<'_>) {
        let parts = lines::startup(line);
        let message = parts.message.get(..MAX_MESSAGE).unwrap_or(parts.message);
        self.quoted = !quotes(parts.message).is_multiple_of(2);
        self.errors.truncate(FIRST);
        self.errors.push(StartupError {
            plugin: parts.plugin.map(short_text),
            file: parts.file.map(short_text),
            line: parts.line,
            message: text(message),
            span: at.span(),
            stamp: at.stamp.map(text),
        });
    }

    /// Takes a line that a quoted token goes on in.
    pub(crate) fn goes_on(&mut self, line: &[u8]) -> bool {
        let Some(error) = self.errors.last_mut().filter(|_| self.quoted) else {
            return false;
        };
        if error.message.len() + line.len() < MAX_MESSAGE {
            error.message.push('\n');
            error.message.push_str(&String::from_utf8_lossy(line));
        }
        self.quoted = quotes(line).is_multiple_of(2);
        true
    }

    pub(crate) fn end_error(&mut self) {
        self.quoted = false;
    }

    pub(crate) fn merge(&mut self, other: Self, offset: u64) {
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        let shift = |span: &mut Range<usize>| {
            *span = span.start.saturating_add(offset)..span.end.saturating_add(offset);
        };
        for mut start in other.starts {
            shift(&mut start.span);
            self.starts.truncate(FIRST);
            self.starts.push(start);
        }
        for mut error in other.errors {
            shift(&mut error.span);
            self.errors.truncate(FIRST);
            self.errors.push(error);
        }
        self.open = other.open;
        self.quoted = other.quoted;
    }

    pub(crate) fn finish(self) -> (Vec<Start>, Vec<StartupError>) {
        (self.starts, self.errors)
    }
}

fn quotes(text: &[u8]) -> usize {
    memchr::memchr_iter(b'\'', text).count()
}
