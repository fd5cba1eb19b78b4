use digpod_probe::ServerRole;

use crate::facts::probes::cite_row;
use crate::facts::readings::{Reading, is_node, is_pod};
use crate::facts::{Facts, Seen, addresses, vantages};
use crate::finding::{Confidence, Finding, Findings, Scope};
use crate::rule::declare_rule;
use crate::symptom::Symptom;

declare_rule! {
    /// The DNS Service's address does not answer, and every CoreDNS pod behind it does.
    ///
    /// ## What it does
    /// Compares, from one place, the tries at the Service's address with those at each CoreDNS pod:
    /// it fires when half of the first or more got no good answer and nine of ten of the others did,
    /// for names that need no upstream.
    ///
    /// ## Why it matters
    /// CoreDNS is well; what is broken is the way from the Service's address to its pods: kube-proxy
    /// or what replaces it, on the node of whoever asks.
    ///
    /// ## How to fix
    /// Look at kube-proxy (or the network plugin's agent) on that node: its log, its rules, its
    /// restarts. A Service without ready endpoints is refused at once.
    ///
    /// ## Sources
    /// - <https://kubernetes.io/docs/tasks/debug/debug-application/debug-service/>
    /// - <https://kubernetes.io/docs/tasks/administer-cluster/dns-debugging-resolution/>
    "probes/service-ip-fails-but-coredns-pods-answer", High, since "0.1.0"
}

fn check(facts: &Facts<'_>, findings: &mut Findings) -> Seen<()> {
    vantages::seen(facts)?;
    let probes = &facts.probes;
    let mut broken: Vec<(&str, Reading<'_>, Reading<'_>)> = Vec::new();
    for vantage in probes.vantages() {
        if !is_pod(vantage) && !is_node(vantage) {
            continue;
        }
        let service = probes.path(vantage, ServerRole::Service);
        let pods = probes.path(vantage, ServerRole::CorednsPod);
        let each_works = pods.rows.iter().all(|row| Reading::of([*row]).works());
        if service.fails() && each_works && pods.works() {
            broken.push((vantage, service, pods));
        }
    }
    let Some((vantage, service, pods)) = broken.first() else {
        return Ok(());
    };
    let Some(first) = service.rows.first() else {
        return Ok(());
    };
    let address = addresses::bare(&first.server);
    let from: Vec<String> = broken.iter().map(|(it, ..)| facts.place(it)).collect();
    let message = format!(
        "the DNS Service {address} does not answer from {}, and {} behind it {}",
        addresses::list(&from),
        if pods.rows.len() == 1 {
            "the CoreDNS pod"
        } else {
            "every CoreDNS pod"
        },
        "does",
    );
    let scope = probes
        .node_of(vantage)
        .map_or(Scope::Cluster, |node| Scope::Node(node.to_owned()));
    let finding = Finding::new(&RULE, Confidence::Proven, scope, message, cite_row(first));
    let rows = broken
        .iter()
        .skip(1)
        .filter_map(|(_, service, _)| service.cite());
    let finding = rows.fold(finding, Finding::because);
    let finding = pods
        .rows
        .iter()
        .fold(finding, |finding, row| finding.because(cite_row(row)));
    let node = probes.node_of(vantage).unwrap_or("NODE");
    findings.push(
        finding
            .explain(
                "The pods were asked by their own addresses, past the Service: they and the network to \
                 them work. What turns the Service's address into theirs on the asking node does not.",
            )
            .explaining([Symptom::All, Symptom::Timeout, Symptom::Internal, Symptom::External])
            .explaining([Symptom::Custom, Symptom::Node])
            .fix(
                "Look at kube-proxy, or the agent that replaces it, on the node of whoever asks, and \
                 restart it",
                Some(format!(
                    "kubectl -n kube-system get pods -o wide --field-selector spec.nodeName={node}"
                )),
            )
            .decide(
                "See whether the Service has endpoints",
                Some("kubectl -n kube-system get endpointslices -l k8s-app=kube-dns".to_owned()),
            ),
    );
    Ok(())
}
