//! What a probe needs is bounded, whatever servers send.

use std::process::{Command, Stdio};

use digpod_probe::{Outcome, Question, Transport, parse_output};

use crate::ask::{LONG, plan, question, server};
use crate::dns_server::{Query, Server};

/// Bytes that a probe's pod may have (`limits.memory` is 64Mi), in the units of `ulimit -d`.
const KIB: u32 = 64 << 10;
/// Answers like [`bomb`]: each stands for some nine megabytes of text, all for twice what the pod has.
const BOMBS: u32 = 16;

/// An answer of 65,535 bytes whose records all point to one name of 255 bytes, for their owner and
/// for their data; each byte of the name needs four in text.
fn bomb(query: &Query) -> Vec<u8> {
    let mut reply = query.answer(0, &[]);
    let name = u16::try_from(reply.len()).unwrap() | 0xc000;
    let mut count = 1_u16;
    let label = |length: u8| [&[length][..], &vec![0; length.into()]].concat();
    reply.extend([label(63), label(63), label(63), label(61), vec![0]].concat());
    reply.extend([0, 5, 0, 1, 0, 0, 0, 30, 0, 2]);
    reply.extend(name.to_be_bytes());
    while reply.len() + 14 <= 65_535 {
        reply.extend(name.to_be_bytes());
        reply.extend([0, 5, 0, 1, 0, 0, 0, 30, 0, 2]);
        reply.extend(name.to_be_bytes());
        count += 1;
    }
    reply[6..8].copy_from_slice(&count.to_be_bytes());
    reply
}

/// A bomb or an honest answer.
fn bomb_or_honest(query: &Query) -> Vec<Vec<u8>> {
    // The first letter of the name says what is wanted.
    match (query.bytes[13], query.tcp) {
        (b'b', true) => vec![bomb(query)],
        _ => vec![query.answer(0, &[[10, 1, 2, 3]])],
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bombs_take_no_more_memory_than_the_pod_has_and_no_other_record() {
    let running = Server::start(bomb_or_honest).await;
    let ask = |name: &str, record_type: &str, transport| Question {
        name: name.to_owned(),
        record_type: record_type.to_owned(),
        transport,
        tries: BOMBS,
        ..question(server(running.address))
    };
    let plan = plan(
        LONG,
        vec![
            ask("bomb.test.", "CNAME", Transport::Tcp),
            ask("honest.test.", "A", Transport::Udp),
        ],
    );
    let plan = serde_json::to_string(&plan).unwrap();
    let mut probe = Command::new("sh");
    probe
        .args(["-c", r#"ulimit -d "$0" && exec "$1" --plan "$2""#])
        .arg(KIB.to_string())
        .arg(env!("CARGO_BIN_EXE_digpod-probe"))
        .arg(plan)
        .stdin(Stdio::null());
    let result = tokio::task::spawn_blocking(move || probe.output().unwrap());
    let result = result.await.unwrap();
    assert!(
        result.status.success(),
        "{}",
        String::from_utf8_lossy(&result.stderr)
    );

    let output = parse_output(&String::from_utf8(result.stdout).unwrap());
    assert!(output.complete && output.trimmed);
    let (bombs, honest) = output.records.split_at(BOMBS.try_into().unwrap());
    assert_eq!(honest.len(), bombs.len());
    for record in honest {
        assert_eq!(record.outcome, Outcome::Ok);
        assert_eq!(record.answers[0].data, "10.1.2.3");
        assert_ne!(record.reply, "");
        assert_eq!(record.error, None);
    }
    for record in bombs {
        assert_eq!(record.outcome, Outcome::Ok);
        assert_eq!(record.rcode, Some(0));
        let said = record.error.as_deref().unwrap();
        assert!(
            said.starts_with("the answer has 4661 records, of which 1 are kept"),
            "{said}"
        );
        assert_eq!(record.answers.len(), 1);
    }
}
