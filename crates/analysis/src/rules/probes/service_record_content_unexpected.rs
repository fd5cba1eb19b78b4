use crate::facts::addresses::{given, list as words};
use crate::facts::cluster_answers::{self, Odd};
use crate::facts::names::plain;
use crate::facts::probes::cite_row;
use crate::facts::{Facts, Seen, cite, vantages};
use crate::finding::{Confidence, Finding, Findings, Scope};
use crate::rule::declare_rule;
use crate::symptom::Symptom;

declare_rule! {
    /// The answer for a Service's name is not what the cluster's API says.
    ///
    /// ## What it does
    /// Compares what CoreDNS pods answer for the names in question that are names of the cluster with
    /// the Service that the API server has: with its address; of a headless one with the endpoints that
    /// are ready; of an `ExternalName` with the name that it stands for; and with there being none in
    /// that namespace. Where the Service was not read, and of other names of the cluster, it fires
    /// when CoreDNS pods give different addresses, when the API server's own Service has an address
    /// outside of the cluster's Service ranges, or when a name in question exists for no CoreDNS pod.
    ///
    /// ## Why it matters
    /// The `kubernetes` plugin answers from a copy of the API's objects. Different answers mean that one
    /// copy is old, unless the Service was changed less than a TTL ago; NXDOMAIN means that there is no
    /// such Service in that namespace, or, of a headless one, no ready endpoint.
    ///
    /// ## How to fix
    /// Look for the Service, its namespace and its endpoints; make the CoreDNS pod with the old answer
    /// anew.
    ///
    /// ## Sources
    /// - <https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/>
    /// - <https://coredns.io/plugins/kubernetes/>
    "probes/service-record-content-unexpected", Medium, since "0.1.0"
}

fn check(facts: &Facts<'_>, findings: &mut Findings) -> Seen<()> {
    vantages::seen(facts)?;
    let (found, gaps) = cluster_answers::odd(facts);
    for (name, odd) in found {
        findings.push(finding(name, odd));
    }
    gaps.into_iter().next().map_or(Ok(()), Err)
}

fn finding(name: &str, odd: Odd<'_>) -> Finding {
    let scope = Scope::Name(name.to_owned());
    let name = plain(name);
    match odd {
        Odd::Against(it) => {
            let mut evidence = it.evidence.into_iter();
            let place = digpod_bundle::Place::whole("probes");
            let primary = evidence
                .next()
                .unwrap_or_else(|| cite(&place, "the probes"));
            let finding = Finding::new(&RULE, it.confidence, scope, it.message, primary);
            let (text, command) = it.fix;
            evidence
                .fold(finding, Finding::because)
                .explain(it.explanation)
                .explaining(it.explains)
                .fix(text, Some(command))
        }
        Odd::Differ(first, other) => {
            let message = format!(
                "CoreDNS pods give different addresses for {name}: {} and {}",
                given(&first.answers),
                given(&other.answers),
            );
            let service = name.split('.').next().unwrap_or(name);
            Finding::new(&RULE, Confidence::Proven, scope, message, cite_row(first))
                .because(cite_row(other))
                .explain("Each pod answers from its own copy of the API's objects: one of the copies is old.")
                .explaining([Symptom::Internal, Symptom::Replica, Symptom::Intermittent])
                .fix(
                    "Compare with the Service, and make the CoreDNS pod with the old answer anew",
                    Some(format!("kubectl get service -A -o wide | grep -w {service}")),
                )
        }
        Odd::Outside(row, ranges, place) => {
            let message = format!(
                "{name} has the address {}, which is in none of the cluster's Service ranges ({})",
                given(&row.answers),
                words(&ranges),
            );
            Finding::new(&RULE, Confidence::Likely, scope, message, cite_row(row))
                .because(cite(&place, "the cluster's Service ranges"))
                .explain(
                    "A `hosts`, `rewrite` or `template` of the Corefile answers in the place of the \
                     `kubernetes` plugin, or CoreDNS watches another cluster's API.",
                )
                .explaining([Symptom::Internal])
                .fix("Look for what answers this name in the effective Corefile", None)
        }
        Odd::Absent(service, namespace, rows) => {
            let message = format!(
                "there is no Service {service} with an address in namespace {namespace}: every CoreDNS pod \
                 says that {name} does not exist"
            );
            let mut rows = rows.iter().take(4).map(|row| cite_row(row));
            let place = digpod_bundle::Place::whole("probes");
            let primary = rows.next().unwrap_or_else(|| cite(&place, "the probes"));
            let finding = Finding::new(&RULE, Confidence::Proven, scope, message, primary);
            rows.fold(finding, Finding::because)
                .explain(
                    "The Service is missing, has another name or namespace, or is headless and has no \
                     endpoint that is ready.",
                )
                .explaining([Symptom::Custom, Symptom::Nxdomain, Symptom::Internal])
                .fix(
                    "Look for the Service and its endpoints; write the namespace into the name if it is \
                     another",
                    Some(format!("kubectl -n {namespace} get service,endpointslices")),
                )
        }
    }
}
