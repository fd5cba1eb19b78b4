//! A and AAAA in the same moment, and sizes of EDNS.

use std::collections::BTreeSet;

use digpod_probe::{Outcome, Pair, Question, Record, Setup, Transport, run};

use crate::ask::{LONG, SHORT, plan, question, server};
use crate::dns_server::{Behaviour, Query, Server};

const AAAA: u8 = 28;

fn record_type(query: &Query) -> u8 {
    let question = query.question();
    question[question.len() - 3]
}

async fn pair(behaviour: Behaviour, pair: Pair, timeout_ms: u32) -> (Vec<Record>, Server) {
    let running = Server::start(behaviour).await;
    let question = Question {
        pair: Some(pair),
        ..question(server(running.address))
    };
    let plan = plan(timeout_ms, vec![question]);
    assert_eq!(plan.most_queries(), 2);
    (run(&plan, Setup::direct("")).await.records, running)
}

fn told(records: &[Record]) -> Vec<(&str, Outcome)> {
    let told = records.iter();
    told.map(|record| (record.record_type.as_str(), record.outcome))
        .collect()
}

#[tokio::test]
async fn both_leave_from_one_socket_and_each_gets_its_own_answer() {
    let (records, running) = pair(
        |query| match record_type(query) {
            AAAA => vec![query.answer(0, &[])],
            _ => vec![query.answer(0, &[[10, 1, 2, 3]])],
        },
        Pair::OneSocket,
        LONG,
    )
    .await;
    assert_eq!(
        told(&records),
        [("A", Outcome::Ok), ("AAAA", Outcome::Nodata)]
    );
    assert!(
        records
            .iter()
            .all(|it| it.pair == Some(Pair::OneSocket) && it.try_ == 1)
    );
    let ports: BTreeSet<u16> = running.seen().iter().map(|it| it.from.port()).collect();
    assert_eq!((running.seen().len(), ports.len()), (2, 1));
}

#[tokio::test]
async fn from_two_sockets_each_has_a_port_of_its_own() {
    let (records, running) = pair(|query| vec![query.answer(3, &[])], Pair::TwoSockets, LONG).await;
    assert_eq!(
        told(&records),
        [("A", Outcome::Nxdomain), ("AAAA", Outcome::Nxdomain)]
    );
    let ports: BTreeSet<u16> = running.seen().iter().map(|it| it.from.port()).collect();
    assert_eq!(ports.len(), 2);
}

/// What the race in a node's connection tracking looks like.
#[tokio::test]
async fn where_one_of_two_is_lost_the_other_keeps_its_answer() {
    let (records, _) = pair(
        |query| match record_type(query) {
            AAAA => Vec::new(),
            _ => vec![query.answer(0, &[[10, 1, 2, 3]])],
        },
        Pair::OneSocket,
        SHORT,
    )
    .await;
    assert_eq!(
        told(&records),
        [("A", Outcome::Ok), ("AAAA", Outcome::Timeout)]
    );
    assert!(records[0].latency_us < records[1].latency_us);
}

#[tokio::test]
async fn a_truncated_half_of_a_pair_is_asked_again_over_tcp() {
    let (records, running) = pair(
        |query| {
            let mut reply = query.answer(0, &[[10, 1, 2, 3]]);
            if !query.tcp && record_type(query) != AAAA {
                reply[2] |= 2;
            }
            vec![reply]
        },
        Pair::OneSocket,
        LONG,
    )
    .await;
    assert_eq!(told(&records), [("A", Outcome::Ok), ("AAAA", Outcome::Ok)]);
    let repeated: Vec<bool> = records.iter().map(|it| it.retried_over_tcp).collect();
    assert_eq!(repeated, [true, false]);
    assert_eq!(running.seen().iter().filter(|it| it.tcp).count(), 1);
}

#[tokio::test]
async fn a_question_says_what_may_come_back_over_udp_or_sends_no_edns_at_all() {
    let running = Server::start(|query| vec![query.answer(0, &[[10, 1, 2, 3]])]).await;
    let with = |payload| Question {
        payload,
        ..question(server(running.address))
    };
    let plan = plan(LONG, vec![with(None), with(Some(0)), with(Some(4096))]);
    let output = run(&plan, Setup::direct("")).await;
    let said: Vec<_> = output.records.iter().map(|it| it.payload).collect();
    assert_eq!(said, [None, Some(0), Some(4096)]);
    // The last record of a query with EDNS is OPT: root name, type 41, the size as its class.
    let sizes: Vec<Option<u16>> = output
        .records
        .iter()
        .map(|record| {
            let size = record.query.rsplit_once("000029")?.1.get(..4)?;
            u16::from_str_radix(size, 16).ok()
        })
        .collect();
    assert_eq!(sizes, [Some(1232), None, Some(4096)]);
}

#[tokio::test]
async fn over_tcp_a_pair_is_the_first_question_alone() {
    let running = Server::start(|query| vec![query.answer(0, &[[10, 1, 2, 3]])]).await;
    let question = Question {
        pair: Some(Pair::OneSocket),
        transport: Transport::Tcp,
        ..question(server(running.address))
    };
    let output = run(&plan(LONG, vec![question]), Setup::direct("")).await;
    assert_eq!(told(&output.records), [("A", Outcome::Ok)]);
}
