//! The pass over a log.

use memchr::memchr_iter;

use crate::api::{Api, Finders};
use crate::banner::Banner;
use crate::layers;
use crate::minutes::Clock;
use crate::stamp::{MAX_STAMP, Stamps};
use crate::stats::{Errors, Queries};
use crate::summary::LogSummary;
use crate::tally::{At, Events, Tally, text};

/// Lines longer than this are judged by their beginning.
const MAX_LINE: usize = 64 * 1024;
/// Names and clients listed unless told otherwise.
const TOP: usize = 20;

/// How much is read of each line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// Signatures, events, starts, counts by minute; query lines are counted only.
    Signatures,
    /// Every field of every line.
    #[default]
    Everything,
}

/// Reads a whole log in every detail.
pub fn scan(text: &[u8]) -> LogSummary {
    let mut scanner = Scanner::new();
    scanner.feed(text);
    scanner.finish()
}

/// Reads a log that comes in pieces; a line may be cut between them anywhere.
///
/// Pieces of any size give the same summary. Memory is bounded whatever comes: about 3 MB, or
/// 20 MB for a log whose names are all different and absurdly long.
#[derive(Clone, Debug, Default)]
pub struct Scanner {
    pub(crate) detail: Detail,
    top: Option<usize>,
    /// Beginning of a line whose end has not come yet.
    partial: Vec<u8>,
    /// Bytes of that line, kept or not.
    partial_bytes: u64,
    /// Offset of the next byte to be fed.
    offset: u64,
    /// Lines that a runtime cut, by stream.
    cut: [Cut; 2],
    /// A line that was unescaped.
    buffer: Vec<u8>,
    pub(crate) finders: Finders,
    stamps: Stamps,
    /// The last stamp, as written.
    last_stamp: Stamp,
    /// What is counted of lines.
    pub(crate) counts: LogSummary,
    pub(crate) clock: Clock,
    pub(crate) tally: Tally,
    pub(crate) events: Events,
    pub(crate) api: Api,
    pub(crate) banner: Banner,
    pub(crate) queries: Box<Queries>,
    pub(crate) errors: Errors,
    /// Inside the trace that follows a panic.
    pub(crate) in_trace: bool,
}

/// A stamp kept without allocation.
#[derive(Clone, Debug)]
struct Stamp {
    length: usize,
    bytes: [u8; MAX_STAMP],
}

impl Default for Stamp {
    fn default() -> Self {
        Self {
            length: 0,
            bytes: [0; MAX_STAMP],
        }
    }
}

impl Stamp {
    #[inline]
    fn set(&mut self, stamp: &[u8]) {
        if let Some(bytes) = self.bytes.get_mut(..stamp.len()) {
            bytes.copy_from_slice(stamp);
            self.length = stamp.len();
        }
    }

    fn text(&self) -> String {
        text(self.bytes.get(..self.length).unwrap_or_default())
    }
}

/// The parts so far of a line that a runtime cut.
#[derive(Clone, Debug, Default)]
struct Cut {
    text: Vec<u8>,
    open: bool,
    start: u64,
    end: u64,
    stamp: Vec<u8>,
}

impl Scanner {
    /// Starts at the beginning of a log, to read every detail.
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts at the beginning of a log, to read less.
    pub fn with_detail(detail: Detail) -> Self {
        Self {
            detail,
            ..Self::default()
        }
    }

    /// Lists this many of the most frequent names and clients, not 20.
    #[must_use]
    pub fn top(mut self, entries: u16) -> Self {
        self.top = Some(usize::from(entries));
        self
    }

    /// Takes the next piece.
    pub fn feed(&mut self, chunk: &[u8]) {
        let mut start = 0;
        for end in memchr_iter(b'\n', chunk) {
            self.end_line(chunk.get(start..end).unwrap_or_default());
            start = end + 1;
            self.offset += 1;
        }
        let rest = chunk.get(start..).unwrap_or_default();
        self.keep(rest);
        self.offset += rest.len() as u64;
    }

    /// Goes on with what another scanner read, so that the parts of a log can be read side by side.
    ///
    /// The other one must have begun at the beginning of a line, with the same detail. The result is
    /// what one scanner would have said, but for what the cut parts: a banner, the trace of a panic,
    /// an error of several lines, a cut answer and its query over TCP. And the most frequent names
    /// and clients of a log with more than 8,192 different ones may have another error, which
    /// [`Top`](crate::Top) states.
    pub fn append(&mut self, mut next: Self) {
        self.end_last_line();
        let offset = self.offset;
        self.counts.lines += next.counts.lines;
        self.counts.query_lines += next.counts.query_lines;
        self.counts.error_lines += next.counts.error_lines;
        self.counts.klog_lines += next.counts.klog_lines;
        self.counts.unrecognised += next.counts.unrecognised;
        self.counts.telling += next.counts.telling;
        if next.counts.first_stamp.is_some() {
            let first = next.counts.first_stamp.take();
            self.counts.first_stamp = self.counts.first_stamp.take().or(first);
            self.last_stamp = next.last_stamp;
        }
        self.stamps = next.stamps;
        self.clock.merge(next.clock);
        self.tally.merge(next.tally, offset);
        self.events.merge(next.events, offset);
        self.api.merge(&next.api);
        self.banner.merge(next.banner, offset);
        self.queries.merge(&next.queries);
        self.errors.merge(&next.errors);
        self.in_trace = next.in_trace;
        self.cut = next.cut;
        for cut in &mut self.cut {
            cut.start += offset;
            cut.end += offset;
        }
        self.partial = next.partial;
        self.partial_bytes = next.partial_bytes;
        self.offset += next.offset;
    }

    /// Ends the log.
    pub fn finish(mut self) -> LogSummary {
        self.end_last_line();
        let mut summary = self.counts;
        summary.bytes = self.offset;
        if summary.first_stamp.is_some() {
            summary.last_stamp = Some(self.last_stamp.text());
        }
        (summary.counts, summary.hits) = self.tally.finish();
        (summary.event_counts, summary.events) = self.events.finish();
        summary.api_failures = self.api.finish();
        (summary.starts, summary.startup_errors) = self.banner.finish();
        let mut starts = summary.starts.iter().rev();
        summary.banner_version = starts.find_map(|start| start.version.clone());
        summary.minutes = self.clock.finish();
        if self.detail == Detail::Everything {
            let top = self.top.unwrap_or(TOP);
            summary.queries = Some(self.queries.finish(top));
            summary.errors = Some(self.errors.finish(top));
        }
        summary
    }

    fn keep(&mut self, bytes: &[u8]) {
        let room = MAX_LINE.saturating_sub(self.partial.len()).min(bytes.len());
        self.partial
            .extend_from_slice(bytes.get(..room).unwrap_or_default());
        self.partial_bytes += bytes.len() as u64;
    }

    /// Ends a line whose last piece is `tail`, which was not counted in the offset yet.
    #[inline]
    fn end_line(&mut self, tail: &[u8]) {
        let end = self.offset + tail.len() as u64;
        let start = self.offset - self.partial_bytes;
        self.offset = end;
        if self.partial_bytes == 0 {
            let line = tail.get(..MAX_LINE).unwrap_or(tail);
            self.line(line, start, end);
        } else {
            self.keep(tail);
            let mut line = std::mem::take(&mut self.partial);
            self.partial_bytes = 0;
            self.line(&line, start, end);
            line.clear();
            self.partial = line;
        }
    }

    fn end_last_line(&mut self) {
        if self.partial_bytes > 0 {
            self.end_line(&[]);
        }
        for stream in [false, true] {
            self.end_cut(stream);
        }
    }

    #[inline]
    fn line(&mut self, line: &[u8], start: u64, end: u64) {
        self.counts.lines += 1;
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if let [b'[', second, ..] = line
            && *second != b'p'
        {
            self.clock.turn(None);
            let stamp = None;
            self.text(line, At { start, end, stamp });
        } else {
            self.layered(line, start, end);
        }
    }

    fn layered(&mut self, line: &[u8], start: u64, end: u64) {
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.clear();
        let peeled = layers::peel(line, &mut self.stamps, &mut buffer);
        self.clock.turn(peeled.stamp.map(|(_, minute)| minute));
        if let Some(now) = &mut self.clock.now {
            now.lines += 1;
        }
        let stamp = peeled.stamp.map(|(stamp, _)| stamp);
        if let Some(stamp) = stamp {
            if self.counts.first_stamp.is_none() {
                self.counts.first_stamp = Some(text(stamp));
            }
            self.last_stamp.set(stamp);
        }
        let at = At { start, end, stamp };
        let whole = peeled.text.unwrap_or(&buffer);
        if peeled.partial
            || self
                .cut
                .get(usize::from(peeled.stderr))
                .is_some_and(|cut| cut.open)
        {
            self.join(whole, at, peeled.stderr, peeled.partial);
        } else if peeled.text.is_some() {
            self.text(whole, at);
        } else {
            self.texts(whole, at);
        }
        self.buffer = buffer;
    }

    /// Puts a part of a line to the parts before it.
    #[cold]
    fn join(&mut self, part: &[u8], at: At<'_>, stderr: bool, partial: bool) {
        if let Some(cut) = self.cut.get_mut(usize::from(stderr)) {
            if !cut.open {
                (cut.open, cut.start, cut.end) = (true, at.start, at.end);
                cut.stamp = at.stamp.unwrap_or_default().to_vec();
            }
            let room = MAX_LINE.saturating_sub(cut.text.len()).min(part.len());
            cut.text
                .extend_from_slice(part.get(..room).unwrap_or_default());
        }
        if !partial {
            self.end_cut(stderr);
        }
    }

    fn end_cut(&mut self, stderr: bool) {
        let Some(cut) = self.cut.get_mut(usize::from(stderr)) else {
            return;
        };
        if !std::mem::take(&mut cut.open) {
            return;
        }
        let mut cut = std::mem::take(cut);
        layers::own_object(&mut cut.text);
        let stamp = Some(cut.stamp.as_slice()).filter(|stamp| !stamp.is_empty());
        let at = At {
            start: cut.start,
            end: cut.end,
            stamp,
        };
        self.texts(&cut.text, at);
    }

    /// A message that JSON held may be of several lines.
    fn texts(&mut self, whole: &[u8], at: At<'_>) {
        for line in whole.split(|byte| *byte == b'\n') {
            self.text(line.strip_suffix(b"\r").unwrap_or(line), at);
        }
    }
}
