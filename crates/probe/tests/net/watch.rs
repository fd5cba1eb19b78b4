//! Asking until it fails.

use std::sync::atomic::{AtomicU32, Ordering};

use digpod_probe::{
    Expected, Outcome, Plan, ProbeOutput, Question, Setup, Watch, WatchEnd, Watched, parse_output,
    parse_watching, run, watch, write_closing, write_opening, write_watching,
};

use crate::ask::{LONG, NAME, plan, question, server};
use crate::dns_server::Server;

/// Asks a server up to 50 times, once in 20 ms.
fn watching(server: &Server, expected: &[&str]) -> Plan {
    let asked = Question {
        tries: 50,
        interval_ms: 20,
        ..question(crate::ask::server(server.address))
    };
    let expected = expected.iter().map(|address| Expected {
        name: NAME.to_owned(),
        address: (*address).to_owned(),
    });
    Plan {
        watch: Some(Watch {
            questions: vec![asked],
            expected: expected.collect(),
        }),
        ..plan(LONG, vec![question(self::server(server.address))])
    }
}

async fn watched(plan: &Plan) -> Watched {
    watch(plan, &Setup::direct(""), |_| {}).await.unwrap()
}

#[tokio::test]
async fn a_watch_ends_with_the_first_try_that_fails() {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let server = Server::start(|query| {
        let nth = COUNT.fetch_add(1, Ordering::Relaxed);
        let nxdomain = nth >= 7;
        vec![query.answer(
            if nxdomain { 3 } else { 0 },
            &[[10, 1, 2, 3]][usize::from(nxdomain)..],
        )]
    })
    .await;
    let watched = watched(&watching(&server, &[])).await;
    assert_eq!(watched.end, WatchEnd::Failed);
    assert_eq!((watched.tries, watched.limit_ms), (8, 1_000));
    let failure = watched.failure.unwrap();
    assert_eq!((failure.outcome, failure.try_), (Outcome::Nxdomain, 8));
    assert!(!failure.reply.is_empty());
    let good = watched.last_good.unwrap();
    assert_eq!((good.outcome, good.try_), (Outcome::Ok, 7));
    assert_eq!(server.seen().len(), 8);
}

#[tokio::test]
async fn a_watch_in_which_nothing_fails_ends_with_its_time() {
    let server = Server::start(|query| vec![query.answer(0, &[[10, 1, 2, 3]])]).await;
    let watched = watched(&watching(&server, &["10.1.2.3"])).await;
    assert_eq!(watched.end, WatchEnd::TimeOver);
    assert_eq!((watched.failure, watched.last_good), (None, None));
    // On a busy machine some of its times pass by.
    assert_eq!(watched.tries, server.seen().len() as u64);
    assert!(watched.slowest_us > 0);
}

#[tokio::test]
async fn another_address_than_the_expected_one_is_a_failure() {
    let server = Server::start(|query| vec![query.answer(0, &[[10, 1, 2, 3]])]).await;
    let watched = watched(&watching(&server, &["10.9.9.9"])).await;
    assert_eq!((watched.end, watched.tries), (WatchEnd::Failed, 1));
    let name = NAME.trim_end_matches('.');
    let said = format!("answered 10.1.2.3 for {name}, expected 10.9.9.9");
    assert!(watched.words().ends_with(&said), "{}", watched.words());
    assert_eq!(watched.expected, ["10.9.9.9"]);
    assert_eq!(watched.failure.unwrap().answers[0].data, "10.1.2.3");
    assert_eq!(watched.last_good, None);
}

#[tokio::test]
async fn the_end_of_a_watch_is_told_before_the_answers_that_follow_it() {
    let server = Server::start(|query| vec![query.answer(3, &[])]).await;
    let plan = watching(&server, &[]);
    let mut log = Vec::new();
    write_opening(&ProbeOutput::default(), &mut log).unwrap();
    let watched = watched(&plan).await;
    write_watching(&watched, &mut log).unwrap();
    let told = String::from_utf8(log.clone()).unwrap();
    let told = told.lines().last().and_then(parse_watching).unwrap();
    assert_eq!(told, watched);

    let output = run(&plan, Setup::direct("")).await;
    assert_eq!(output.records.len(), 1);
    let output = ProbeOutput {
        watched: Some(watched.clone()),
        ..output
    };
    write_closing(&output, &mut log).unwrap();
    let read = parse_output(std::str::from_utf8(&log).unwrap());
    assert!(read.complete);
    assert_eq!(read.watched, Some(watched));
    // Cut after the line that told of it, it is still known.
    let cut = log.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    let cut = cut.map(|(at, _)| at).nth(1).unwrap();
    let read = parse_output(std::str::from_utf8(&log[..=cut]).unwrap());
    assert_eq!(read.watched, output.watched);
    assert!(!read.complete);
}
