//! Log lines of CoreDNS, release by release, and what is counted of them.

use digpod_dnslog::{LogSummary, Scanner, Signature, scan};
use proptest::prelude::*;

fn only(line: &str) -> (Signature, Option<String>, u64) {
    let summary = scan(format!("{line}\n").as_bytes());
    assert_eq!(summary.counts.len(), 1, "{line}: {summary:?}");
    let count = &summary.counts[0];
    let hit = &summary.hits[0];
    assert_eq!(hit.span, 0..line.len());
    (count.signature, count.server.clone(), count.count)
}

#[test]
#[expect(
    clippy::too_many_lines,
    reason = "one table, a line or three for each signature"
)]
fn each_signature_is_told_from_its_line() {
    let table = [
        (
            "[ERROR] plugin/errors: 2 kubernetes.io. A: read udp 10.244.0.5:53210->168.63.129.16:53: i/o timeout",
            Signature::IoTimeout,
            Some("168.63.129.16:53"),
            1,
        ),
        (
            "[ERROR] plugin/errors: 2 example.org. A: dial tcp 10.1.0.4:53: i/o timeout",
            Signature::IoTimeout,
            Some("10.1.0.4:53"),
            1,
        ),
        (
            "[ERROR] plugin/errors: 2 a.example. A: unreachable backend: read udp 10.0.0.2:1->10.1.0.4:53: i/o timeout",
            Signature::IoTimeout,
            Some("10.1.0.4:53"),
            1,
        ),
        (
            "[ERROR] plugin/errors: 2 a.example. A: read udp [fd00::5]:5->[fd00::53]:53: i/o timeout",
            Signature::IoTimeout,
            Some("[fd00::53]:53"),
            1,
        ),
        (
            "[ERROR] plugin/errors: 2 contoso.com. AAAA: read udp 10.244.0.5:48122->10.1.0.4:53: read: connection refused",
            Signature::ConnectionRefused,
            Some("10.1.0.4:53"),
            1,
        ),
        (
            "[ERROR] plugin/errors: 2 example.org. A: write udp 10.244.0.5:40000->10.1.0.4:53: write: operation not permitted",
            Signature::Unroutable,
            Some("10.1.0.4:53"),
            1,
        ),
        (
            "[ERROR] plugin/errors: 5 example.org. A: concurrent queries exceeded maximum 1000",
            Signature::MaxConcurrent,
            None,
            1,
        ),
        (
            "[ERROR] plugin/errors: 2 example.org. A: no healthy proxies",
            Signature::NoHealthyProxies,
            None,
            1,
        ),
        (
            "[ERROR] plugin/errors: 2 a.contoso.com. A: plugin/hosts: no next plugin found",
            Signature::NoNextPlugin,
            None,
            1,
        ),
        (
            "[ERROR] plugin/errors: 2 big.example. TXT: dns: overflow unpacking uint32",
            Signature::MalformedAnswer,
            None,
            1,
        ),
        (
            "[WARNING] plugin/errors: 14 errors like '^read udp .* i/o timeout$' occurred in last 30s",
            Signature::IoTimeout,
            None,
            14,
        ),
        (
            "[FATAL] plugin/loop: Loop (127.0.0.1:55953 -> :53) detected for zone \".\", see https://coredns.io/plugins/loop#troubleshooting. Query: \"HINFO 1.2.\"",
            Signature::Loop,
            None,
            1,
        ),
        (
            "[WARNING] plugin/reload: Corefile parse failed: x",
            Signature::ReloadFailed,
            None,
            1,
        ),
        (
            "[WARNING] plugin/kubernetes: starting server with unsynced Kubernetes API",
            Signature::UnsyncedApi,
            None,
            1,
        ),
        (
            "[ERROR] plugin/kubernetes: pkg/mod/k8s.io/client-go@v0.33.3/tools/cache/reflector.go:285: Failed to watch *v1.EndpointSlice: failed to list *v1.EndpointSlice: forbidden",
            Signature::ApiListWatch,
            None,
            1,
        ),
        (
            "E0225 14:25:57.689877       1 reflector.go:138] Failed to watch *v1beta1.EndpointSlice: x",
            Signature::ApiListWatch,
            None,
            1,
        ),
        (
            "/etc/coredns/Corefile:12 - Error during parsing: Unknown directive 'forwrd'",
            Signature::StartupError,
            None,
            1,
        ),
        (
            "Listen: listen tcp :53: bind: address already in use",
            Signature::StartupError,
            None,
            1,
        ),
        (
            "panic: runtime error: index out of range",
            Signature::Panic,
            None,
            1,
        ),
    ];
    for (line, signature, server, count) in table {
        assert_eq!(
            only(line),
            (signature, server.map(str::to_owned), count),
            "{line}"
        );
    }
}

#[test]
fn a_healthy_start_and_query_lines_are_no_hits() {
    let summary = scan(
        b".:53\n[INFO] plugin/reload: Running configuration SHA512 = 591c\nCoreDNS-1.12.1\nlinux/amd64, go1.24.1, 707c7c1\n\
        [WARNING] No files matching import glob pattern: custom/*.override\n\
        [INFO] 10.244.1.7:38234 - 36651 \"A IN kubernetes.default.svc.cluster.local. udp 65 false 1232\" NOERROR qr,aa,rd 130 0.000109s\n\
        [INFO] [fd00::17]:50759 - 29008 \"A IN example.org. udp 41 false 4096\" NOERROR qr,rd,ra,ad 68 0.037990251s\n",
    );
    assert_eq!(
        (
            summary.lines,
            summary.query_lines,
            summary.error_lines,
            summary.unrecognised
        ),
        (7, 2, 0, 0)
    );
    assert_eq!(summary.banner_version.as_deref(), Some("1.12.1"));
    assert!(summary.hits.is_empty());
}

#[test]
fn outer_stamps_are_taken_off_and_remembered() {
    let error =
        "[ERROR] plugin/errors: 2 a.example. A: read udp 10.0.0.2:1->10.1.0.4:53: i/o timeout";
    for (line, stamp) in [
        (
            format!("2026-11-25T04:56:38.123456789Z {error}"),
            Some("2026-11-25T04:56:38.123456789Z"),
        ),
        (
            format!("2026-11-25T04:56:38.1+02:00 stderr F {error}"),
            Some("2026-11-25T04:56:38.1+02:00"),
        ),
        (
            format!("[pod/coredns-1/coredns] 2026-11-25T04:56:38Z {error}"),
            Some("2026-11-25T04:56:38Z"),
        ),
        (format!("[pod/coredns-1/coredns] {error}"), None),
        (
            format!("2019/03/01 10:11:12 {error}"),
            Some("2019/03/01 10:11:12"),
        ),
        (
            format!("{{\"log\":\"{error}\\n\",\"stream\":\"stdout\",\"time\":\"x\"}}"),
            None,
        ),
    ] {
        let summary = scan(line.as_bytes());
        assert_eq!(
            summary.counts[0].server.as_deref(),
            Some("10.1.0.4:53"),
            "{line}"
        );
        assert_eq!(summary.first_stamp.as_deref(), stamp, "{line}");
    }
}

#[test]
fn many_lines_are_counted_and_few_are_kept() {
    let line =
        "[ERROR] plugin/errors: 2 1.2. HINFO: read udp 10.0.0.2:1->10.1.0.4:53: i/o timeout\n";
    let summary = scan(line.repeat(1_000).as_bytes());
    assert_eq!(
        (summary.counts[0].count, summary.counts[0].hinfo),
        (1_000, 1_000)
    );
    assert_eq!(summary.hits.len(), 6);
    assert_eq!(summary.hits[5].span.end, line.len() * 1_000 - 1);
}

#[test]
fn a_line_without_end_and_bytes_that_are_no_text_survive() {
    let mut log = vec![b'x'; 1 << 20];
    log.extend_from_slice(
        b"\n[ERROR] plugin/errors: 2 \xff\xfe. A: read udp 10.0.0.2:1->10.1.0.4:53: i/o timeout",
    );
    let summary = scan(&log);
    assert_eq!((summary.lines, summary.error_lines), (2, 1));
    assert_eq!(summary.counts[0].signature, Signature::IoTimeout);
}

fn in_pieces(text: &[u8], sizes: &[usize]) -> LogSummary {
    let mut scanner = Scanner::new();
    let mut rest = text;
    for size in sizes {
        let (piece, next) = rest.split_at((*size).min(rest.len()));
        scanner.feed(piece);
        rest = next;
    }
    scanner.feed(rest);
    scanner.finish()
}

proptest! {
    #[test]
    fn pieces_give_what_the_whole_gives(
        parts in proptest::collection::vec(prop_oneof![
            Just("[ERROR] plugin/errors: 2 a. A: read udp 10.0.0.2:1->10.1.0.4:53: i/o timeout"),
            Just("\n"), Just("\r\n"), Just("[INFO] 10.0.0.1:5 - 7 \"A IN a. udp 3 false 512\" - - 0 1s"),
            Just("2026-11-25T04:56:38Z "), Just("[FATAL] plugin/loop: Loop ("), Just("\u{fffd}"), Just("{\"log\":\""),
        ], 0..40),
        sizes in proptest::collection::vec(0_usize..60, 0..20)
    ) {
        let text = parts.concat();
        let whole = scan(text.as_bytes());
        for hit in &whole.hits {
            let line = text.get(hit.span.clone()).expect("a span at character boundaries");
            prop_assert!(!line.contains('\n'));
        }
        prop_assert_eq!(in_pieces(text.as_bytes(), &sizes), whole);
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = scan(&bytes);
    }
}

#[test]
fn a_docker_line_is_unescaped_and_its_time_is_the_stamp() {
    let log = concat!(
        r#"{"log":"[INFO] 10.244.1.7:38234 - 36651 \"A IN a.example. udp 65 false 1232\" NOERROR qr,aa,rd 130 0.0001s\n","stream":"stdout","time":"2026-11-25T04:56:38.5Z"}"#,
        "\n",
        r#"{"log":"[FATAL] plugin/loop: Loop (127.0.0.1:5 -\u003e :53) detected for zone \"corp.internal.\", see https://coredns.io/plugins/loop. Query: \"HINFO 1.2.\"\n","stream":"stdout","time":"2026-11-25T04:56:39Z"}"#,
        "\n",
    );
    let summary = scan(log.as_bytes());
    assert_eq!(
        (
            summary.query_lines,
            summary.hits.len(),
            summary.unrecognised
        ),
        (1, 1, 0)
    );
    assert_eq!(summary.hits[0].zone.as_deref(), Some("corp.internal."));
    assert_eq!(
        summary.hits[0].stamp.as_deref(),
        Some("2026-11-25T04:56:39Z")
    );
    assert_eq!(
        summary.first_stamp.as_deref(),
        Some("2026-11-25T04:56:38.5Z")
    );
}

#[test]
fn a_docker_line_keeps_the_arrow_between_addresses() {
    let line = r#"{"log":"[ERROR] plugin/errors: 2 a.example. A: read udp 10.0.0.2:1-\u003e10.1.0.4:53: i/o timeout\n","stream":"stdout","time":"2026-11-25T04:56:39Z"}"#;
    assert_eq!(
        only(line),
        (Signature::IoTimeout, Some("10.1.0.4:53".to_owned()), 1)
    );
}

#[test]
fn a_hit_without_a_stamp_does_not_borrow_one() {
    let summary = scan(b"2026-11-25T04:56:38Z .:53\npanic: x\n");
    assert_eq!(summary.hits[0].stamp, None);
    assert_eq!(summary.last_stamp.as_deref(), Some("2026-11-25T04:56:38Z"));
}

#[test]
fn the_banner_may_name_any_zone() {
    let summary = scan(
        b".:53\nmy-corp.internal.:53\ntls://.:853 on 10.0.0.1\nlinux/amd64, go1.24.1, 707c7c1\n",
    );
    assert_eq!((summary.lines, summary.unrecognised), (4, 0));
    let summary = scan(b"see a.:53 there\n[NOTICE] x\n[] y\n");
    assert_eq!((summary.lines, summary.unrecognised), (3, 3));
}

#[test]
fn counts_and_names_have_an_end() {
    let line = "[ERROR] plugin/errors: 18446744073709551615 errors like 'i/o timeout' occurred in last 30s\n";
    assert_eq!(scan(line.repeat(2).as_bytes()).counts[0].count, u64::MAX);
    let line = format!(
        "[ERROR] plugin/errors: 2 {}. A: i/o timeout\n",
        "a".repeat(5_000)
    );
    assert_eq!(scan(line.as_bytes()).unrecognised, 1);
}
