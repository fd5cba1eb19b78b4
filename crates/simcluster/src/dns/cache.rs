//! CoreDNS's `cache` plugin: caps on TTLs, negative answers, its own life in each pod.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use digpod_corefile::ServerBlock;
use hickory_proto::op::{Message, Query, ResponseCode};
use hickory_proto::rr::RecordType;

use crate::json::lock;

/// Longest and shortest life of answers, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Caps {
    success: (u32, u32),
    denial: (u32, u32),
}

/// What CoreDNS keeps a SERVFAIL for.
const SERVFAIL_SECONDS: u32 = 5;

type Key = (String, u16, bool);

struct Entry {
    stored: Instant,
    life: Duration,
    reply: Message,
}

/// One pod's cache.
#[derive(Default)]
pub(super) struct Cache(Mutex<BTreeMap<Key, Entry>>);

impl Cache {
    /// Fills `reply` from the cache.
    pub(super) fn find(&self, query: &Message, question: &Query, reply: &mut Message) -> bool {
        let cache = lock(&self.0);
        let Some(entry) = cache.get(&key(query, question)) else {
            return false;
        };
        let age = entry.stored.elapsed();
        if age >= entry.life {
            return false;
        }
        let left = u32::try_from(entry.life.saturating_sub(age).as_secs()).unwrap_or(u32::MAX);
        copy(&entry.reply, reply);
        // CoreDNS says "authoritative" of whatever comes from its cache.
        reply.metadata.authoritative = true;
        for record in reply.answers.iter_mut().chain(&mut reply.authorities) {
            record.ttl = left;
        }
        true
    }

    /// Keeps a reply, if `block` has a cache and the reply is of a kind that is kept, and caps its TTLs.
    pub(super) fn keep(
        &self,
        block: &ServerBlock,
        query: &Message,
        question: &Query,
        reply: &mut Message,
    ) {
        let Some(life) = caps(block).and_then(|caps| life(caps, reply)) else {
            return;
        };
        for record in reply.answers.iter_mut().chain(&mut reply.authorities) {
            record.ttl = life;
        }
        let mut kept = Message::response(0, query.metadata.op_code);
        copy(reply, &mut kept);
        let life = Duration::from_secs(life.into());
        let entry = Entry {
            stored: Instant::now(),
            life,
            reply: kept,
        };
        lock(&self.0).insert(key(query, question), entry);
    }

    /// Forgets everything, as a reload does.
    pub(super) fn clear(&self) {
        lock(&self.0).clear();
    }
}

fn key(query: &Message, question: &Query) -> Key {
    let dnssec = query
        .edns
        .as_ref()
        .is_some_and(|edns| edns.flags().dnssec_ok);
    (
        question.name.to_ascii().to_ascii_lowercase(),
        question.query_type.into(),
        dnssec,
    )
}

/// Copies what answers, not whom.
pub(super) fn copy(from: &Message, to: &mut Message) {
    to.metadata.response_code = from.metadata.response_code;
    to.metadata.authoritative = from.metadata.authoritative;
    to.metadata.recursion_available = from.metadata.recursion_available;
    to.metadata.truncation = from.metadata.truncation;
    to.answers.clone_from(&from.answers);
    to.authorities.clone_from(&from.authorities);
    to.additionals.clone_from(&from.additionals);
}

/// How long a reply is kept; `None` for not at all.
fn life(caps: Caps, reply: &Message) -> Option<u32> {
    let ttl = || {
        reply
            .answers
            .iter()
            .chain(&reply.authorities)
            .map(|record| record.ttl)
            .min()
    };
    let soa = reply
        .authorities
        .iter()
        .any(|record| record.record_type() == RecordType::SOA);
    let clamp =
        |(longest, shortest): (u32, u32), ttl: u32| ttl.min(longest).max(shortest.min(longest));
    if reply.metadata.truncation {
        return None;
    }
    match reply.metadata.response_code {
        ResponseCode::NoError if !reply.answers.is_empty() => Some(clamp(caps.success, ttl()?)),
        ResponseCode::NoError | ResponseCode::NXDomain if soa => Some(clamp(caps.denial, ttl()?)),
        ResponseCode::ServFail => Some(SERVFAIL_SECONDS),
        _ => None,
    }
    .filter(|life| *life > 0)
}

fn caps(block: &ServerBlock) -> Option<Caps> {
    let directive = block.directive("cache")?;
    let number = |text: &str| text.parse::<u32>().ok();
    let all = directive.args.first().and_then(|word| number(&word.text));
    let mut caps = Caps {
        success: (all.unwrap_or(3600), 5),
        denial: (all.unwrap_or(1800), 5),
    };
    for property in &directive.properties {
        let cap = match property.name.text.as_str() {
            "success" => &mut caps.success,
            "denial" => &mut caps.denial,
            _ => continue,
        };
        let value = |n: usize| property.args.get(n).and_then(|word| number(&word.text));
        *cap = (value(1).unwrap_or(cap.0), value(2).unwrap_or(cap.1));
    }
    Some(caps)
}
