//! What the probes saw.

use std::collections::BTreeMap;

use digpod_analysis::matrix::Row;
use digpod_analysis::summary::{self, Doubt, Share, Summary, Tone};
use digpod_probe::{Outcome, WatchEnd};

use crate::{clean, reading, v1, words};

/// Answers shown of one row of the matrix.
const MAX_ANSWERS: usize = 16;

pub(super) fn matrix_row(row: &Row) -> v1::MatrixRow {
    let (entry, pointer) = &row.first_record;
    let tries = row.tries();
    let failed = summary::failed(&row.outcomes, row.class, &row.record_type);
    // Where all went one way, what a cache repeats tells nothing new.
    let told = if failed == 0 || failed == tries {
        tries.min(row.news)
    } else {
        tries
    };
    let share = Share::of(failed.min(told), told);
    v1::MatrixRow {
        vantage: clean::line(&row.vantage),
        server: clean::line(&row.server),
        role: words::role(row.role).to_owned(),
        name: clean::line(&row.name),
        class: words::class(row.class).to_owned(),
        record_type: clean::line(&row.record_type),
        transport: words::transport(row.transport).to_owned(),
        tries,
        answered: row.answered(),
        timeouts: row.count(Outcome::Timeout),
        failed,
        failed_percent_low: share.low,
        failed_percent_high: share.high,
        outcomes: outcomes(&row.outcomes),
        answers: row
            .answers
            .iter()
            .take(MAX_ANSWERS)
            .map(|it| clean::line(it))
            .collect(),
        median_us: row.median_us,
        p95_us: row.p95_us,
        p99_us: row.p99_us,
        truncated: row.truncated,
        news: row.news,
        entry: clean::line(entry),
        pointer: clean::line(pointer),
    }
}

/// Most first.
fn outcomes(outcomes: &BTreeMap<Outcome, u32>) -> Vec<v1::OutcomeCount> {
    let counts = outcomes.iter().map(|(it, count)| (*count, it.as_str()));
    let mut counts: Vec<(u32, &str)> = counts.collect();
    counts.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
    let one = |(count, outcome): (u32, &str)| v1::OutcomeCount {
        outcome: outcome.to_owned(),
        count,
    };
    counts.into_iter().map(one).collect()
}

pub(super) fn contrast(summary: &Summary) -> v1::Contrast {
    let text = |it: &Option<String>| it.as_deref().map(clean::line);
    let server = |it: &summary::Server| v1::ContrastServer {
        role: words::role(it.role).to_owned(),
        server: clean::line(&it.address),
        pod: text(&it.pod),
        node: text(&it.node),
        pool: text(&it.pool),
    };
    let from = |it: &summary::From| v1::ContrastFrom {
        vantage: clean::line(&it.vantage),
        node: text(&it.node),
        pool: text(&it.pool),
        namespace: text(&it.namespace),
        cells: it.cells.iter().map(|it| it.as_ref().map(cell)).collect(),
    };
    let table = &summary.table;
    let servers: Vec<v1::ContrastServer> = table.servers.iter().map(server).collect();
    let names = table.names.iter().map(|names| {
        let from: Vec<v1::ContrastFrom> = names.from.iter().map(from).collect();
        v1::ContrastNames {
            class: words::class(names.class).to_owned(),
            name: text(&names.name),
            reading: reading::reading(names, &servers, &from),
            fails: names.fails(),
            from,
        }
    });
    v1::Contrast {
        names: names.collect(),
        servers,
    }
}

fn cell(cell: &summary::Cell) -> v1::ContrastCell {
    v1::ContrastCell {
        beside: cell.beside().map(said).collect(),
        ..said(&cell.said)
    }
}

fn said(said: &summary::Said) -> v1::ContrastCell {
    let (entry, pointer) = &said.record;
    v1::ContrastCell {
        tone: match said.tone {
            Tone::Good => "good",
            Tone::Apart => "apart",
            Tone::Sometimes => "sometimes",
            Tone::Wrong => "wrong",
            Tone::Silent => "silent",
        }
        .to_owned(),
        outcome: said.outcome.as_str().to_owned(),
        more: said.more.iter().map(|it| it.as_str().to_owned()).collect(),
        count: said.count,
        tries: said.tries,
        news: said.news,
        record_type: clean::line(&said.question.record_type),
        transport: words::transport(said.question.transport).to_owned(),
        median_us: said.median_us,
        p95_us: said.p95_us,
        entry: clean::line(entry),
        pointer: clean::line(pointer),
        beside: Vec::new(),
    }
}

pub(super) fn watch(watch: &summary::Watch) -> v1::Watch {
    let (entry, pointer) = &watch.record;
    v1::Watch {
        started: clean::line(&watch.started),
        lasted_ms: watch.lasted_ms,
        limit_ms: watch.limit_ms,
        tries: watch.tries,
        end: match watch.end {
            WatchEnd::Asking => "asking",
            WatchEnd::Failed => "failed",
            WatchEnd::TimeOver => "time-over",
        }
        .to_owned(),
        failed_at: watch.failed_at.as_deref().map(clean::line),
        told: clean::line(&watch.told),
        entry: clean::line(entry),
        pointer: clean::line(pointer),
    }
}

pub(super) fn search(walk: &summary::Walk) -> v1::Search {
    let step = |it: &summary::Step| v1::SearchStep {
        name: clean::line(&it.name),
        verdict: clean::line(&it.verdict),
        outcome: it.outcome.clone(),
        latency_us: it.latency_us,
        wait_ms: it.wait_ms,
        silence: it.silence.iter().map(|it| clean::line(it)).collect(),
        entry: it.record.as_ref().map(|(entry, _)| clean::line(entry)),
        pointer: it.record.as_ref().map(|(_, pointer)| clean::line(pointer)),
    };
    let lookup = |it: &summary::Lookup| v1::Lookup {
        resolver: it.resolver.to_owned(),
        steps: it.steps.iter().map(step).collect(),
        stop: it.stop.as_deref().map(clean::line),
        why: clean::line(&it.why),
        found: it.found,
        result: clean::line(&it.result),
        wait_ms: it.wait_ms,
        slow_tries: it.slow_tries.map_or(0, |(slow, _)| slow),
        tries: it.slow_tries.map_or(0, |(_, all)| all),
    };
    v1::Search {
        typed: clean::line(&walk.typed),
        odd: walk.is_odd,
        lookups: walk.lookups.iter().map(lookup).collect(),
    }
}

pub(super) fn pairs(pairs: &summary::Pairs) -> v1::Pairs {
    let count = |it: summary::PairCount| v1::PairCount {
        pairs: it.pairs,
        halves_lost: it.halves,
        both_lost: it.both,
    };
    let (entry, pointer) = &pairs.record;
    v1::Pairs {
        vantage: clean::line(&pairs.vantage),
        one_socket: count(pairs.one_socket),
        two_sockets: count(pairs.two_sockets),
        entry: clean::line(entry),
        pointer: clean::line(pointer),
    }
}

pub(super) fn size(size: &summary::Size) -> v1::Size {
    let (entry, pointer) = &size.record;
    v1::Size {
        vantage: clean::line(&size.vantage),
        server: clean::line(&size.server),
        role: words::role(size.role).to_owned(),
        name: clean::line(&size.name),
        record_type: clean::line(&size.record_type),
        payload: size.payload,
        tries: size.outcomes.values().sum(),
        outcomes: outcomes(&size.outcomes),
        truncated: size.truncated,
        odd: size.is_odd,
        doubt: match size.doubt {
            None => "",
            Some(Doubt::OneTry) => "one-try",
            Some(Doubt::Sometimes) => "sometimes",
            Some(Doubt::SeveralUpstreams) => "several-upstreams",
            Some(Doubt::OtherAnswer) => "other-answer",
        }
        .to_owned(),
        entry: clean::line(entry),
        pointer: clean::line(pointer),
    }
}
