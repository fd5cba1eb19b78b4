//! Asking until it fails: what is asked, and what came of it.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::plan::Question;
use crate::record::{Outcome, Record};
use crate::time::{for_people, rfc3339, unix_seconds};

/// Asked again and again before anything else, until one try fails.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Watch {
    /// What is asked; their tries and intervals say how often, and so how long.
    pub questions: Vec<Question>,
    /// Addresses that names should have; any other answer counts as a failure.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub expected: Vec<Expected>,
}

/// The address that a name should have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Expected {
    /// The name as the questions have it.
    pub name: String,
    /// The address.
    pub address: String,
}

/// What came of a [`Watch`]; `probes/<vantage>/watch.json` in a bundle.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Watched {
    /// When it began, RFC 3339 UTC by the probe's clock.
    pub started: String,
    /// How long was asked up to now, in milliseconds.
    pub lasted_ms: u64,
    /// How long would have been asked at most, in milliseconds.
    pub limit_ms: u64,
    /// Tries that were answered, the failing one included.
    pub tries: u64,
    /// Answers among them that no cache repeated, by their TTLs ([`crate::Draws`]); nothing where that
    /// was not counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub news: Option<u64>,
    /// The longest that an answer with addresses took, in microseconds.
    pub slowest_us: u64,
    /// How it ended.
    pub end: WatchEnd,
    /// The try that failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<Record>,
    /// Addresses of which the failed try should have had one, where some were given.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub expected: Vec<String>,
    /// The last good answer to the same question before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_good: Option<Record>,
}

/// How a watch ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WatchEnd {
    /// It has not: the probe was still asking when this was written.
    #[default]
    Asking,
    /// One try failed.
    Failed,
    /// The time was over, and none had failed.
    TimeOver,
}

/// So many tries without a failure tell something with a confidence of 95 %.
const TELLING: u64 = 3;

impl Watched {
    /// In words, like `214 tries in 3 min 34 s, all answered`.
    pub fn words(&self) -> String {
        let (tries, lasted) = (self.tries, for_people(self.lasted_ms));
        let all = match tries {
            1 => format!("1 try in {lasted}"),
            _ => format!("{tries} tries in {lasted}"),
        };
        match (self.end, &self.failure) {
            (_, Some(failure)) => {
                let what = self.failed(failure);
                format!("try {tries} failed after {lasted}: {what}")
            }
            (WatchEnd::Asking, None) => format!("{all}, all answered"),
            (_, None) => format!("{all} and none failed{}", self.bound()),
        }
    }

    /// How rare a failure must be. By the rule of three: with none of n failing, 3/n bounds the rate
    /// with 95 % confidence. What a cache repeats says nothing new about the servers behind it.
    fn bound(&self) -> String {
        let tries = self.tries;
        let of_tries = match tries / TELLING {
            0 | 1 => return ", too few to say how rare a failure is".to_owned(),
            rate => format!("with 95 % confidence fewer than 1 in {rate}"),
        };
        match self.news {
            Some(news) if news < tries => {
                let repeated = tries - news;
                let of_news = match news / TELLING {
                    0 | 1 => "too few to say how rare a wrong answer is".to_owned(),
                    rate => {
                        format!("with 95 % confidence fewer than 1 in {rate} of those is wrong")
                    }
                };
                format!(
                    ": {of_tries} gets no answer; a cache may have repeated {repeated} of the answers, {news} \
                     {} new, {of_news}",
                    if news == 1 { "was" } else { "were" },
                )
            }
            _ => format!(": {of_tries} fails"),
        }
    }

    /// The same, with when it began, how long it could have been and when it failed.
    pub fn told(&self) -> String {
        let since = match self.started.as_str() {
            "" => String::new(),
            started => format!("; asked since {started}"),
        };
        let until = match self.failed_at() {
            Some(at) => format!(", that try sent at {at}"),
            None if self.end == WatchEnd::Asking => {
                "; what the last seconds before it was stopped brought is not known".to_owned()
            }
            None if self.limit_ms > 0 => format!(", for {} at most", for_people(self.limit_ms)),
            None => String::new(),
        };
        format!("{}{since}{until}", self.words())
    }

    /// When the try that failed was sent, RFC 3339 UTC by the probe's clock.
    pub fn failed_at(&self) -> Option<String> {
        let failure = self.failure.as_ref()?;
        let began = u64::try_from(unix_seconds(&self.started)?).ok()?;
        Some(rfc3339(began.checked_add(failure.sent_us / 1_000_000)?))
    }

    /// What a try got that failed, and what it should have got.
    fn failed(&self, failure: &Record) -> String {
        let name = failure.name.trim_end_matches('.');
        let server = &failure.server;
        match (failure.outcome, self.expected.is_empty()) {
            (Outcome::Ok, false) => format!(
                "{server} answered {} for {name}, expected {}",
                addresses(failure),
                self.expected.join(" or ")
            ),
            (Outcome::Ok, true) => format!(
                "{server} answered {} for {name}, which was not expected",
                addresses(failure)
            ),
            (Outcome::Timeout, _) => format!("{server} did not answer for {name} (timeout)"),
            (outcome, _) => format!("{server} gave {} for {name}", outcome.as_str()),
        }
    }
}

fn addresses(record: &Record) -> String {
    let answers = record
        .answers
        .iter()
        .filter(|it| it.record_type == record.record_type);
    let all: Vec<&str> = answers.map(|it| it.data.as_str()).collect();
    all.join(", ")
}

impl Watch {
    /// How long is asked at most, in milliseconds.
    pub fn limit_ms(&self) -> u64 {
        let all = self.questions.iter();
        let longest = all.map(|it| u64::from(it.tries) * u64::from(it.interval_ms));
        longest.max().unwrap_or_default()
    }

    /// Queries that it makes at most.
    pub fn most_queries(&self) -> u32 {
        let all = self.questions.iter().map(Question::most_queries);
        all.fold(0, u32::saturating_add)
    }

    /// The addresses that a name should have.
    pub fn expected_of(&self, name: &str) -> Vec<String> {
        let of = self.expected.iter().filter(|it| it.name == name);
        of.map(|it| it.address.clone()).collect()
    }

    /// Whether a try failed: anything but an answer with addresses, or none of them the expected one.
    pub fn fails(&self, record: &Record) -> bool {
        if record.outcome != Outcome::Ok {
            return true;
        }
        let of_name = self.expected.iter().filter(|it| it.name == record.name);
        is_unexpected(of_name.map(|it| it.address.as_str()), record)
    }
}

/// Whether a name got addresses and none of these, which it should have; those of the other family
/// say nothing of it.
pub fn is_unexpected<'a>(expected: impl Iterator<Item = &'a str>, record: &Record) -> bool {
    let family = |address: &IpAddr| match record.record_type.as_str() {
        "A" => address.is_ipv4(),
        "AAAA" => address.is_ipv6(),
        _ => false,
    };
    let parse = |text: &str| text.parse::<IpAddr>().ok();
    let expected: Vec<IpAddr> = expected.filter_map(parse).filter(family).collect();
    let mut given = record.answers.iter().filter_map(|it| parse(&it.data));
    record.outcome == Outcome::Ok
        && !expected.is_empty()
        && !given.any(|address| expected.contains(&address))
}
