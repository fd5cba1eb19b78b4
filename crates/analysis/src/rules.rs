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
        forward_max_concurrent_exceeded,
        forwarding_loop_detected,
        log_coverage_insufficient,
        upstream_io_timeout,
    ]
    network: [
        conntrack_race_five_second_delays,
        dns_rule_lacks_udp_or_tcp,
        egress_policy_blocks_dns,
        ingress_policy_blocks_coredns,
        node_pool_boundary_blocks_dns,
    ]
    probes: [
        cluster_dns_fails_but_direct_upstream_works,
        custom_domain_fails_intermittently,
        direct_upstream_fails_from_pod,
        dns_answers_now,
        failure_follows_namespace_or_node,
        no_coredns_pod_answers,
        node_fails_too,
        only_cluster_names_fail,
        only_external_names_fail,
        pod_fails_node_works,
        search_expansion_changes_answer,
        service_ip_fails_but_coredns_pods_answer,
        service_record_content_unexpected,
        some_coredns_replicas_bad,
        typed_name_is_not_found,
        udp_and_tcp_differ,
        unexpected_address,
        working_pod_differs,
    ]
    resolv_conf: [
        cluster_search_domains_missing,
        pod_nameserver_is_not_cluster_dns,
    ]
    upstreams: [
        cloud_dns_mixed_with_custom_dns,
        coredns_holds_old_upstreams,
        custom_dns_cannot_resolve_platform_names,
        private_zone_not_visible,
        several_upstreams_with_random_policy,
        upstream_answers_with_error,
        upstream_refuses_edns,
        upstream_slow,
        upstream_tcp_blocked,
        upstream_unreachable,
        upstreams_disagree,
    ]
}
