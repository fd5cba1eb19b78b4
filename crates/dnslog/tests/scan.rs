//! Log lines of CoreDNS, release by release, and what is counted of them.

use digpod_dnslog::{
    ApiReason, Detail, EventKind, EventKind as K, LogSummary, Scanner, Signature, scan,
};

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
            Signature::NotPermitted,
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

fn kinds(log: &str) -> Vec<EventKind> {
    let summary = scan(log.as_bytes());
    assert_eq!(summary.unrecognised, 0, "{log}");
    summary.events.iter().map(|event| event.kind).collect()
}

#[test]
fn events_are_told_from_their_lines() {
    let log = "[INFO] plugin/reload: Running configuration MD5 = 4665410bf21c8b272fcfd562c482cb82\n\
        [INFO] Reloading\n[INFO] Reloading complete\n[INFO] SIGUSR1: Reloading\n\
        [INFO] plugin/ready: Plugins not ready: \"kubernetes\"\n[INFO] plugin/ready: Still waiting on: \"kubernetes\"\n\
        [INFO] plugin/health: Going into lameduck mode for 5s\n[INFO] SIGTERM: Shutting down servers then terminating\n\
        [ERROR] Failed to start metrics handler: listen tcp :9153: bind: address already in use\n\
        [WARNING] plugin/forward: Unsupported CIDR notation: 10.0.0.0/7\n\
        [ERROR] plugin/acl: Blocking request. Unable to parse source address: x\n\
        [INFO] Using Corefile /etc/Corefile\n\
        [INFO] Updated Corefile with 1 custom stubdomains and upstream servers /etc/resolv.conf\n\
        [INFO] Added back nodelocaldns rule - {raw PREROUTING [-p tcp]}\n\
        [ERROR] Error checking/adding iptables rule {raw OUTPUT [-p tcp]}, error - x\n[INFO] Tearing down\n\
        dnsmasq[13]: Maximum number of concurrent DNS queries reached (max: 150)\n";
    assert_eq!(
        kinds(log),
        [
            K::RunningConfiguration,
            K::Reloading,
            K::ReloadComplete,
            K::ReloadAsked,
            K::NotReady,
            K::NotReady,
            K::Lameduck,
            K::Terminated,
            K::MetricsFailed,
            K::UnsupportedCidr,
            K::SourceUnreadable,
            K::NodeCacheCorefile,
            K::NodeCacheCorefile,
            K::NodeCacheRepaired,
            K::NodeCacheFailed,
            K::NodeCacheEnds,
            K::DnsmasqLimit,
        ]
    );
    let summary = scan(log.as_bytes());
    assert_eq!(
        summary.events[0].detail.as_deref(),
        Some("MD5 = 4665410bf21c8b272fcfd562c482cb82")
    );
    assert_eq!(summary.events[5].detail.as_deref(), Some("\"kubernetes\""));
}

#[test]
fn failures_of_the_api_are_told_by_kind_and_reason() {
    let summary = scan(
        b"E0225 14:25:57.689877       1 reflector.go:138] x/reflector.go:167: Failed to watch *v1beta1.EndpointSlice: failed to list *v1beta1.EndpointSlice: endpointslices is forbidden: User \"a\" cannot list\n\
        E0225 14:25:58.689877       1 reflector.go:138] x/reflector.go:167: Failed to watch *v1.Service: failed to list *v1.Service: Get \"https://10.96.0.1:443/api\": dial tcp 10.96.0.1:443: i/o timeout\n\
        W0225 14:25:59.689877       1 reflector.go:436] x/reflector.go:167: watch of *v1.Service ended with: too old resource version: 1 (2)\n\
        [WARNING] plugin/kubernetes: Kubernetes API connection failure: Get \"https://10.96.0.1:443/version\": x509: certificate has expired\n",
    );
    let failures: Vec<_> = summary
        .api_failures
        .iter()
        .map(|it| (it.kind.as_str(), it.reason, it.count))
        .collect();
    assert_eq!(
        failures,
        [
            ("", ApiReason::Certificate, 1),
            ("EndpointSlice", ApiReason::Forbidden, 1),
            ("Service", ApiReason::Timeout, 1),
        ]
    );
    assert_eq!((summary.klog_lines, summary.counts[0].count), (3, 3));
}

#[test]
fn a_panic_takes_its_trace_with_it() {
    let summary = scan(
        b"panic: runtime error: index out of range\n\ngoroutine 1 [running]:\nmain.main()\n\t/src/main.go:3 +0x1d\nexit status 2\n\
        .:53\nwhat is this\n",
    );
    assert_eq!((summary.lines, summary.unrecognised), (8, 1));
}

#[test]
fn minutes_count_what_happened_in_them() {
    let error = "[ERROR] plugin/errors: 2 a. A: read udp 10.0.0.2:1->10.1.0.4:53: i/o timeout";
    let query = "[INFO] 10.0.0.1:5 - 7 \"A IN a. udp 18 false 512\" SERVFAIL qr,rd 3 2.5s";
    let log = format!(
        "2026-11-25T04:56:38Z {error}\n2026-11-25T04:56:59.999Z {query}\n{query}\n2026-11-25T06:57:01+02:00 {query}\n\
        2026-11-25T04:57:02Z [WARNING] plugin/errors: 14 errors like '.*' occurred in last 30s\n"
    );
    for detail in [Detail::Everything, Detail::Signatures] {
        let mut scanner = Scanner::with_detail(detail);
        scanner.feed(log.as_bytes());
        let minutes = scanner.finish().minutes;
        let steps: Vec<_> = minutes
            .steps
            .iter()
            .map(|it| (it.start, it.lines, it.queries, it.errors))
            .collect();
        assert_eq!(minutes.width, 1);
        assert_eq!(steps, [(29_926_376, 2, 1, 1), (29_926_377, 2, 1, 14)]);
    }
    let failed = scan(log.as_bytes())
        .minutes
        .steps
        .iter()
        .map(|it| (it.failed, it.slow))
        .collect::<Vec<_>>();
    assert_eq!(failed, [(1, 1), (1, 1)]);
}

#[test]
fn less_detail_says_the_same_of_signatures() {
    let log = "[ERROR] plugin/errors: 2 a. A: read udp 10.0.0.2:1->10.1.0.4:53: i/o timeout\n\
        [INFO] 10.0.0.1:5 - 7 \"A IN a. udp 18 false 512\" SERVFAIL qr,rd 3 2.5s\n\
        [INFO] 10.0.0.1:5 - my own format\n[INFO] 10.0.0.1:5 - 7 a.\n";
    let mut scanner = Scanner::with_detail(Detail::Signatures);
    scanner.feed(log.as_bytes());
    let everything = scan(log.as_bytes());
    let queries = everything.queries.clone().expect("every detail");
    assert_eq!(
        (everything.query_lines, queries.read, queries.unread),
        (2, 1, 1)
    );
    let less = LogSummary {
        queries: None,
        errors: None,
        ..everything
    };
    assert_eq!(scanner.finish(), less);
}

#[test]
fn a_log_of_another_program_is_not_taken_for_one() {
    for log in [
        "I0225 14:25:57.689877       1 server.go:1] Started kubelet\n",
        "{\"level\":\"info\",\"msg\":\"x\"}\n",
        "127.0.0.1 - - [25/Nov/2026:04:56:38 +0000] \"GET / HTTP/1.1\" 200 5\n",
        "time=\"2026-11-25T04:56:38Z\" level=info msg=\"x\"\n",
        "[INFO] Server started\n",
        "",
    ] {
        assert_eq!(scan(log.as_bytes()).confidence(), 0, "{log}");
    }
    assert!(scan(b"[INFO] plugin/ready: Still waiting on: \"kubernetes\"\n").confidence() > 900);
}

#[test]
fn a_cut_answer_is_followed_to_its_query_over_tcp() {
    let log = "[INFO] 10.0.0.1:5 - 7 \"A IN big. udp 18 false 512\" NOERROR qr,tc,rd,ra 512 0.003s\n\
        [INFO] 10.0.0.2:5 - 8 \"A IN big. tcp 18 false 65535\" NOERROR qr,rd,ra 2000 0.003s\n\
        [INFO] 10.0.0.1:6 - 9 \"A IN big. tcp 18 false 65535\" - - 0 6.001s\n\
        [INFO] 10.0.0.1:6 - 9 \"A IN big. tcp 18 false 65535\" NOERROR qr,rd,ra 2000 0.001s\n";
    let queries = scan(log.as_bytes()).queries.expect("every detail");
    assert_eq!(
        (
            queries.truncated,
            queries.retried_over_tcp,
            queries.failed_over_tcp
        ),
        (1, 1, 1)
    );
}
