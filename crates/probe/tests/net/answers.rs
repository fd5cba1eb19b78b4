//! What becomes of one try, by what the server does.

use digpod_probe::{Outcome, Question, Setup, Transport, run};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::ask::{LONG, NAME, SHORT, ask, plan, question, server};
use crate::dns_server::{Behaviour, Query, closed_port};

#[tokio::test]
async fn an_answer_is_recorded_with_its_bytes() {
    for transport in [Transport::Udp, Transport::Tcp] {
        let (record, server) = ask(
            |query| vec![query.answer(0, &[[10, 1, 2, 3], [10, 1, 2, 4]])],
            transport,
            LONG,
        )
        .await;
        assert_eq!(record.outcome, Outcome::Ok);
        assert_eq!(record.rcode, Some(0));
        assert_eq!(record.flags, ["qr", "rd", "ra"]);
        let data: Vec<&str> = record.answers.iter().map(|a| a.data.as_str()).collect();
        assert_eq!(data, ["10.1.2.3", "10.1.2.4"]);
        assert_eq!(record.answers[0].name, NAME);
        assert_eq!(record.answers[0].record_type, "A");
        assert_eq!(record.answers[0].ttl, 30);
        assert_eq!(record.error, None);
        assert!(!record.retried_over_tcp);

        let query = &server.seen()[0];
        assert_eq!(query.tcp, transport == Transport::Tcp);
        let hex = |bytes: &[u8]| -> String {
            let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
            digits
                .filter_map(|digit| char::from_digit(digit.into(), 16))
                .collect()
        };
        assert_eq!(record.query, hex(&query.bytes));
        assert_eq!(
            record.reply,
            hex(&query.answer(0, &[[10, 1, 2, 3], [10, 1, 2, 4]]))
        );
    }
}

#[tokio::test]
async fn a_query_wants_recursion_and_offers_edns_1232_without_dnssec() {
    let (_, server) = ask(|query| vec![query.answer(3, &[])], Transport::Udp, LONG).await;
    let query = &server.seen()[0];
    // Flags: only RD; one question, one additional record.
    assert_eq!(query.bytes[2..12], [1, 0, 0, 1, 0, 0, 0, 0, 0, 1]);
    assert_eq!(
        query.question(),
        b"\x03app\x04corp\x08internal\0\0\x01\0\x01"
    );
    let opt = &query.bytes[12 + query.question().len()..];
    // Root, type OPT, 1232 bytes, no extended rcode, version 0, DO off, no options.
    assert_eq!(opt, [0, 0, 41, 0x04, 0xd0, 0, 0, 0, 0, 0, 0]);
}

#[tokio::test]
async fn response_codes_become_outcomes() {
    let cases: [(Behaviour, Outcome, u16); 6] = [
        (|q| vec![q.answer(0, &[])], Outcome::Nodata, 0),
        (|q| vec![q.answer(3, &[])], Outcome::Nxdomain, 3),
        (|q| vec![q.answer(2, &[])], Outcome::Servfail, 2),
        (|q| vec![q.answer(5, &[])], Outcome::Refused, 5),
        (|q| vec![q.answer(4, &[])], Outcome::OtherRcode, 4),
        // FORMERR from a server that could not read the question and does not repeat it.
        (
            |q| {
                let id = q.id().to_be_bytes();
                vec![vec![id[0], id[1], 0x80, 1, 0, 0, 0, 0, 0, 0, 0, 0]]
            },
            Outcome::OtherRcode,
            1,
        ),
    ];
    for (behaviour, outcome, rcode) in cases {
        for transport in [Transport::Udp, Transport::Tcp] {
            let (record, _) = ask(behaviour, transport, LONG).await;
            assert_eq!((record.outcome, record.rcode), (outcome, Some(rcode)));
        }
    }
}

#[tokio::test]
async fn an_alias_that_leads_to_no_address_is_no_answer() {
    let alias = |query: &Query| {
        let mut reply = query.answer(0, &[]);
        reply[7] = 1;
        // The rest of the name that is asked for.
        reply.extend([0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 30, 0, 2, 0xc0, 16]);
        vec![reply]
    };
    let (record, _) = ask(alias, Transport::Udp, LONG).await;
    assert_eq!((record.outcome, record.rcode), (Outcome::Nodata, Some(0)));
    assert_eq!(record.answers[0].data, "corp.internal.");
}

#[tokio::test]
async fn silence_is_a_timeout() {
    let (record, server) = ask(|_| vec![], Transport::Udp, SHORT).await;
    assert_eq!(record.outcome, Outcome::Timeout);
    assert_eq!(server.seen().len(), 1);
    assert_eq!(record.reply, "");
    assert!(record.latency_us >= u64::from(SHORT) * 1000);
}

#[tokio::test]
async fn a_closed_port_is_a_refused_connection() {
    for transport in [Transport::Udp, Transport::Tcp] {
        let question = Question {
            transport,
            ..question(server(closed_port().await))
        };
        let output = run(&plan(LONG, vec![question]), Setup::direct("")).await;
        let record = &output.records[0];
        assert_eq!(record.outcome, Outcome::ConnectionRefused);
        assert!(record.error.as_deref().unwrap().contains("refused"));
        assert_ne!(record.query, "");
    }
}

#[tokio::test]
async fn a_forged_answer_does_not_keep_the_real_one_out() {
    let forged: [Behaviour; 4] = [
        // Another id.
        |q| {
            let mut forged = q.answer(0, &[[6, 6, 6, 6]]);
            forged[1] ^= 1;
            vec![forged, q.answer(3, &[])]
        },
        // Another question: one letter of the name.
        |q| {
            let mut forged = q.answer(0, &[[6, 6, 6, 6]]);
            forged[13] = b'x';
            vec![forged, q.answer(3, &[])]
        },
        // No question at all, yet an answer.
        |q| {
            let id = q.id().to_be_bytes();
            let forged = vec![id[0], id[1], 0x81, 0x80, 0, 0, 0, 0, 0, 0, 0, 0];
            vec![forged, q.answer(3, &[])]
        },
        // The query itself.
        |q| vec![q.bytes.clone(), q.answer(3, &[])],
    ];
    for behaviour in forged {
        for transport in [Transport::Udp, Transport::Tcp] {
            let (record, _) = ask(behaviour, transport, LONG).await;
            assert_eq!(record.outcome, Outcome::Nxdomain, "{record:?}");
            assert!(record.answers.is_empty());
        }
    }
}

#[tokio::test]
async fn only_wrong_answers_are_malformed_and_kept_as_evidence() {
    let cases: [(Behaviour, &str); 3] = [
        (
            |_| vec![b"HTTP/1.1".to_vec()],
            "8 bytes that are no DNS message",
        ),
        (
            |q| {
                let mut wrong = q.answer(0, &[]);
                wrong[0] ^= 0xff;
                vec![wrong]
            },
            "the answer has id",
        ),
        (
            |q| {
                let mut wrong = q.answer(0, &[]);
                wrong[13] = b'x';
                vec![wrong]
            },
            "the answer is to another question: xpp.corp.internal. A",
        ),
    ];
    for (behaviour, error) in cases {
        let (record, _) = ask(behaviour, Transport::Udp, SHORT).await;
        assert_eq!(record.outcome, Outcome::Malformed);
        let said = record.error.unwrap();
        assert!(said.starts_with(error), "{said}");
        assert_ne!(record.reply, "");
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_malformed_at_once() {
    let (record, _) = ask(
        |q| {
            let mut answer = q.answer(0, &[[10, 1, 2, 3]]);
            answer.pop();
            vec![answer]
        },
        Transport::Udp,
        LONG,
    )
    .await;
    assert_eq!(record.outcome, Outcome::Malformed);
    assert!(
        record
            .error
            .unwrap()
            .starts_with("the answer cannot be read")
    );
}

#[tokio::test]
async fn a_truncated_answer_is_asked_for_again_over_tcp() {
    let (record, server) = ask(
        |query| {
            let mut answer = query.answer(0, &[[10, 1, 2, 3]]);
            if !query.tcp {
                answer[2] |= 2;
                // Truncation may cut a record in two.
                answer.truncate(answer.len() - 2);
            }
            vec![answer]
        },
        Transport::Udp,
        LONG,
    )
    .await;
    assert_eq!(record.outcome, Outcome::Ok);
    assert!(record.retried_over_tcp);
    assert_eq!(record.transport, Transport::Udp);
    assert_eq!(record.answers[0].data, "10.1.2.3");
    assert_eq!(record.flags, ["qr", "rd", "ra"]);
    let over_tcp: Vec<bool> = server.seen().iter().map(|query| query.tcp).collect();
    assert_eq!(over_tcp, [false, true]);
}

#[tokio::test]
async fn a_truncated_answer_without_tcp_says_so() {
    // Over TCP this server hangs up without a word.
    let (record, _) = ask(
        |query| {
            let mut answer = query.answer(0, &[]);
            answer[2] |= 2;
            if query.tcp { vec![] } else { vec![answer] }
        },
        Transport::Udp,
        LONG,
    )
    .await;
    assert_eq!(record.outcome, Outcome::Error);
    assert!(record.retried_over_tcp);
    assert_eq!(
        record.error.as_deref(),
        Some(
            "the answer over UDP was truncated; over TCP: the connection was closed without an \
             answer"
        )
    );
    assert_ne!(record.reply, "", "the truncated answer is evidence");
}

#[tokio::test]
async fn what_comes_over_tcp_and_is_no_dns_is_kept_as_evidence() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut query = [0; 64];
        let _ = stream.read(&mut query).await.unwrap();
        stream.write_all(b"HTTP/1.1 400\r\n").await.unwrap();
        stream.shutdown().await.unwrap();
    });
    let question = Question {
        transport: Transport::Tcp,
        ..question(server(address))
    };
    let output = run(&plan(LONG, vec![question]), Setup::direct("")).await;
    let record = &output.records[0];
    assert_eq!(record.outcome, Outcome::Malformed);
    assert_eq!(
        record.error.as_deref(),
        Some("14 bytes that are no whole DNS message")
    );
    assert_eq!(record.reply, "485454502f312e31203430300d0a");
}
