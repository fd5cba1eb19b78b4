//! The summary of the sample: what its rows look like at a glance, and what was asked beside them.

use std::collections::BTreeMap;

use digpod_analysis::summary::{
    Cell, Doubt, From, Lookup, Names, PairCount, Pairs, Pattern, Question, Said, Server, Size,
    Step, Summary, Table, Tone, Walk, Watch,
};
use digpod_bundle::layout;
use digpod_probe::{NameClass, Outcome, ServerRole, Transport, WatchEnd};

pub(crate) fn summary() -> Summary {
    let (service, upstream) = (ServerRole::Service, ServerRole::Upstream);
    let (good, wrong) = (
        cell(Tone::Good, Outcome::Ok, 10),
        cell(Tone::Wrong, Outcome::Nxdomain, 10),
    );
    let sometimes = cell(Tone::Sometimes, Outcome::Nxdomain, 4);
    Summary {
        table: Table {
            servers: vec![
                server(service, "10.0.0.10:53"),
                Server {
                    pod: Some("coredns-6d4b75cb6d-9kx2p".to_owned()),
                    node: Some("aks-pool1-vmss000000".to_owned()),
                    pool: Some("pool1".to_owned()),
                    ..server(ServerRole::CorednsPod, "10.244.1.4:53")
                },
                server(upstream, "10.1.0.4:53"),
                server(upstream, "168.63.129.16:53"),
                server(ServerRole::Own, "resolv.conf"),
            ],
            names: vec![
                Names {
                    class: NameClass::Custom,
                    name: Some("app.corp.internal.".to_owned()),
                    from: vec![
                        from(
                            "workload",
                            [&sometimes, &sometimes, &good, &wrong].map(Some).into(),
                        ),
                        from("node-n1", vec![None, None, None, None, Some(&good)]),
                    ],
                    beside: vec![],
                    pattern: Some(Pattern {
                        asked_rows: vec![0, 1],
                        asked_columns: vec![0, 1, 2, 3, 4],
                        rows: vec![0],
                        columns: vec![0, 1, 3],
                        whole_rows: false,
                        whole_columns: true,
                        crossing: true,
                    }),
                },
                Names {
                    class: NameClass::Public,
                    name: None,
                    from: vec![
                        from("workload", vec![Some(&good)]),
                        from("control", vec![Some(&good)]),
                    ],
                    pattern: None,
                    beside: vec![],
                },
            ],
        },
        walks: vec![walk("app.corp.internal", true), walk("web", false)],
        pairs: vec![
            pairs("workload", 2, "/records/0/outcome"),
            pairs("control", 0, ""),
        ],
        sizes: vec![size("10.1.0.4:53", true), size("168.63.129.16:53", false)],
        watch: Some(Watch {
            started: "2026-01-15T09:50:00Z".to_owned(),
            lasted_ms: 214_000,
            limit_ms: 600_000,
            tries: 215,
            end: WatchEnd::Failed,
            failed_at: Some("2026-01-15T09:53:34Z".to_owned()),
            told: "try 215 failed after 3 min 34 s: 10.0.0.10:53 gave NXDOMAIN for \
                   app.corp.internal; asked since 2026-01-15T09:50:00Z, failed at \
                   2026-01-15T09:53:34Z"
                .to_owned(),
            record: (layout::probe_watch("workload"), "/failure".to_owned()),
        }),
    }
}

fn server(role: ServerRole, address: &str) -> Server {
    Server {
        role,
        address: address.to_owned(),
        pod: None,
        node: None,
        pool: None,
    }
}

fn from(vantage: &str, mut cells: Vec<Option<&Cell>>) -> From {
    cells.resize(5, None);
    From {
        vantage: vantage.to_owned(),
        node: (vantage == "workload").then(|| "aks-pool1-vmss000000".to_owned()),
        pool: (vantage == "workload").then(|| "pool1".to_owned()),
        namespace: None,
        cells: cells.into_iter().map(Option::<&Cell>::cloned).collect(),
    }
}

/// AAAA failed too where A did at times, and TCP did not where A always did.
fn cell(tone: Tone, outcome: Outcome, count: u32) -> Cell {
    let said = |transport, outcome, tone, count, tries| Said {
        question: Question {
            transport,
            record_type: "A".to_owned(),
        },
        tone,
        outcome,
        more: vec![],
        count,
        tries,
        news: tries - 1,
        median_us: 800,
        p95_us: 800,
        record: record("/records/0"),
    };
    Cell {
        said: said(Transport::Udp, outcome, tone, count, 10),
        others: vec![said(Transport::Tcp, Outcome::Ok, Tone::Good, 2, 2)],
    }
}

fn record(pointer: &str) -> (String, String) {
    (layout::probe_records("workload"), pointer.to_owned())
}

/// An odd one meets a name that glibc and Go pass by and musl does not.
fn walk(typed: &str, is_odd: bool) -> Walk {
    let step = |name: String, verdict: &str, outcome: Outcome| Step {
        name,
        verdict: verdict.to_owned(),
        outcome: Some(outcome.as_str().to_owned()),
        latency_us: if outcome == Outcome::Servfail {
            2_300_000
        } else {
            900
        },
        wait_ms: if outcome == Outcome::Servfail {
            2_300
        } else {
            0
        },
        silence: vec![],
        record: Some(record("/records/1")),
    };
    let within = format!("{typed}.shop.svc.cluster.local.");
    let first = if is_odd {
        step(within.clone(), "the servers failed", Outcome::Servfail)
    } else {
        step(within.clone(), "no such name", Outcome::Nxdomain)
    };
    let alone = format!("{typed}.");
    let lookup = |resolver: &'static str| {
        let stops = is_odd && resolver == "musl";
        Lookup {
            resolver,
            steps: vec![first.clone(), step(alone.clone(), "found", Outcome::Ok)],
            stop: Some(if stops { within.clone() } else { alone.clone() }),
            why: if stops {
                "musl ends the walk at anything but \"no such name\"".to_owned()
            } else {
                "there are addresses, so nothing more is asked".to_owned()
            },
            found: !stops,
            result: if stops {
                "Try again (EAI_AGAIN)"
            } else {
                "10.50.0.10"
            }
            .to_owned(),
            wait_ms: if is_odd { 2_301 } else { 3 },
            slow_tries: (is_odd && resolver == "Go").then_some((1, 2)),
        }
    };
    Walk {
        typed: typed.to_owned(),
        lookups: ["glibc", "musl", "Go"].map(lookup).into(),
        is_odd,
    }
}

fn pairs(vantage: &str, halves: u32, pointer: &str) -> Pairs {
    let count = |halves| PairCount {
        pairs: 30,
        halves,
        both: 0,
    };
    Pairs {
        vantage: vantage.to_owned(),
        one_socket: count(halves),
        two_sockets: count(0),
        record: (layout::probe_records(vantage), pointer.to_owned()),
    }
}

fn size(server: &str, is_odd: bool) -> Size {
    let outcome = if is_odd {
        Outcome::Timeout
    } else {
        Outcome::Ok
    };
    Size {
        vantage: "workload".to_owned(),
        server: server.to_owned(),
        role: ServerRole::Upstream,
        name: "app.corp.internal.".to_owned(),
        record_type: "A".to_owned(),
        payload: 0,
        doubt: is_odd.then_some(Doubt::OneTry),
        outcomes: BTreeMap::from([(outcome, 1)]),
        truncated: u32::from(!is_odd),
        is_odd: false,
        record: record("/records/1"),
    }
}
