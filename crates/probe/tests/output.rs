//! The output's text form: whatever happens to it on its way is noticed.
#![expect(clippy::unwrap_used, reason = "a helper that fails fails the test")]

use digpod_probe::{
    Answer, MAX_OUTPUT, NameClass, NotAsked, Outcome, Pair, ProbeOutput, Record, ServerRole,
    Target, Transport, parse_output, write_output,
};
use proptest::prelude::*;

fn text(output: &ProbeOutput) -> String {
    let mut text = Vec::new();
    write_output(output, &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

fn record(n: u32) -> Record {
    Record {
        n,
        target: Target::Server {
            address: "10.1.0.4:53".to_owned(),
            role: ServerRole::Upstream,
        },
        server: "10.1.0.4:53".to_owned(),
        name: "app.corp.internal.".to_owned(),
        record_type: "A".to_owned(),
        transport: Transport::Udp,
        pair: None,
        payload: None,
        checking_disabled: false,
        typed: None,
        class: NameClass::Custom,
        try_: n,
        sent_us: 100,
        latency_us: 900,
        outcome: Outcome::Ok,
        rcode: Some(0),
        flags: vec!["qr".to_owned(), "ra".to_owned()],
        answers: vec![Answer {
            name: "app.corp.internal.".to_owned(),
            record_type: "A".to_owned(),
            ttl: 30,
            data: "10.1.2.3".to_owned(),
        }],
        retried_over_tcp: false,
        query: "c37c0100".to_owned(),
        reply: "c37c8180".to_owned(),
        edns_refused: None,
        error: None,
    }
}

fn output(records: u32) -> ProbeOutput {
    ProbeOutput {
        format: 1,
        vantage: "workload".to_owned(),
        probe_version: "0.1.0".to_owned(),
        resolv_conf: "search shop.svc.cluster.local\nnameserver 10.0.0.10\n".to_owned(),
        node: Some("node-a".to_owned()),
        started: "2026-11-25T05:50:03Z".to_owned(),
        records: (1..=records).map(record).collect(),
        complete: true,
        announced: Some(records),
        trimmed: false,
        ..ProbeOutput::default()
    }
}

#[test]
fn the_output_is_lines_of_json() {
    let mut output = output(2);
    output.records[1] = Record {
        outcome: Outcome::Timeout,
        rcode: None,
        flags: Vec::new(),
        answers: Vec::new(),
        reply: String::new(),
        target: Target::OwnWalk,
        ..record(2)
    };
    output.not_asked.push(NotAsked {
        target: Target::OwnWalk,
        server: "10.1.0.5:53".to_owned(),
        name: "app.corp.internal.".to_owned(),
        record_type: "A".to_owned(),
        transport: Transport::Udp,
        pair: None,
        typed: None,
        tries: 3,
    });
    insta::assert_snapshot!(text(&output));
}

#[test]
fn a_lost_line_is_known_by_its_number() {
    let whole = text(&output(5));
    let without = |lost: &[usize]| {
        let lines = whole.split_inclusive('\n').enumerate();
        let kept: String = lines
            .filter(|(n, _)| !lost.contains(n))
            .map(|(_, l)| l)
            .collect();
        parse_output(&kept)
    };
    let read = without(&[2, 3]);
    assert!(!read.complete);
    assert_eq!(read.missing(), [2..=3]);
    assert_eq!(read.records.len(), 3);
    // The last records: only the trailer knows of them.
    assert_eq!(without(&[4, 5]).missing(), [4..=5]);
    assert_eq!(without(&[4, 5, 6]).missing(), []);
    assert!(!without(&[4, 5, 6]).complete);
    // The header: the records are still good.
    let read = without(&[0]);
    assert!(!read.complete);
    assert_eq!(read.records.len(), 5);
}

#[test]
fn a_changed_or_repeated_record_is_noticed() {
    let whole = text(&output(3));
    let changed = whole.replacen("\"latencyUs\":900", "\"latencyUs\":901", 1);
    assert!(!parse_output(&changed).complete);
    let lines: Vec<&str> = whole.split_inclusive('\n').collect();
    let repeated = [lines[0], lines[1], lines[1], lines[2], lines[3], lines[4]].concat();
    let read = parse_output(&repeated);
    assert!(!read.complete);
    assert_eq!(read.records.len(), 3);
    // Two runs one after the other.
    assert!(!parse_output(&[whole.as_str(), whole.as_str()].concat()).complete);
}

#[test]
fn prefixes_and_lines_of_others_do_no_harm() {
    let whole = text(&output(3));
    for prefix in [
        "2026-11-25T05:50:03.123456789Z ",
        "[pod/digpod-probe/probe] ",
        "2026-11-25T05:50:03.123456789+01:00 stdout F ",
    ] {
        let prefixed: String = whole
            .split_inclusive('\n')
            .flat_map(|line| {
                [
                    prefix,
                    line,
                    "sidecar: {\"level\":\"info\"}\n",
                    "hello {\n",
                    "\n",
                ]
            })
            .collect();
        assert_eq!(parse_output(&prefixed), output(3));
    }
    assert_eq!(parse_output(&whole.replace('\n', "\r\n")), output(3));
}

#[test]
fn too_much_loses_the_wire_bytes_of_later_tries_first() {
    let mut big = output(3000);
    for record in &mut big.records {
        record.reply = "ab".repeat(1000);
    }
    let text = text(&big);
    assert!(text.len() <= MAX_OUTPUT);
    assert!(
        text.len() > MAX_OUTPUT - 10_000,
        "no more is lost than must be"
    );
    let read = parse_output(&text);
    assert!(read.complete);
    assert!(read.trimmed);
    assert_eq!(read.records.len(), 3000);
    let kept = read
        .records
        .iter()
        .take_while(|r| !r.reply.is_empty())
        .count();
    assert!(kept > 100);
    assert_eq!(read.records[..kept], big.records[..kept]);
    assert!(
        read.records[kept..]
            .iter()
            .all(|r| r.reply.is_empty() && r.query.is_empty())
    );
}

#[test]
fn far_too_much_loses_the_last_records_and_says_so() {
    let mut big = output(200);
    for record in &mut big.records {
        record.error = Some("x".repeat(40_000));
    }
    let text = text(&big);
    assert!(text.len() <= MAX_OUTPUT);
    let read = parse_output(&text);
    assert!(!read.complete);
    let kept = u32::try_from(read.records.len()).unwrap();
    assert!(kept > 90);
    assert_eq!(read.missing(), [kept + 1..=200]);
}

fn any_target() -> impl Strategy<Value = Target> {
    prop_oneof![
        Just(Target::OwnEach),
        Just(Target::OwnWalk),
        "\\PC*".prop_map(|address| Target::Server {
            address,
            role: ServerRole::Service
        }),
    ]
}

prop_compose! {
    fn any_record()(
        target in any_target(),
        texts in prop::array::uniform6("(?s).{0,20}"),
        numbers in any::<(u32, u64, u64)>(),
        rcode in any::<Option<u16>>(),
        answers in prop::collection::vec(("(?s).{0,9}", any::<u32>()), 0..3),
        flags in prop::collection::vec("[a-z]{2}", 0..3),
        bits in any::<[bool; 3]>(),
    ) -> Record {
        let [server, name, query, reply, error, text] = texts;
        Record {
            n: 0,
            target,
            server,
            name,
            record_type: "AAAA".to_owned(),
            transport: if bits[0] { Transport::Tcp } else { Transport::Udp },
            pair: bits[0].then_some(if bits[1] { Pair::OneSocket } else { Pair::TwoSockets }),
            payload: rcode,
            checking_disabled: rcode == Some(2),
            typed: bits[2].then_some(text),
            class: NameClass::Nonexistent,
            try_: numbers.0,
            sent_us: numbers.1,
            latency_us: numbers.2,
            outcome: if rcode.is_some() { Outcome::Servfail } else { Outcome::NotPermitted },
            rcode,
            flags,
            answers: answers
                .into_iter()
                .map(|(data, ttl)| Answer {
                    name: data.clone(),
                    record_type: "TXT".to_owned(),
                    ttl,
                    data,
                })
                .collect(),
            retried_over_tcp: bits[1],
            query,
            reply,
            edns_refused: rcode,
            error: bits[2].then_some(error),
        }
    }
}

prop_compose! {
    fn any_output()(
        texts in prop::array::uniform4("(?s).{0,40}"),
        node in prop::option::of("\\PC*"),
        mut records in prop::collection::vec(any_record(), 0..6),
        not_asked in prop::collection::vec((any_target(), any::<u32>()), 0..3),
    ) -> ProbeOutput {
        let [vantage, probe_version, resolv_conf, started] = texts;
        for (record, n) in records.iter_mut().zip(1..) {
            record.n = n;
        }
        ProbeOutput {
            format: 1,
            vantage,
            probe_version,
            resolv_conf,
            node,
            started,
            announced: u32::try_from(records.len()).ok(),
            records,
            complete: true,
            trimmed: false,
            not_asked: not_asked
                .into_iter()
                .map(|(target, tries)| NotAsked {
                    target,
                    server: String::new(),
                    name: String::new(),
                    record_type: String::new(),
                    transport: Transport::Udp,
                    pair: None,
                    typed: None,
                    tries,
                })
                .collect(),
            ..ProbeOutput::default()
        }
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read(output in any_output()) {
        prop_assert_eq!(parse_output(&text(&output)), output);
    }

    #[test]
    fn any_cut_is_noticed(output in any_output(), place in any::<prop::sample::Index>()) {
        let text = text(&output);
        let mut cut = place.index(text.len());
        while !text.is_char_boundary(cut) {
            cut -= 1;
        }
        prop_assert!(!parse_output(&text[..cut]).complete);
        if cut > 0 {
            prop_assert!(!parse_output(&text[cut..]).complete);
        }
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "(?s).*|(\\{?\"?(n|end|digpodProbe|records)\"?:?[0-9{}\", \n]{0,9}){0,9}") {
        prop_assert!(!parse_output(&text).complete);
    }
}
