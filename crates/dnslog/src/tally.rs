//! Signatures counted by upstream, the first lines of each and the last one kept.

use std::net::SocketAddr;
use std::ops::Range;

use crate::event::{Event, EventCount, EventKind};
use crate::keys::Keys;
use crate::lines::{self, MAX_NAME};
use crate::signature::{Count, Hit, Signature};
use crate::{errors, swar};

/// Lines kept of each signature and server, besides the last one.
const FIRST_HITS: usize = 5;
/// Bytes kept of a last line: a name and a type of [`MAX_NAME`] each and what stands around them.
const MAX_RAW: usize = 4 * MAX_NAME;
/// Servers told apart; a log that names more of them is not honest.
const MAX_KEYS: usize = 1_000;

/// Where a line stands and when it was written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At<'a> {
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) stamp: Option<&'a [u8]>,
}

impl At<'_> {
    pub(crate) fn span(&self) -> Range<usize> {
        let narrow = |at| usize::try_from(at).unwrap_or(usize::MAX);
        narrow(self.start)..narrow(self.end)
    }
}

/// What is found in a line.
#[derive(Debug)]
pub(crate) struct Found<'a> {
    pub(crate) signature: Signature,
    pub(crate) count: u64,
    pub(crate) server: &'a [u8],
    pub(crate) proto: Option<&'static str>,
    pub(crate) name: Option<&'a [u8]>,
    pub(crate) record_type: Option<&'a [u8]>,
    pub(crate) zone: Option<&'a [u8]>,
    /// What the fields can be read from again.
    pub(crate) raw: &'a [u8],
}

impl Found<'_> {
    /// A signature that names nothing.
    pub(crate) const fn bare(signature: Signature) -> Self {
        Self {
            signature,
            count: 1,
            server: &[],
            proto: None,
            name: None,
            record_type: None,
            zone: None,
            raw: &[],
        }
    }

    /// Reads it again, from what was kept of its line.
    fn again(signature: Signature, raw: &[u8]) -> Found<'_> {
        if signature == Signature::Loop {
            let zone = lines::loop_zone(raw);
            return Found {
                zone,
                ..Found::bare(signature)
            };
        }
        let Some(line) = errors::read(raw) else {
            return Found::bare(signature);
        };
        Found {
            proto: line.proto,
            name: line.name,
            record_type: line.record_type,
            ..Found::bare(signature)
        }
    }
}

/// Counts and lines by signature and server.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    /// Servers by signature; the number of a server there is its place in `seen`.
    servers: Vec<Keys>,
    seen: Vec<Vec<Seen>>,
    total: usize,
}

#[derive(Clone, Debug, Default)]
struct Seen {
    count: u64,
    hinfo: u64,
    tcp: u64,
    first: Vec<Hit>,
    last: Last,
}

/// The last line, not yet read: nearly every line is followed by another one.
#[derive(Clone, Debug, Default)]
struct Last {
    set: bool,
    start: u64,
    end: u64,
    server: Vec<u8>,
    raw: Vec<u8>,
    stamp: Option<Vec<u8>>,
    /// The line already read: it comes from a part that was appended.
    hit: Option<Hit>,
}

impl Last {
    fn put(&mut self, server: &[u8], raw: &[u8], at: At<'_>) {
        (self.set, self.start, self.end) = (true, at.start, at.end);
        self.hit = None;
        self.server.clear();
        self.server.extend_from_slice(server);
        self.raw.clear();
        self.raw
            .extend_from_slice(raw.get(..MAX_RAW).unwrap_or(raw));
        match at.stamp {
            None => self.stamp = None,
            Some(stamp) => {
                let kept = self.stamp.get_or_insert_default();
                kept.clear();
                kept.extend_from_slice(stamp);
            }
        }
    }

    fn hit(&self, signature: Signature) -> Option<Hit> {
        if self.hit.is_some() {
            return self.hit.clone();
        }
        let stamp = self.stamp.as_deref();
        let at = At {
            start: self.start,
            end: self.end,
            stamp,
        };
        let found = Found::again(signature, &self.raw);
        self.set.then(|| hit(&found, &self.server, at))
    }
}

impl Tally {
    #[inline]
    pub(crate) fn add(&mut self, found: &Found<'_>, at: At<'_>) {
        let Some((seen, known)) = self.seen(found.signature, found.server) else {
            return;
        };
        seen.count = seen.count.saturating_add(found.count);
        if found.record_type == Some(b"HINFO") {
            seen.hinfo = seen.hinfo.saturating_add(found.count);
        }
        if found.proto == Some("tcp") {
            seen.tcp = seen.tcp.saturating_add(found.count);
        }
        let server = if known || found.server.is_empty() {
            found.server
        } else {
            &[]
        };
        if seen.first.len() < FIRST_HITS {
            seen.first.push(hit(found, server, at));
        } else {
            seen.last.put(server, found.raw, at);
        }
    }

    /// The place of a signature and server, and whether the server is an address.
    fn seen(&mut self, signature: Signature, server: &[u8]) -> Option<(&mut Seen, bool)> {
        if self.servers.is_empty() {
            self.servers
                .resize_with(Signature::ALL.len(), Keys::default);
            self.seen.resize_with(Signature::ALL.len(), Vec::new);
        }
        let servers = self.servers.get_mut(signature as usize)?;
        let seen = self.seen.get_mut(signature as usize)?;
        let mut address = true;
        let number = if let Some(number) = servers.find(swar::hash(server), server) {
            number
        } else {
            // In a consolidated line the place of the address may be taken by a pattern.
            address = server.is_empty() || is_address(server);
            let known = address && self.total < MAX_KEYS;
            let number = servers.find_or_insert(if known { server } else { &[] })?;
            if number == seen.len() {
                self.total += 1;
                seen.push(Seen::default());
            }
            number
        };
        Some((seen.get_mut(number)?, address))
    }

    pub(crate) fn merge(&mut self, other: Self, start: u64) {
        let offset = usize::try_from(start).unwrap_or(usize::MAX);
        for (signature, (servers, seen)) in Signature::ALL
            .into_iter()
            .zip(other.servers.iter().zip(other.seen))
        {
            for (number, its) in seen.into_iter().enumerate() {
                let Some((mine, _)) = self.seen(signature, servers.get(number)) else {
                    continue;
                };
                mine.count = mine.count.saturating_add(its.count);
                mine.hinfo = mine.hinfo.saturating_add(its.hinfo);
                mine.tcp = mine.tcp.saturating_add(its.tcp);
                let shift = |hit: &mut Hit| {
                    hit.span =
                        hit.span.start.saturating_add(offset)..hit.span.end.saturating_add(offset);
                };
                for mut hit in its.first {
                    shift(&mut hit);
                    if mine.first.len() < FIRST_HITS {
                        mine.first.push(hit);
                    } else {
                        mine.last = Last {
                            set: true,
                            hit: Some(hit),
                            ..Last::default()
                        };
                    }
                }
                if its.last.set {
                    mine.last = its.last;
                    mine.last.start += start;
                    mine.last.end += start;
                    mine.last.hit.iter_mut().for_each(shift);
                }
            }
        }
    }

    /// Counts by signature and server, and lines in order.
    pub(crate) fn finish(self) -> (Vec<Count>, Vec<Hit>) {
        let (mut counts, mut hits) = (Vec::new(), Vec::new());
        for (signature, (servers, seen)) in Signature::ALL
            .into_iter()
            .zip(self.servers.iter().zip(self.seen))
        {
            for (number, seen) in seen.into_iter().enumerate() {
                let server = Some(servers.get(number)).filter(|server| !server.is_empty());
                counts.push(Count {
                    signature,
                    server: server.map(text),
                    count: seen.count,
                    hinfo: seen.hinfo,
                    tcp: seen.tcp,
                });
                hits.extend(seen.first);
                hits.extend(seen.last.hit(signature));
            }
        }
        counts.sort_by(|a, b| (a.signature, &a.server).cmp(&(b.signature, &b.server)));
        hits.sort_by_key(|hit| (hit.span.start, hit.span.end));
        (counts, hits)
    }
}

/// `10.1.0.4:53`, `[fd00::53]:53`, `[fe80::1%eth0]:53`.
fn is_address(server: &[u8]) -> bool {
    let Ok(server) = std::str::from_utf8(server) else {
        return false;
    };
    if let Some((address, rest)) = server.split_once('%')
        && let Some((interface, port)) = rest.split_once("]:")
    {
        let plain = interface.len() <= 16 && interface.bytes().all(|byte| byte.is_ascii_graphic());
        return plain && format!("{address}]:{port}").parse::<SocketAddr>().is_ok();
    }
    server.parse::<SocketAddr>().is_ok()
}

fn hit(found: &Found<'_>, server: &[u8], at: At<'_>) -> Hit {
    Hit {
        signature: found.signature,
        span: at.span(),
        server: Some(server).filter(|server| !server.is_empty()).map(text),
        proto: found.proto.map(str::to_owned),
        name: found.name.map(text),
        record_type: found.record_type.map(text),
        zone: found.zone.map(text),
        stamp: at.stamp.map(text),
    }
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// At most [`MAX_NAME`] bytes of a text.
pub(crate) fn short_text(bytes: &[u8]) -> String {
    text(bytes.get(..MAX_NAME).unwrap_or(bytes))
}

/// Events: the first five of each kind and the last one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Events {
    kinds: Vec<(EventKind, u64, Vec<Event>)>,
}

impl Events {
    pub(crate) fn add(&mut self, kind: EventKind, detail: &[u8], at: At<'_>) {
        self.put(
            Event {
                kind,
                span: at.span(),
                stamp: at.stamp.map(text),
                detail: Some(short_text(detail)).filter(|detail| !detail.is_empty()),
            },
            1,
        );
    }

    fn put(&mut self, event: Event, count: u64) {
        let found = self.kinds.iter_mut().find(|(kind, ..)| *kind == event.kind);
        match found {
            None => self.kinds.push((event.kind, count, vec![event])),
            Some((_, sum, kept)) => {
                *sum += count;
                kept.truncate(FIRST_HITS);
                kept.push(event);
            }
        }
    }

    pub(crate) fn merge(&mut self, other: Self, offset: u64) {
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        for (_, count, kept) in other.kinds {
            let mut count = count;
            for mut event in kept {
                event.span =
                    event.span.start.saturating_add(offset)..event.span.end.saturating_add(offset);
                self.put(event, count);
                count = 0;
            }
        }
    }

    pub(crate) fn finish(self) -> (Vec<EventCount>, Vec<Event>) {
        let mut counts = Vec::new();
        let mut events = Vec::new();
        for (kind, count, kept) in self.kinds {
            counts.push(EventCount { kind, count });
            events.extend(kept);
        }
        counts.sort_by_key(|count| count.kind);
        events.sort_by_key(|event| (event.span.start, event.span.end));
        (counts, events)
    }
}
