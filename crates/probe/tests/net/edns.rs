//! Servers that do not know EDNS: the resolvers of most pods do not send it.

use digpod_probe::{Outcome, Pair, Question, Setup, Transport, run};

use crate::ask::{LONG, ask, plan, question, server};
use crate::dns_server::{Query, Server};

fn has_edns(query: &Query) -> bool {
    query.bytes[11] == 1
}

fn refused_with_edns(query: &Query) -> Vec<Vec<u8>> {
    if !has_edns(query) {
        return vec![query.answer(0, &[[10, 1, 2, 3]])];
    }
    // As old servers do: the head alone.
    let mut reply = query.answer(1, &[]);
    reply.truncate(12);
    reply[5] = 0;
    vec![reply]
}

#[tokio::test]
async fn what_is_refused_with_edns_is_asked_without_it() {
    for transport in [Transport::Udp, Transport::Tcp] {
        let (record, server) = ask(refused_with_edns, transport, LONG).await;
        assert_eq!(record.outcome, Outcome::Ok);
        assert_eq!(record.answers[0].data, "10.1.2.3");
        assert_eq!(
            record.error.as_deref(),
            Some("FORMERR to the query with EDNS; this answers the one without it")
        );
        assert_eq!(record.edns_refused, Some(1));
        let seen: Vec<bool> = server.seen().iter().map(has_edns).collect();
        assert_eq!(seen, [true, false]);
    }
}

#[tokio::test]
async fn both_of_a_pair_are_asked_without_edns() {
    let running = Server::start(refused_with_edns).await;
    let question = Question {
        pair: Some(Pair::OneSocket),
        ..question(server(running.address))
    };
    let output = run(&plan(LONG, vec![question]), Setup::direct("")).await;
    let outcomes: Vec<Outcome> = output.records.iter().map(|it| it.outcome).collect();
    assert_eq!(outcomes, [Outcome::Ok; 2]);
    assert_eq!(running.seen().len(), 4);
}

#[tokio::test]
async fn a_version_that_is_not_known_is_a_reason_too() {
    let (record, _) = ask(
        |query| {
            if !has_edns(query) {
                return vec![query.answer(3, &[])];
            }
            // The upper eight bits of the code stand in the OPT record.
            let mut reply = query.answer(0, &[]);
            reply[11] = 1;
            reply.extend([0, 0, 41, 4, 0xd0, 1, 0, 0, 0, 0, 0]);
            vec![reply]
        },
        Transport::Udp,
        LONG,
    )
    .await;
    assert_eq!(record.outcome, Outcome::Nxdomain);
    assert_eq!(
        record.error.as_deref(),
        Some("BADVERS to the query with EDNS; this answers the one without it")
    );
    assert_eq!(record.edns_refused, Some(16));
}

#[tokio::test]
async fn a_refusal_that_is_not_about_edns_stays() {
    let (record, server) = ask(|query| vec![query.answer(4, &[])], Transport::Udp, LONG).await;
    assert_eq!(
        (record.outcome, record.rcode),
        (Outcome::OtherRcode, Some(4))
    );
    assert_eq!(
        record.error.as_deref(),
        Some("NOTIMP to the query with EDNS; to the one without it: NOTIMP")
    );
    assert_eq!(record.edns_refused, None);
    assert_eq!(server.seen().len(), 2);
    let query = &server.seen()[0];
    assert!(has_edns(query), "the record shows the first query");
    assert_eq!(record.query[..4], format!("{:04x}", query.id()));
}

#[tokio::test]
async fn a_size_that_was_planned_is_asked_once() {
    let running = Server::start(refused_with_edns).await;
    let question = Question {
        payload: Some(4096),
        ..question(server(running.address))
    };
    let output = run(&plan(LONG, vec![question]), Setup::direct("")).await;
    assert_eq!(output.records[0].rcode, Some(1));
    assert_eq!(output.records[0].error, None);
    assert_eq!(running.seen().len(), 1);
}

#[tokio::test]
async fn validation_is_left_out_only_where_the_plan_says_so() {
    // CD is the fifth bit of the fourth byte (RFC 4035, section 3.2.2).
    let running = Server::start(|query| {
        vec![if query.bytes[3] & 0x10 != 0 {
            query.answer(0, &[[10, 1, 2, 3]])
        } else {
            query.answer(2, &[])
        }]
    })
    .await;
    let usual = question(server(running.address));
    let unchecked = Question {
        checking_disabled: true,
        ..usual.clone()
    };
    let output = run(&plan(LONG, vec![usual, unchecked]), Setup::direct("")).await;
    let said: Vec<_> = output
        .records
        .iter()
        .map(|it| (it.checking_disabled, it.outcome))
        .collect();
    assert_eq!(
        said,
        [(false, Outcome::Servfail), (true, Outcome::Ok)],
        "{output:?}"
    );
}
