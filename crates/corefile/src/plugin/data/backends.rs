//! The plugins that may answer a query.

use super::{p, plugin, v};
use crate::plugin::table::{Plugin, Role};

const NEXT: &str = "the next plugin is asked";
const REMOVED_FOR_UPSTREAM: &str = "nothing: CoreDNS asks itself";

pub(super) const AUTO: Plugin = plugin("auto", Role::Backend, "[ZONES...]")
    .with(&[
        p("directory", "DIR [REGEXP ORIGIN_TEMPLATE]"),
        p("no_reload", "").until(5, 0).instead("reload 0"),
        p("reload", "DURATION").since(2, 4),
        p("transfer", "to ADDRESS...")
            .until(8, 0)
            .instead("the plugin transfer"),
        p("upstream", "")
            .ignored(4, 0)
            .instead(REMOVED_FOR_UPSTREAM),
    ])
    .declines(
        "a name that its zone files do not have gets NXDOMAIN; a name in none of its zones goes on",
    );

pub(super) const AZURE: Plugin = plugin("azure", Role::Backend, "RESOURCE_GROUP:ZONE...")
    .since(v(6, 2))
    .with(&[
        p("subscription", "ID"),
        p("tenant", "ID"),
        p("client", "ID"),
        p("secret", "SECRET"),
        p("environment", "NAME"),
        p("access", "public|private").since(6, 9),
        p("fallthrough", "[ZONES...]"),
        p("refresh", "DURATION").since(15, 0),
    ])
    .declines("NXDOMAIN, unless fallthrough covers the name");

pub(super) const CLOUDDNS: Plugin =
    plugin("clouddns", Role::Backend, "ZONE:PROJECT:HOSTED_ZONE...")
        .since(v(6, 3))
        .with(&[
            p("upstream", "")
                .ignored(6, 3)
                .instead(REMOVED_FOR_UPSTREAM),
            p("credentials", "FILE"),
            p("endpoint", "URL").since(15, 0),
            p("fallthrough", "[ZONES...]"),
            p("refresh", "DURATION").since(15, 0),
        ])
        .declines("NXDOMAIN, unless fallthrough covers the name");

pub(super) const DYNUPDATE: Plugin = plugin("dynupdate", Role::Backend, "[ZONE]")
    .since(v(15, 0))
    .takes(0, 1)
    .once()
    .with(&[
        p("file", "DBFILE"),
        p("allow", "KEY NAME TYPE..."),
        p("database", "PATH"),
        p("max_records", "COUNT"),
        p("max_bytes", "COUNT"),
        p("max_update_records", "COUNT"),
    ])
    .declines("a name that its zone does not have gets NXDOMAIN");

pub(super) const ERRATIC: Plugin = plugin("erratic", Role::Backend, "")
    .with(&[
        p("drop", "[AMOUNT]"),
        p("truncate", "[AMOUNT]"),
        p("delay", "[AMOUNT [DURATION]]"),
        p("large", "").since(2, 5),
    ])
    .declines("it answers every query");

pub(super) const ETCD: Plugin = plugin("etcd", Role::Backend, "[ZONES...]")
    .with(&[
        p("path", "PATH"),
        p("endpoint", "ENDPOINT..."),
        p("credentials", "USERNAME PASSWORD").since(4, 0),
        p("tls", "CERT KEY CACERT"),
        p("fallthrough", "[ZONES...]"),
        p("stubzones", "")
            .ignored(4, 0)
            .instead("a server block or a forward for the stub zone"),
        p("upstream", "")
            .ignored(4, 0)
            .instead(REMOVED_FOR_UPSTREAM),
        p("debug", "").ignored(1, 1),
        p("min-lease-ttl", "DURATION").since(12, 4),
        p("max-lease-ttl", "DURATION").since(12, 4),
        p("no_apex_fallback", "").since(15, 0),
    ])
    .declines("NXDOMAIN, unless fallthrough covers the name");

pub(super) const FEDERATION: Plugin = plugin("federation", Role::Backend, "[ZONES...]")
    .until(v(7, 0))
    .with(&[p("upstream", "").since(2, 4).ignored(4, 0)])
    .declines(NEXT);

pub(super) const FILE: Plugin = plugin("file", Role::Backend, "DBFILE [ZONES...]")
    .at_least(1)
    .with(&[
        p("no_reload", "").until(5, 0).instead("reload 0"),
        p("reload", "DURATION").since(2, 4),
        p("transfer", "to ADDRESS...")
            .until(8, 0)
            .instead("the plugin transfer"),
        p("upstream", "")
            .ignored(4, 0)
            .instead(REMOVED_FOR_UPSTREAM),
        p("fallthrough", "[ZONES...]").since(12, 2),
        p("reload_by_mtime", "").since(14, 4),
    ])
    .declines("a name that its zone does not have gets NXDOMAIN, unless fallthrough covers it");

pub(super) const FORWARD: Plugin = plugin("forward", Role::Backend, "FROM TO...")
    .at_least(2)
    .once_until(v(9, 4))
    .in_node_cache()
    .with(&[
        p("except", "NAMES..."),
        p("force_tcp", ""),
        p("prefer_udp", "").since(2, 0),
        p("expire", "DURATION"),
        p("max_fails", "COUNT"),
        p("tls", "[CERT KEY] [CA]"),
        p("tls_servername", "NAME"),
        p("policy", "random|round_robin|sequential"),
        p("health_check", "DURATION [no_rec] [domain FQDN]"),
        p("max_concurrent", "COUNT").since(6, 9),
        p("next", "RCODE...").since(11, 4),
        p("failfast_all_unhealthy_upstreams", "").since(12, 1),
        p("failover", "RCODE...").since(13, 0),
        p("max_connect_attempts", "COUNT").since(13, 2),
        p("max_idle_conns", "COUNT").since(14, 1),
        p("max_age", "DURATION").since(14, 3),
        p("next_on_nodata", "").since(14, 4),
        p("resolver", "ADDRESS...").since(14, 4),
        p("doh_method", "GET|POST").since(14, 5),
        p("read_timeout", "DURATION").since(14, 5),
        p("source_address", "IP").since(14, 6),
    ])
    .declines(
        "a name outside FROM, or below an exception, goes on; the upstream's rcode is final; \
               SERVFAIL if no upstream answers",
    );

pub(super) const GRPC: Plugin = plugin("grpc", Role::Backend, "FROM TO...")
    .since(v(5, 0))
    .at_least(2)
    .once()
    .with(&[
        p("except", "NAMES..."),
        p("tls", "[CERT KEY] [CA]"),
        p("tls_servername", "NAME"),
        p("policy", "random|round_robin|sequential"),
        p("fallthrough", "[ZONES...]").since(12, 3),
    ])
    .declines(
        "a name outside FROM, or below an exception, goes on; SERVFAIL if no upstream answers",
    );

pub(super) const HOSTS: Plugin = plugin("hosts", Role::Backend, "[FILE [ZONES...]]")
    .once()
    .in_node_cache()
    .with(&[
        p("fallthrough", "[ZONES...]"),
        p("ttl", "SECONDS").since(4, 0),
        p("no_reverse", "").since(4, 0),
        p("reload", "DURATION").since(4, 0),
        p("fallthrough_unsupported", "").since(14, 7),
    ])
    .declines(
        "a name in its zones that it does not list gets SERVFAIL, unless fallthrough covers it",
    );

pub(super) const K8S_EXTERNAL: Plugin = plugin("k8s_external", Role::Backend, "[ZONES...]")
    .since(v(3, 0))
    .with(&[
        p("apex", "APEX"),
        p("ttl", "SECONDS"),
        p("headless", "").since(9, 4),
        p("fallthrough", "[ZONES...]").since(11, 0),
    ])
    .declines(
        "a name in its zones that no Service has gets NXDOMAIN, unless fallthrough covers it",
    );

pub(super) const KUBERNETES: Plugin = plugin("kubernetes", Role::Backend, "[ZONES...]")
    .once()
    .with(&[
        p("endpoint", "URL"),
        p("tls", "CERT KEY CACERT"),
        p("kubeconfig", "FILE [CONTEXT]").since(2, 3),
        p("apiserver_qps", "QPS").since(14, 0),
        p("apiserver_burst", "COUNT").since(14, 0),
        p("apiserver_max_inflight", "COUNT").since(14, 0),
        p("namespaces", "NAMESPACE..."),
        p("namespace_labels", "EXPRESSION").since(5, 0),
        p("labels", "EXPRESSION"),
        p("pods", "disabled|insecure|verified"),
        p("endpoint_pod_names", ""),
        p("ttl", "SECONDS"),
        p("noendpoints", ""),
        p("fallthrough", "[ZONES...]"),
        p("ignore", "empty_service").since(1, 4),
        p("multicluster", "[ZONES...]").since(12, 2),
        p("startup_timeout", "DURATION").since(12, 3),
        p("zonal", "").since(14, 7),
        p("resyncperiod", "DURATION")
            .deprecated(5, 0)
            .ignored(6, 0)
            .until(7, 0),
        p("upstream", "[ADDRESS...]")
            .deprecated(4, 0)
            .ignored(5, 0)
            .until(7, 0),
        p("transfer", "to ADDRESS...")
            .until(8, 0)
            .instead("the plugin transfer"),
    ])
    .declines(
        "a name in its zones that the cluster does not have gets NXDOMAIN, unless fallthrough \
               covers it; SERVFAIL while the API was never reached",
    );

pub(super) const LOCAL: Plugin = plugin("local", Role::Backend, "")
    .since(v(8, 1))
    .takes(0, 0)
    .with(&[p("localhost_prefix", "on|off").since(14, 5)])
    .declines(NEXT);

pub(super) const NOMAD: Plugin = plugin("nomad", Role::Backend, "[ZONE]")
    .since(v(13, 0))
    .with(&[
        p("address", "URL..."),
        p("filter", "EXPRESSION").since(13, 2),
        p("token", "TOKEN"),
        p("ttl", "SECONDS"),
    ])
    .declines("NXDOMAIN");

pub(super) const PROXY: Plugin = plugin("proxy", Role::Backend, "FROM TO...")
    .fading(v(4, 0))
    .until(v(5, 0))
    .at_least(2)
    .with(&[
        p("policy", "random|least_conn|round_robin|first"),
        p("fail_timeout", "DURATION"),
        p("max_fails", "COUNT"),
        p("health_check", "PATH:PORT [DURATION]"),
        p("except", "NAMES..."),
        p("spray", ""),
        p("protocol", "dns [force_tcp] | grpc [insecure|CACERT|...]"),
    ])
    .declines("a name outside FROM, or below an exception, goes on");

pub(super) const REVERSE: Plugin = plugin("reverse", Role::Backend, "NETWORK...")
    .until(v(2, 0))
    .at_least(1)
    .with(&[
        p("hostname", "TEMPLATE"),
        p("ttl", "SECONDS"),
        p("fallthrough", "[ZONES...]"),
        p("wildcard", ""),
    ])
    .declines("NXDOMAIN, unless fallthrough covers the name");

pub(super) const ROUTE53: Plugin = plugin("route53", Role::Backend, "ZONE:HOSTED_ZONE_ID...")
    .with(&[
        p("aws_access_key", "ID SECRET")
            .deprecated(11, 1)
            .instead("the usual AWS credentials"),
        p("aws_endpoint", "URL").since(8, 7),
        p("credentials", "PROFILE [FILENAME]").since(2, 4),
        p("fallthrough", "[ZONES...]").since(2, 4),
        p("refresh", "DURATION").since(6, 2),
        p("upstream", "")
            .since(2, 4)
            .ignored(4, 0)
            .instead(REMOVED_FOR_UPSTREAM),
    ])
    .declines("NXDOMAIN, unless fallthrough covers the name");

pub(super) const SECONDARY: Plugin = plugin("secondary", Role::Backend, "[ZONES...]")
    .with(&[
        p("transfer", "from ADDRESS..."),
        p("upstream", "")
            .ignored(4, 0)
            .until(8, 0)
            .instead(REMOVED_FOR_UPSTREAM),
        p("fallthrough", "[ZONES...]").since(14, 4),
        p("catalog", "[ZONES...]").since(14, 5),
    ])
    .declines(
        "a name that its zone does not have gets NXDOMAIN, unless fallthrough covers it; \
               SERVFAIL before the first transfer",
    );

pub(super) const TEMPLATE: Plugin = plugin("template", Role::Backend, "CLASS TYPE [ZONES...]")
    .at_least(2)
    .in_node_cache()
    .with(&[
        p("match", "REGEXP..."),
        p("answer", "RR"),
        p("additional", "RR"),
        p("authority", "RR"),
        p("rcode", "RCODE"),
        p("ederror", "CODE [TEXT]").since(10, 1),
        p("var", "NAME EXPRESSION").since(15, 0),
        p("expr", "EXPRESSION").since(15, 0),
        p("fallthrough", "[ZONES...]"),
        p("upstream", "")
            .ignored(4, 0)
            .instead(REMOVED_FOR_UPSTREAM),
    ])
    .declines(
        "a query of its class, type and zones that no regular expression matches gets \
               SERVFAIL, unless fallthrough covers the name",
    );

pub(super) const WHOAMI: Plugin = plugin("whoami", Role::Backend, "")
    .takes(0, 0)
    .in_node_cache()
    .declines("it answers every query");
