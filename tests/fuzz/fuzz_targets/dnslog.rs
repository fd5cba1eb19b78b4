//! A log of any bytes, cut anywhere, gives one summary; what it points at is in the log.
#![no_main]

use digpod_dnslog::{Detail, LogSummary, QueryLine, Scanner};

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    // The first byte says how the rest is cut.
    let Some((step, text)) = input.split_first() else {
        return;
    };
    let whole = digpod_dnslog::scan(text);
    assert_eq!(
        whole,
        pieces(text, Detail::Everything, 1 + usize::from(*step))
    );
    points_inside(text, &whole);
    adds_up(&whole);

    let mut less = pieces(text, Detail::Signatures, text.len().max(1));
    for (step, full) in less.minutes.steps.iter_mut().zip(&whole.minutes.steps) {
        (step.failed, step.slow) = (full.failed, full.slow);
    }
    less.queries.clone_from(&whole.queries);
    less.errors.clone_from(&whole.errors);
    assert_eq!(less, whole);

    text.split(|byte| *byte == b'\n').for_each(round_trip);
});

fn pieces(text: &[u8], detail: Detail, step: usize) -> LogSummary {
    let mut scanner = Scanner::with_detail(detail);
    text.chunks(step).for_each(|piece| scanner.feed(piece));
    scanner.finish()
}

fn points_inside(text: &[u8], summary: &LogSummary) {
    let hits = summary.hits.iter().map(|hit| &hit.span);
    let events = summary.events.iter().map(|event| &event.span);
    let errors = summary.startup_errors.iter().map(|error| &error.span);
    let starts = summary.starts.iter().map(|start| &start.span);
    for span in hits.chain(events).chain(errors).chain(starts) {
        assert!(!text[span.clone()].contains(&b'\n'));
        assert!(span.start == 0 || text[span.start - 1] == b'\n');
        assert!(span.end == text.len() || text[span.end] == b'\n');
    }
}

fn adds_up(summary: &LogSummary) {
    let queries = summary.queries.as_ref().unwrap();
    assert_eq!(queries.read + queries.unread, summary.query_lines);
    for shares in [
        &queries.types,
        &queries.classes,
        &queries.protos,
        &queries.rcodes,
        &queries.flags,
    ] {
        assert_eq!(
            shares.iter().map(|share| share.count).sum::<u64>(),
            queries.read
        );
    }
    assert_eq!(queries.latency.count(), queries.read);
    assert_eq!(
        (queries.names.total, queries.clients.total),
        (queries.read, queries.read)
    );
    assert!(summary.query_lines + summary.error_lines <= summary.lines.max(1) * 65_536);
    assert!(summary.confidence() <= 1_000);
}

/// What is read of a query and written again is read the same.
fn round_trip(line: &[u8]) {
    let message = line.strip_prefix(b"[INFO] ").unwrap_or(line);
    let Some(read) = QueryLine::parse(message) else {
        return;
    };
    let mut again = Vec::new();
    if read.client.contains(&b':') {
        again.extend_from_slice(&[b"[", read.client, b"]"].concat());
    } else {
        again.extend_from_slice(read.client);
    }
    again.extend_from_slice(format!(":{} - {} \"", read.port, read.id).as_bytes());
    again.extend_from_slice(
        &[
            read.record_type,
            b" ",
            read.class,
            b" ",
            read.name,
            b" ",
            read.proto,
        ]
        .concat(),
    );
    again.extend_from_slice(
        format!(" {} {} {}\" ", read.size, read.dnssec_ok, read.buffer_size).as_bytes(),
    );
    again.extend_from_slice(&[read.rcode, b" ", read.flags.text().as_bytes()].concat());
    let (seconds, rest) = (
        read.nanoseconds / 1_000_000_000,
        read.nanoseconds % 1_000_000_000,
    );
    again.extend_from_slice(format!(" {} {seconds}.{rest:09}s", read.answer_size).as_bytes());
    if let Some(opcode) = read.opcode {
        again.extend_from_slice(format!(" \"{opcode}\"").as_bytes());
    }
    assert_eq!(
        QueryLine::parse(&again),
        Some(read),
        "{}",
        String::from_utf8_lossy(&again)
    );
}
