//! Which answers are news, and which a cache may have repeated.

use std::collections::BTreeMap;

use crate::record::{Outcome, Record};

/// Two answers whose lifetimes end within this are one answer, told twice: a cache counts TTLs down
/// in whole seconds.
const SAME_END_US: u64 = 1_100_000;

/// Counts answers that no cache repeats, as far as records can tell.
///
/// A cache repeats an answer with what is left of its TTL (RFC 1035, section 3.2.1), so that repeated
/// ones all end at the same time. A denial has no TTL in a record: in a row from one server they count
/// as one. A query without an answer was not answered by a cache either. Where it is wrong, it counts
/// too few.
#[derive(Clone, Debug, Default)]
pub struct Draws {
    of: BTreeMap<(String, String, String), Known>,
    news: u64,
}

/// What is known of one question to one server.
#[derive(Clone, Debug, Default)]
struct Known {
    /// When answers end that were seen and may still be in a cache, in microseconds of the run.
    ends: Vec<u64>,
    denial: Option<Outcome>,
}

impl Draws {
    /// Takes the next try, in the order of sending.
    pub fn note(&mut self, record: &Record) {
        if self.is_news(record) {
            self.news = self.news.saturating_add(1);
        }
    }

    /// How many there were.
    pub const fn news(&self) -> u64 {
        self.news
    }

    fn is_news(&mut self, record: &Record) -> bool {
        if !record.outcome.is_answer() {
            return true;
        }
        let question = (
            record.server.clone(),
            record.name.to_ascii_lowercase(),
            record.record_type.clone(),
        );
        let known = self.of.entry(question).or_default();
        if record.outcome != Outcome::Ok {
            return known.denial.replace(record.outcome) != Some(record.outcome);
        }
        known.denial = None;
        let ttl = record.answers.iter().map(|it| it.ttl).min().unwrap_or(0);
        let got = record.sent_us.saturating_add(record.latency_us);
        let end = got.saturating_add(u64::from(ttl).saturating_mul(1_000_000));
        known.ends.retain(|it| *it > record.sent_us);
        let told = known.ends.iter().any(|it| it.abs_diff(end) <= SAME_END_US);
        if !told {
            known.ends.push(end);
        }
        !told
    }
}
