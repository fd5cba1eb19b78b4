//! Carries a plan out: every question at its times, all of them at once.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::again::Again;
use super::exchange::{Exchange, exchange};
use super::jobs::{Job, jobs};
use super::limit::Limits;
use super::message::Parsed;
use super::pair::exchange_pair;
use super::room::Room;
use super::{Setup, files, pages};
use crate::hex;
use crate::plan::{Plan, Question, Transport};
use crate::record::{NotAsked, Outcome, ProbeOutput, Record};

/// `NOTIMP`, on which a stub resolver goes on to the next server.
const NOTIMP: u16 = 4;

/// Asks what the plan wants asked, and returns when everything is answered or given up: at the
/// latest when the plan's budget ends.
///
/// Records come in the plan's order: question, server, try, step of a walk. No try waits for more
/// than half of the budget, and none is sent that could not wait its full time; what was not sent
/// stands in [`ProbeOutput::not_asked`].
///
/// It needs a tokio runtime with I/O and time.
pub async fn run(plan: &Plan, setup: Setup) -> ProbeOutput {
    let shared = Arc::new(Shared::new(plan, setup));
    let mut running = JoinSet::new();
    let mut done = Vec::new();
    let jobs = plan
        .questions
        .iter()
        .flat_map(|question| jobs(question, plan, &shared.setup.resolv_conf));
    for (place, job) in jobs.enumerate() {
        match job {
            Ok(job) => {
                let shared = Arc::clone(&shared);
                running.spawn(async move { (place, work(job, shared).await) });
            }
            Err(record) => done.push((place, Done::one(*record))),
        }
    }
    let mut fetching = JoinSet::new();
    for (place, page) in plan.pages.iter().cloned().enumerate() {
        let shared = Arc::clone(&shared);
        fetching.spawn(async move { (place, pages::fetch(&page, &shared.setup).await) });
    }
    let files = plan.files.iter();
    let files = files
        .flat_map(|file| files::read(file, &shared.setup))
        .collect();
    while let Some(job) = running.join_next().await {
        done.extend(job);
    }
    let mut fetched = Vec::new();
    while let Some(page) = fetching.join_next().await {
        fetched.extend(page);
    }
    fetched.sort_by_key(|(place, _)| *place);
    done.sort_by_key(|(place, _)| *place);
    let mut output = opening(plan, &shared.setup);
    output.pages = fetched.into_iter().map(|(_, page)| page).collect();
    output.files = files;
    fill(&mut output, done.into_iter().map(|(_, done)| done));
    output.trimmed = shared.room.is_spent();
    output
}

/// An output before anything is asked.
pub fn opening(plan: &Plan, setup: &Setup) -> ProbeOutput {
    ProbeOutput {
        format: 1,
        vantage: plan.vantage.clone(),
        probe_version: env!("CARGO_PKG_VERSION").to_owned(),
        resolv_conf: setup.resolv_conf.clone(),
        node: setup.node.clone(),
        started: setup.started.clone(),
        complete: true,
        ..ProbeOutput::default()
    }
}

pub(super) struct Shared {
    pub(super) limits: Limits,
    room: Room,
    setup: Setup,
}

impl Shared {
    pub(super) fn new(plan: &Plan, setup: Setup) -> Self {
        Self {
            limits: Limits::new(plan.timeout_ms, plan.budget_ms, plan.rate_per_server),
            room: Room::default(),
            setup,
        }
    }
}

/// What became of a job.
#[derive(Default)]
struct Done {
    records: Vec<Record>,
    not_asked: Vec<NotAsked>,
}

impl Done {
    fn one(record: Record) -> Self {
        Self {
            records: vec![record],
            not_asked: Vec::new(),
        }
    }
}

/// Sends the tries of one job at their times; they wait for their answers side by side.
async fn work(job: Job, shared: Arc<Shared>) -> Done {
    let job = Arc::new(job);
    let interval = Duration::from_millis(job.question.interval_ms.into());
    let mut running = JoinSet::new();
    let mut done = Done::default();
    for try_ in 1..=job.question.tries {
        let earliest = shared.limits.start + interval * (try_ - 1);
        let turn = shared.limits.turn(job.first, earliest, job.messages());
        let Some(permit) = turn.await else {
            let tries = job.question.tries - (try_ - 1);
            done.not_asked.push(not_asked(&job, job.first, tries));
            break;
        };
        let (job, shared) = (Arc::clone(&job), Arc::clone(&shared));
        running.spawn(async move { one_try(&job, &shared, try_, permit).await });
    }
    let mut unfinished = 0;
    let mut next_server = job.first;
    while let Some(walk) = running.join_next().await {
        let Ok((records, stopped_before)) = walk else {
            continue;
        };
        done.records.extend(records);
        if let Some(server) = stopped_before {
            unfinished += 1;
            next_server = server;
        }
    }
    if unfinished > 0 {
        done.not_asked
            .push(not_asked(&job, next_server, unfinished));
    }
    // Stable: the steps of one walk stay in their order.
    done.records.sort_by_key(|record| record.try_);
    done
}

/// One try: a single record, or one for each step of a walk, and the server before which the end
/// of the budget stopped the walk.
pub(super) async fn one_try(
    job: &Job,
    shared: &Shared,
    try_: u32,
    permit: OwnedSemaphorePermit,
) -> (Vec<Record>, Option<SocketAddr>) {
    let mut records = ask(job, shared, job.first, try_).await;
    drop(permit);
    for server in &job.others {
        let last = records.iter().rev().take(job.messages() as usize);
        if last.clone().all(settles) {
            break;
        }
        let turn = shared.limits.turn(*server, Instant::now(), job.messages());
        let Some(_permit) = turn.await else {
            return (records, Some(*server));
        };
        records.extend(ask(job, shared, *server, try_).await);
    }
    (records, None)
}

/// Whether a stub resolver is content with this answer.
fn settles(record: &Record) -> bool {
    match record.outcome {
        Outcome::Ok | Outcome::Nodata | Outcome::Nxdomain => true,
        Outcome::OtherRcode => record.rcode != Some(NOTIMP),
        _ => false,
    }
}

/// One record, or two of a pair.
async fn ask(job: &Job, shared: &Shared, server: SocketAddr, try_: u32) -> Vec<Record> {
    let limits = &shared.limits;
    let route = (shared.setup.route)(server);
    let transport = job.question.transport;
    let sent = Instant::now();
    let deadline = sent + limits.timeout;
    let own_type = job.question.record_type.as_str();
    let got = if let (Some((pair, twin)), Transport::Udp) = (&job.twin, transport) {
        let [first, second] = exchange_pair([&job.asked, twin], *pair, route, deadline).await;
        vec![(first, &job.asked, own_type), (second, twin, "AAAA")]
    } else {
        let got = exchange(&job.asked, route, transport, deadline).await;
        vec![(got, &job.asked, own_type)]
    };
    let mut records = Vec::new();
    for (got, asked, record_type) in got {
        let mut again = Again {
            limits,
            server,
            route,
            transport,
            paused: Duration::ZERO,
        };
        let mut exchange = again.whole(got).await;
        // Whoever plans a size wants to know what comes of it.
        if job.question.payload.is_none() {
            exchange = again.without_edns(exchange, asked).await;
        }
        let took = exchange
            .ended
            .duration_since(sent)
            .saturating_sub(again.paused);
        let times = (micros(sent - limits.start), micros(took));
        shared.room.fit(&mut exchange);
        let mut record = record(
            &job.question,
            job.typed.as_ref(),
            server.to_string(),
            try_,
            exchange,
            times,
        );
        record_type.clone_into(&mut record.record_type);
        records.push(record);
    }
    records
}

fn record(
    question: &Question,
    typed: Option<&String>,
    server: String,
    try_: u32,
    exchange: Exchange,
    (sent_us, latency_us): (u64, u64),
) -> Record {
    let Parsed {
        outcome,
        rcode,
        flags,
        answers,
        edns_refused,
        error,
    } = exchange.parsed;
    Record {
        n: 0,
        target: question.target.clone(),
        server,
        name: question.name.clone(),
        record_type: question.record_type.clone(),
        transport: question.transport,
        pair: question.pair,
        payload: question.payload,
        checking_disabled: question.checking_disabled,
        typed: typed.cloned(),
        class: question.class,
        try_,
        sent_us,
        latency_us,
        outcome,
        rcode,
        flags,
        answers,
        retried_over_tcp: exchange.retried_over_tcp,
        query: hex::encode(&exchange.query),
        reply: hex::encode(&exchange.reply),
        edns_refused,
        error,
    }
}

/// The one record of a question that could not even be sent.
pub(super) fn not_possible(
    question: &Question,
    typed: Option<&String>,
    server: String,
    error: String,
) -> Record {
    let parsed = Parsed {
        outcome: Outcome::Error,
        rcode: None,
        flags: Vec::new(),
        answers: Vec::new(),
        edns_refused: None,
        error: Some(error),
    };
    let exchange = Exchange {
        parsed,
        retried_over_tcp: false,
        query: Vec::new(),
        reply: Vec::new(),
        ended: Instant::now(),
    };
    record(question, typed, server, 1, exchange, (0, 0))
}

fn not_asked(job: &Job, server: SocketAddr, tries: u32) -> NotAsked {
    let question = &job.question;
    NotAsked {
        target: question.target.clone(),
        server: server.to_string(),
        name: question.name.clone(),
        record_type: question.record_type.clone(),
        transport: question.transport,
        pair: question.pair,
        typed: job.typed.clone(),
        tries,
    }
}

fn fill(output: &mut ProbeOutput, done: impl Iterator<Item = Done>) {
    let mut n = 0;
    for job in done {
        for mut record in job.records {
            n += 1;
            record.n = n;
            output.records.push(record);
        }
        output.not_asked.extend(job.not_asked);
    }
    output.announced = Some(n);
}

pub(super) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
