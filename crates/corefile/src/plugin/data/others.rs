//! The plugins that shape the server, look on, change or refuse queries.

use super::{p, plugin, v};
use crate::plugin::table::{Plugin, Role};

const NEXT: &str = "the next plugin is asked";
const NOT_IN_CHAIN: &str = "queries do not pass through it";

pub(super) const ACL: Plugin = plugin("acl", Role::Gate, "[ZONES...]")
    .since(v(6, 4))
    .with(&[
        p("allow", "[type TYPE...] [net SOURCE...]"),
        p("block", "[type TYPE...] [net SOURCE...]"),
        p("filter", "[type TYPE...] [net SOURCE...]").since(8, 3),
        p("drop", "[type TYPE...] [net SOURCE...]").since(10, 1),
    ])
    .declines("a query that no rule blocks goes on");

pub(super) const ANY: Plugin = plugin("any", Role::Gate, "")
    .since(v(5, 1))
    .declines("queries of other types than ANY go on");

pub(super) const AUTOPATH: Plugin =
    plugin("autopath", Role::Modifier, "[ZONES...] RESOLV_CONF|@PLUGIN")
        .at_least(1)
        .declines(NEXT);

pub(super) const BIND: Plugin = plugin("bind", Role::Server, "ADDRESS|INTERFACE...")
    .at_least(1)
    .in_node_cache()
    .with(&[p("except", "ADDRESS|INTERFACE...").since(8, 4)])
    .declines(NOT_IN_CHAIN);

pub(super) const BUFSIZE: Plugin = plugin("bufsize", Role::Modifier, "[SIZE]")
    .since(v(6, 6))
    .takes(0, 1)
    .in_node_cache()
    .declines(NEXT);

pub(super) const CACHE: Plugin = plugin("cache", Role::Backend, "[TTL] [ZONES...]")
    .once()
    .in_node_cache()
    .with(&[
        p("success", "CAPACITY [TTL] [MINTTL]"),
        p("denial", "CAPACITY [TTL] [MINTTL]"),
        p("prefetch", "AMOUNT [[DURATION] [PERCENTAGE%]]"),
        p("serve_stale", "[DURATION] [REFRESH_MODE]").since(6, 6),
        p("serve_stale_policy", "prefer_positive").since(14, 7),
        p("servfail", "DURATION").since(9, 4),
        p("disable", "success|denial [ZONES...]").since(9, 4),
        p("keepttl", "").since(10, 1),
    ])
    .declines(NEXT);

pub(super) const CANCEL: Plugin = plugin("cancel", Role::Modifier, "[TIMEOUT]")
    .since(v(5, 0))
    .takes(0, 1)
    .declines(NEXT);

pub(super) const CHAOS: Plugin = plugin("chaos", Role::Backend, "[VERSION] [AUTHORS...]")
    .declines("queries of other classes than CH go on");

pub(super) const DEBUG: Plugin = plugin("debug", Role::Server, "")
    .takes(0, 0)
    .in_node_cache()
    .declines(NOT_IN_CHAIN);

pub(super) const DNS64: Plugin = plugin("dns64", Role::Modifier, "[PREFIX]")
    .since(v(7, 0))
    .takes(0, 1)
    .in_node_cache()
    .with(&[
        p("prefix", "PREFIX"),
        p("translate_all", ""),
        p("allow_ipv4", "").since(8, 7),
    ])
    .declines(NEXT);

pub(super) const DNSSEC: Plugin = plugin("dnssec", Role::Modifier, "[ZONES...]")
    .once()
    .with(&[
        p("key", "file|aws_secretsmanager KEY..."),
        p("cache_capacity", "CAPACITY"),
    ])
    .declines(NEXT);

pub(super) const DNSTAP: Plugin = plugin("dnstap", Role::Observer, "SOCKET [full]")
    .at_least(1)
    .with(&[
        p("identity", "IDENTITY").since(9, 4),
        p("version", "VERSION").since(9, 4),
        p("skipverify", "").since(11, 0),
        p("extra", "FORMAT").since(11, 1),
        p("tls", "CERT KEY [CA]").since(14, 4),
    ])
    .declines(NEXT);

pub(super) const ERRORS: Plugin = plugin("errors", Role::Observer, "")
    .takes(0, 0)
    .once()
    .in_node_cache()
    .with(&[
        p("consolidate", "DURATION REGEXP [LEVEL] [show_first]").since(2, 6),
        p("stacktrace", "").since(9, 3),
    ])
    .declines(NEXT);

pub(super) const GEOIP: Plugin = plugin("geoip", Role::Observer, "DBFILE")
    .since(v(8, 5))
    .takes(1, 1)
    .with(&[p("edns-subnet", "").since(9, 2)])
    .declines(NEXT);

pub(super) const GRPC_SERVER: Plugin = plugin("grpc_server", Role::Server, "")
    .since(v(14, 0))
    .takes(0, 0)
    .with(&[p("max_streams", "COUNT"), p("max_connections", "COUNT")])
    .declines(NOT_IN_CHAIN);

pub(super) const HEADER: Plugin = plugin("header", Role::Modifier, "")
    .since(v(8, 5))
    .with(&[
        p("query", "set|clear FLAGS...").since(9, 4),
        p("response", "set|clear FLAGS...").since(9, 4),
        p("set", "FLAGS...")
            .deprecated(9, 4)
            .until(12, 4)
            .instead("response set"),
        p("clear", "FLAGS...")
            .deprecated(9, 4)
            .until(12, 4)
            .instead("response clear"),
    ])
    .declines(NEXT);

pub(super) const HEALTH: Plugin = plugin("health", Role::Server, "[ADDRESS]")
    .takes(0, 1)
    .in_node_cache()
    .with(&[p("lameduck", "DURATION")])
    .declines(NOT_IN_CHAIN);

pub(super) const HTTPS: Plugin = plugin("https", Role::Server, "")
    .since(v(14, 0))
    .takes(0, 0)
    .with(&[
        p("max_connections", "COUNT"),
        p("max_streams", "COUNT").since(15, 0),
    ])
    .declines(NOT_IN_CHAIN);

pub(super) const HTTPS3: Plugin = plugin("https3", Role::Server, "")
    .since(v(14, 0))
    .takes(0, 0)
    .with(&[
        p("max_streams", "COUNT"),
        p("max_connections", "COUNT").since(14, 7),
    ])
    .declines(NOT_IN_CHAIN);

pub(super) const LOADBALANCE: Plugin = plugin(
    "loadbalance",
    Role::Modifier,
    "[round_robin | weighted FILE]",
)
.takes(0, 2)
.in_node_cache()
.with(&[
    p("reload", "DURATION").since(10, 1),
    p("prefer", "CIDR...").since(12, 4),
])
.declines(NEXT);

pub(super) const LOG: Plugin = plugin("log", Role::Observer, "[NAMES...] [FORMAT]")
    .in_node_cache()
    .with(&[p("class", "success|denial|error|all...")])
    .declines(NEXT);

pub(super) const LOOP: Plugin = plugin("loop", Role::Gate, "")
    .since(v(2, 1))
    .takes(0, 0)
    .once()
    .in_node_cache()
    .declines(NEXT);

pub(super) const METADATA: Plugin = plugin("metadata", Role::Observer, "[ZONES...]")
    .since(v(2, 0))
    .declines(NEXT);

pub(super) const MINIMAL: Plugin = plugin("minimal", Role::Modifier, "")
    .since(v(8, 4))
    .takes(0, 0)
    .declines(NEXT);

pub(super) const MULTISOCKET: Plugin = plugin("multisocket", Role::Server, "[SOCKETS]")
    .since(v(12, 0))
    .takes(0, 1)
    .declines(NOT_IN_CHAIN);

pub(super) const NSID: Plugin = plugin("nsid", Role::Modifier, "[DATA]")
    .once()
    .declines(NEXT);

pub(super) const ON: Plugin = plugin("on", Role::Server, "EVENT COMMAND").declines(NOT_IN_CHAIN);

pub(super) const PPROF: Plugin = plugin("pprof", Role::Server, "[ADDRESS]")
    .takes(0, 1)
    .once()
    .in_node_cache()
    .with(&[p("block", "[RATE]").since(5, 0)])
    .declines(NOT_IN_CHAIN);

pub(super) const PROMETHEUS: Plugin = plugin("prometheus", Role::Observer, "[ADDRESS]")
    .takes(0, 1)
    .once()
    .in_node_cache()
    .with(&[
        p("runtime_metrics", "").since(14, 3),
        p("tls", "FILE").since(14, 3),
    ])
    .declines(NEXT);

pub(super) const PROXYPROTO: Plugin = plugin("proxyproto", Role::Server, "")
    .since(v(14, 3))
    .takes(0, 0)
    .with(&[
        p("allow", "CIDR..."),
        p("default", "use|ignore|reject|skip"),
        p("udp_session_tracking", "DURATION [MAX_SESSIONS]").since(14, 3),
        p("tlv_metadata", "").since(15, 0),
    ])
    .declines(NOT_IN_CHAIN);

pub(super) const QUIC: Plugin = plugin("quic", Role::Server, "")
    .since(v(12, 2))
    .takes(0, 0)
    .with(&[
        p("max_streams", "COUNT"),
        p("worker_pool_size", "COUNT"),
        p("max_connections", "COUNT").since(15, 0),
    ])
    .declines(NOT_IN_CHAIN);

pub(super) const READY: Plugin = plugin("ready", Role::Server, "[ADDRESS]")
    .since(v(5, 0))
    .takes(0, 1)
    .once()
    .with(&[p("monitor", "until-ready|continuously").since(12, 2)])
    .declines(NOT_IN_CHAIN);

pub(super) const RELOAD: Plugin = plugin("reload", Role::Server, "[INTERVAL] [JITTER]")
    .since(v(1, 0))
    .takes(0, 2)
    .in_node_cache()
    .declines(NOT_IN_CHAIN);

pub(super) const REWRITE: Plugin = plugin(
    "rewrite",
    Role::Modifier,
    "[continue|stop] FIELD FROM TO [OPTIONS]",
)
.at_least(1)
.in_node_cache()
.declines("a query that no rule matches goes on unchanged");

pub(super) const ROOT: Plugin = plugin("root", Role::Server, "PATH")
    .takes(1, 1)
    .declines(NOT_IN_CHAIN);

pub(super) const SHED: Plugin = plugin("shed", Role::Gate, "")
    .since(v(14, 7))
    .takes(0, 0)
    .once()
    .declines(NEXT);

pub(super) const SHUTDOWN: Plugin = plugin("shutdown", Role::Server, "COMMAND")
    .until(v(1, 1))
    .declines(NOT_IN_CHAIN);

pub(super) const SIGN: Plugin = plugin("sign", Role::Server, "DBFILE [ZONES...]")
    .since(v(6, 3))
    .at_least(1)
    .with(&[p("key", "file|directory KEY..."), p("directory", "DIR")])
    .declines(NOT_IN_CHAIN);

pub(super) const SIIT: Plugin = plugin("siit", Role::Modifier, "")
    .since(v(15, 0))
    .takes(0, 0)
    .with(&[p("ipv6_prefix", "PREFIX"), p("eam", "IPV4 IPV6")])
    .declines(NEXT);

pub(super) const STARTUP: Plugin = plugin("startup", Role::Server, "COMMAND")
    .until(v(1, 1))
    .declines(NOT_IN_CHAIN);

pub(super) const TIMEOUTS: Plugin = plugin("timeouts", Role::Server, "")
    .since(v(10, 1))
    .takes(0, 0)
    .in_node_cache()
    .with(&[
        p("read", "DURATION"),
        p("write", "DURATION"),
        p("idle", "DURATION"),
        p("maxtcpqueries", "COUNT").since(14, 7),
    ])
    .declines(NOT_IN_CHAIN);

pub(super) const TLS: Plugin = plugin("tls", Role::Server, "[CERT KEY [CA]]")
    .takes(0, 3)
    .with(&[
        p(
            "client_auth",
            "nocert|request|require|verify_if_given|require_and_verify",
        )
        .since(5, 1),
        p("keylog", "FILE").since(14, 3),
        p("acme", "DOMAIN...").since(14, 7),
        p("email", "ADDRESS").since(14, 7),
        p("ca", "URL").since(14, 7),
        p("storage", "PATH").since(14, 7),
        p("ca_root", "PATH").since(14, 7),
        p("resolver", "ADDRESS:PORT").since(14, 7),
    ])
    .declines(NOT_IN_CHAIN);

pub(super) const TRACE: Plugin = plugin("trace", Role::Observer, "[ENDPOINT_TYPE] [ENDPOINT]")
    .takes(0, 2)
    .in_node_cache()
    .with(&[
        p("every", "AMOUNT"),
        p("service", "NAME"),
        p("client_server", "[true|false]"),
        p("datadog_analytics_rate", "[RATE]").since(8, 0),
        p("zipkin_max_backlog_size", "COUNT").since(9, 4),
        p("zipkin_max_batch_size", "COUNT").since(9, 4),
        p("zipkin_max_batch_interval", "DURATION").since(9, 4),
    ])
    .declines(NEXT);

pub(super) const TRANSFER: Plugin = plugin("transfer", Role::Backend, "[ZONES...]")
    .since(v(6, 5))
    .with(&[p("to", "ADDRESS...|*"), p("source", "ADDRESS").since(14, 5)])
    .declines("queries of other types than AXFR and IXFR go on");

pub(super) const TSIG: Plugin = plugin("tsig", Role::Gate, "[ZONES...]")
    .since(v(9, 4))
    .once()
    .with(&[
        p("secret", "NAME KEY"),
        p("secrets", "FILE"),
        p("require", "TYPE...|all|none"),
        p("require_opcode", "OPCODE...|all|none").since(14, 3),
    ])
    .declines(NEXT);

pub(super) const VIEW: Plugin = plugin("view", Role::Server, "NAME")
    .since(v(10, 0))
    .takes(1, 1)
    .once()
    .with(&[p("expr", "EXPRESSION")])
    .declines("a query that its expressions do not fit is for another server block");
