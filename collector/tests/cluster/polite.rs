//! A run asks no more than `--dry-run` said, and no faster: counted by the servers themselves.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use digpod_bundle::Bundle;
use digpod_probe::ProbeOutput;
use serde_json::Value;

use crate::played::{Cluster, POD};
use crate::running::{Ended, Run};

/// The two that know corp.internal, and CoreDNS's pods.
const CUSTOM: [&str; 2] = ["10.1.0.4", "10.1.0.5"];
const AZURE: &str = "168.63.129.16";
const COREDNS: [&str; 2] = ["10.244.0.11", "10.244.1.8"];

/// A query that a probe sent, as its server noted it.
#[derive(Debug)]
struct Received {
    at_us: u64,
    asked: String,
    /// Of the probe.
    pod: String,
    id: u64,
    name: String,
    /// Over TCP, since the answer to the same message over UDP was truncated, or without EDNS, since
    /// it was refused with it.
    again: bool,
}

fn said(cluster: &Cluster, options: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_digpod"))
        .args(["collect", "--dry-run", "--format", "json", "--kubeconfig"])
        .arg(cluster.kubeconfig())
        .args(options)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What probes sent, in the order in which it arrived; CoreDNS's own questions are its own.
fn received(cluster: &Cluster) -> Vec<Received> {
    let mut over_udp = BTreeSet::new();
    let mut refused: BTreeMap<_, u64> = BTreeMap::new();
    let mut all = Vec::new();
    for query in cluster.queries() {
        let word = |key: &str| query[key].as_str().unwrap().to_owned();
        let (pod, asked, name) = (word("pod"), word("asked"), word("name"));
        if !pod.contains("/digpod-") {
            continue;
        }
        let id = query["id"].as_u64().unwrap();
        let message = (pod.clone(), asked.clone(), name.clone(), id);
        let mut again = query["transport"] == "tcp" && over_udp.contains(&message);
        let question = (pod.clone(), asked.clone(), name.clone(), word("type"));
        if query["refused"] == true {
            *refused.entry(question).or_default() += 1;
        } else if query["edns"] == false
            && let Some(left) = refused.get_mut(&question).filter(|left| **left > 0)
        {
            *left -= 1;
            again = true;
        }
        if query["transport"] == "udp" {
            over_udp.insert(message);
        }
        let at_us = query["atUs"].as_u64().unwrap();
        all.push(Received {
            at_us,
            asked,
            pod,
            id,
            name,
            again,
        });
    }
    all.sort_by_key(|it| it.at_us);
    all
}

/// First questions and repetitions that a server may get, by what was said.
fn announced(said: &Value, server: &str) -> Option<(u64, u64)> {
    let loads = &said["loads"];
    let own = &loads["ownListsEach"];
    let sum = |of: &Value, key: &str| of[key].as_u64().unwrap() + own[key].as_u64().unwrap();
    let servers = loads["servers"].as_array().unwrap();
    let known = servers.iter().find(|it| it["address"] == server)?;
    Some((sum(known, "queries"), sum(known, "repeats")))
}

/// The same of a server that only the first probes could name.
fn announced_to_come(said: &Value) -> (u64, u64) {
    let own = &said["loads"]["ownListsEach"];
    let to_come = &said["upstreamsToCome"];
    let each = |key: &str| to_come[key].as_u64().unwrap_or(0);
    (
        each("queriesEach") + own["queries"].as_u64().unwrap(),
        each("repeatsEach") + own["repeats"].as_u64().unwrap(),
    )
}

#[track_caller]
fn no_more_than_was_said(said: &Value, received: &[Received]) {
    let mut counts: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for query in received {
        let (first, again) = counts.entry(&query.asked).or_default();
        *(if query.again { again } else { first }) += 1;
    }
    let mut unknown = 0;
    for (server, got) in &counts {
        let most = announced(said, server).unwrap_or_else(|| {
            unknown += 1;
            announced_to_come(said)
        });
        assert!(
            got.0 <= most.0 && got.1 <= most.1,
            "{server} got {got:?}, announced were {most:?}"
        );
    }
    let to_come = said["upstreamsToCome"]["servers"].as_u64().unwrap_or(0);
    assert!(unknown <= to_come, "{unknown} of {to_come}: {counts:?}");
    // Nobody stands to be asked of whom nothing is known.
    let service = counts.get("10.0.0.10:53");
    assert!(service.is_some_and(|it| it.0 > 0), "{counts:?}");
}

/// When each message was sent by its probe's own record, to tell the way's delay from haste.
fn sent(bundle: &Bundle) -> BTreeMap<(String, u64, String), u64> {
    let mut sent = BTreeMap::new();
    for (entry, bytes) in bundle.entries() {
        let entry = entry.as_str();
        if entry.starts_with("probes/") && entry.ends_with("/records.json") {
            let output: ProbeOutput = serde_json::from_slice(bytes).unwrap();
            for record in output.records {
                let id = record.query.get(..4).unwrap_or_default();
                if let Ok(id) = u64::from_str_radix(id, 16) {
                    sent.insert((record.server, id, record.name), record.sent_us);
                }
            }
        }
    }
    sent
}

/// From one probe to one server: in a second no more than the rate, and as many more as may have
/// been held up on the way, which is known of those whose sending was recorded.
#[track_caller]
fn no_faster_than_was_said(said: &Value, received: &[Received], bundle: &Bundle) -> usize {
    let rate = said["loads"]["ratePerServer"].as_u64().unwrap();
    let sent = sent(bundle);
    let mut pairs: BTreeMap<(&str, &str), Vec<&Received>> = BTreeMap::new();
    for query in received {
        let pair = (query.pod.as_str(), query.asked.as_str());
        pairs.entry(pair).or_default().push(query);
    }
    let mut busiest = 0;
    for (pair, queries) in pairs {
        let ways = queries.iter().filter(|it| !it.again).filter_map(|it| {
            let key = (it.asked.clone(), it.id, it.name.clone());
            it.at_us.checked_sub(*sent.get(&key)?)
        });
        let ways: Vec<u64> = ways.collect();
        let held = ways.iter().max().unwrap_or(&0) - ways.iter().min().unwrap_or(&0);
        // Timers have steps of a millisecond.
        let allowed = rate + (held + 2_000) * rate / 1_000_000 + 1;
        for (n, first) in queries.iter().enumerate() {
            let within = queries[n..].iter();
            let count = within.take_while(|it| it.at_us < first.at_us + 1_000_000);
            let count = count.count();
            busiest = busiest.max(count);
            assert!(
                count as u64 <= allowed,
                "{pair:?}: {count} in a second, {rate} were announced, held up by {held} µs"
            );
        }
    }
    busiest
}

struct Watched {
    ended: Ended,
    received: Vec<Received>,
    busiest: usize,
}

/// A run that keeps to what was said.
#[track_caller]
fn keeps_its_word(scenario: &str, faults: &[&str], options: &[&str]) -> Option<Watched> {
    let cluster = Cluster::start(scenario, faults)?;
    let pod = ["-n", "shop", "--pod", POD];
    let options = [options, &pod].concat();
    let said = said(&cluster, &options);
    assert_eq!(received(&cluster).len(), 0, "a dry run asks nothing");
    let ended = Run::bare(&cluster, &options).end();
    let bundle = ended.whole_bundle();
    let received = received(&cluster);
    no_more_than_was_said(&said, &received);
    let busiest = no_faster_than_was_said(&said, &received, &bundle);
    Some(Watched {
        ended,
        received,
        busiest,
    })
}

#[test]
fn a_run_with_default_flags_keeps_its_word() {
    keeps_its_word("mixed-upstreams", &[], &["app.corp.internal"]);
}

#[test]
fn a_quick_run_with_a_dead_coredns_pod_keeps_its_word() {
    let dead = format!("silent:{}", COREDNS[0]);
    keeps_its_word("healthy", &[&dead], &["app.corp.internal", "--quick"]);
}

#[test]
fn a_run_that_waits_for_a_failure_keeps_its_word() {
    let names = ["app.corp.internal", "db.corp.internal"];
    keeps_its_word(
        "healthy",
        &[],
        &[&names[..], &["--until-failure", "4s"]].concat(),
    );
}

/// Nobody can tell what else a server refuses: each query is repeated once, and announced so.
#[test]
fn servers_that_refuse_edns_get_no_more_than_was_said() {
    let faults = CUSTOM.map(|it| format!("refuses-edns:{it}"));
    let faults: Vec<&str> = faults.iter().map(String::as_str).collect();
    let names = ["app.corp.internal", "--quick"];
    let Some(watched) = keeps_its_word("mixed-upstreams", &faults, &names) else {
        return;
    };
    assert!(watched.received.iter().any(|it| it.again));
    let report = watched.ended.report();
    let rules: Vec<&str> = (report["findings"].as_array().unwrap().iter())
        .filter_map(|it| it["rule"].as_str())
        .collect();
    assert!(
        rules.contains(&"upstreams/upstream-refuses-edns"),
        "{rules:?}"
    );
}

/// Each answer over UDP is asked for again over TCP: twice the messages, and no higher rate.
#[test]
fn truncated_answers_make_a_run_no_faster_than_it_said() {
    let servers = [CUSTOM[0], CUSTOM[1], AZURE, COREDNS[0], COREDNS[1]];
    let faults = servers.map(|it| format!("truncate:{it}"));
    let faults: Vec<&str> = faults.iter().map(String::as_str).collect();
    let names: Vec<String> = (1..=9).map(|n| format!("app{n}.corp.internal")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let Some(watched) = keeps_its_word("mixed-upstreams", &faults, &names) else {
        return;
    };
    let again = watched.received.iter().filter(|it| it.again).count();
    assert!(again > 100, "{again} were asked again over TCP");
    // Or the rate limits nothing here, and the test says nothing.
    assert!(watched.busiest > 30, "{}", watched.busiest);
}

#[test]
fn two_dead_upstreams_of_three_stretch_no_run_beyond_45_seconds() {
    let faults = CUSTOM.map(|it| format!("silent:{it}"));
    let faults: Vec<&str> = faults.iter().map(String::as_str).collect();
    let names = ["app.corp.internal", "db.corp.internal", "example.com"];
    let Some(watched) = keeps_its_word("mixed-upstreams", &faults, &names) else {
        return;
    };
    let bundle = watched.ended.whole_bundle();
    let collected = &bundle.manifest().collected;
    let (begin, end) = (seconds(&collected.started), seconds(&collected.finished));
    eprintln!("two of three upstreams dead: {} s", end - begin);
    // By the manifest, which says it to whoever gets the bundle.
    assert!(end - begin <= 45, "{collected:?}");
}

fn seconds(time: &str) -> i64 {
    let time: jiff::Timestamp = time.parse().unwrap();
    time.as_second()
}
