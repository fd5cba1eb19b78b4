//! Directives of CoreDNS's plugins as patterns to draw lines from. `<kind>` stands for a value of
//! [`values`], `[x]` may be left out, `x...` comes once or more.

pub(crate) struct Plugin {
    pub(crate) name: &'static str,
    pub(crate) args: &'static [&'static str],
    pub(crate) properties: &'static [&'static str],
}

const fn plugin(
    name: &'static str,
    args: &'static [&'static str],
    properties: &'static [&'static str],
) -> Plugin {
    Plugin {
        name,
        args,
        properties,
    }
}

/// Good values and bad ones of a kind.
pub(crate) fn values(kind: &str) -> (&'static [&'static str], &'static [&'static str]) {
    let found = VALUES.iter().find(|(name, ..)| *name == kind);
    let (_, good, bad) = found.unwrap_or_else(|| panic!("no values of kind {kind}"));
    (good, bad)
}

/// Kinds of values, with good ones and bad ones.
const VALUES: &[(&str, &[&str], &[&str])] = &[
    (
        "zone",
        &[
            ".",
            "example.org",
            "cluster.local",
            "in-addr.arpa",
            "10.0.0.0/8",
            "Corp.Internal.",
        ],
        &["a..b", "example.org:", "10.0.0.0/33", "\"\"", ":53", "x{"],
    ),
    (
        "dur",
        &["30s", "1m", "5s", "500ms", "1h", "2m30s"],
        &["30", "abc", "-5s", "0", "0s", "1d", "\"\"", "24h", "1.5.s"],
    ),
    (
        "int",
        &["1", "2", "10", "100", "3600"],
        &[
            "0",
            "-1",
            "abc",
            "1.5",
            "99999999999999999999",
            "70000",
            "\"\"",
            "1k",
        ],
    ),
    (
        "ip",
        &["10.1.0.4", "1.1.1.1", "2001:db8::1", "127.0.0.1"],
        &[
            "10.1.0",
            "300.1.1.1",
            "host.example",
            "\"\"",
            "10.1.0.4/24",
            "::g",
        ],
    ),
    (
        "to",
        &[
            "10.1.0.4",
            "1.1.1.1:53",
            "tls://9.9.9.9",
            "[2001:db8::1]:53",
            "10.1.0.5",
            "2001:db8::2",
        ],
        &[
            "ftp://1.1.1.1",
            "1.1.1.1:70000",
            "tls://",
            "1.1.1.1:abc",
            "https://",
            "quic://1.1.1.1",
            "\"\"",
            "dns.example",
            "here#note now",
        ],
    ),
    (
        "addr",
        &[":8080", "127.0.0.1:9153", "localhost:8181", "[::1]:8080"],
        &["8080", "127.0.0.1", ":", "a:b:c", "\"\"", ":abc"],
    ),
    (
        "cidr",
        &["10.0.0.0/8", "192.168.1.0/24", "2001:db8::/32", "10.1.2.3"],
        &["10.0.0.0/33", "abc", "10.0.0/8", "\"\"", "*"],
    ),
    (
        "regex",
        &[
            "^(.*)\\.example\\.org\\.$",
            ".*",
            "\"^a b$\"",
            "(?P<n>[a-z]+)\\.x",
            "[0-9]{1,3}",
        ],
        &["(", "[a", "*a", "a{2,1}", "\\8", "(?P<n", "a**"],
    ),
    (
        "word",
        &["abc", "name", "x-1", "key"],
        &["\"\"", "\"a b\"", "{$NOPE}"],
    ),
    (
        "name",
        &["example.org", "a.example.org.", "svc.cluster.local"],
        &["a..b", "\"\"", "."],
    ),
    (
        "rcode",
        &["NOERROR", "NXDOMAIN", "SERVFAIL", "REFUSED"],
        &["nope", "3", "\"\"", "nxdomain", "99999"],
    ),
    ("class", &["IN", "ANY", "CH"], &["XX", "\"\"", "in"]),
    (
        "type",
        &["A", "AAAA", "ANY", "MX", "TXT"],
        &["QQ", "\"\"", "a", "TYPE1"],
    ),
    (
        "rr",
        &[
            "\"{{ .Name }} 60 IN A 10.0.0.1\"",
            "\"example.org. 60 IN TXT x\"",
        ],
        &["\"{{ .Name \"", "\"{{ .Nope }} 60\"", "\"\"", "{{"],
    ),
    (
        "percent",
        &["10%", "50%", "90%"],
        &["5", "91%", "0%", "x%", "%", "-1%"],
    ),
    ("file", &["db.none", "/nonexistent/x"], &["\"\""]),
    (
        "hosts",
        &[
            "10.0.0.1 a.example",
            "10.0.0.2 b.example c.example",
            "2001:db8::5 d.example",
        ],
        &["10.0.0.1", "abc def", "300.1.1.1 a"],
    ),
    (
        "format",
        &[
            "\"{remote} {type}\"",
            "{common}",
            "\"{combined} x\"",
            "{rcode}",
        ],
        &["\"{nope}\"", "{", "\"{/a\"", "{}"],
    ),
    (
        "expr",
        &[
            "true",
            "\"name() == 'a'\"",
            "\"incidr(client_ip(), '10.0.0.0/8')\"",
        ],
        &["(", "\"nope()\"", "\"\"", "name()"],
    ),
];

/// The plugins that need nothing but their text to be set up.
pub(crate) const PLUGINS: &[Plugin] = &[
    plugin(
        "forward",
        &["<zone> <to>...", ". <to>", ". <to> <to>", "<zone> <to>"],
        FORWARD,
    ),
    plugin("forward", &[". <to>"], FORWARD),
    plugin(
        "kubernetes",
        &["", "<zone>...", "cluster.local in-addr.arpa ip6.arpa"],
        &[
            "endpoint https://10.0.0.1:6443",
            "namespaces <word>...",
            "namespace_labels <one:a=b|environment!=x>",
            "labels <one:a=b|app|!!>",
            "pods <one:disabled|insecure|verified>",
            "endpoint_pod_names",
            "ttl <int>",
            "noendpoints",
            "fallthrough [<zone>...]",
            "ignore <one:empty_service>",
            "multicluster <zone>",
            "startup_timeout <dur>",
            "apiserver_qps <int>",
            "apiserver_burst <int>",
            "apiserver_max_inflight <int>",
            "kubeconfig <file> [<word>]",
            "resyncperiod <dur>",
            "upstream",
            "transfer to <ip>",
            "zonal",
        ],
    ),
    plugin(
        "cache",
        &["", "<int>", "<int> <zone>...", "<zone>", "30"],
        CACHE,
    ),
    plugin("cache", &["", "30"], CACHE),
    plugin(
        "errors",
        &["", "[stdout]"],
        &[
            "consolidate <dur> <regex> [<one:warning|error|info|debug>]",
            "consolidate <dur> <regex> [<one:warning|error>] [show_first]",
            "stacktrace",
        ],
    ),
    plugin(
        "log",
        &[
            "",
            "<zone>",
            "<zone>... [<format>]",
            ". <format>",
            "<format>",
        ],
        &[
            "class <one:success|denial|error|all>...",
            "class <one:success|denial>",
        ],
    ),
    plugin("health", &["", "[<addr>]"], &["lameduck <dur>"]),
    plugin(
        "ready",
        &["", "[<addr>]"],
        &["monitor <one:until-ready|continuously>"],
    ),
    plugin(
        "prometheus",
        &["", "[<addr>]"],
        &["runtime_metrics", "tls <file> <file>"],
    ),
    plugin(
        "reload",
        &["", "<dur>", "<dur> <dur>", "0", "10s 5s", "2s 1s"],
        &[],
    ),
    plugin("loop", &["", "", "[<word>]"], &[]),
    plugin("any", &["", "", "[<word>]"], &[]),
    plugin("minimal", &["", "", "[<word>]"], &[]),
    plugin("whoami", &["", "", "[<word>]"], &[]),
    plugin("local", &["", "", "[<word>]"], &[]),
    plugin("debug", &["", "", "[<word>]"], &[]),
    plugin("cancel", &["", "<dur>"], &[]),
    plugin("metadata", &["", "<zone>..."], &["bogus"]),
    plugin("root", &["/tmp", "<file>"], &[]),
    plugin("nsid", &["", "<word>..."], &[]),
    plugin("chaos", &["", "CoreDNS-1 <word>...", "<word>"], &[]),
    plugin("bufsize", &["", "<int>", "1232", "512", "4096"], &[]),
    plugin("multisocket", &["", "<int>", "2"], &[]),
    plugin("pprof", &["", "[<addr>]"], &["block [<int>]"]),
    plugin(
        "erratic",
        &["", ""],
        &[
            "drop [<int>]",
            "truncate [<int>]",
            "delay [<int> [<dur>]]",
            "large",
        ],
    ),
    plugin(
        "loadbalance",
        &[
            "",
            "<one:round_robin|weighted>",
            "round_robin",
            "weighted <file>",
        ],
        &["reload <dur>", "prefer <cidr>..."],
    ),
    plugin("hosts", &["", "<file>", "<file> <zone>..."], HOSTS),
    plugin("hosts", &[""], HOSTS),
    plugin("rewrite", REWRITE, &[]),
    plugin("rewrite", REWRITE, &[]),
    plugin(
        "rewrite",
        &["", "[<one:stop|continue>]"],
        &[
            "name regex <regex> <name>",
            "answer name <regex> <name>",
            "answer auto",
            "name <name> <name>",
        ],
    ),
    plugin(
        "template",
        &[
            "<class> <type>",
            "<class> <type> <zone>...",
            "IN A example.org",
        ],
        TEMPLATE,
    ),
    plugin("template", &["IN ANY", "IN A"], TEMPLATE),
    plugin(
        "acl",
        &["", "<zone>..."],
        &[
            "<one:allow|block|filter|drop>",
            "<one:allow|block|filter|drop> type <type>...",
            "<one:allow|block|filter|drop> net <cidr>...",
            "<one:allow|block> type <type>... net <cidr>...",
        ],
    ),
    plugin(
        "file",
        &["<file> <zone>...", "<file>", ""],
        &[
            "reload <dur>",
            "fallthrough [<zone>...]",
            "reload_by_mtime",
            "upstream",
        ],
    ),
    plugin(
        "auto",
        &["", "<zone>..."],
        &[
            "directory /tmp",
            "directory /tmp <regex> <name>",
            "reload <dur>",
            "upstream",
            "fallthrough",
        ],
    ),
    plugin(
        "secondary",
        &["", "<zone>..."],
        &[
            "transfer from <to>...",
            "transfer <one:from|to> <ip>",
            "fallthrough [<zone>]",
            "upstream",
        ],
    ),
    plugin(
        "transfer",
        &["", "<zone>..."],
        &[
            "to <one:*|10.1.0.4|10.1.0.4:5353>...",
            "to <ip>",
            "source <ip>",
        ],
    ),
    plugin(
        "autopath",
        &[
            "@kubernetes",
            "<zone> @kubernetes",
            "<file>",
            "",
            "<zone> <file>",
        ],
        &[],
    ),
    plugin(
        "bind",
        &["127.0.0.1", "lo", "<one:127.0.0.1|lo|::1>...", ""],
        &["except <one:127.0.0.1|lo>"],
    ),
    plugin(
        "dns64",
        &["", "64:ff9b::/96", "<cidr>"],
        &[
            "prefix <one:64:ff9b::/96|2001:db8::/32|10.0.0.0/8>",
            "translate_all",
            "allow_ipv4",
        ],
    ),
    plugin(
        "grpc",
        &["<zone> <to>...", ". <to>"],
        &[
            "except <zone>...",
            "tls_servername <name>",
            "policy <one:random|round_robin|sequential>",
            "tls",
            "fallthrough",
        ],
    ),
    plugin(
        "timeouts",
        &[""],
        &[
            "read <dur>",
            "write <dur>",
            "idle <dur>",
            "maxtcpqueries <int>",
        ],
    ),
    plugin(
        "k8s_external",
        &["", "<zone>..."],
        &[
            "apex <word>",
            "ttl <int>",
            "headless",
            "fallthrough [<zone>]",
        ],
    ),
    plugin("view", &["<word>", ""], &["expr <expr>"]),
    plugin(
        "header",
        &[""],
        &[
            "<one:query|response> <one:set|clear> <one:aa|ra|rd>...",
            "<one:query|response> set aa ra",
            "set <one:aa|ra>",
        ],
    ),
    plugin(
        "dnssec",
        &["", "<zone>..."],
        &["cache_capacity <int>", "key file <file>"],
    ),
    plugin(
        "tsig",
        &["", "<zone>..."],
        &[
            "secret <name> <one:aGVsbG8=|NoTCJU+DMqFWywaPyxSijrDEA/eC3nK0xi3AMEZuPVk=>",
            "require <one:all|none|A|AXFR>...",
            "secrets",
        ],
    ),
    plugin(
        "trace",
        &["", "zipkin", "<one:zipkin|datadog> <addr>"],
        &[
            "every <int>",
            "service <word>",
            "client_server",
            "datadog_analytics_rate <one:0.1|2>",
        ],
    ),
    plugin(
        "dnstap",
        &["/tmp/dnstap.sock", "tcp://127.0.0.1:6000 full", ""],
        &["identity <word>", "version <word>", "extra <word>"],
    ),
    plugin(
        "tls",
        &["<file> <file>", "", "<file>"],
        &["client_auth <one:nocert|request|require>"],
    ),
    plugin(
        "sign",
        &["<file> <zone>", ""],
        &["key file <file>", "directory /tmp"],
    ),
    plugin(
        "quic",
        &[""],
        &["max_streams <int>", "worker_pool_size <int>"],
    ),
    plugin(
        "proxyproto",
        &[""],
        &["allow <cidr>...", "default <one:use|ignore|reject|skip>"],
    ),
    plugin("shed", &["", "[<word>]"], &["bogus"]),
    plugin(
        "geoip",
        &["/nonexistent/x.mmdb", ""],
        &["edns-subnet", "bogus"],
    ),
    plugin(
        "etcd",
        &["", "<zone>..."],
        &[
            "path <word>",
            "fallthrough [<zone>]",
            "credentials <word> <word>",
            "stubzones",
            "upstream",
        ],
    ),
    plugin(
        "nomad",
        &["", "<zone>"],
        &[
            "address <one:http://127.0.0.1:4646>",
            "token <word>",
            "ttl <int>",
        ],
    ),
    plugin(
        "grpc_server",
        &[""],
        &["max_streams <int>", "max_connections <int>"],
    ),
    plugin("https", &[""], &["max_connections <int>"]),
    plugin("https3", &[""], &["max_streams <int>"]),
];

const FORWARD: &[&str] = &[
    "except <zone>...",
    "max_fails <int>",
    "expire <dur>",
    "health_check <dur>",
    "health_check <dur> [no_rec] [domain <name>]",
    "force_tcp",
    "prefer_udp",
    "tls",
    "tls_servername <name>",
    "policy <one:random|round_robin|sequential>",
    "max_concurrent <int>",
    "next <rcode>...",
    "failfast_all_unhealthy_upstreams",
    "failover <rcode>...",
    "max_connect_attempts <int>",
    "max_idle_conns <int>",
    "max_age <dur>",
    "next_on_nodata",
    "doh_method <one:GET|POST>",
    "read_timeout <dur>",
    "source_address <ip>",
    "resolver <ip>...",
];

const CACHE: &[&str] = &[
    "success <int> [<int>] [<int>]",
    "denial <int> [<int>] [<int>]",
    "prefetch <int>",
    "prefetch <int> <dur>",
    "prefetch <int> <dur> <percent>",
    "serve_stale [<dur>]",
    "serve_stale <dur> <one:immediate|verify>",
    "serve_stale_policy <one:prefer_positive>",
    "servfail <dur>",
    "disable <one:success|denial> [<zone>...]",
    "keepttl",
];

const HOSTS: &[&str] = &[
    "<hosts>",
    "<hosts>",
    "ttl <int>",
    "no_reverse",
    "reload <dur>",
    "fallthrough [<zone>...]",
    "fallthrough",
    "fallthrough_unsupported",
];

const REWRITE: &[&str] = &[
    "name <name> <name>",
    "[<one:stop|continue>] name <name> <name>",
    "name <one:exact|prefix|suffix|substring> <name> <name>",
    "name regex <regex> <name>",
    "name regex <regex> <name> answer auto",
    "name regex <regex> <name> answer name <regex> <name>",
    "name suffix <name> <name> answer <one:auto>",
    "type <type> <type>",
    "class <class> <class>",
    "edns0 local <one:set|append|replace|unset> 0xffee <one:0x61|abc|{qname}>",
    "edns0 nsid <one:set|append|replace>",
    "edns0 subnet set <int> <int>",
    "ttl <name> <int>",
    "ttl <one:exact|suffix|regex> <name> <one:30|30-60|-60|60-30>",
    "cname <one:exact|suffix> <name> <name>",
    "rcode <name> <rcode> <rcode>",
    "rcode <one:exact|suffix> <name> <rcode> <rcode>",
    "<word> <name> <name>",
];

const TEMPLATE: &[&str] = &[
    "match <regex>",
    "answer <rr>",
    "additional <rr>",
    "authority <rr>",
    "rcode <rcode>",
    "ederror <int> [<word>]",
    "fallthrough [<zone>...]",
    "upstream",
];
