//! What a line of `CoreDNS`'s own is, and what it adds to the summary.

use crate::event::EventKind;
use crate::lines::{self, Bare, Message};
use crate::scanner::{Detail, Scanner};
use crate::signature::Signature;
use crate::tally::{At, Found};
use crate::{errors, heavy};

impl Scanner {
    /// A line of `CoreDNS`'s own.
    #[inline]
    pub(crate) fn text(&mut self, line: &[u8], at: At<'_>) {
        if let Some(message) = line.strip_prefix(b"[INFO] ")
            && let Some(blank) = lines::query(message)
        {
            self.query(message, blank);
        } else if let Some(rest) = line.strip_prefix(b"[") {
            self.levelled(rest, at);
        } else {
            self.bare(line, at);
        }
    }

    #[inline]
    fn query(&mut self, message: &[u8], blank: usize) {
        self.counts.query_lines += 1;
        self.counts.telling += 1;
        self.in_trace = false;
        match self.detail {
            Detail::Everything => self.queries.add(message, blank, self.clock.now.as_mut()),
            Detail::Signatures => {
                if let Some(now) = &mut self.clock.now {
                    now.queries += 1;
                }
            }
        }
    }

    fn levelled(&mut self, rest: &[u8], at: At<'_>) {
        let (level, message) = match rest {
            [b'E', b'R', b'R', b'O', b'R', b']', rest @ ..] => (b"ERROR".as_slice(), rest),
            [b'W', b'A', b'R', b'N', b'I', b'N', b'G', b']', rest @ ..] => {
                (b"WARNING".as_slice(), rest)
            }
            [b'I', b'N', b'F', b'O', b']', rest @ ..] => (b"INFO".as_slice(), rest),
            [b'D', b'E', b'B', b'U', b'G', b']', rest @ ..] => (b"DEBUG".as_slice(), rest),
            [b'F', b'A', b'T', b'A', b'L', b']', rest @ ..] => (b"FATAL".as_slice(), rest),
            [b'P', b'A', b'N', b'I', b'C', b']', rest @ ..] => (b"PANIC".as_slice(), rest),
            _ => return self.unknown(),
        };
        let message = message.strip_prefix(b" ").unwrap_or(message);
        self.in_trace = false;
        if let Some(error) = message.strip_prefix(b"plugin/errors: ") {
            return self.error(error, at);
        }
        self.counts.telling += u64::from(message.starts_with(b"plugin/"));
        match lines::message(&self.finders, level, message) {
            Message::Hit(Signature::Loop) => {
                let zone = lines::loop_zone(message);
                self.tally.add(
                    &Found {
                        zone,
                        raw: message,
                        ..Found::bare(Signature::Loop)
                    },
                    at,
                );
            }
            Message::Hit(signature) => {
                self.in_trace = signature == Signature::Panic;
                self.counts.telling += 1;
                self.tally.add(&Found::bare(signature), at);
            }
            Message::Api(kind, reason) => {
                self.api.add(kind, reason);
                self.tally.add(&Found::bare(Signature::ApiListWatch), at);
            }
            Message::Event(kind, detail) => self.event(kind, detail, at),
            // The banner has a level in releases before 1.3 and in the format `json`.
            Message::Other if level == b"INFO" => {
                self.banner_line(&lines::bare(message), at);
            }
            Message::Other => {}
        }
    }

    #[inline]
    fn error(&mut self, error: &[u8], at: At<'_>) {
        self.counts.error_lines += 1;
        let Some(line) = errors::read(error) else {
            self.counts.unrecognised += 1;
            return;
        };
        self.counts.telling += 1;
        if let Some(now) = &mut self.clock.now {
            now.errors = now.errors.saturating_add(line.count);
        }
        let server = line.server.as_deref().unwrap_or_default();
        let found = Found {
            signature: line.signature,
            count: line.count,
            server,
            proto: line.proto,
            name: line.name,
            record_type: line.record_type,
            zone: None,
            raw: error,
        };
        self.tally.add(&found, at);
        if self.detail == Detail::Everything {
            self.errors.count = self.errors.count.saturating_add(line.count);
            self.errors.consolidated_lines += u64::from(line.name.is_none());
            if let (Some(rcode), Some(name), Some(record_type)) =
                (line.rcode, line.name, line.record_type)
            {
                self.errors.rcodes.add(rcode, 1);
                self.errors.types.add(record_type, 1);
                heavy::add(&mut self.errors.names, name);
            }
        }
    }

    fn event(&mut self, kind: EventKind, detail: &[u8], at: At<'_>) {
        if matches!(kind, EventKind::Reloading | EventKind::ReloadComplete) {
            self.banner.close();
        }
        // A limit on the CPU and dnsmasq's are said by other programs too.
        let telling = !matches!(kind, EventKind::CpuLimit | EventKind::DnsmasqLimit);
        self.counts.telling += u64::from(telling);
        self.events.add(kind, detail, at);
    }

    fn bare(&mut self, line: &[u8], at: At<'_>) {
        let bare = lines::bare(line);
        if bare != Bare::Unknown && bare != Bare::Known {
            self.in_trace = false;
        }
        match bare {
            Bare::Known => {}
            Bare::Zone(_) | Bare::Version(_) | Bare::Platform(..) => self.banner_line(&bare, at),
            Bare::Event(kind, detail) => self.event(kind, detail, at),
            Bare::Klog(message) => {
                self.counts.klog_lines += 1;
                if let Some((kind, reason)) = self.finders.api_failure(message) {
                    self.api.add(kind, reason);
                    self.tally.add(&Found::bare(Signature::ApiListWatch), at);
                }
            }
            Bare::Startup => {
                self.counts.telling += 1;
                self.banner.startup_error(line, at);
                self.tally.add(&Found::bare(Signature::StartupError), at);
                return;
            }
            Bare::Panic => {
                self.in_trace = true;
                self.tally.add(&Found::bare(Signature::Panic), at);
            }
            Bare::Unknown if self.banner.goes_on(line) => return,
            Bare::Unknown => self.unknown(),
        }
        self.banner.end_error();
    }

    fn banner_line(&mut self, bare: &Bare<'_>, at: At<'_>) {
        match bare {
            Bare::Zone(zone) => self.banner.zone(zone, at),
            Bare::Version(version) => {
                self.counts.telling += 1;
                self.banner.version(version, at);
            }
            Bare::Platform(platform, go) => self.banner.platform(platform, go, at),
            _ => {}
        }
    }

    fn unknown(&mut self) {
        self.counts.unrecognised += u64::from(!self.in_trace);
    }
}
