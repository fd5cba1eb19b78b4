//! The summary of the sample: what its rows look like at a glance, and what was asked beside them.

use std::collections::BTreeMap;

use digpod_analysis::summary::{
    Cell, From, Lookup, Names, PairCount, Pairs, Pattern, Server, Size, Step, Summary, Table, Tone,
    Walk,
};
use digpod_bundle::layout;
use digpod_probe::{NameClass, Outcome, ServerRole, Transport};

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
                    pattern: Some(Pattern {
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
                },
            ],
        },
        walks: vec![walk("app.corp.internal", true), walk("web", false)],
        pairs: vec![
            pairs("workload", 2, "/records/0/outcome"),
            pairs("control", 0, ""),
        ],
        sizes: vec![size("10.1.0.4:53", true), size("168.63.129.16:53", false)],
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
        cells: cells.into_iter().map(Option::<&Cell>::cloned).collect(),
    }
}

fn cell(tone: Tone, outcome: Outcome, count: u32) -> Cell {
    Cell {
        tone,
        outcome,
        count,
        tries: 10,
        record_type: "A".to_owned(),
        transport: Transport::Udp,
        median_us: 800,
        p95_us: 800,
        record: record("/records/0"),
    }
}

fn record(pointer: &str) -> (String, String) {
    (layout::probe_records("workload"), pointer.to_owned())
}

/// An odd one meets a name that glibc and Go pass by and musl does not.
fn walk(typed: &str, is_odd: bool) -> Walk {
    let step = |name: String, verdict: &str, outcome| Step {
        name,
        verdict: verdict.to_owned(),
        outcome: Some(outcome),
        latency_us: if outcome == Outcome::Servfail {
            2_300_000
        } else {
            900
        },
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
        outcomes: BTreeMap::from([(outcome, 1)]),
        truncated: u32::from(!is_odd),
        is_odd,
        record: record("/records/1"),
    }
}
