//! Carries a plan out: every question at its times, all of them at once.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::exchange::{Exchange, exchange};
use super::limit::Limits;
use super::message::{Asked, Parsed};
use super::room::Room;
use super::{Setup, files, pages};
use crate::hex;
use crate::plan::{Plan, Question, Target};
use crate::record::{NotAsked, Outcome, ProbeOutput, Record};
use crate::resolv::nameservers;

/// How many nameservers of a resolv.conf glibc and musl look at.
const RESOLVER_SERVERS: usize = 3;

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

/// One question to one server, or to a list that is walked.
pub(super) struct Job {
    pub(super) question: Question,
    asked: Asked,
    pub(super) first: SocketAddr,
    /// The servers that a walk goes on to.
    others: Vec<SocketAddr>,
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

/// The jobs of a question; where it cannot be asked, the record that says so.
pub(super) fn jobs(
    question: &Question,
    plan: &Plan,
    resolv_conf: &str,
) -> Vec<Result<Job, Box<Record>>> {
    let job = |server: String, address: Result<SocketAddr, String>, others: Vec<SocketAddr>| {
        let asked = address.and_then(|first| Ok((first, Asked::new(question)?)));
        match asked {
            Ok((first, asked)) => Ok(Job {
                question: question.clone(),
                asked,
                first,
                others,
            }),
            Err(error) => Err(Box::new(not_possible(question, server, error))),
        }
    };
    if let Target::Server { address, .. } = &question.target {
        let parsed = address
            .parse()
            .map_err(|_| format!("{address:?} is no address:port"));
        return vec![job(address.clone(), parsed, Vec::new())];
    }
    let own: Vec<(String, Result<SocketAddr, String>)> = nameservers(resolv_conf)
        .into_iter()
        .map(|text| match text.parse::<IpAddr>() {
            Ok(address) => {
                let address = SocketAddr::new(address, 53);
                (address.to_string(), Ok(address))
            }
            Err(_) => (
                text.to_owned(),
                Err(format!(
                    "resolv.conf names {text:?}, which is no IP address"
                )),
            ),
        })
        .collect();
    let nobody = || {
        let error = Err("resolv.conf names no server".to_owned());
        vec![job(String::new(), error, Vec::new())]
    };
    match question.target {
        _ if own.is_empty() => nobody(),
        Target::OwnWalk => {
            // Like a resolver, which passes over what is no address.
            let list: Vec<SocketAddr> = own
                .into_iter()
                .filter_map(|(_, address)| address.ok())
                .take(RESOLVER_SERVERS)
                .collect();
            match list.split_first() {
                Some((first, rest)) => vec![job(first.to_string(), Ok(*first), rest.to_vec())],
                None => nobody(),
            }
        }
        _ => own
            .into_iter()
            .filter(|(_, address)| !address.as_ref().is_ok_and(|it| asked(plan, question, *it)))
            .map(|(text, address)| job(text, address, Vec::new()))
            .collect(),
    }
}

/// Whether the plan asks a server the same by its address.
fn asked(plan: &Plan, question: &Question, address: SocketAddr) -> bool {
    plan.questions.iter().any(|other| {
        let same = matches!(&other.target, Target::Server { address: it, .. }
            if it.parse() == Ok(address));
        same && other.name == question.name
            && other.record_type == question.record_type
            && other.transport == question.transport
    })
}

/// Sends the tries of one job at their times; they wait for their answers side by side.
async fn work(job: Job, shared: Arc<Shared>) -> Done {
    let job = Arc::new(job);
    let interval = Duration::from_millis(job.question.interval_ms.into());
    let mut running = JoinSet::new();
    let mut done = Done::default();
    for try_ in 1..=job.question.tries {
        let earliest = shared.limits.start + interval * (try_ - 1);
        let Some(permit) = shared.limits.turn(job.first, earliest).await else {
            let tries = job.question.tries - (try_ - 1);
            done.not_asked
                .push(not_asked(&job.question, job.first, tries));
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
            .push(not_asked(&job.question, next_server, unfinished));
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
    let mut records = vec![ask(job, shared, job.first, try_).await];
    drop(permit);
    for server in &job.others {
        if records.last().is_some_and(settles) {
            break;
        }
        let Some(_permit) = shared.limits.turn(*server, Instant::now()).await else {
            return (records, Some(*server));
        };
        records.push(ask(job, shared, *server, try_).await);
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

async fn ask(job: &Job, shared: &Shared, server: SocketAddr, try_: u32) -> Record {
    let limits = &shared.limits;
    let route = (shared.setup.route)(server);
    let sent = Instant::now();
    let transport = job.question.transport;
    let mut exchange = exchange(&job.asked, route, transport, server, limits).await;
    let took = sent.elapsed().saturating_sub(exchange.paused);
    let (sent_us, latency_us) = (micros(sent - limits.start), micros(took));
    shared.room.fit(&mut exchange);
    record(
        &job.question,
        server.to_string(),
        try_,
        exchange,
        sent_us,
        latency_us,
    )
}

fn record(
    question: &Question,
    server: String,
    try_: u32,
    exchange: Exchange,
    sent_us: u64,
    latency_us: u64,
) -> Record {
    let Parsed {
        outcome,
        rcode,
        flags,
        answers,
        error,
    } = exchange.parsed;
    Record {
        n: 0,
        target: question.target.clone(),
        server,
        name: question.name.clone(),
        record_type: question.record_type.clone(),
        transport: question.transport,
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
        error,
    }
}

/// The one record of a question that could not even be sent.
fn not_possible(question: &Question, server: String, error: String) -> Record {
    let parsed = Parsed {
        outcome: Outcome::Error,
        rcode: None,
        flags: Vec::new(),
        answers: Vec::new(),
        error: Some(error),
    };
    let exchange = Exchange {
        parsed,
        retried_over_tcp: false,
        paused: Duration::ZERO,
        query: Vec::new(),
        reply: Vec::new(),
    };
    record(question, server, 1, exchange, 0, 0)
}

fn not_asked(question: &Question, server: SocketAddr, tries: u32) -> NotAsked {
    NotAsked {
        target: question.target.clone(),
        server: server.to_string(),
        name: question.name.clone(),
        record_type: question.record_type.clone(),
        transport: question.transport,
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
