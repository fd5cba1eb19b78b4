//! What query lines and error lines add up to, field by field.

use crate::heavy::{Heavy, Top};
use crate::histogram::Histogram;
use crate::minutes::Step;
use crate::query::{Flags, QueryLine};
use crate::quick::quick;
use crate::small::{Share, Small};
use crate::swar;

/// From here on a query is slow.
const SLOW: u64 = 1_000_000_000;
/// From here on it is as good as not answered: resolvers have given up.
const LOST: u64 = 5_000_000_000;
/// Cut answers whose TCP query is waited for.
const WAITING: usize = 256;
const NOERROR: u64 = u64::from_le_bytes(*b"NOERROR\0");
const NXDOMAIN: u64 = u64::from_le_bytes(*b"NXDOMAIN");

/// Query lines, field by field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueryStats {
    /// Lines of which every field was read.
    pub read: u64,
    /// Query lines in a format of one's own, or cut ones: counted, not read.
    pub unread: u64,
    /// Record types.
    pub types: Vec<Share>,
    /// Classes.
    pub classes: Vec<Share>,
    /// Transports, `udp` and `tcp`.
    pub protos: Vec<Share>,
    /// Response codes; `-` where no answer was recorded.
    pub rcodes: Vec<Share>,
    /// Sets of flags, `qr,aa,rd`; `-` where no answer was recorded.
    pub flags: Vec<Share>,
    /// Names.
    pub names: Top,
    /// Clients.
    pub clients: Top,
    /// Names whose answer was anything but NOERROR and NXDOMAIN, or was missing.
    pub failing_names: Top,
    /// Clients of those queries.
    pub failing_clients: Top,
    /// Names that took a second or longer.
    pub slow_names: Top,
    /// Queries from IPv6 clients.
    pub ipv6: u64,
    /// Queries that ask for DNSSEC records.
    pub dnssec_ok: u64,
    /// Queries without a recorded answer. Up to 1.14.4 these may have been answered SERVFAIL.
    pub unanswered: u64,
    /// Answers that were cut (`tc`).
    pub truncated: u64,
    /// Cut answers after which the same client asked the same name over TCP. Of the last 256 cut
    /// answers at most are waited for, so the number may be too low.
    pub retried_over_tcp: u64,
    /// Of those, TCP queries without answer or of 5 seconds or longer.
    pub failed_over_tcp: u64,
    /// Queries of a second or longer.
    pub slow: u64,
    /// Queries of 5 seconds or longer.
    pub lost: u64,
    /// Largest answer in bytes, before compression.
    pub largest_answer: u32,
    /// Times of all queries.
    pub latency: Histogram,
    /// Times of answers that `CoreDNS` gave itself (`aa`), from its cache or not.
    pub own_latency: Histogram,
    /// Times of answers that came from upstreams, from the cache or not.
    pub upstream_latency: Histogram,
}

/// Lines of plugin `errors`, field by field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ErrorStats {
    /// Errors; a consolidated line counts as often as it says.
    pub errors: u64,
    /// Consolidated lines: their errors have neither code nor name.
    pub consolidated_lines: u64,
    /// Codes `CoreDNS` was about to answer, as numbers: 2 is SERVFAIL, 5 REFUSED.
    pub rcodes: Vec<Share>,
    /// Record types.
    pub types: Vec<Share>,
    /// Names.
    pub names: Top,
}

/// What statistics need of a query.
#[derive(Clone, Copy, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a yes or no of the line"
)]
struct Asked<'a> {
    client: &'a [u8],
    name: &'a [u8],
    /// Hash of the name.
    hash: u64,
    nanoseconds: u64,
    answer_size: u32,
    flags: Flags,
    dnssec_ok: bool,
    nxdomain: bool,
    /// Anything but NOERROR and NXDOMAIN, or no answer.
    failed: bool,
    tcp: bool,
}

/// Counts while the log is read.
#[derive(Clone, Debug)]
pub(crate) struct Queries {
    read: u64,
    unread: u64,
    types: Small,
    classes: Small,
    /// Lines of class `IN`, over UDP and TCP, that were read the quick way; those over TCP.
    inet: u64,
    inet_tcp: u64,
    protos: Small,
    rcodes: Small,
    flags: [u64; 256],
    names: Heavy,
    clients: Heavy,
    failing_names: Heavy,
    failing_clients: Heavy,
    slow_names: Heavy,
    ipv6: u64,
    dnssec_ok: u64,
    unanswered: u64,
    truncated: u64,
    retried_over_tcp: u64,
    failed_over_tcp: u64,
    slow: u64,
    lost: u64,
    largest_answer: u32,
    /// Times of answers from upstreams, of own answers, and without answer.
    times: [Histogram; 3],
    waiting: Vec<u64>,
}

impl Default for Queries {
    fn default() -> Self {
        Self {
            read: 0,
            unread: 0,
            types: Small::default(),
            classes: Small::default(),
            inet: 0,
            inet_tcp: 0,
            protos: Small::default(),
            rcodes: Small::default(),
            flags: [0; 256],
            names: Heavy::default(),
            clients: Heavy::default(),
            failing_names: Heavy::default(),
            failing_clients: Heavy::default(),
            slow_names: Heavy::default(),
            ipv6: 0,
            dnssec_ok: 0,
            unanswered: 0,
            truncated: 0,
            retried_over_tcp: 0,
            failed_over_tcp: 0,
            slow: 0,
            lost: 0,
            largest_answer: 0,
            times: <[Histogram; 3]>::default(),
            waiting: Vec::new(),
        }
    }
}

impl Queries {
    /// Takes a query line; `now` counts what belongs to its minute.
    #[inline]
    pub(crate) fn add(&mut self, message: &[u8], blank: usize, now: Option<&mut Step>) {
        let Some(quick) = quick(message, blank) else {
            return self.add_slowly(message, now);
        };
        let rcode = quick.rcode.bytes();
        self.types.add_key(quick.record_type.bytes(), 1);
        self.rcodes.add_key(rcode, 1);
        self.inet += 1;
        self.inet_tcp += u64::from(quick.tcp);
        let nxdomain = rcode == NXDOMAIN;
        let asked = Asked {
            client: quick.client,
            name: quick.name,
            hash: swar::hash(quick.name),
            nanoseconds: quick.nanoseconds,
            answer_size: u32::try_from(quick.answer_size.value()).unwrap_or(u32::MAX),
            flags: quick.flags,
            dnssec_ok: quick.dnssec_ok,
            nxdomain,
            failed: quick.flags.is_empty() || !nxdomain && rcode != NOERROR,
            tcp: quick.tcp,
        };
        self.count(asked, now);
    }

    #[cold]
    #[inline(never)]
    fn add_slowly(&mut self, message: &[u8], now: Option<&mut Step>) {
        let Some(line) = QueryLine::parse_slowly(message) else {
            self.unread += 1;
            if let Some(now) = now {
                now.queries += 1;
            }
            return;
        };
        self.types.add(line.record_type, 1);
        self.rcodes.add(line.rcode, 1);
        self.protos.add(line.proto, 1);
        self.classes.add(line.class, 1);
        let nxdomain = line.rcode == b"NXDOMAIN";
        let asked = Asked {
            client: line.client,
            name: line.name,
            hash: swar::hash(line.name),
            nanoseconds: line.nanoseconds,
            answer_size: line.answer_size,
            flags: line.flags,
            dnssec_ok: line.dnssec_ok,
            nxdomain,
            failed: line.flags.is_empty() || !(nxdomain || line.rcode == b"NOERROR"),
            tcp: line.proto == b"tcp",
        };
        self.count(asked, now);
    }

    #[inline]
    fn count(&mut self, asked: Asked<'_>, now: Option<&mut Step>) {
        self.read += 1;
        self.names.add(asked.hash, asked.name, asked.nxdomain);
        let client = swar::hash_address(asked.client);
        self.clients.add(client, asked.client, asked.nxdomain);
        if let Some(count) = self.flags.get_mut(usize::from(asked.flags.bits())) {
            *count += 1;
        }
        // The first eight bytes of an IPv6 address hold a colon.
        self.ipv6 += u64::from(swar::contains(swar::load_short(asked.client), b':'));
        self.dnssec_ok += u64::from(asked.dnssec_ok);
        self.largest_answer = self.largest_answer.max(asked.answer_size);
        // No branch: which of these it is cannot be guessed.
        let whose =
            usize::from(asked.flags.authoritative()) | usize::from(asked.flags.is_empty()) << 1;
        if let Some(times) = self.times.get_mut(whose) {
            times.add(asked.nanoseconds);
        }
        let slow = asked.nanoseconds >= SLOW;
        if asked.failed | slow | asked.flags.truncated() | asked.tcp {
            self.unusual(asked, client);
        }
        if let Some(now) = now {
            now.queries += 1;
            now.failed += u64::from(asked.failed);
            now.slow += u64::from(slow);
        }
    }

    /// What few queries need.
    #[cold]
    #[inline(never)]
    fn unusual(&mut self, asked: Asked<'_>, client: u64) {
        let unanswered = asked.flags.is_empty();
        self.unanswered += u64::from(unanswered);
        if asked.failed {
            self.failing_names.add(asked.hash, asked.name, false);
            self.failing_clients.add(client, asked.client, false);
        }
        let lost = asked.nanoseconds >= LOST;
        if asked.nanoseconds >= SLOW {
            self.slow += 1;
            self.lost += u64::from(lost);
            self.slow_names.add(asked.hash, asked.name, false);
        }
        // A pair of client and name; 0 waits for nobody.
        let pair = (asked.hash ^ client.rotate_left(17)) | 1;
        let place = usize::try_from(pair >> 56).unwrap_or(0) % WAITING;
        if asked.flags.truncated() {
            self.truncated += 1;
            self.waiting.resize(WAITING, 0);
            if let Some(waiting) = self.waiting.get_mut(place) {
                *waiting = pair;
            }
        } else if asked.tcp
            && let Some(waiting) = self.waiting.get_mut(place)
            && *waiting == pair
        {
            *waiting = 0;
            self.retried_over_tcp += 1;
            self.failed_over_tcp += u64::from(unanswered || lost);
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.read += other.read;
        self.unread += other.unread;
        self.types.merge(&other.types);
        self.classes.merge(&other.classes);
        self.inet += other.inet;
        self.inet_tcp += other.inet_tcp;
        self.protos.merge(&other.protos);
        self.rcodes.merge(&other.rcodes);
        for (mine, its) in self.flags.iter_mut().zip(&other.flags) {
            *mine += its;
        }
        self.names.merge(&other.names);
        self.clients.merge(&other.clients);
        self.failing_names.merge(&other.failing_names);
        self.failing_clients.merge(&other.failing_clients);
        self.slow_names.merge(&other.slow_names);
        self.ipv6 += other.ipv6;
        self.dnssec_ok += other.dnssec_ok;
        self.unanswered += other.unanswered;
        self.truncated += other.truncated;
        self.retried_over_tcp += other.retried_over_tcp;
        self.failed_over_tcp += other.failed_over_tcp;
        self.slow += other.slow;
        self.lost += other.lost;
        self.largest_answer = self.largest_answer.max(other.largest_answer);
        for (mine, its) in self.times.iter_mut().zip(&other.times) {
            mine.merge(its);
        }
        self.waiting.clone_from(&other.waiting);
    }

    pub(crate) fn finish(mut self, top: usize) -> QueryStats {
        if self.inet > 0 {
            self.classes.add(b"IN", self.inet);
            let udp = self.inet - self.inet_tcp;
            for (proto, count) in [(b"udp", udp), (b"tcp", self.inet_tcp)] {
                if count > 0 {
                    self.protos.add(proto, count);
                }
            }
        }
        let [upstream_latency, own_latency, mut latency] = self.times;
        latency.merge(&own_latency);
        latency.merge(&upstream_latency);
        QueryStats {
            read: self.read,
            unread: self.unread,
            types: self.types.shares(),
            classes: self.classes.shares(),
            protos: self.protos.shares(),
            rcodes: self.rcodes.shares(),
            flags: flags(&self.flags),
            names: self.names.top(top),
            clients: self.clients.top(top),
            failing_names: self.failing_names.top(top),
            failing_clients: self.failing_clients.top(top),
            slow_names: self.slow_names.top(top),
            ipv6: self.ipv6,
            dnssec_ok: self.dnssec_ok,
            unanswered: self.unanswered,
            truncated: self.truncated,
            retried_over_tcp: self.retried_over_tcp,
            failed_over_tcp: self.failed_over_tcp,
            slow: self.slow,
            lost: self.lost,
            largest_answer: self.largest_answer,
            latency,
            own_latency,
            upstream_latency,
        }
    }
}

fn flags(counts: &[u64; 256]) -> Vec<Share> {
    let mut shares: Vec<Share> = (0..=u8::MAX)
        .zip(counts)
        .filter(|(_, count)| **count > 0)
        .map(|(bits, count)| Share {
            text: Flags::from_bits(bits).text(),
            count: *count,
        })
        .collect();
    shares.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.text.cmp(&b.text)));
    shares
}

/// Counts of error lines while the log is read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Errors {
    pub(crate) count: u64,
    pub(crate) consolidated_lines: u64,
    pub(crate) rcodes: Small,
    pub(crate) types: Small,
    pub(crate) names: Heavy,
}

impl Errors {
    pub(crate) fn merge(&mut self, other: &Self) {
        self.count = self.count.saturating_add(other.count);
        self.consolidated_lines += other.consolidated_lines;
        self.rcodes.merge(&other.rcodes);
        self.types.merge(&other.types);
        self.names.merge(&other.names);
    }

    pub(crate) fn finish(&self, top: usize) -> ErrorStats {
        ErrorStats {
            errors: self.count,
            consolidated_lines: self.consolidated_lines,
            rcodes: self.rcodes.shares(),
            types: self.types.shares(),
            names: self.names.top(top),
        }
    }
}
