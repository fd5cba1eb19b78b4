//! Answers that a cache repeats are no news.

use digpod_probe::{
    Answer, Draws, NameClass, Outcome, Record, Target, Transport, WatchEnd, Watched,
};

const SECOND: u64 = 1_000_000;

fn record(server: &str, sent_us: u64, outcome: Outcome, ttl: Option<u32>) -> Record {
    let answer = |ttl| Answer {
        name: "app.corp.internal.".to_owned(),
        record_type: "A".to_owned(),
        ttl,
        data: "10.1.2.3".to_owned(),
    };
    Record {
        n: 1,
        target: Target::OwnWalk,
        server: server.to_owned(),
        name: "app.corp.internal.".to_owned(),
        record_type: "A".to_owned(),
        transport: Transport::Udp,
        pair: None,
        payload: None,
        checking_disabled: false,
        typed: None,
        class: NameClass::Custom,
        try_: 1,
        sent_us,
        latency_us: 700,
        outcome,
        rcode: None,
        flags: Vec::new(),
        answers: ttl.map(answer).into_iter().collect(),
        retried_over_tcp: false,
        query: String::new(),
        reply: String::new(),
        edns_refused: None,
        error: None,
    }
}

/// Tries once a second.
fn news(tries: impl IntoIterator<Item = (Outcome, Option<u32>)>) -> u64 {
    let mut draws = Draws::default();
    for (at, (outcome, ttl)) in tries.into_iter().enumerate() {
        draws.note(&record("10.96.0.10:53", at as u64 * SECOND, outcome, ttl));
    }
    draws.news()
}

#[test]
fn a_ttl_that_counts_down_is_one_answer() {
    let cached = |lifetime: u32| move |at: u32| (Outcome::Ok, Some(lifetime - at % lifetime));
    assert_eq!(news((0..30).map(cached(30))), 1);
    assert_eq!(news((0..90).map(cached(30))), 3);
}

#[test]
fn caches_behind_one_address_are_told_apart() {
    // Two CoreDNS pods by turns: one fetched at 0 s, the other at 13 s.
    let tries = (0..30_u32).map(|at| match at % 2 {
        0 => (Outcome::Ok, Some(60 - at)),
        _ => (Outcome::Ok, Some(73 - at)),
    });
    assert_eq!(news(tries), 2);
}

#[test]
fn answers_that_nobody_keeps_are_all_news() {
    assert_eq!(news((0..20).map(|_| (Outcome::Ok, Some(0)))), 20);
    assert_eq!(news((0..20).map(|_| (Outcome::Timeout, None))), 20);
    // The same TTL each time is no countdown; a second more or less may be one.
    assert_eq!(news((0..20).map(|_| (Outcome::Ok, Some(300)))), 10);
}

#[test]
fn a_denial_counts_once_until_something_else_is_said() {
    let (ok, no) = ((Outcome::Ok, Some(0)), (Outcome::Nxdomain, None));
    assert_eq!(news([no; 12]), 1);
    assert_eq!(news([no, no, ok, no, no]), 3);
}

#[test]
fn servers_are_counted_each_for_itself() {
    let mut draws = Draws::default();
    for at in 0..10 {
        for server in ["192.0.2.1:53", "192.0.2.2:53"] {
            let ttl = Some(60 - u32::try_from(at).unwrap());
            draws.note(&record(server, at * SECOND, Outcome::Ok, ttl));
        }
    }
    assert_eq!(draws.news(), 2);
}

#[test]
fn a_watch_claims_no_more_than_its_answers_that_were_new() {
    let words = |tries, news| {
        let watched = Watched {
            lasted_ms: tries * 1_000,
            limit_ms: tries * 1_000,
            tries,
            news,
            end: WatchEnd::TimeOver,
            ..Watched::default()
        };
        watched.words()
    };
    // The last is of a probe that did not count them.
    let cases = [
        (2, Some(2)),
        (120, Some(120)),
        (120, Some(60)),
        (120, Some(1)),
        (120, None),
    ];
    let told: Vec<String> = cases.map(|(tries, news)| words(tries, news)).into();
    insta::assert_snapshot!(told.join("\n"));
}
