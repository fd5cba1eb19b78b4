//! What nobody waits for: read while the probes ask.

use digpod_bundle::k8s::{Pod, Workload};
use digpod_bundle::layout;

use super::source::timed;
use super::trail::Trail;
use super::{
    Found, Request, WhichNodes, accounts, configz, counts, discover, dns, events, foreign, groups,
    hints, inside, logs, metrics, network, node_pods, nodes, openshift, owner, policies, working,
    workload,
};
use crate::api::Api;
use crate::progress::Progress;
use crate::sink::Sink;

/// Gathers the rest, the most telling first, while the probes ask: a run that is cut short lacks
/// the end of it.
pub(crate) async fn rest(
    api: &Api,
    request: &Request,
    found: &Found,
    sink: &Sink,
    progress: &Progress,
) {
    progress.step("reading CoreDNS: logs, events, usage, policies, permissions");
    Box::pin(of_dns(api, request, found, sink, progress)).await;
    progress.step("reading what is around CoreDNS: network plugin, node-local DNS, distribution");
    let (groups, daemon_sets) = Box::pin(around(api, request, found, sink, progress)).await;
    progress.step("reading a sample of the nodes, counting pods and Services");
    let concerned = found.nodes.clone();
    let nodes = nodes::sample(api, sink, concerned, &request.nodes).await;
    let listed = matches!(request.nodes, WhichNodes::Sample(1..));
    counts::counts(api, sink, listed, nodes).await;
    found.say(sink, groups.as_ref(), &daemon_sets);
}

/// The DNS pods and the failing pod, and what is set up for them.
async fn of_dns(api: &Api, request: &Request, found: &Found, sink: &Sink, progress: &Progress) {
    let (namespace, pods) = (found.dns_namespace.as_str(), found.dns_pods.as_slice());
    let service = found.service.as_ref();
    let dns = discover::Dns {
        namespace: namespace.to_owned(),
        service: found.service.clone(),
    };
    let wanted = logs::Wanted::of_dns(request.since, request.log_budget);
    let (one, client) = (&timed(api), found.workload.as_ref());
    futures::join!(
        progress.source(
            "policies",
            policies::policies(one, sink, namespace, &request.namespace)
        ),
        progress.source("EndpointSlices", dns::endpoint_slices(one, sink, &dns)),
        progress.source("logs", logs::logs(api, sink, namespace, pods, wanted)),
        progress.source("events", events::of_dns(one, sink, namespace, pods)),
        progress.source("owner", owner::owner(one, sink, namespace, pods)),
        metrics::usage(one, sink, namespace, service),
        dns::namespace(one, sink, namespace),
        progress.source(
            "permissions of DNS",
            accounts::rules(one, sink, namespace, pods)
        ),
        progress.source(
            "failing pod's owner and events",
            workload::around(one, sink, request, client)
        ),
        inside::of_failing(one, request, client, sink),
        inside::of_working(one, request, found.working.as_ref(), sink),
        working::around(one, request.working_pod.as_ref(), &request.namespace, sink),
    );
}

/// The network, other layers of DNS, the distribution.
async fn around(
    api: &Api,
    request: &Request,
    found: &Found,
    sink: &Sink,
    progress: &Progress,
) -> (Option<groups::Groups>, Vec<Workload>) {
    let (namespace, pods) = (found.dns_namespace.as_str(), found.dns_pods.as_slice());
    let (one, client) = (&timed(api), found.workload.as_ref());
    let groups = async {
        let groups = groups::groups(one, sink).await;
        futures::join!(
            foreign::policies(one, sink, &groups, namespace, &request.namespace),
            openshift::operator(one, sink, groups.as_ref()),
        );
        groups.ok()
    };
    let daemon_sets = async {
        let sets = network::daemon_sets(one, sink).await;
        network::node_local(one, sink, &found.trail, &sets).await;
        sets.unwrap_or_default()
    };
    let carriers = async {
        let carriers = node_pods::pods(one, sink, pods, client).await;
        let (caches, others): (Vec<Pod>, Vec<Pod>) =
            carriers.into_iter().partition(node_pods::is_node_local);
        // One after the other, as they are worth.
        let wanted = logs::Wanted::of_dns(request.since, request.log_budget / 4);
        logs::logs(api, sink, "kube-system", &caches, wanted).await;
        let wanted = logs::Wanted::of_network(request.since, request.log_budget / 8);
        logs::logs(api, sink, "kube-system", &others, wanted).await;
    };
    let (groups, daemon_sets, ..) = futures::join!(
        progress.source("policies of other kinds", groups),
        progress.source("DaemonSets", daemon_sets),
        progress.source("network pods of the nodes", carriers),
        network::kube_proxy(one, sink),
        configz::configz(one, sink, request.kubelet_config, pods, client),
        late_hints(one, sink, &found.trail),
    );
    (groups, daemon_sets)
}

/// What the search for DNS did not wait for.
async fn late_hints(api: &Api, sink: &Sink, trail: &Trail) {
    let entries = [layout::KUBELET_CONFIG, layout::SERVICE_CIDRS];
    let said = |entry: &str| sink.with(|bundle| bundle.item(entry).is_some());
    if !entries.iter().all(|entry| said(entry)) {
        hints::hints(api, sink, trail).await;
    }
}
