//! The pass over a log.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::errors;
use crate::layers;
use crate::lines::{self, Bare};
use crate::signature::{Count, Hit, LogSummary, Signature};

/// Lines longer than this are judged by their beginning.
const MAX_LINE: usize = 64 * 1024;
/// Lines kept of each signature and server, besides the last one.
const FIRST_HITS: usize = 5;
/// Servers told apart; a log that names more of them is not honest.
const MAX_KEYS: usize = 1_000;

/// Reads a whole log.
pub fn scan(text: &[u8]) -> LogSummary {
    let mut scanner = Scanner::new();
    scanner.feed(text);
    scanner.finish()
}

/// Reads a log that comes in pieces; a line may be cut between them anywhere.
#[derive(Debug, Default)]
pub struct Scanner {
    /// Beginning of a line whose end has not come yet.
    partial: Vec<u8>,
    /// Bytes of that line, kept or not.
    partial_bytes: usize,
    /// Offset of the next byte to be fed.
    offset: usize,
    /// The last stamp, as written.
    last_stamp: Vec<u8>,
    summary: LogSummary,
    seen: BTreeMap<(Signature, Option<String>), Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    count: u64,
    hinfo: u64,
    first: Vec<Hit>,
    last: Option<Hit>,
}

impl Scanner {
    /// Starts at the beginning of a log.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next piece.
    pub fn feed(&mut self, chunk: &[u8]) {
        let mut start = 0;
        for end in memchr::memchr_iter(b'\n', chunk) {
            self.end_line(chunk.get(start..end).unwrap_or_default());
            start = end + 1;
            self.offset += 1;
        }
        let rest = chunk.get(start..).unwrap_or_default();
        self.keep(rest);
        self.offset += rest.len();
    }

    /// Ends the log.
    pub fn finish(mut self) -> LogSummary {
        if self.partial_bytes > 0 {
            self.end_line(&[]);
        }
        let mut hits: Vec<Hit> = Vec::new();
        for ((signature, server), seen) in self.seen {
            self.summary.counts.push(Count {
                signature,
                server,
                count: seen.count,
                hinfo: seen.hinfo,
            });
            hits.extend(seen.first);
            hits.extend(seen.last);
        }
        if self.summary.first_stamp.is_some() {
            self.summary.last_stamp = Some(text(&self.last_stamp));
        }
        hits.sort_by_key(|hit| (hit.span.start, hit.span.end));
        self.summary.hits = hits;
        self.summary
    }

    fn keep(&mut self, bytes: &[u8]) {
        let room = MAX_LINE.saturating_sub(self.partial.len()).min(bytes.len());
        self.partial
            .extend_from_slice(bytes.get(..room).unwrap_or_default());
        self.partial_bytes += bytes.len();
    }

    /// Ends a line whose last piece is `tail`, which was not counted in the offset yet.
    fn end_line(&mut self, tail: &[u8]) {
        let end = self.offset + tail.len();
        let start = self.offset - self.partial_bytes;
        self.offset = end;
        if self.partial_bytes == 0 {
            let line = tail.get(..MAX_LINE).unwrap_or(tail);
            self.line(line, start..end);
        } else {
            self.keep(tail);
            let line = std::mem::take(&mut self.partial);
            self.partial_bytes = 0;
            self.line(&line, start..end);
        }
    }

    fn line(&mut self, line: &[u8], span: Range<usize>) {
        self.summary.lines += 1;
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let peeled = layers::peel(line);
        if let Some(stamp) = peeled.stamp {
            self.summary.first_stamp.get_or_insert_with(|| text(stamp));
            self.last_stamp.clear();
            self.last_stamp.extend_from_slice(stamp);
        }
        let at = At {
            span,
            stamp: peeled.stamp,
        };
        match peeled.line.strip_prefix(b"[") {
            Some(rest) => self.levelled(rest, at),
            None => self.bare(&peeled.line, at),
        }
    }

    fn levelled(&mut self, rest: &[u8], at: At<'_>) {
        let end = memchr::memchr(b']', rest.get(..10).unwrap_or(rest));
        let Some(end) = end.filter(|end| {
            rest.get(..*end)
                .is_some_and(|it| lines::LEVELS.contains(&it))
        }) else {
            self.summary.unrecognised += 1;
            return;
        };
        let level = rest.get(..end).unwrap_or_default();
        let message = rest.get(end + 2..).unwrap_or_default();
        if level == b"INFO" && !message.starts_with(b"plugin/") {
            if lines::is_query(message) {
                self.summary.query_lines += 1;
            }
            return;
        }
        let text = String::from_utf8_lossy(message);
        if let Some(error) = text.strip_prefix("plugin/errors: ") {
            self.summary.error_lines += 1;
            match errors::read(error) {
                Some(line) => self.error(line, at),
                None => self.summary.unrecognised += 1,
            }
            return;
        }
        match lines::of_plugin(level, &text) {
            Some(Signature::Loop) => {
                let zone = lines::loop_zone(&text);
                self.hit(
                    Hit {
                        zone,
                        ..hit(Signature::Loop, at)
                    },
                    1,
                );
            }
            Some(signature) => self.hit(hit(signature, at), 1),
            None => {}
        }
    }

    fn error(&mut self, line: errors::ErrorLine, at: At<'_>) {
        let Some(signature) = line.signature else {
            return;
        };
        let hit = Hit {
            server: line.server,
            proto: line.proto,
            name: line.name,
            record_type: line.record_type,
            ..hit(signature, at)
        };
        self.hit(hit, line.count);
    }

    fn bare(&mut self, line: &[u8], at: At<'_>) {
        match lines::bare(&String::from_utf8_lossy(line)) {
            Bare::Known => {}
            Bare::Version(version) => self.summary.banner_version = Some(version),
            Bare::Hit(signature) => self.hit(hit(signature, at), 1),
            Bare::Unknown => self.summary.unrecognised += 1,
        }
    }

    fn hit(&mut self, hit: Hit, count: u64) {
        let mut key = (hit.signature, hit.server.clone());
        if self.seen.len() >= MAX_KEYS && !self.seen.contains_key(&key) {
            key.1 = None;
        }
        let seen = self.seen.entry(key).or_default();
        seen.count = seen.count.saturating_add(count);
        if hit.record_type.as_deref() == Some("HINFO") {
            seen.hinfo = seen.hinfo.saturating_add(count);
        }
        if seen.first.len() < FIRST_HITS {
            seen.first.push(hit);
        } else {
            seen.last = Some(hit);
        }
    }
}

/// Where a line stands and when it was written.
struct At<'a> {
    span: Range<usize>,
    stamp: Option<&'a [u8]>,
}

fn hit(signature: Signature, at: At<'_>) -> Hit {
    Hit {
        signature,
        span: at.span,
        server: None,
        proto: None,
        name: None,
        record_type: None,
        zone: None,
        stamp: at.stamp.map(text),
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
