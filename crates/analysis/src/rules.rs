//! The registry: one line per rule.

use crate::rule::Rule;

/// Declares the rule modules and the list of rules from one table.
macro_rules! registry {
    ($($group:ident: [$($name:ident),+ $(,)?])*) => {
        $(mod $group { $(pub(super) mod $name;)+ })*

        /// Every rule, in the order findings are reported.
        pub static RULES: &[&Rule] = &[$($(&$group::$name::RULE,)+)*];
    };
}

registry! {
    coredns: [
        coredns_crashloop,
        no_ready_coredns_replica,
    ]
    corefile: [
        custom_configmap_in_use,
        custom_key_is_ignored,
    ]
    logs: [
        forwarding_loop_detected,
        log_coverage_insufficient,
        upstream_io_timeout,
    ]
    probes: [
        custom_domain_fails_intermittently,
        pod_fails_node_works,
    ]
    resolv_conf: [
        cluster_search_domains_missing,
        pod_nameserver_is_not_cluster_dns,
    ]
    upstreams: [
        cloud_dns_mixed_with_custom_dns,
        several_upstreams_with_random_policy,
        upstream_unreachable,
        upstreams_disagree,
    ]
}
