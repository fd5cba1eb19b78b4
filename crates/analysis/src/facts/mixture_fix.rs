//! How a mixed list is put right, and what would prove that it is the cause.

use super::addresses::{Owner, describe, list as words, owner};
use super::mixture::Mixture;
use super::upstreams::UpstreamList;
use super::{Facts, cure};
use crate::finding::Finding;

/// Adds the steps of the fix; `block` is a failing name and the servers that know it.
pub(crate) fn add(
    finding: Finding,
    facts: &Facts<'_>,
    list: &UpstreamList,
    mixture: &Mixture,
    block: Option<(&str, &[String])>,
) -> Finding {
    // A server that answers nobody is no server to keep.
    let silent: Vec<String> = silent(facts, list, mixture);
    let kept = mixture.custom.iter().filter(|it| !silent.contains(it));
    let custom: Vec<String> = kept.map(|address| cure::word(address, "SERVER")).collect();
    let without = match silent.as_slice() {
        [] => String::new(),
        silent => format!(
            " ({} did not answer: mend it before it is kept)",
            words(silent)
        ),
    };
    let cloud: Vec<String> = mixture
        .cloud
        .iter()
        .map(|address| describe(address))
        .collect();
    let cloud = words(&cloud);
    let restart = cure::restart(facts);
    let mut finding = match (list.inferred.is_some(), provider(mixture)) {
        (false, _) => finding.fix(
            format!("Take {cloud} out of the `forward` of zone {}", list.zones),
            Some(format!(
                "kubectl -n {} edit configmap {}",
                cure::namespace(facts),
                cure::config_map(list)
            )),
        ),
        (true, Provider::Azure) => finding.fix(
            format!("Keep only the custom servers in the virtual network's DNS server list{without}"),
            Some(format!(
                "az network vnet update -g <resource-group> -n <vnet> --dns-servers {}",
                custom.join(" ")
            )),
        ),
        (true, Provider::Amazon) => finding.fix(
            format!("Keep only the custom servers in the VPC's DHCP options set{without}"),
            Some(format!(
                "aws ec2 create-dhcp-options --dhcp-configurations Key=domain-name-servers,Values={}",
                custom.join(",")
            )),
        ),
        (true, Provider::Other) => finding.fix(
            format!(
                "Keep only the custom servers ({}) in the list that the network gives its nodes{without}",
                words(&custom)
            ),
            None,
        ),
    };
    finding = finding.fix(
        format!(
            "On the custom servers, make {cloud} the forwarder for every zone that is not their own, \
             so that public and platform names still resolve"
        ),
        None,
    );
    finding = match list.inferred {
        Some(_) => finding.fix(
            "Let the nodes take the new list (restart their network service, or reimage the node \
             pools one by one), then restart CoreDNS, which reads it only when it starts",
            Some(restart),
        ),
        None => finding.fix("Restart CoreDNS", Some(restart)),
    };
    match block {
        Some((name, servers)) => {
            cure::with_step(finding, cure::own_block(facts, list, name, servers))
        }
        None => cure::with_step(finding, cure::own_block(facts, list, "", &mixture.custom)),
    }
}

/// Custom servers that were asked and did not answer, unless none did.
fn silent(facts: &Facts<'_>, list: &UpstreamList, mixture: &Mixture) -> Vec<String> {
    let compared = facts.comparisons().iter();
    let mut of_list = compared.filter(|it| it.list.forward == list.forward);
    let silent = |address: &&String| {
        let mut of_list = of_list.clone();
        of_list.any(|it| it.silent.contains(address))
    };
    let silent: Vec<String> = mixture.custom.iter().filter(silent).cloned().collect();
    if of_list.next().is_none() || silent.len() == mixture.custom.len() {
        return Vec::new();
    }
    silent
}

/// Names the probe that would prove it.
pub(crate) fn decide(finding: Finding, mixture: &Mixture, name: Option<&str>) -> Finding {
    let name = name.map_or_else(|| "NAME".to_owned(), |name| cure::word(name, "NAME"));
    let digs: Vec<String> = mixture
        .cloud
        .iter()
        .chain(&mixture.custom)
        .map(|address| format!("`dig @{} {name}`", cure::word(address, "SERVER")))
        .collect();
    finding.decide(
        format!(
            "Probe each upstream from a pod for a name that fails ({}): NXDOMAIN from one beside an \
             address from another is the proof. digpod does it, repeated and in one table",
            digs.join(", ")
        ),
        Some(format!("digpod collect {name}")),
    )
}

enum Provider {
    Azure,
    Amazon,
    Other,
}

fn provider(mixture: &Mixture) -> Provider {
    match mixture.cloud.first().map(|address| owner(address)) {
        Some(Owner::Platform("Azure DNS")) => Provider::Azure,
        Some(Owner::Platform("the Amazon resolver")) => Provider::Amazon,
        _ => Provider::Other,
    }
}
