//! The table of plugins, and what their setups refuse: the defaults of the distributions, the
//! mistakes people make, and properties that hold for every text.

use digpod_corefile::plugin::{self, Role, Status, Version};
use digpod_corefile::{Corefile, Problem, Source, Stage, parse};
use proptest::prelude::*;

const NEW: Version = Version::NEWEST;

/// Every way to read it: its problems as CoreDNS words them, the first first.
fn said(corefile: &Corefile, version: Version) -> Vec<String> {
    let found = plugin::check(corefile, version);
    let parsed = corefile
        .problems
        .iter()
        .filter(|problem| problem.stage != Stage::Setup);
    let mut all: Vec<&Problem> = parsed
        .chain(&found)
        .filter(|problem| problem.refused)
        .collect();
    all.sort_by_key(|problem| problem.stage);
    all.iter()
        .filter_map(|problem| corefile.said(problem))
        .collect()
}

fn whole(text: &str, version: Version) -> Vec<String> {
    said(&parse(Source::new("Corefile", text), Vec::new()), version)
}

/// The refusals of lines in a server block of the root zone, with the lines counted from 1.
fn lines(lines: &str, version: Version) -> Vec<String> {
    let text = format!(".:53 {{\n{lines}\n}}\n");
    whole(&text, version)
        .into_iter()
        .map(|said| said.replace("/etc/coredns/Corefile:", "@"))
        .collect()
}

fn first(text: &str) -> String {
    lines(text, NEW).into_iter().next().unwrap_or_default()
}

#[test]
fn the_default_corefiles_of_the_distributions_are_healthy() {
    let defaults = [
        (
            "kubeadm",
            include_str!("distributions/kubeadm.Corefile"),
            Version::new(1, 9, 4),
        ),
        (
            "aks",
            include_str!("distributions/aks.Corefile"),
            Version::new(1, 9, 4),
        ),
        (
            "eks",
            include_str!("distributions/eks.Corefile"),
            Version::new(1, 8, 4),
        ),
        (
            "nodelocal",
            include_str!("distributions/nodelocal.Corefile"),
            Version::new(1, 8, 4),
        ),
        (
            "k3s",
            include_str!("distributions/k3s.Corefile"),
            Version::new(1, 8, 4),
        ),
        (
            "rke2",
            include_str!("distributions/rke2.Corefile"),
            Version::new(1, 8, 4),
        ),
        (
            "openshift",
            include_str!("distributions/openshift.Corefile"),
            Version::new(1, 8, 4),
        ),
    ];
    let releases = [
        Version::new(1, 8, 4),
        Version::new(1, 9, 4),
        Version::new(1, 10, 1),
        Version::new(1, 11, 3),
        Version::new(1, 12, 1),
        Version::new(1, 13, 1),
        NEW,
    ];
    for (name, text, since) in defaults {
        let files = vec![
            Source::new(
                "custom/corp.server",
                "corp.example:53 {\n    errors\n    cache 30\n    forward . 10.1.0.4 10.1.0.5\n}\n",
            ),
            Source::new("custom/log.override", "log\n"),
        ];
        let corefile = parse(Source::new("Corefile", text), files);
        for version in releases.into_iter().filter(|version| *version >= since) {
            let found = plugin::check(&corefile, version);
            assert_eq!(corefile.problems, [], "{name}");
            assert_eq!(found, [], "{name} at {version}");
        }
    }
}

#[test]
fn node_cache_is_built_without_some_plugins() {
    let text = ".:53 {\n    errors\n    forward . 10.1.0.4\n    ready\n}\n";
    let corefile = parse(Source::new("Corefile", text), Vec::new());
    let found = plugin::unknown_to_node_cache(&corefile, NEW);
    let words: Vec<_> = found
        .iter()
        .map(|problem| problem.message.as_str())
        .collect();
    assert_eq!(words, ["Unknown directive 'ready'"]);
    let defaults = include_str!("distributions/nodelocal.Corefile");
    let corefile = parse(Source::new("Corefile", defaults), Vec::new());
    assert_eq!(plugin::unknown_to_node_cache(&corefile, NEW), []);
}

#[test]
fn a_custom_key_shows_up_under_its_own_name_and_line() {
    let main = Source::new("Corefile", include_str!("distributions/aks.Corefile"));
    let custom = Source::new(
        "custom/a.server",
        "contoso.com:53 {\n    errors\n    cache 30\n    forward . 10.1.0.4 {\n        polcy sequential\n    }\n}\n",
    );
    let corefile = parse(main, vec![custom]);
    assert_eq!(
        said(&corefile, Version::new(1, 11, 3)),
        [
            "plugin/forward: /etc/coredns/custom/a.server:5 - Error during parsing: unknown property 'polcy'"
        ],
    );
}

#[test]
fn once_only_plugins_may_come_once_also_from_an_override() {
    let main = Source::new("Corefile", include_str!("distributions/k3s.Corefile"));
    let custom = Source::new(
        "custom/a.override",
        "hosts {\n    10.0.0.1 a.example\n    fallthrough\n}\n",
    );
    let corefile = parse(main, vec![custom]);
    let found = plugin::check(&corefile, NEW);
    assert_eq!(
        said(&corefile, NEW),
        ["plugin/hosts: this plugin can only be used once per Server Block"],
    );
    // The second use is where to look.
    assert_eq!(
        corefile.sources()[found[0].place().source].name,
        "custom/a.override"
    );
    assert!(found[0].help().contains("Keep one `hosts`"));
}

#[test]
fn forward_may_be_repeated_from_1_9_4_on() {
    let twice = "forward a.example 10.0.0.1\nforward . 10.0.0.2";
    assert_eq!(
        lines(twice, Version::new(1, 9, 3)),
        ["plugin/forward: this plugin can only be used once per Server Block"]
    );
    assert_eq!(lines(twice, Version::new(1, 9, 4)), Vec::<String>::new());
}

#[test]
fn a_forward_behind_one_that_takes_all_its_names_is_odd() {
    let notes = |lines: &str| -> Vec<String> {
        let text = format!(".:53 {{\n{lines}\n}}\n");
        let corefile = parse(Source::new("Corefile", text), Vec::new());
        let found = plugin::check(&corefile, NEW);
        assert!(found.iter().all(|problem| !problem.refused));
        found.into_iter().map(|problem| problem.message).collect()
    };
    let never = "CoreDNS never asks this `forward`: an earlier one of the block takes all names of 'corp.example'";
    assert_eq!(
        notes("forward . 10.0.0.1\nforward corp.example 10.0.0.2"),
        [never]
    );
    let fine = [
        "forward corp.example 10.0.0.2\nforward . 10.0.0.1",
        "forward . 10.0.0.1 {\n    except corp.example\n}\nforward corp.example 10.0.0.2",
        "forward . 10.0.0.1 {\n    next NXDOMAIN\n}\nforward . 10.0.0.2",
    ];
    for lines in fine {
        assert_eq!(notes(lines), Vec::<String>::new(), "{lines}");
    }
    assert_eq!(
        notes("forward 10.0.0.0/15 10.0.0.1"),
        ["'10.0.0.0/15' stands for 2 zones, and CoreDNS takes only 0.10.in-addr.arpa. of them"]
    );
}

#[test]
fn the_brace_of_a_directive_stands_on_its_line() {
    assert_eq!(
        first("cache 30\n{\n    success 100\n}"),
        "plugin/cache: this plugin can only be used once per Server Block"
    );
}

#[test]
fn an_inner_block_that_is_not_closed_makes_properties_of_what_follows() {
    let text = "health {\n    lameduck 5s\nforward . 10.0.0.1\ncache 30\n}";
    let corefile = parse(
        Source::new("Corefile", format!(".:53 {{\n{text}\n}}\n")),
        Vec::new(),
    );
    let found = plugin::check(&corefile, NEW);
    assert_eq!(
        corefile.said(&found[0]).as_deref(),
        Some(
            "plugin/health: /etc/coredns/Corefile:4 - Error during parsing: unknown property 'forward'"
        ),
    );
    assert!(
        found[0]
            .help()
            .contains("is the block of `health` closed before it?")
    );
}

#[test]
fn a_hash_in_an_upstream_leaves_the_comment_as_a_second_upstream() {
    assert_eq!(
        lines("forward . 1.1.1.1#note here", Version::new(1, 11, 3)),
        ["plugin/forward: not an IP address or file: \"here\""]
    );
}

/// Lines in a server block, and what CoreDNS says of them; `@` stands for the path of the Corefile.
const REFUSED: &[(&str, &str)] = &[
    (
        "acl {\n    permit net 10.0.0.0/8\n}",
        "plugin/acl: @3 - Error during parsing: unexpected token \"permit\"; expect 'allow', 'block', 'filter' or 'drop'",
    ),
    (
        "acl {\n    block net 10.0.0.0/33\n}",
        "plugin/acl: @3 - Error during parsing: illegal CIDR notation \"10.0.0.0/33\"",
    ),
    ("autopath", "plugin/autopath: no resolv-conf specified"),
    (
        "bind 10.0.0.300",
        "plugin/bind: not a valid IP address or interface name: \"10.0.0.300\"",
    ),
    (
        "bufsize 100",
        "plugin/bufsize: plugin/bufsize: @2 - Error during parsing: Wrong argument count or unexpected line ending after '100'",
    ),
    (
        "cache 0",
        "plugin/cache: cache TTL can not be zero or negative: 0",
    ),
    (
        "cache {\n    servfail 10m\n}",
        "plugin/cache: caching SERVFAIL responses over 5 minutes is not permitted",
    ),
    (
        "cache 30 {\n    prefetch 10 1m 95%\n}",
        "plugin/cache: percentage should fall in range [10, 90]: 95",
    ),
    (
        "errors {\n    consolidate 5s (\n}",
        "plugin/errors: @3 - Error during parsing: error parsing regexp: missing closing ): `(`",
    ),
    (
        "errors {\n    silence\n}",
        "plugin/errors: @3 - Syntax error: Unexpected token 'silence', expecting 'Unknown field silence'",
    ),
    (
        "forward .",
        "plugin/forward: @2 - Error during parsing: Wrong argument count or unexpected line ending after '.'",
    ),
    (
        "forward . 10.0.0.1 {\n    policy fastest\n}",
        "plugin/forward: @3 - Error during parsing: unknown policy 'fastest'",
    ),
    (
        "forward . 10.0.0.1 {\n    expire 30\n}",
        "plugin/forward: time: missing unit in duration \"30\"",
    ),
    (
        "forward . 10.0.0.1 {\n    failover NOERROR\n}",
        "plugin/forward: NoError cannot be used in failover",
    ),
    (
        "forward . grpc://10.0.0.1",
        "plugin/forward: 'grpc' is not supported as a destination protocol in forward: grpc://10.0.0.1:443",
    ),
    (
        "forward . 1.0.0.1 1.0.0.2 1.0.0.3 1.0.0.4 1.0.0.5 1.0.0.6 1.0.0.7 1.0.0.8 1.0.0.9 1.0.1.0 1.0.1.1 1.0.1.2 1.0.1.3 1.0.1.4 1.0.1.5 1.0.1.6",
        "plugin/forward: more than 15 TOs configured: 16",
    ),
    (
        "health 8080",
        "plugin/health: address 8080: missing port in address",
    ),
    (
        "health {\n    lameduck 5\n}",
        "plugin/health: unable to parse lameduck duration value: '5' : time: missing unit in duration \"5\"",
    ),
    (
        "hosts {\n    ttl 0\n}",
        "plugin/hosts: @3 - Error during parsing: ttl provided is invalid",
    ),
    (
        "hosts {\n    fallthrough\n    10.0.0.1 a.example\n}",
        "plugin/hosts: @4 - Error during parsing: unknown property '10.0.0.1'",
    ),
    (
        "kubernetes 10.in-addr.arpa",
        "plugin/kubernetes: non-reverse zone name must be used",
    ),
    (
        "kubernetes cluster.local {\n    pods off\n}",
        "plugin/kubernetes: wrong value for pods: off,  must be one of: disabled, verified, insecure",
    ),
    (
        "kubernetes cluster.local {\n    ttl 3601\n}",
        "plugin/kubernetes: @3 - Error during parsing: ttl must be in range [0, 3600]: 3601",
    ),
    (
        "loadbalance random",
        "plugin/loadbalance: unknown policy: random",
    ),
    (
        "log . {\n    class failure\n}",
        "plugin/log: invalid Class: failure",
    ),
    (
        "loop x",
        "plugin/loop: @2 - Error during parsing: Wrong argument count or unexpected line ending after 'x'",
    ),
    (
        "prometheus 9153",
        "plugin/prometheus: address 9153: missing port in address",
    ),
    (
        "ready 8181",
        "plugin/ready: address 8181: missing port in address",
    ),
    (
        "reload 1s",
        "plugin/reload: interval value must be greater or equal to 2s",
    ),
    (
        "rewrite name a.example",
        "plugin/rewrite: too few arguments for a name rule",
    ),
    (
        "rewrite name regex (.*)\\.a b.{1}.{2}",
        "plugin/rewrite: the rewrite regex pattern (b.{1}.{2}) uses more subexpressions than its corresponding matching regex pattern ((.*)\\.a)",
    ),
    (
        "secondary a.example {\n    transfer to 10.0.0.1\n}",
        "plugin/secondary: @3 - Error during parsing: unknown property to",
    ),
    (
        "template IN",
        "plugin/template: @2 - Error during parsing: Wrong argument count or unexpected line ending after 'IN'",
    ),
    (
        "template IN A {\n    match \"(?!x)\"\n}",
        "plugin/template: @3 - Error during parsing: could not parse regex: (?!x), error parsing regexp: invalid or unsupported Perl syntax: `(?!`",
    ),
    (
        "template IN A {\n    answer \"{{ .Name }} 60 IN A {{ .Name\"\n}",
        "plugin/template: @3 - Error during parsing: could not compile template: {{ .Name }} 60 IN A {{ .Name, template: answer:1: unclosed action",
    ),
    (
        "template IN A {\n    answer \"{{ .Name 60 IN A 10.0.0.1 }}\"\n}",
        "plugin/template: @3 - Error during parsing: could not compile template: {{ .Name 60 IN A 10.0.0.1 }}, template: answer:1: function \"IN\" not defined",
    ),
    (
        "timeouts {\n}",
        "plugin/timeouts: plugin/timeouts: @3 - Error during parsing: timeouts block with no timeouts specified",
    ),
    (
        "transfer {\n}",
        "plugin/transfer: plugin/transfer: @3 - Error during parsing: 'to' is required",
    ),
    (
        "tsig {\n    require X\n}",
        "plugin/tsig: @3 - Error during parsing: Wrong argument count or unexpected line ending after 'X'",
    ),
];

#[test]
fn lines_that_setups_refuse() {
    for (text, expected) in REFUSED {
        assert_eq!(first(text), *expected, "{text}");
    }
}

#[test]
fn every_fault_is_reported_and_coredns_meets_them_in_the_order_of_plugin_cfg() {
    let text = ".:53 {\n    forward . 10.0.0.1 {\n        polcy random\n        expire 5\n    }\n    cache 0\n}\na.example {\n    errors x\n}\n";
    assert_eq!(
        whole(text, Version::new(1, 11, 3)),
        [
            "plugin/errors: /etc/coredns/Corefile:9 - Error during parsing: invalid log file: x",
            "plugin/cache: cache TTL can not be zero or negative: 0",
            "plugin/forward: /etc/coredns/Corefile:3 - Error during parsing: unknown property 'polcy'",
            "plugin/forward: time: missing unit in duration \"5\"",
        ]
    );
}

#[test]
fn a_property_is_known_from_the_version_that_brought_it() {
    let text = "forward . 10.0.0.1 {\n    failover SERVFAIL\n}";
    let corefile = parse(
        Source::new("Corefile", format!(".:53 {{\n{text}\n}}\n")),
        Vec::new(),
    );
    assert_eq!(plugin::check(&corefile, Version::new(1, 13, 0)), []);
    let found = plugin::check(&corefile, Version::new(1, 12, 4));
    assert_eq!(found[0].message, "unknown property 'failover'");
    assert_eq!(
        found[0].help(),
        "`forward` knows `failover` from CoreDNS 1.13.0 on; this is 1.12.4. Remove it or upgrade."
    );
}

#[test]
fn properties_fade_before_they_are_refused() {
    let text = "kubernetes cluster.local {\n    upstream\n    resyncperiod 5m\n}";
    let corefile = parse(
        Source::new("Corefile", format!(".:53 {{\n{text}\n}}\n")),
        Vec::new(),
    );
    let messages = |version| -> Vec<(bool, String)> {
        plugin::check(&corefile, version)
            .into_iter()
            .map(|problem| (problem.refused, problem.message))
            .collect()
    };
    assert_eq!(messages(Version::new(1, 3, 1)), []);
    assert_eq!(
        messages(Version::new(1, 5, 0)),
        [
            (
                false,
                "CoreDNS ignores `upstream` of `kubernetes`".to_owned()
            ),
            (
                false,
                "`resyncperiod` of `kubernetes` is deprecated".to_owned()
            ),
        ]
    );
    assert!(
        messages(Version::new(1, 7, 0))
            .iter()
            .all(|(refused, _)| *refused)
    );
}

#[test]
fn plugins_come_and_go() {
    assert_eq!(
        lines("proxy . 10.0.0.1", Version::new(1, 5, 0)),
        ["@2 - Error during parsing: Unknown directive 'proxy'"]
    );
    assert_eq!(
        lines("proxy . 10.0.0.1", Version::new(1, 3, 1)),
        Vec::<String>::new()
    );
    assert_eq!(
        lines("acl", Version::new(1, 6, 3)),
        ["@2 - Error during parsing: Unknown directive 'acl'"]
    );
    let corefile = parse(
        Source::new("Corefile", ".:53 {\n    forwrd . 10.0.0.1\n}\n"),
        Vec::new(),
    );
    let found = plugin::check(&corefile, NEW);
    assert_eq!(found[0].help(), "Did you mean `forward`?");
}

#[test]
fn names_of_hosts_are_upstreams_from_1_14_4_on_and_have_to_resolve() {
    let text = ".:53 {\n    forward . dns.contoso.com\n}\n";
    let corefile = parse(Source::new("Corefile", text), Vec::new());
    let found = plugin::check(&corefile, Version::new(1, 14, 4));
    assert_eq!(found.len(), 1);
    assert!(!found[0].refused);
    assert!(
        found[0]
            .message
            .contains("refuses to start if they do not know it")
    );
    assert_eq!(
        whole(text, Version::new(1, 14, 3)),
        ["plugin/forward: not an IP address or file: \"dns.contoso.com\""]
    );
}

#[test]
fn blocks_may_share_a_zone_if_they_bind_to_different_addresses() {
    let bound = |other: &str| format!(".:53 {{\n    bind 10.0.0.1\n}}\n.:53 {{\n    {other}\n}}\n");
    assert_eq!(whole(&bound("bind 10.0.0.2"), NEW), Vec::<String>::new());
    assert_eq!(
        whole(&bound("bind 10.0.0.1"), NEW),
        ["cannot serve dns://.:53 on 10.0.0.1 - it is already defined"]
    );
    assert_eq!(
        whole(&bound("errors"), NEW),
        ["cannot serve dns://.:53 - zone overlap listener capacity with dns://.:53 on 10.0.0.1"]
    );
    assert_eq!(
        whole(".:53 {\n    errors\n}\n.:53 {\n    log\n}\n", NEW),
        ["cannot serve dns://.:53 - it is already defined"]
    );
}

#[test]
fn the_table_is_sorted_and_complete() {
    let names: Vec<&str> = plugin::table().iter().map(|plugin| plugin.name).collect();
    assert!(names.is_sorted(), "{names:?}");
    for plugin in plugin::table() {
        assert!(!plugin.no_answer.is_empty(), "{}", plugin.name);
        // A property does not come before its plugin, and fades before it goes.
        for property in plugin.properties {
            let name = format!("{} {}", plugin.name, property.name);
            assert!(
                property
                    .removed
                    .is_none_or(|removed| removed > property.added),
                "{name}"
            );
            let marks = [property.deprecated, property.ignored, property.removed];
            assert!(marks.iter().flatten().is_sorted(), "{name}");
        }
        // Each plugin stands in the order of every version that has it.
        for version in [
            Version::new(1, 1, 1),
            Version::new(1, 6, 9),
            Version::new(1, 12, 1),
            NEW,
        ] {
            let count = plugin::order(version)
                .iter()
                .filter(|one| one.name == plugin.name)
                .count();
            let has = plugin.status(version).is_accepted();
            assert_eq!(count, usize::from(has), "{} at {version}", plugin.name);
        }
    }
}

#[test]
fn the_order_is_that_of_plugin_cfg() {
    let order = |version| -> Vec<&str> {
        plugin::order(version)
            .iter()
            .map(|plugin| plugin.name)
            .collect()
    };
    assert_eq!(
        order(Version::new(1, 9, 4)).join(" "),
        "metadata geoip cancel tls reload nsid bufsize root bind debug trace ready health pprof prometheus errors log \
         dnstap local dns64 acl any chaos loadbalance tsig cache rewrite header dnssec autopath minimal template \
         transfer hosts route53 azure clouddns k8s_external kubernetes file auto secondary etcd loop forward grpc \
         erratic whoami on sign"
    );
    assert_eq!(
        order(Version::new(1, 14, 7)).join(" "),
        "root metadata geoip cancel proxyproto quic grpc_server https https3 timeouts multisocket reload nsid bufsize \
         bind debug trace ready health pprof shed prometheus errors log dnstap local dns64 any chaos loadbalance tsig \
         rewrite autopath acl cache header dnssec tls minimal template transfer hosts route53 azure clouddns \
         k8s_external kubernetes file auto secondary etcd loop forward grpc erratic whoami on sign view nomad"
    );
    assert!(
        plugin::rank("acl", Version::new(1, 14, 1)) < plugin::rank("cache", Version::new(1, 14, 1))
    );
    assert!(
        plugin::rank("rewrite", Version::new(1, 14, 2))
            < plugin::rank("acl", Version::new(1, 14, 2))
    );
    assert_eq!(plugin::rank("acl", Version::new(1, 6, 3)), usize::MAX);
}

#[test]
fn versions_are_read_from_tags_images_and_banners() {
    let cases = [
        ("1.11.3", Some(Version::new(1, 11, 3))),
        ("v1.12.1", Some(Version::new(1, 12, 1))),
        ("v1.9.4-hotfix.20240704", Some(Version::new(1, 9, 4))),
        ("v1.11.4-eksbuild.2", Some(Version::new(1, 11, 4))),
        (
            "mcr.example/oss/kubernetes/coredns:v1.12.1-10",
            Some(Version::new(1, 12, 1)),
        ),
        (
            "registry.example:5000/coredns/coredns:1.8.0@sha256:ab12",
            Some(Version::new(1, 8, 0)),
        ),
        ("CoreDNS-1.11.3", Some(Version::new(1, 11, 3))),
        ("1.14", Some(Version::new(1, 14, 0))),
        ("latest", None),
        ("registry.example:5000/coredns/coredns", None),
        ("", None),
    ];
    for (text, version) in cases {
        assert_eq!(Version::parse(text), version, "{text}");
    }
}

#[test]
fn the_newest_version_has_every_backend_that_was_not_removed() {
    let gone = ["federation", "proxy", "reverse"];
    for plugin in plugin::table()
        .iter()
        .filter(|plugin| plugin.role == Role::Backend)
    {
        let expected = if gone.contains(&plugin.name) {
            Status::Removed
        } else {
            Status::Works
        };
        assert_eq!(plugin.status(NEW), expected, "{}", plugin.name);
    }
}

/// Texts that come near to a Corefile.
fn near_corefile() -> impl Strategy<Value = String> {
    let names: Vec<&'static str> = plugin::table()
        .iter()
        .flat_map(|plugin| {
            std::iter::once(plugin.name).chain(plugin.properties.iter().map(|one| one.name))
        })
        .collect();
    let word = prop_oneof![
        6 => prop::sample::select(names).prop_map(str::to_owned),
        6 => prop::sample::select(vec![
            "{", "}", "\n", "\n", "\n    ", ".", ".:53", "example.org", "10.0.0.1", "10.0.0.0/8", "::1", "30", "-1",
            "5s", "0", "1h", "random", "regex", "(.*)", "{1}", "IN", "ANY", "A", "@kubernetes", "*", "answer", "auto",
            "continue", "stop", "name", "exact", "NXDOMAIN", "\"", "[a", "%", "tls://1.1.1.1%a", ":8080", "all",
        ])
        .prop_map(str::to_owned),
        1 => "\\PC{0,6}",
    ];
    prop::collection::vec(word, 0..60).prop_map(|words| words.join(" "))
}

proptest! {
    #[test]
    fn check_never_panics_and_points_into_the_texts(
        text in prop_oneof![near_corefile(), "\\PC{0,200}"],
        imported in near_corefile(),
        minor in 1_u16..16,
        patch in 0_u16..8,
    ) {
        let version = Version::new(1, minor, patch);
        let corefile = parse(
            Source::new("Corefile", text),
            vec![Source::new("custom/a.override", imported)],
        );
        let found = plugin::check(&corefile, version);
        for problem in &found {
            for span in [problem.span, problem.place()] {
                let source = &corefile.sources()[span.source].text;
                prop_assert!(source.get(span.start..span.end).is_some(), "{problem:?}");
            }
            prop_assert!(!problem.message.is_empty());
            prop_assert_eq!(problem.refused, corefile.said(problem).is_some());
        }
        prop_assert_eq!(found, plugin::check(&corefile, version));
    }
}
