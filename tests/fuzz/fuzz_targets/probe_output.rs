//! Any text as a probe's log, and honest output that is cut, mixed and changed: no panic, and what
//! is called complete is what was written.
#![no_main]

use digpod_probe::{
    Answer, NameClass, Outcome, ProbeOutput, Record, ServerRole, Target, Transport, parse_output,
    write_output,
};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    sound(&parse_output(&text));
    let [count, edits, rest @ ..] = data else {
        return;
    };
    let written = output(u32::from(count % 6), &text);
    let log = print(&written);
    let read = parse_output(&log);
    assert!(read.complete, "{log}");
    assert_eq!(read, written);

    let mut changed = log.into_bytes();
    for edit in rest.chunks_exact(4).take(usize::from(edits % 5)) {
        change(&mut changed, edit);
    }
    let read = parse_output(&String::from_utf8_lossy(&changed));
    sound(&read);
    if read.complete {
        // The digest is over these; the header has none.
        assert_eq!(read.records, written.records);
    }
});

/// Whatever was read can be written and read again.
fn sound(output: &ProbeOutput) {
    for missing in output.missing() {
        assert!(missing.start() <= missing.end());
        assert!(
            output
                .records
                .iter()
                .all(|record| !missing.contains(&record.n))
        );
    }
    assert!(output.records.windows(2).all(|pair| pair[0].n < pair[1].n));
    assert!(!output.complete || output.missing().is_empty());
    let again = parse_output(&print(output));
    assert_eq!(again.records, output.records);
    assert_eq!(again.complete, again.missing().is_empty());
}

fn print(output: &ProbeOutput) -> String {
    let mut text = Vec::new();
    write_output(output, &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

fn output(count: u32, words: &str) -> ProbeOutput {
    let records = (1..=count).map(|n| Record {
        n,
        target: Target::Server {
            address: "10.0.0.10:53".to_owned(),
            role: ServerRole::Service,
        },
        server: "10.0.0.10:53".to_owned(),
        name: words.to_owned(),
        record_type: "A".to_owned(),
        transport: Transport::Udp,
        pair: None,
        payload: None,
        typed: None,
        class: NameClass::Custom,
        try_: n,
        sent_us: 7,
        latency_us: 9,
        outcome: Outcome::Ok,
        rcode: Some(0),
        flags: vec!["qr".to_owned()],
        answers: vec![Answer {
            name: words.to_owned(),
            record_type: "TXT".to_owned(),
            ttl: n,
            data: words.to_owned(),
        }],
        retried_over_tcp: false,
        query: "00".to_owned(),
        reply: String::new(),
        error: Some(words.to_owned()),
    });
    ProbeOutput {
        format: 1,
        vantage: words.to_owned(),
        resolv_conf: words.to_owned(),
        records: records.collect(),
        announced: Some(count),
        complete: true,
        ..ProbeOutput::default()
    }
}

/// Cuts, copies, puts in or changes what stands at a place.
fn change(text: &mut Vec<u8>, edit: &[u8]) {
    let at = usize::from(edit[1]) << 8 | usize::from(edit[2]);
    let at = at % text.len().max(1);
    match edit[0] % 6 {
        0 => text.truncate(at),
        1 => drop(text.drain(..at)),
        2 => text.insert(at, edit[3]),
        3 if at < text.len() => text[at] = edit[3],
        4 => {
            let end = text.len().min(at + usize::from(edit[3]));
            let copy = text[at..end].to_vec();
            text.extend(copy);
        }
        _ => {
            // A line of somebody else.
            let line = text[..at].iter().rposition(|byte| *byte == b'\n');
            let line = line.map_or(0, |line| line + 1);
            text.splice(line..line, *b"{\"other\":1}\n");
        }
    }
}
