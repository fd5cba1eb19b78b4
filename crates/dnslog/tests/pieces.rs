//! A log gives the same summary however it is cut, and what a summary says adds up.

use digpod_dnslog::{Detail, LogSummary, Scanner, Signature, scan};
use proptest::prelude::*;

/// Lines of every kind, whole and cut, with every layer.
fn log() -> impl Strategy<Value = Vec<u8>> {
    let own = prop_oneof![
        Just("[ERROR] plugin/errors: 2 a. A: read udp 10.0.0.2:1->10.1.0.4:53: i/o timeout"),
        Just(
            "[ERROR] plugin/errors: 2 b. HINFO: dial tcp [fd00::53]:53: connect: connection refused"
        ),
        Just(
            "[WARNING] plugin/errors: 14 errors like '^read udp .* i/o timeout$' occurred in last 30s"
        ),
        Just("[INFO] 10.0.0.1:5 - 7 \"A IN a. udp 18 false 512\" NOERROR qr,aa,rd 30 0.000109274s"),
        Just(
            "[INFO] [fd00::1]:5 - 7 \"AAAA IN a.b.example. tcp 18 true 65535\" NXDOMAIN qr,rd,ra 30 1.5s"
        ),
        Just(
            "[INFO] 10.0.0.1:5 - 7 \"A IN a. udp 18 false 512\" NOERROR qr,tc,rd,ra 30 0.01s \"0\""
        ),
        Just("[INFO] 10.0.0.1:5 - 7 \"A IN a\\\\ b. udp 18 false 512\" - - 0 6s"),
        Just(
            "[FATAL] plugin/loop: Loop (127.0.0.1:5 -> :53) detected for zone \".\", see x. Query: \"HINFO 1.2.\""
        ),
        Just("[INFO] plugin/reload: Running configuration SHA512 = 591c"),
        Just("[ERROR] Restart failed: x"),
        Just("[INFO] Reloading"),
        Just(".:53"),
        Just("CoreDNS-1.12.1"),
        Just("linux/amd64, go1.24.1, 707c7c1"),
        Just("panic: x"),
        Just("goroutine 1 [running]:"),
        Just("Corefile:2 - Error during parsing: Unknown directive 'errors"),
        Just("'"),
        Just("E0225 14:25:57.689877       1 reflector.go:138] Failed to watch *v1.Service: x"),
        Just(
            "{\"time\":\"2026-11-25T04:56:38Z\",\"level\":\"ERROR\",\"msg\":\"2 a. A: EOF\",\"plugin\":\"errors\"}"
        ),
        Just("\u{fffd}"),
        Just(""),
    ];
    let layer = prop_oneof![
        3 => Just(("", "")),
        2 => Just(("2026-11-25T04:56:38.123456789Z ", "")),
        1 => Just(("2026-11-25T06:57:39.5+02:00 stdout F ", "")),
        1 => Just(("2026-11-25T04:58:38Z stderr P ", "")),
        1 => Just(("[pod/a/b] 2026-11-25T04:56:38Z ", "")),
        1 => Just(("Nov 25 08:16:41 node coredns[1]: ", "")),
        1 => Just(("2018/05/01 10:11:12 ", "")),
        1 => Just(("{\"log\":\"", "\\n\",\"stream\":\"stderr\",\"time\":\"2026-11-25T04:56:38Z\"}")),
        1 => Just(("{\"log\":\"", "\",\"stream\":\"stdout\",\"time\":\"2026-11-25T04:56:38Z\"}")),
    ];
    let end = prop_oneof![8 => Just("\n"), 1 => Just("\r\n"), 1 => Just("")];
    let line = (layer, own, end, 0_usize..200).prop_map(|((before, after), own, end, cut)| {
        let own = if before.starts_with('{') {
            own.replace('"', "\\\"")
        } else {
            own.to_owned()
        };
        let mut line = format!("{before}{own}{after}").into_bytes();
        line.truncate(if cut < 20 { cut } else { line.len() });
        line.extend_from_slice(end.as_bytes());
        line
    });
    proptest::collection::vec(line, 0..60).prop_map(|lines| lines.concat())
}

fn in_pieces(text: &[u8], sizes: &[usize], detail: Detail) -> LogSummary {
    let mut scanner = Scanner::with_detail(detail);
    let mut rest = text;
    for size in sizes {
        let (piece, next) = rest.split_at((*size).min(rest.len()));
        scanner.feed(piece);
        rest = next;
    }
    scanner.feed(rest);
    scanner.finish()
}

fn adds_up(text: &[u8], summary: &LogSummary) {
    assert_eq!(summary.bytes, text.len() as u64);
    let ends = text.split(|byte| *byte == b'\n').count() as u64 - 1;
    let last = u64::from(text.last().is_some_and(|byte| *byte != b'\n'));
    assert_eq!(summary.lines, ends + last);
    let queries = summary.queries.as_ref().expect("every detail");
    let errors = summary.errors.as_ref().expect("every detail");
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
    for top in [&queries.names, &queries.clients] {
        assert_eq!((top.total, top.max_error), (queries.read, 0));
        assert!(
            top.entries
                .iter()
                .all(|entry| entry.nxdomain <= entry.count)
        );
    }
    assert_eq!(queries.failing_names.total, queries.failing_clients.total);
    assert_eq!(queries.latency.count(), queries.read);
    assert!(
        queries.own_latency.count() + queries.upstream_latency.count() + queries.unanswered
            >= queries.read
    );
    assert!(queries.lost <= queries.slow && queries.failed_over_tcp <= queries.retried_over_tcp);
    assert!(errors.names.total + errors.consolidated_lines <= summary.error_lines);
    let of_errors = |signature| {
        use Signature as S;
        !matches!(
            signature,
            S::Loop
                | S::ReloadFailed
                | S::ApiListWatch
                | S::StartupError
                | S::Panic
                | S::UnsyncedApi
                | S::Unhealthy
        )
    };
    let counted = summary
        .counts
        .iter()
        .filter(|count| of_errors(count.signature));
    assert_eq!(counted.map(|count| count.count).sum::<u64>(), errors.errors);
    let in_minutes = summary
        .minutes
        .steps
        .iter()
        .map(|step| step.lines)
        .sum::<u64>();
    assert!(in_minutes <= summary.lines && (in_minutes > 0) == summary.first_stamp.is_some());
    let spans = summary.hits.iter().map(|hit| &hit.span);
    let spans = spans.chain(summary.events.iter().map(|event| &event.span));
    let spans = spans.chain(summary.startup_errors.iter().map(|error| &error.span));
    for span in spans.chain(summary.starts.iter().map(|start| &start.span)) {
        assert!(
            !text
                .get(span.clone())
                .expect("inside the log")
                .contains(&b'\n')
        );
        assert!(span.start == 0 || text[span.start - 1] == b'\n');
        assert!(span.end == text.len() || text[span.end] == b'\n');
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn pieces_give_what_the_whole_gives(text in log(), sizes in proptest::collection::vec(0_usize..90, 0..40)) {
        let whole = scan(&text);
        adds_up(&text, &whole);
        prop_assert_eq!(&in_pieces(&text, &sizes, Detail::Everything), &whole);
        let less = LogSummary { queries: None, errors: None, ..whole };
        let mut some = in_pieces(&text, &sizes, Detail::Signatures);
        // Whether a query failed or was slow is in its fields.
        some.minutes.steps.iter_mut().zip(&less.minutes.steps).for_each(|(some, all)| {
            (some.failed, some.slow) = (all.failed, all.slow);
        });
        prop_assert_eq!(some, less);
    }

    #[test]
    fn parts_read_side_by_side_give_what_the_whole_gives(text in log(), cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..4)) {
        // Parts begin where a line does, and no line is cut by a runtime there.
        let text: Vec<u8> = String::from_utf8_lossy(&text).replace(" stderr P ", " stderr F ").replace("{\"log\":", "{\"line\":").into_bytes();
        let starts: Vec<usize> = (0..text.len()).filter(|at| text[*at] == b'\n').map(|at| at + 1).collect();
        let mut at: Vec<usize> = if starts.is_empty() { Vec::new() } else { cuts.iter().map(|cut| *cut.get(&starts)).collect() };
        at.sort_unstable();
        at.push(text.len());
        let mut whole = Scanner::new();
        let mut from = 0;
        for to in at {
            let mut part = Scanner::new();
            part.feed(&text[from..to]);
            whole.append(part);
            from = to;
        }
        let mut appended = whole.finish();
        let mut expected = scan(&text);
        // A trace, a quoted token or a banner that goes on over the cut is not known to be one.
        for summary in [&mut appended, &mut expected] {
            summary.unrecognised = 0;
            summary.telling = 0;
            summary.starts.clear();
            summary.startup_errors.clear();
            summary.banner_version = None;
            let queries = summary.queries.as_mut().expect("every detail");
            (queries.retried_over_tcp, queries.failed_over_tcp) = (0, 0);
        }
        prop_assert_eq!(appended, expected);
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        adds_up(&bytes, &scan(&bytes));
    }
}

#[test]
fn a_line_without_end_is_judged_by_its_beginning() {
    let mut scanner = Scanner::new();
    scanner.feed(b"[ERROR] plugin/errors: 2 a. A: read udp 10.0.0.2:1->10.1.0.4:53: i/o timeout ");
    let piece = vec![b'x'; 1 << 20];
    for _ in 0..64 {
        scanner.feed(&piece);
    }
    scanner.feed(b"\n.:53\n");
    let summary = scanner.finish();
    assert_eq!(
        (summary.lines, summary.error_lines, summary.unrecognised),
        (2, 1, 0)
    );
    assert_eq!(summary.counts[0].signature, Signature::IoTimeout);
    assert_eq!(summary.hits[0].span, 0..77 + (64 << 20));
}
