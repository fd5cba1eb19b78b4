//! Makes logs as a busy cluster writes them, the same ones each time.

use std::io::Write as _;

/// What a runtime or kubectl puts around each line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layer {
    /// Nothing: `kubectl logs`.
    None,
    /// `kubectl logs --timestamps`.
    Kubectl,
    /// containerd's and CRI-O's files.
    Cri,
    /// Docker's log driver.
    Docker,
}

const SERVICES: [&str; 24] = [
    "api",
    "auth",
    "billing",
    "cart",
    "catalog",
    "checkout",
    "db-primary",
    "db-replica",
    "email-sender",
    "events",
    "gateway",
    "inventory",
    "kafka-0.kafka",
    "kafka-1.kafka",
    "metrics",
    "orders",
    "payments",
    "profile-service",
    "redis",
    "search",
    "session-store",
    "shipping",
    "sso",
    "web",
];
const SPACES: [&str; 12] = [
    "default",
    "dev",
    "kube-system",
    "monitoring",
    "payments-prod",
    "platform",
    "prod",
    "qa",
    "shop-production",
    "staging",
    "team-blue",
    "team-green",
];
const OUTSIDE: [&str; 10] = [
    "storage.contoso.com.",
    "login.contoso.com.",
    "example.org.",
    "packages.example.net.",
    "app.corp.internal.",
    "sql-01.corp.internal.",
    "queue.eu-west-1.example-cloud.com.",
    "telemetry.example-vendor.io.",
    "registry.example.org.",
    "time.example.net.",
];
const SEARCH: [&str; 3] = ["svc.cluster.local.", "cluster.local.", "corp.internal."];
const UPSTREAMS: [&str; 3] = ["168.63.129.16:53", "10.1.0.4:53", "10.1.0.5:53"];

/// A generator of lines.
#[derive(Debug)]
pub(crate) struct Maker {
    state: u64,
    layer: Layer,
    /// Milliseconds since the beginning of the log.
    clock: u64,
    line: Vec<u8>,
}

impl Maker {
    /// Starts a log; the same seed gives the same one.
    pub(crate) fn new(seed: u64, layer: Layer) -> Self {
        Self {
            state: seed.wrapping_mul(2).wrapping_add(0x9e37_79b9),
            layer,
            clock: 0,
            line: Vec::new(),
        }
    }

    /// One more line: 87 of 100 are queries, 9 errors, 3 klog, 1 anything else.
    pub(crate) fn push(&mut self, text: &mut Vec<u8>) {
        self.clock += self.below(4);
        let mut line = std::mem::take(&mut self.line);
        line.clear();
        match self.below(100) {
            0..87 => self.query(&mut line),
            87..96 => self.error(&mut line),
            96..99 => self.klog(&mut line),
            _ => self.other(&mut line),
        }
        self.wrap(&line, text);
        self.line = line;
    }

    fn wrap(&mut self, line: &[u8], text: &mut Vec<u8>) {
        let (ms, nano) = (self.clock % 1_000, self.below(1_000_000));
        let seconds = self.clock / 1_000;
        let stamp = format!(
            "2026-11-{:02}T{:02}:{:02}:{:02}.{ms:03}{nano:06}Z",
            1 + seconds / 86_400 % 28,
            seconds / 3_600 % 24,
            seconds / 60 % 60,
            seconds % 60
        );
        match self.layer {
            Layer::None => text.extend_from_slice(line),
            Layer::Kubectl => {
                text.extend_from_slice(stamp.as_bytes());
                text.push(b' ');
                text.extend_from_slice(line);
            }
            Layer::Cri => {
                text.extend_from_slice(stamp.as_bytes());
                text.extend_from_slice(b" stdout F ");
                text.extend_from_slice(line);
            }
            Layer::Docker => {
                text.extend_from_slice(b"{\"log\":\"");
                for byte in line {
                    match byte {
                        b'"' => text.extend_from_slice(b"\\\""),
                        b'\\' => text.extend_from_slice(b"\\\\"),
                        b'>' => text.extend_from_slice(b"\\u003e"),
                        other => text.push(*other),
                    }
                }
                text.extend_from_slice(b"\\n\",\"stream\":\"stdout\",\"time\":\"");
                text.extend_from_slice(stamp.as_bytes());
                text.extend_from_slice(b"\"}");
            }
        }
        text.push(b'\n');
    }

    fn query(&mut self, line: &mut Vec<u8>) {
        let (name, cluster) = self.name();
        let (a, b) = (self.below(16), 2 + self.below(120));
        let (port, id) = (32_768 + self.below(28_000), self.below(65_536));
        let record_type = ["A", "A", "A", "AAAA", "AAAA", "AAAA", "SRV", "PTR"][self.index(8)];
        let tcp = self.below(200) == 0;
        let proto = if tcp { "tcp" } else { "udp" };
        let (answered, rcode) = match self.below(1_000) {
            0..4 => (false, "-"),
            4..14 => (true, "SERVFAIL"),
            14..540 if cluster => (true, "NXDOMAIN"),
            14..120 => (true, "NXDOMAIN"),
            _ => (true, "NOERROR"),
        };
        let flags = match (answered, cluster) {
            (false, _) => "-",
            (true, true) => "qr,aa,rd",
            (true, false) if !tcp && self.below(300) == 0 => "qr,tc,rd,ra",
            (true, false) => "qr,rd,ra",
        };
        let nanoseconds = match (answered, cluster) {
            (false, _) => 2_000_000_000 + self.below(4_000_000_000),
            (true, true) => 40_000 + self.below(200_000),
            (true, false) => 300_000 + self.below(30_000_000),
        };
        let duration = format!(
            "{}.{:09}",
            nanoseconds / 1_000_000_000,
            nanoseconds % 1_000_000_000
        );
        let _ = write!(
            line,
            "[INFO] 10.244.{a}.{b}:{port} - {id} \"{record_type} IN {name} {proto} {} {} {}\" {rcode} {flags} {} {}s",
            name.len() + 16,
            self.below(10) == 0,
            if tcp {
                65_535
            } else {
                [512, 1_232][self.index(2)]
            },
            if answered {
                name.len() as u64 * 2 + self.below(300)
            } else {
                0
            },
            duration.trim_end_matches('0')
        );
    }

    fn error(&mut self, line: &mut Vec<u8>) {
        let (name, _) = self.name();
        let record_type = ["A", "AAAA"][self.index(2)];
        let (port, upstream) = (32_768 + self.below(28_000), UPSTREAMS[self.index(3)]);
        let _ = match self.below(20) {
            0..12 => write!(
                line,
                "[ERROR] plugin/errors: 2 {name} {record_type}: read udp 10.244.0.5:{port}->{upstream}: i/o timeout"
            ),
            12..15 => write!(
                line,
                "[ERROR] plugin/errors: 2 {name} {record_type}: read udp 10.244.0.5:{port}->{upstream}: read: connection refused"
            ),
            15 => write!(
                line,
                "[ERROR] plugin/errors: 2 {name} {record_type}: dial tcp {upstream}: connect: no route to host"
            ),
            16 => write!(
                line,
                "[ERROR] plugin/errors: 5 {name} {record_type}: concurrent queries exceeded maximum 1000"
            ),
            17 => write!(
                line,
                "[ERROR] plugin/errors: 2 {name} {record_type}: no healthy proxies"
            ),
            18 => write!(
                line,
                "[WARNING] plugin/errors: {} errors like '^read udp .* i/o timeout$' occurred in last 30s",
                2 + self.below(90)
            ),
            _ => write!(
                line,
                "[ERROR] plugin/errors: 2 {name} TXT: dns: overflow unpacking uint32"
            ),
        };
    }

    fn klog(&mut self, line: &mut Vec<u8>) {
        let kind = ["Service", "EndpointSlice", "Namespace"][self.index(3)];
        let (level, text) = match self.below(3) {
            0 => (
                "W",
                format!(
                    "watch of *v1.{kind} ended with: too old resource version: 8812345 (8823456)"
                ),
            ),
            1 => (
                "E",
                format!(
                    "Failed to watch *v1.{kind}: failed to list *v1.{kind}: Get \"https://10.96.0.1:443/api/v1/{}s?limit=500&resourceVersion=0\": dial tcp 10.96.0.1:443: i/o timeout",
                    kind.to_lowercase()
                ),
            ),
            _ => (
                "E",
                format!(
                    "Failed to watch *v1.{kind}: failed to list *v1.{kind}: {}s is forbidden: User \"system:serviceaccount:kube-system:coredns\" cannot list resource at the cluster scope",
                    kind.to_lowercase()
                ),
            ),
        };
        let seconds = self.clock / 1_000;
        let _ = write!(
            line,
            "{level}11{:02} {:02}:{:02}:{:02}.{:06}       1 reflector.go:138] pkg/mod/k8s.io/client-go@v0.22.2/tools/cache/reflector.go:167: {text}",
            1 + seconds / 86_400 % 28,
            seconds / 3_600 % 24,
            seconds / 60 % 60,
            seconds % 60,
            self.below(1_000_000)
        );
    }

    fn other(&mut self, line: &mut Vec<u8>) {
        let text: &[u8] = match self.below(5) {
            0 => b"[WARNING] No files matching import glob pattern: custom/*.override",
            1 => b"[INFO] plugin/reload: Running configuration SHA512 = 591cf328cccc12bc490481273e738df59329c62c0b729d94e8b61db9961c2fa5f046dd37f1cf888b953814040d180f52594972691cd6ff41be96639138a43908",
            2 => b"[INFO] plugin/ready: Still waiting on: \"kubernetes\"",
            3 => b"[WARNING] plugin/health: Local health request to \"http://:8080/health\" took more than 1s: 1.513246728s",
            _ => b"[WARNING] plugin/kubernetes: starting server with unsynced Kubernetes API",
        };
        line.extend_from_slice(text);
    }

    /// A name and whether the cluster owns it. A few names are asked often, one in 50 only once.
    fn name(&mut self) -> (String, bool) {
        let often = |maker: &mut Self, count: usize| maker.index(count).min(maker.index(count));
        match self.below(50) {
            0 => (
                format!("{:016x}.tracking.example-vendor.io.", self.next()),
                false,
            ),
            1..20 => (
                format!(
                    "{}.{}.svc.cluster.local.",
                    SERVICES[often(self, 24)],
                    SPACES[often(self, 12)]
                ),
                true,
            ),
            20..36 => {
                let outside = OUTSIDE[often(self, 10)].trim_end_matches('.');
                let search = SEARCH[self.index(3)];
                let space = SPACES[often(self, 12)];
                if search.starts_with("svc") {
                    (format!("{outside}.{space}.{search}"), true)
                } else {
                    (format!("{outside}.{search}"), search != "corp.internal.")
                }
            }
            _ => (OUTSIDE[often(self, 10)].to_owned(), false),
        }
    }

    fn next(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, end: u64) -> u64 {
        (self.next() >> 16) % end
    }

    fn index(&mut self, end: usize) -> usize {
        usize::try_from(self.below(end as u64)).unwrap_or(0)
    }
}
