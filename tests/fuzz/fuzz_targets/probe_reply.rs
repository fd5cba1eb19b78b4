//! Any bytes as the reply to a query: no panic, only an answer with the query's id and question
//! counts, and all that it says is printable text that can be asked for again.
#![no_main]

use digpod_probe::read_reply;

const NAMES: [&str; 4] = [
    "app.corp.internal.",
    ".",
    "a\\.b\\000\\255.X.test.",
    "*._tcp.x.",
];
const KINDS: [&str; 6] = ["A", "AAAA", "TXT", "SRV", "ANY", "TYPE65280"];

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let [choice, head, rest @ ..] = data else {
        return;
    };
    let name = NAMES[usize::from(choice & 3)];
    let kind = KINDS[usize::from(choice >> 2) % KINDS.len()];
    let udp = head & 1 == 0;
    let mut both = None;
    let read = read_reply(name, kind, udp, |query| {
        let reply = reply(query, *head, rest);
        both = Some((query.to_vec(), reply.clone()));
        reply
    });
    let Ok((outcome, answers)) = read else {
        return;
    };
    let (query, reply) = both.unwrap();
    assert!(is_answer(&query, &reply), "{query:02x?} {reply:02x?}");
    assert!(outcome.is_answer() || answers.is_empty());
    for answer in &answers {
        assert!(answer.name.ends_with('.'));
        for text in [&answer.name, &answer.record_type, &answer.data] {
            assert!(
                text.bytes().all(|byte| matches!(byte, b' '..=b'~')),
                "{text:?}"
            );
        }
        assert!(
            !answer.record_type.is_empty() && !answer.data.is_empty(),
            "{answer:?}"
        );
        // The name and the type that are shown can be asked for.
        let again = read_reply(&answer.name, &answer.record_type, udp, |query| {
            assert_eq!(
                query[query.len() - 11..][..3],
                [0, 0, 41],
                "EDNS ends the query"
            );
            Vec::new()
        });
        let why = again.unwrap_err();
        assert!(
            why.ends_with("that are no DNS message"),
            "{answer:?}: {why}"
        );
    }
});

/// The bytes as they are, with the query's id, or behind the head and the question of an answer.
fn reply(query: &[u8], head: u8, rest: &[u8]) -> Vec<u8> {
    let question = query[12..].to_vec();
    let end = question.iter().position(|byte| *byte == 0);
    match head >> 1 & 3 {
        0 => rest.to_vec(),
        1 => [&query[..2], rest].concat(),
        // Flags and counts come from the bytes.
        2 if rest.len() >= 10 => {
            let (counts, rest) = rest.split_at(10);
            [&query[..2], counts, &question[..question.len() - 11], rest].concat()
        }
        _ if end.is_some() => {
            let count = head >> 3;
            let flags = [0x81, 0x80, 0, 1, 0, count, 0, 0, 0, 0];
            [&query[..2], &flags, &question[..question.len() - 11], rest].concat()
        }
        _ => Vec::new(),
    }
}

/// Id, QR, opcode, and the one question in any case; or a refusal without question and answers.
fn is_answer(query: &[u8], reply: &[u8]) -> bool {
    if reply.len() < 12 || reply[..2] != query[..2] || reply[2] & 0xf8 != 0x80 {
        return false;
    }
    if reply[4..6] == [0, 0] {
        return !matches!(reply[3] & 15, 0 | 3) && reply[6..8] == [0, 0];
    }
    let question = &query[12..query.len() - 11];
    reply[4..6] == [0, 1]
        && reply
            .get(12..12 + question.len())
            .is_some_and(|same| same.eq_ignore_ascii_case(question))
}
