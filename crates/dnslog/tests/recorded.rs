//! Logs of real CoreDNS programs, recorded by tests/reference/coredns: what was asked is what is counted.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use digpod_dnslog::{LogSummary, QueryStats, Scanner, Share, TopEntry};
use serde_json::Value;

#[path = "../examples/report/mod.rs"]
mod report;

fn versions() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/logs");
    let entries = std::fs::read_dir(folder).expect("the logs are there");
    let mut folders: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    folders.sort();
    folders
}

fn logs(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut logs: Vec<PathBuf> = paths
        .filter(|path| path.extension().is_some_and(|it| it == "log"))
        .collect();
    logs.sort();
    logs
}

fn read(path: &Path) -> LogSummary {
    let mut scanner = Scanner::new().top(1_000);
    scanner.feed(&std::fs::read(path).expect("a log"));
    scanner.finish()
}

fn questions(log: &Path) -> Option<Vec<Value>> {
    let text = std::fs::read_to_string(log.with_extension("json")).ok()?;
    Some(serde_json::from_str(&text).expect("JSON"))
}

fn tally(questions: &[Value], key: &str) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for question in questions {
        let value = question[key].as_str().expect("a text").to_owned();
        *counts.entry(value).or_default() += 1;
    }
    counts
}

fn shares(shares: &[Share]) -> BTreeMap<String, u64> {
    shares
        .iter()
        .map(|share| (share.text.clone(), share.count))
        .collect()
}

fn entries(entries: &[TopEntry]) -> BTreeMap<String, u64> {
    entries
        .iter()
        .map(|entry| (entry.text.clone(), entry.count))
        .collect()
}

fn truths(questions: &[Value], key: &str) -> u64 {
    questions
        .iter()
        .filter(|question| question[key] == true)
        .count() as u64
}

fn compare(questions: &[Value], queries: &QueryStats) {
    assert_eq!((queries.read, queries.unread), (questions.len() as u64, 0));
    assert_eq!(entries(&queries.names.entries), tally(questions, "name"));
    assert_eq!(shares(&queries.types), tally(questions, "type"));
    assert_eq!(shares(&queries.classes), tally(questions, "class"));
    assert_eq!(shares(&queries.protos), tally(questions, "proto"));
    assert_eq!(queries.ipv6, truths(questions, "ipv6"));
    assert_eq!(queries.dnssec_ok, truths(questions, "do"));
    assert_eq!(queries.truncated, truths(questions, "truncated"));
    // Up to 1.14.4 a query that ends in an error is logged without answer: `- -`, before that `NOERROR -`.
    let mut codes = tally(questions, "rcode");
    let mut surplus = 0;
    for (code, logged) in shares(&queries.rcodes) {
        let asked = codes.entry(code.clone()).or_default();
        if logged > *asked {
            assert!(["-", "NOERROR"].contains(&code.as_str()), "{code}");
            surplus += logged - *asked;
        }
        *asked = asked.saturating_sub(logged);
    }
    let missing = codes.values().sum::<u64>();
    assert_eq!(
        (surplus, missing),
        (queries.unanswered, queries.unanswered),
        "{codes:?}"
    );
    assert_eq!(queries.latency.count(), queries.read);
}

#[test]
fn what_was_asked_is_what_is_counted() {
    let mut compared = 0;
    for log in versions().iter().flat_map(|folder| logs(folder)) {
        let Some(questions) = questions(&log) else {
            continue;
        };
        let summary = read(&log);
        let queries = summary.queries.expect("every detail");
        eprintln!("{}", log.display());
        let name = log.file_name().expect("a name").to_string_lossy();
        if name.ends_with("queries.log") {
            assert_eq!(queries.unanswered, 0);
        }
        if name.ends_with("queries.log") || name.ends_with("errors.log") {
            compare(&questions, &queries);
            // What plugin acl refuses is no error.
            let ended_in_error = |question: &&Value| {
                ["SERVFAIL", "REFUSED"]
                    .iter()
                    .any(|code| question["rcode"] == *code)
                    && question["name"] != "app.refused.test."
            };
            let failed = questions.iter().filter(ended_in_error).count() as u64;
            let errors = summary.errors.expect("every detail").errors;
            let expected = if name.ends_with("errors.log") {
                failed
            } else {
                0
            };
            assert_eq!(errors, expected);
        }
        compared += 1;
    }
    assert!(compared >= 6, "two versions at least: {compared}");
}

#[test]
fn every_line_is_known_and_sums_are_as_read() {
    for folder in versions() {
        let version = folder
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        for log in logs(&folder) {
            let name = log
                .file_stem()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            let summary = read(&log);
            assert_eq!(summary.unrecognised, 0, "{}", log.display());
            assert!(summary.confidence() > 900, "{}", log.display());
            insta::assert_snapshot!(format!("{version}-{name}"), report::text(&summary, 100));
        }
    }
}

/// A line as runtimes store it, longer ones cut as they cut them.
fn wrapped(text: &str, wrap: impl Fn(usize, &str, bool) -> String) -> String {
    let mut log = String::new();
    for (number, line) in text.lines().enumerate() {
        let (mut rest, mut parts) = (line, Vec::new());
        while rest.len() > 60 && rest.is_char_boundary(60) {
            let (part, after) = rest.split_at(60);
            parts.push(part);
            rest = after;
        }
        parts.push(rest);
        for (part, text) in parts.iter().enumerate() {
            log.push_str(&wrap(number, text, part + 1 < parts.len()));
            log.push('\n');
        }
    }
    log
}

/// Everything but places, stamps, lines and time is the same.
fn without_layers(mut summary: LogSummary) -> LogSummary {
    summary.bytes = 0;
    summary.lines = 0;
    summary.first_stamp = None;
    summary.last_stamp = None;
    summary.minutes = digpod_dnslog::Minutes::default();
    for hit in &mut summary.hits {
        (hit.span, hit.stamp) = (0..0, None);
    }
    for event in &mut summary.events {
        (event.span, event.stamp) = (0..0, None);
    }
    for start in &mut summary.starts {
        (start.span, start.stamp) = (0..0, None);
    }
    for error in &mut summary.startup_errors {
        (error.span, error.stamp) = (0..0, None);
    }
    summary
}

#[test]
fn runtimes_and_kubectl_change_nothing_but_places_and_times() {
    for log in versions().iter().flat_map(|folder| logs(folder)) {
        let text = std::fs::read_to_string(&log).expect("text");
        let plain = without_layers(read(&log));
        let stamp = |number: usize| {
            format!(
                "2026-11-25T04:{:02}:{:02}.5Z",
                number / 60 % 60,
                number % 60
            )
        };
        let cri = wrapped(&text, |number, line, partial| {
            format!(
                "{} stderr {} {line}",
                stamp(number),
                if partial { 'P' } else { 'F' }
            )
        });
        let docker = wrapped(&text, |number, line, partial| {
            let end = if partial { "" } else { "\n" };
            let text = serde_json::to_string(&format!("{line}{end}"))
                .expect("JSON")
                .replace('>', "\\u003e");
            format!(
                "{{\"log\":{text},\"stream\":\"stdout\",\"time\":\"{}\"}}",
                stamp(number)
            )
        });
        let each = |wrap: &dyn Fn(usize, &str) -> String| {
            let lines = text
                .lines()
                .enumerate()
                .map(|(number, line)| wrap(number, line) + "\n");
            lines.collect::<String>()
        };
        let kubectl =
            each(&|number, line| format!("[pod/coredns-0/coredns] {} {line}", stamp(number)));
        let journal =
            each(&|_, line| format!("Nov 25 08:16:41 aks-pool-1 localdns-coredns[812]: {line}"));
        let old = each(&|_, line| format!("2018/05/01 10:11:12 {line}"));
        for layered in [cri, docker, kubectl, journal, old] {
            let mut scanner = Scanner::new().top(1_000);
            scanner.feed(layered.as_bytes());
            assert_eq!(
                without_layers(scanner.finish()),
                plain,
                "{}\n{layered}",
                log.display()
            );
        }
    }
}
