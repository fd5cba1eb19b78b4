//! The way of a query: which block takes it, what each plugin does, and how that ends.

use digpod_corefile::plugin::Version;
use digpod_corefile::{
    Corefile, Delivery, Effect, End, Explanation, Odds, Policy, Query, Source, Transport, explain,
    parse,
};
use proptest::prelude::*;

const NEW: Version = Version::NEWEST;

fn read(text: &str) -> Corefile {
    parse(Source::new("Corefile", text), Vec::new())
}

fn way(text: &str, name: &str) -> Explanation {
    explain(&read(text), NEW, &Query::new(name, "A"))
}

/// What a block of the root zone with these lines does to a query for an A record.
fn in_root(lines: &str, name: &str) -> Explanation {
    way(&format!(".:53 {{\n{lines}\n}}\n"), name)
}

fn last(explanation: &Explanation) -> String {
    explanation.sentences().pop().unwrap_or_default()
}

#[test]
fn the_longest_zone_takes_the_query_and_shorter_ones_are_not_asked() {
    let text = ".:53 {\n    forward . 10.0.0.1\n}\ncontoso.com:53 {\n    errors\n}\n";
    let found = way(text, "app.contoso.com");
    let choice = found.choice.as_ref().expect("a block");
    assert_eq!(choice.zone, "contoso.com.");
    assert_eq!(choice.shorter, [(".".to_owned(), 0)]);
    // The block has nothing that answers, and the root is not asked in its place.
    assert_eq!(found.end, End::NoNextPlugin);
    assert_eq!(last(&found), "SERVFAIL: no next plugin found");
    assert!(matches!(
        way(text, "example.org").end,
        End::Forwarded { .. }
    ));
}

#[test]
fn a_zone_written_with_capitals_is_never_asked_before_1_14_7() {
    let corefile = read("Contoso.com {\n    whoami\n}\n.:53 {\n    forward . 10.0.0.1\n}\n");
    let zone = |version| {
        let found = explain(&corefile, version, &Query::new("app.contoso.com", "A"));
        found.choice.map(|choice| choice.zone)
    };
    assert_eq!(zone(Version::new(1, 14, 6)).as_deref(), Some("."));
    assert_eq!(
        zone(Version::new(1, 14, 7)).as_deref(),
        Some("contoso.com.")
    );
    let said = digpod_corefile::plugin::check(&corefile, Version::new(1, 12, 1));
    assert!(said[0].message.contains("never answers for 'Contoso.com'"));
    assert!(!said[0].refused);
}

#[test]
fn a_name_that_no_block_serves_is_refused() {
    assert_eq!(
        way("contoso.com {\n    whoami\n}\n", "example.org").end,
        End::NoBlock
    );
}

#[test]
fn a_block_of_a_custom_key_takes_the_names_below_it() {
    let main = Source::new("Corefile", include_str!("distributions/aks.Corefile"));
    let custom = Source::new(
        "custom/cluster.server",
        "svc.cluster.local:53 {\n    errors\n    forward . 10.1.0.4\n}\n",
    );
    let corefile = parse(main, vec![custom]);
    let found = explain(
        &corefile,
        Version::new(1, 11, 3),
        &Query::new("kubernetes.default.svc.cluster.local", "A"),
    );
    let choice = found.choice.expect("a block");
    assert_eq!(
        corefile.sources()[choice.span.source].name,
        "custom/cluster.server"
    );
    assert!(matches!(found.end, End::Forwarded { .. }));
}

#[test]
fn the_default_corefile_answers_cluster_names_itself_and_forwards_the_rest() {
    let text = include_str!("distributions/kubeadm.Corefile");
    let cluster = way(text, "kubernetes.default.svc.cluster.local");
    assert_eq!(
        last(&cluster),
        "kubernetes: answers for cluster.local. from the cluster; NXDOMAIN for a name that the cluster does not have"
    );
    // Its caches are disabled for the cluster's zone.
    let cache = cluster
        .steps
        .iter()
        .find(|step| step.plugin == "cache")
        .expect("a cache");
    assert_eq!(
        cache.sentence(),
        "cache: passes on: caching is disabled for the name"
    );
    assert!(cluster.is_certain());

    let outside = way(text, "example.org");
    assert_eq!(
        last(&outside),
        "forward: asks in random order the servers in /etc/resolv.conf; the first answer counts, whatever its response code; refused while 1000 queries are under way already"
    );
    assert!(!outside.is_certain(), "the cache may have it");

    let reverse = explain(
        &read(text),
        NEW,
        &Query::new("1.0.0.10.in-addr.arpa", "PTR"),
    );
    assert!(matches!(reverse.end, End::Forwarded { .. }));
    let kubernetes = reverse
        .steps
        .iter()
        .find(|step| step.plugin == "kubernetes")
        .expect("a step");
    assert!(matches!(&kubernetes.effect, Effect::MayEnd { .. }));
}

#[test]
fn plugins_are_asked_in_the_order_of_plugin_cfg_whatever_the_file_says() {
    let text = ".:53 {\n    forward . 10.0.0.1\n    cache 30\n    rewrite name a.example b.example\n    log\n}\n";
    let plugins = |version| -> Vec<&'static str> {
        let found = explain(&read(text), version, &Query::new("a.example", "A"));
        found.steps.iter().map(|step| step.plugin).collect()
    };
    assert_eq!(
        plugins(Version::new(1, 12, 1)),
        ["log", "cache", "rewrite", "forward"]
    );
    assert_eq!(
        plugins(Version::new(1, 14, 7)),
        ["log", "rewrite", "cache", "forward"]
    );
}

#[test]
fn forward_takes_the_first_stanza_that_fits() {
    let lines = "forward corp.example 10.0.0.1 10.0.0.2 {\n    except public.corp.example\n    policy sequential\n}\nforward . tls://9.9.9.9 {\n    tls_servername dns.quad9.net\n}";
    let inside = in_root(lines, "app.corp.example");
    let End::Forwarded { policy, hops, .. } = &inside.end else {
        panic!("{:?}", inside.end);
    };
    assert_eq!(*policy, Policy::Sequential);
    let odds: Vec<_> = hops.iter().map(|hop| hop.odds).collect();
    assert_eq!(
        odds,
        [
            Some(Odds { of: 1, among: 1 }),
            Some(Odds { of: 0, among: 1 })
        ]
    );

    let excepted = in_root(lines, "www.public.corp.example");
    assert_eq!(
        excepted.steps[0].sentence(),
        "forward: passes on: the name is below an exception"
    );
    let End::Forwarded { hops, .. } = &excepted.end else {
        panic!("{:?}", excepted.end);
    };
    assert_eq!(hops[0].delivery, Delivery::Tls);
}

#[test]
fn forward_says_how_likely_each_upstream_is_and_when_the_next_is_asked() {
    let found = in_root(
        "forward . 10.0.0.1 10.0.0.2 10.0.0.3 {\n    force_tcp\n    failover SERVFAIL refused\n    max_concurrent 100\n    next NXDOMAIN\n}\nforward . 10.0.0.4",
        "example.org",
    );
    let End::Forwarded {
        hops,
        max_concurrent,
        failover,
        next,
        ..
    } = found.end
    else {
        panic!("{:?}", found.end);
    };
    assert!(
        hops.iter()
            .all(|hop| hop.odds == Some(Odds { of: 1, among: 3 }))
    );
    assert!(hops.iter().all(|hop| hop.delivery == Delivery::Tcp));
    assert_eq!(max_concurrent, Some(100));
    assert_eq!(failover, ["SERVFAIL", "REFUSED"]);
    assert_eq!(next, ["NXDOMAIN"]);
}

#[test]
fn rewrite_asks_for_another_name_and_the_first_rule_that_fits_ends_the_search() {
    let lines = "rewrite name exact a.example b.example\nrewrite name suffix .b.example .c.example\nforward c.example 10.0.0.1\nforward . 10.0.0.2";
    let exact = in_root(lines, "a.example");
    assert_eq!(
        exact.steps[0].sentence(),
        "rewrite: asks for b.example. instead, and gives the answer the old name"
    );
    assert_eq!(exact.steps[1].name, "b.example.");
    let suffix = in_root(lines, "x.b.example");
    assert_eq!(
        suffix.steps[0].effect,
        Effect::Renames {
            to: "x.c.example.".to_owned(),
            restored: false
        }
    );
    assert!(matches!(&suffix.end, End::Forwarded { hops, .. } if hops[0].to == "10.0.0.1"));
    let none = in_root(lines, "example.org");
    assert_eq!(none.steps[0].sentence(), "rewrite: passes on: no rule fits");
}

#[test]
fn rewrite_continues_only_where_it_is_told_to() {
    let lines =
        "rewrite continue name a.example b.example\nrewrite name b.example c.example\nwhoami";
    assert_eq!(in_root(lines, "a.example").steps[2].name, "c.example.");
}

#[test]
fn rewrite_fills_in_what_the_groups_of_a_regular_expression_hold() {
    let found = in_root(
        "rewrite name regex (.*)\\.my\\.([a-z0-9-]+)\\.example\\.$ {1}.{2}.svc.cluster.local answer auto\nwhoami",
        "web.my.shop.example",
    );
    assert_eq!(
        found.steps[0].effect,
        Effect::Renames {
            to: "web.shop.svc.cluster.local.".to_owned(),
            restored: true
        }
    );
}

#[test]
fn a_rewrite_that_makes_no_name_fails_the_query() {
    let found = in_root(
        "rewrite name regex a\\.example\\. b..example\nwhoami",
        "a.example",
    );
    assert!(matches!(&found.end, End::Rcode(rcode) if rcode.starts_with("SERVFAIL")));
}

#[test]
fn a_class_of_unicode_is_not_decided_here() {
    let found = in_root(
        "rewrite name regex (\\pL+)\\.example\\. {1}.test\nwhoami",
        "a.example",
    );
    assert_eq!(
        found.steps[0].sentence(),
        "rewrite: may change the query, which depends on the regular expression (\\pL+)\\.example\\."
    );
    assert!(!found.is_certain());
}

#[test]
fn acl_decides_by_client_type_and_zone() {
    let lines =
        "acl example.org {\n    allow net 10.0.0.0/8\n    drop type ANY\n    block\n}\nwhoami";
    let ask = |name: &str, kind: &str, client: Option<&str>| {
        let query = Query::new(name, kind);
        let query = match client {
            Some(client) => query.from_client(client.parse().expect("an address")),
            None => query,
        };
        explain(&read(&format!(".:53 {{\n{lines}\n}}\n")), NEW, &query)
    };
    let refused = ask("example.org", "A", Some("192.0.2.1"));
    assert_eq!(refused.end, End::Rcode("REFUSED".to_owned()));
    assert_eq!(
        ask("example.org", "ANY", Some("192.0.2.1")).end,
        End::Dropped
    );
    assert!(matches!(
        ask("example.org", "A", Some("10.1.2.3")).end,
        End::Answer(_)
    ));
    assert!(matches!(
        ask("example.net", "A", Some("192.0.2.1")).end,
        End::Answer(_)
    ));
    // Nobody knows who asks: others are refused, and for those that are allowed it goes on.
    let unknown = ask("example.org", "A", None);
    assert!(!unknown.is_certain());
    let refused = unknown.steps.iter().find_map(|step| match &step.effect {
        Effect::MayEnd { end, .. } => Some(end.clone()),
        _ => None,
    });
    assert_eq!(refused, Some(End::Rcode("REFUSED".to_owned())));
    assert!(matches!(unknown.end, End::Answer(_)), "{unknown:?}");
}

#[test]
fn hosts_without_fallthrough_fails_the_names_that_it_does_not_list() {
    let listed =
        "hosts {\n    10.0.0.1 a.example b.example\n    fd00::1 a.example\n}\nforward . 10.0.0.2";
    assert_eq!(
        in_root(listed, "a.example").end,
        End::Answer(vec!["10.0.0.1".to_owned()])
    );
    let v6 = explain(
        &read(&format!(".:53 {{\n{listed}\n}}\n")),
        NEW,
        &Query::new("b.example", "AAAA"),
    );
    assert_eq!(v6.end, End::Answer(Vec::new()));
    let other = in_root(listed, "c.example");
    assert!(matches!(&other.end, End::Rcode(rcode) if rcode.starts_with("SERVFAIL")));
    let falls = in_root(&listed.replace("\n}", "\n    fallthrough\n}"), "c.example");
    assert!(matches!(falls.end, End::Forwarded { .. }));
}

#[test]
fn a_template_that_fits_no_expression_fails_the_query_without_fallthrough() {
    let aks = include_str!("distributions/aks.Corefile");
    // The AKS template answers names with four labels or more before the suffix.
    let long = way(aks, "a.b.c.d.internal.cloudapp.net");
    assert_eq!(long.end, End::Rcode("NXDOMAIN".to_owned()));
    assert!(matches!(
        way(aks, "vm.x.internal.cloudapp.net").end,
        End::Forwarded { .. }
    ));
    assert_eq!(
        way(aks, "x.reddog.microsoft.com").end,
        End::Rcode("NXDOMAIN".to_owned())
    );
    let greedy = in_root(
        "template IN A example.org {\n    match ^a\\.\n    answer \"{{ .Name }} 60 IN A 10.0.0.1\"\n}\nforward . 10.0.0.2",
        "b.example.org",
    );
    assert_eq!(
        last(&greedy),
        "template: SERVFAIL: no regular expression fits, and fallthrough does not cover the name"
    );
}

#[test]
fn kubernetes_without_fallthrough_ends_reverse_lookups() {
    let text = ".:53 {\n    kubernetes cluster.local in-addr.arpa\n    forward . 10.0.0.1\n}\n";
    let found = explain(
        &read(text),
        NEW,
        &Query::new("1.2.0.192.in-addr.arpa", "PTR"),
    );
    assert!(matches!(found.end, End::Data(_)));
    assert!(found.is_certain());
}

#[test]
fn blocks_listen_by_scheme_port_and_address() {
    let text = "tls://.:853 {\n    whoami\n}\n.:5353 {\n    whoami\n}\n";
    let corefile = read(text);
    let ask = |query: Query| {
        explain(&corefile, NEW, &query)
            .choice
            .map(|choice| choice.block)
    };
    assert_eq!(ask(Query::new("a.example", "A")), None);
    assert_eq!(
        ask(Query::new("a.example", "A").over(Transport::Tls)),
        Some(0)
    );
    assert_eq!(ask(Query::new("a.example", "A").on_port(5353)), Some(1));

    let bound = read(include_str!("distributions/nodelocal.Corefile"));
    let query =
        Query::new("a.cluster.local", "A").to_server("169.254.20.10".parse().expect("an address"));
    let found = explain(&bound, Version::new(1, 11, 3), &query);
    assert_eq!(
        found.choice.map(|choice| choice.zone).as_deref(),
        Some("cluster.local.")
    );
    assert!(
        matches!(found.end, End::Forwarded { ref hops, .. } if hops[0].delivery == Delivery::Tcp)
    );
    let elsewhere =
        Query::new("a.cluster.local", "A").to_server("10.0.0.1".parse().expect("an address"));
    assert_eq!(explain(&bound, NEW, &elsewhere).end, End::NoBlock);
    let servers = bound.servers();
    assert_eq!(servers.len(), 2);
    assert_eq!(servers[0].zones.len(), 4);
}

#[test]
fn views_leave_the_choice_open() {
    let text = ".:53 {\n    view a {\n        expr incidr(client_ip(), '10.0.0.0/8')\n    }\n    forward . 10.0.0.1\n}\n.:53 {\n    forward . 10.0.0.2\n}\n";
    let found = way(text, "example.org");
    let choice = found.choice.as_ref().expect("a block");
    assert_eq!(choice.block, 1);
    assert!(choice.depends.is_some());
    assert!(!found.is_certain());
}

#[test]
fn ds_records_are_asked_of_the_parent() {
    let text = "sub.example.org {\n    whoami\n}\nexample.org {\n    whoami\n}\n";
    let found = explain(&read(text), NEW, &Query::new("sub.example.org", "DS"));
    assert_eq!(found.choice.map(|choice| choice.block), Some(1));
}

#[test]
fn other_classes_are_refused_unless_a_plugin_takes_them() {
    let mut query = Query::new("version.bind", "TXT");
    query.class = "CH".to_owned();
    assert_eq!(
        explain(&read(".:53 {\n    whoami\n}\n"), NEW, &query).end,
        End::Class
    );
    let found = explain(&read("bind.:53 {\n    chaos\n}\n"), NEW, &query);
    assert!(matches!(found.end, End::Answer(_)));
}

#[test]
fn a_block_without_plugins_that_handle_queries_refuses() {
    assert_eq!(in_root("health\nready", "example.org").end, End::EmptyBlock);
}

#[test]
fn options_of_forward_are_read() {
    let corefile = read(
        ".:53 {\n    forward . 10.0.0.1 {\n        max_fails 3\n        expire 20s\n        health_check 1s no_rec\n        prefer_udp\n        tls a.crt a.key\n    }\n}\n",
    );
    let (_, forward) = corefile.forward_for("a.example").expect("a forward");
    assert_eq!(forward.max_fails.map(|word| word.text.as_str()), Some("3"));
    assert_eq!(forward.expire.map(|word| word.text.as_str()), Some("20s"));
    assert_eq!(forward.health_check.map(<[_]>::len), Some(2));
    assert!(forward.prefer_udp.is_some() && forward.force_tcp.is_none());
    assert_eq!(forward.tls.map(<[_]>::len), Some(2));
}

const LINES: &[&str] = &[
    "errors",
    "cache 30",
    "cache 30 example.org {\n disable denial\n }",
    "forward . 10.0.0.1 10.0.0.2",
    "forward example.org tls://1.1.1.1 {\n except a.example.org\n policy sequential\n }",
    "hosts {\n 10.0.0.1 a.example.org\n fallthrough\n }",
    "hosts {\n 10.0.0.1 a.example.org\n }",
    "template IN A {\n match ^a\\.\n answer \"x\"\n }",
    "template ANY ANY example.org {\n rcode NXDOMAIN\n fallthrough\n }",
    "rewrite name a.example.org b.example.net",
    "rewrite continue name regex (.*)\\.example\\.org\\. {1}.example.net",
    "rewrite stop type A AAAA",
    "rewrite name substring a bb",
    "acl {\n block net 10.0.0.0/8\n }",
    "acl example.net {\n filter type A\n }",
    "kubernetes cluster.local example.org {\n fallthrough example.org\n }",
    "file db.example example.org",
    "whoami",
    "loop",
    "any",
    "log",
    "dns64",
    "k8s_external example.net",
    "autopath @kubernetes",
    "route53 example.org.:Z1",
    "erratic",
    "view v {\n expr true\n }",
    "bind 10.0.0.9",
    "{",
    "}",
    "template IN",
    "secondary",
    "transfer",
    "local",
    "tsig {\n require all\n }",
    "grpc . 10.0.0.1:443",
    "nomad",
    "etcd",
    "auto",
];

proptest! {
    #[test]
    fn every_query_has_exactly_one_end(
        blocks in prop::collection::vec((prop::sample::select(vec![".", ".:53", "example.org", "tls://example.org", "10.0.0.0/12", "a.example.org:5353 ."]), prop::collection::vec(prop::sample::select(LINES), 0..8)), 0..4),
        name in prop::sample::select(vec!["a.example.org", "example.org", "b.a.example.org", "x.example.net", "1.0.0.10.in-addr.arpa", ".", "localhost", "a.b.cluster.local"]),
        kind in prop::sample::select(vec!["A", "AAAA", "PTR", "DS", "ANY", "AXFR", "TXT"]),
        class in prop::sample::select(vec!["IN", "IN", "IN", "CH"]),
        minor in 1_u16..16,
        patch in 0_u16..8,
        client in prop::option::of(any::<std::net::IpAddr>()),
        tls in any::<bool>(),
    ) {
        let mut text = String::new();
        for (key, lines) in &blocks {
            text.extend([key, " {\n", lines.join("\n").as_str(), "\n}\n"]);
        }
        let corefile = read(&text);
        let mut query = Query::new(name, kind);
        query.class = class.to_owned();
        query.client = client;
        if tls {
            query = query.over(Transport::Tls);
        }
        let version = Version::new(1, minor, patch);
        let found = explain(&corefile, version, &query);
        // Only the last step ends the way, and ends it as the explanation says.
        for (index, step) in found.steps.iter().enumerate() {
            let source = &corefile.sources()[step.span.source].text;
            prop_assert!(source.get(step.span.start..step.span.end).is_some());
            if let Effect::Ends(end) = &step.effect {
                prop_assert_eq!(index + 1, found.steps.len());
                prop_assert_eq!(end, &found.end);
            }
            prop_assert!(!step.sentence().is_empty());
        }
        let ended = matches!(found.steps.last().map(|step| &step.effect), Some(Effect::Ends(_)));
        let bare = matches!(found.end, End::NoBlock | End::EmptyBlock | End::Class | End::NoNextPlugin);
        prop_assert_ne!(ended, bare);
        prop_assert_eq!(&found, &explain(&corefile, version, &query));
    }

    #[test]
    fn explain_takes_any_text(text in "\\PC{0,200}", name in "\\PC{0,30}") {
        let corefile = read(&text);
        let found = explain(&corefile, NEW, &Query::new(&name, "A"));
        prop_assert!(!found.sentences().is_empty());
    }
}

#[test]
fn a_query_is_read_from_what_a_person_types_or_refused_with_the_reason() {
    use digpod_corefile::QueryError;
    let query: Query = "App.corp.internal/aaaa".parse().expect("a query");
    assert_eq!(
        (query.name.as_str(), query.kind.as_str()),
        ("app.corp.internal.", "AAAA")
    );
    for fine in [
        ".",
        "a.",
        "_ldap._tcp.a/SRV",
        "a/TYPE65",
        "*.a",
        "a/NSAP-PTR",
    ] {
        assert!(fine.parse::<Query>().is_ok(), "{fine}");
    }
    let long = format!("{}b", "a.".repeat(127));
    for (text, error) in [
        ("", QueryError::NoName),
        ("/A", QueryError::NoName),
        ("a/", QueryError::Type(String::new())),
        ("a/TYPE65536", QueryError::Type("TYPE65536".to_owned())),
        ("a..b", QueryError::EmptyLabel),
        (".a", QueryError::EmptyLabel),
        ("a\tb", QueryError::Blank),
        (long.as_str(), QueryError::LongName),
    ] {
        assert_eq!(text.parse::<Query>(), Err(error), "{text}");
    }
}

#[test]
fn where_no_block_has_port_53_names_come_to_the_port_of_the_root_zone() {
    let zones = |text: &str, name: &str| {
        let corefile = read(text);
        let block = corefile.block_for(name)?;
        Some((corefile.port(), block.zones().collect::<Vec<_>>().join(" ")))
    };
    let of = |port: u16, zone: &str| Some((port, zone.to_owned()));
    let openshift = include_str!("distributions/openshift.Corefile");
    assert_eq!(zones(openshift, "example.com"), of(5353, "."));
    assert_eq!(
        zones(openshift, "hostname.bind"),
        of(5353, "hostname.bind.")
    );
    // Nobody's queries come to a port beside 53.
    let beside = ".:53 {\n}\ncorp.internal:5353 {\n}\n";
    assert_eq!(zones(beside, "app.corp.internal"), of(53, "."));
    let encrypted = "tls://.:853 {\n}\n.:1053 {\n}\n";
    assert_eq!(zones(encrypted, "example.com"), of(1053, "."));
    assert_eq!(zones("", "example.com"), None);
}
