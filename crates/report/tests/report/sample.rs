//! A bundle and an analysis made by hand, so that these tests see only this crate.

use digpod_analysis::{
    Analysis, Cause, Confidence, Diagnosis, Evidence, Finding, FixStep, Gap, Lack, NotSeen, RULES,
    Rule, Scope, Symptom as Observed, Verdict, matrix,
};
use digpod_bundle::{
    Bundle, Cluster, Collected, FailingName, Item, Manifest, Place, Status, Symptom, Tool, layout,
};
use digpod_probe::{NameClass, Outcome, ServerRole, Transport};
use digpod_report::v1;

pub(crate) const COREFILE: &str =
    ".:53 {\n    errors\n    forward . /etc/resolv.conf\n    cache 30\n}\n";
pub(crate) const NODE: &str =
    "search reddog.microsoft.com\nnameserver 10.1.0.4\nnameserver 168.63.129.16\n";
const RECORDS: &str = "{\n  \"records\": [\n    {\n      \"outcome\": \"ok\"\n    },\n    {\n      \"outcome\": \"nxdomain\"\n    }\n  ]\n}\n";

/// What a collector could have left: some things read, one refused.
pub(crate) fn bundle(corefile: &str, node: &str) -> Bundle {
    let manifest = Manifest {
        tool: Tool {
            name: "digpod collect".to_owned(),
            version: "0.1.0".to_owned(),
            ..Tool::default()
        },
        collected: Collected {
            started: "2026-01-15T10:00:00Z".to_owned(),
            ..Collected::default()
        },
        cluster: Cluster {
            context: Some("staging".to_owned()),
            server_version: Some("v1.34.2".to_owned()),
            distribution: Some("aks".to_owned()),
            ..Cluster::default()
        },
        symptom: Symptom {
            names: vec![FailingName {
                name: "app.corp.internal".to_owned(),
                expected: None,
            }],
            namespace: Some("shop".to_owned()),
            pod: Some("web-1".to_owned()),
            ticket: Some("4711".to_owned()),
            ..Symptom::default()
        },
        ..Manifest::default()
    };
    let mut bundle = Bundle::new(manifest);
    let map = serde_json::json!({"data": {"Corefile": corefile}});
    let item = |source: &str| Item {
        source: Some(source.to_owned()),
        ..Item::default()
    };
    bundle
        .add_json(
            &layout::config_map("coredns"),
            &map,
            item("GET /api/v1/namespaces/kube-system/configmaps/coredns"),
        )
        .expect("a name");
    bundle
        .add(
            &layout::probe_records("workload"),
            RECORDS,
            "probe workload",
        )
        .expect("a name");
    bundle
        .add(
            &layout::probe_resolv_conf("default-n1"),
            node,
            "probe default-n1",
        )
        .expect("a name");
    let refused = Item {
        entry: layout::NODES.to_owned(),
        status: Status::Forbidden,
        reason: Some("nodes is forbidden".to_owned()),
        missing_permission: Some("list nodes".to_owned()),
        ..Item::default()
    };
    bundle.add_gap(refused).expect("a name");
    bundle
}

/// Two custom servers of which the cloud's own is one, proven; a second cause; hygiene.
pub(crate) fn analysis() -> Analysis {
    let entry = layout::probe_records("workload");
    let list = Place::whole(&layout::probe_resolv_conf("default-n1"));
    let corefile = Place::json(&layout::config_map("coredns"), "/data/Corefile");
    let mixed = Finding::new(
        rule("upstreams/cloud-dns-mixed-with-custom-dns"),
        Confidence::Proven,
        Scope::Name("app.corp.internal.".to_owned()),
        "CoreDNS draws at random from servers that disagree about app.corp.internal",
        seen(
            Place::json(&entry, "/records/1/outcome"),
            "workload asks 168.63.129.16 for app.corp.internal A: 10 of 10 NXDOMAIN",
        ),
    )
    .because(seen(
        Place::json(&entry, "/records/0/outcome"),
        "workload asks 10.1.0.4 for app.corp.internal A: 10 of 10 OK",
    ))
    .because(seen(
        corefile.within(22..29),
        "`forward` has policy random (the default)",
    ))
    .because(seen(list.within(39..47), "a custom server"))
    .because(seen(list.within(59..72), "Azure DNS beside it"))
    .explain(
        "1 of 2 servers says NXDOMAIN, and any answer is final: about 50 % of the queries that \
         the cache cannot answer fail. Measured: 4 of 10.",
    )
    .contradicted(seen(corefile.within(53..61), "a cache can hide it"))
    .fix(
        "Keep only the custom servers in the list",
        Some("az network vnet update -g GROUP -n VNET --dns-servers 10.1.0.4".to_owned()),
    )
    .fix(
        "Let the custom servers forward the rest: add this to `spec.egress`:\n- to:\n    - ipBlock:\n        cidr: 10.1.0.4/32",
        None,
    )
    .fix(
        "Until then, give the zone a block of its own",
        Some("kubectl apply -f - <<'EOF'\nkind: ConfigMap\nEOF".to_owned()),
    );
    let policy = Finding::new(
        rule("upstreams/several-upstreams-with-random-policy"),
        Confidence::Proven,
        Scope::Cluster,
        "CoreDNS draws at random from 2 upstreams",
        seen(corefile.within(22..29), "no policy is written"),
    );
    let other = Finding::new(
        rule("corefile/custom-key-is-ignored"),
        Confidence::Possible,
        Scope::Cluster,
        "a key of coredns-custom is never read",
        seen(
            Place::whole(&layout::config_map("coredns-custom")),
            "its name ends in .srv",
        ),
    )
    .decide(
        "Look at the key",
        Some("kubectl -n kube-system get cm coredns-custom -o yaml".to_owned()),
    );
    let silent = Finding::new(
        rule("logs/log-coverage-insufficient"),
        Confidence::Proven,
        Scope::Cluster,
        "CoreDNS does not log queries",
        seen(corefile.within(0..5), "no `log` in this block"),
    );
    Analysis {
        findings: vec![mixed, policy, other, silent],
        diagnosis: Diagnosis {
            verdict: Verdict::Cause,
            headline: "CoreDNS draws at random from servers that disagree about app.corp.internal"
                .to_owned(),
            symptoms: vec![Observed::Custom, Observed::Intermittent],
            causes: vec![
                cause(0, vec![1], Confidence::Proven, 40),
                cause(2, vec![], Confidence::Possible, 7),
            ],
            decide: None,
            unexplained: vec!["api.corp.internal (10 of 10 NXDOMAIN)".to_owned()],
        },
        matrix: rows(),
        summary: crate::summed::summary(),
        gaps: vec![
            NotSeen {
                gap: gap(
                    layout::NODES,
                    "was refused by the API server (nodes is forbidden)",
                ),
                rules: vec![],
            },
            NotSeen {
                gap: gap(layout::DNS_PODS, "was not collected"),
                rules: vec!["coredns/coredns-crashloop"],
            },
        ],
    }
}

/// Nothing wrong, with the same answers.
pub(crate) fn healthy() -> Analysis {
    let mut analysis = analysis();
    analysis.findings.clear();
    analysis.diagnosis = Diagnosis {
        verdict: Verdict::Healthy,
        headline: "Nothing wrong was seen, but 2 things could not be looked at".to_owned(),
        symptoms: vec![],
        causes: vec![],
        decide: None,
        unexplained: Vec::new(),
    };
    analysis
}

/// Two causes as good as each other.
pub(crate) fn undetermined() -> Analysis {
    let mut analysis = analysis();
    let diagnosis = &mut analysis.diagnosis;
    diagnosis.verdict = Verdict::Undetermined;
    "No one cause stands out".clone_into(&mut diagnosis.headline);
    for cause in &mut diagnosis.causes {
        cause.confidence = Confidence::Possible;
        cause.score = 7;
    }
    diagnosis.decide = Some(FixStep {
        text: "Ask both servers for the same name".to_owned(),
        command: Some("digpod collect app.corp.internal".to_owned()),
    });
    analysis
}

/// The report of the sample.
pub(crate) fn report() -> v1::Report {
    digpod_report::report(&bundle(COREFILE, NODE), &analysis())
}

fn cause(root: usize, explains: Vec<usize>, confidence: Confidence, score: i32) -> Cause {
    let contradicted_by = match root {
        0 => analysis_contradiction(),
        _ => vec![],
    };
    Cause {
        root,
        explains_findings: explains,
        explains: vec![Observed::Custom],
        contradicted_by,
        confidence,
        score,
    }
}

fn analysis_contradiction() -> Vec<Evidence> {
    let corefile = Place::json(&layout::config_map("coredns"), "/data/Corefile");
    vec![seen(corefile.within(53..61), "a cache can hide it")]
}

fn seen(place: Place, note: &str) -> Evidence {
    Evidence {
        place,
        note: note.to_owned(),
    }
}

fn rule(id: &str) -> &'static Rule {
    let found = RULES.iter().find(|rule| rule.id == id);
    found.expect("a rule of the registry")
}

fn rows() -> Vec<matrix::Row> {
    let row =
        |vantage: &str, server: &str, role, name: &str, class, outcomes: &[(Outcome, u32)]| {
            matrix::Row {
                vantage: vantage.to_owned(),
                server: server.to_owned(),
                role,
                name: name.to_owned(),
                class,
                record_type: "A".to_owned(),
                transport: Transport::Udp,
                outcomes: outcomes.iter().copied().collect(),
                answers: match outcomes.first() {
                    Some((Outcome::Ok, _)) => vec!["10.50.0.10".to_owned()],
                    _ => vec![],
                },
                median_us: 800,
                p95_us: 800,
                p99_us: 800,
                truncated: 0,
                news: outcomes.iter().map(|(_, count)| count).sum(),
                first_record: (layout::probe_records(vantage), "/records/0".to_owned()),
            }
        };
    let (service, upstream) = (ServerRole::Service, ServerRole::Upstream);
    let mixed = &[(Outcome::Ok, 6), (Outcome::Nxdomain, 4)];
    let custom = "app.corp.internal.";
    let tcp = matrix::Row {
        transport: Transport::Tcp,
        ..row(
            "workload",
            "10.1.0.4:53",
            upstream,
            custom,
            NameClass::Custom,
            &[(Outcome::Ok, 10)],
        )
    };
    vec![
        row(
            "control",
            "10.0.0.10:53",
            service,
            "example.com.",
            NameClass::Public,
            &[(Outcome::Ok, 10)],
        ),
        row(
            "workload",
            "10.0.0.10:53",
            service,
            "example.com.",
            NameClass::Public,
            &[(Outcome::Ok, 10)],
        ),
        row(
            "node-n1",
            matrix::WALK,
            ServerRole::Own,
            custom,
            NameClass::Custom,
            &[(Outcome::Ok, 10)],
        ),
        row(
            "workload",
            "10.0.0.10:53",
            service,
            custom,
            NameClass::Custom,
            mixed,
        ),
        row(
            "workload",
            "10.1.0.4:53",
            upstream,
            custom,
            NameClass::Custom,
            &[(Outcome::Ok, 10)],
        ),
        tcp,
        row(
            "workload",
            "168.63.129.16:53",
            upstream,
            custom,
            NameClass::Custom,
            &[(Outcome::Nxdomain, 10)],
        ),
    ]
}

fn gap(entry: &str, reason: &str) -> Gap {
    Gap {
        entry: entry.to_owned(),
        reason: reason.to_owned(),
        lacks: Lack::Entry,
    }
}
