use digpod_probe::ServerRole;

use crate::facts::probes::{cite_row, outcome_words};
use crate::facts::readings::{Reading, is_node, is_pod};
use crate::facts::{Facts, Seen, addresses, policy_verdict, vantages};
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
    /// restarts. A Service without ready endpoints is refused at once. Where a pod of another namespace
    /// on the same node is answered, look for policies, redirects and a mesh of the one namespace.
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
    let from = addresses::list(&from);
    let silent = service.is_silent();
    let (what, pods_do) = if silent {
        (format!("does not answer from {from}"), "does")
    } else {
        let said = outcome_words(first);
        (format!("answers wrongly from {from} ({said})"), "rightly")
    };
    let behind = if pods.rows.len() == 1 {
        "the CoreDNS pod"
    } else {
        "every CoreDNS pod"
    };
    let message = format!("the DNS Service {address} {what}, and {behind} behind it {pods_do}");
    // What the node does for a pod without policies it does not do for this namespace.
    let symptom = &facts.bundle().manifest().symptom;
    let of_namespace = symptom.namespace.as_deref().filter(|_| {
        let same_node = probes.node_of("control") == probes.node_of(vantage);
        same_node && is_pod(vantage) && probes.path("control", ServerRole::Service).works()
    });
    let scope = match (of_namespace, probes.node_of(vantage)) {
        (Some(namespace), _) => Scope::Namespace(namespace.to_owned()),
        (None, Some(node)) => Scope::Node(node.to_owned()),
        (None, None) => Scope::Cluster,
    };
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
    let (why, step, command) = cure(of_namespace, node, silent);
    let place = if of_namespace.is_some() {
        Symptom::Namespace
    } else {
        Symptom::Node
    };
    findings.push(
        finding
            .explain(format!(
                "The pods were asked by their own addresses, past the Service: they and the network to \
                 them work. {why}"
            ))
            .explaining([Symptom::All, Symptom::Timeout, Symptom::Internal, Symptom::External])
            .explaining([Symptom::Custom, place])
            .explaining((!silent).then_some([Symptom::Nxdomain, Symptom::Servfail, Symptom::Refused]).into_iter().flatten())
            .fix(step, Some(command))
            .decide(
                "See whether the Service has endpoints",
                Some("kubectl -n kube-system get endpointslices -l k8s-app=kube-dns".to_owned()),
            ),
    );
    Ok(())
}

/// Why, what to do, and with which command.
fn cure(namespace: Option<&str>, node: &str, silent: bool) -> (String, &'static str, String) {
    let other = if silent {
        ""
    } else {
        " Another server answers at this address there."
    };
    match namespace {
        Some(namespace) => (
            format!(
                "A pod where no policy applies gets its answers at the same address on the same node: what \
                 differs is done to namespace {namespace}, or to the pod, alone.{other}"
            ),
            "Look for what treats the namespace or the pod otherwise at this address: policies and redirects \
             of the network plugin, a service mesh, rules of the node",
            policy_verdict::of_other_kinds(namespace),
        ),
        None => (
            format!(
                "What turns the Service's address into theirs on the asking node does not.{other}"
            ),
            "Look at kube-proxy, or the agent that replaces it, on the node of whoever asks, and \
             restart it",
            format!(
                "kubectl -n kube-system get pods -o wide --field-selector spec.nodeName={node}"
            ),
        ),
    }
}
