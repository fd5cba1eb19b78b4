use digpod_probe::Transport;

use crate::facts::addresses::{Owner, bare, canonical_socket, describe, list as words, owner};
use crate::facts::names::plain;
use crate::facts::probes::cite_row;
use crate::facts::readings::Reading;
use crate::facts::upstreams::UpstreamList;
use crate::facts::{Facts, Seen, cite, error_words, platform, vantages};
use crate::finding::{Confidence, Evidence, Finding, Findings, Scope};
use crate::matrix::Row;
use crate::rule::declare_rule;
use crate::symptom::Symptom;

declare_rule! {
    /// The custom DNS servers do not resolve what the platform's resolver would.
    ///
    /// ## What it does
    /// Where CoreDNS forwards to servers of the user's own alone, looks at public names and at names of
    /// the platform's private zones: it fires when all of these servers fail for one of them. If the
    /// platform's resolver was asked as well and knows the name, that is proof.
    ///
    /// ## Why it matters
    /// Custom servers replace the platform's resolver for everything. Without a forwarder to it they
    /// know neither its private zones nor, perhaps, public names: nodes cannot pull images or find
    /// the API server.
    ///
    /// ## How to fix
    /// Give the custom servers a forwarder to the platform's resolver. It can be reached from inside its
    /// network only.
    ///
    /// ## Sources
    /// - <https://learn.microsoft.com/azure/virtual-network/virtual-networks-name-resolution-for-vms-and-role-instances>
    /// - <https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16>
    /// - <https://learn.microsoft.com/troubleshoot/azure/azure-kubernetes/connectivity/dns/troubleshoot-dns-failure-from-pod-but-not-from-worker-node>
    "upstreams/custom-dns-cannot-resolve-platform-names", High, since "0.1.0"
}

fn check(facts: &Facts<'_>, findings: &mut Findings) -> Seen<()> {
    let lists = facts.upstream_lists()?;
    vantages::seen(facts)?;
    let mut names: Vec<&str> = Vec::new();
    for row in facts
        .probes
        .rows
        .iter()
        .filter(|row| platform::is_of_platform(row))
    {
        if names.contains(&row.name.as_str()) {
            continue;
        }
        names.push(&row.name);
        let Some(list) = facts
            .serving(&row.name)
            // Servers that fail for every name are another fault.
            .filter(|list| platform::is_custom(list) && !error_words::is_broken(facts, list))
        else {
            continue;
        };
        if let Some(finding) = judge(facts, list, row) {
            findings.push(finding);
        }
    }
    lists
        .iter()
        .find_map(|list| list.unknown.clone())
        .map_or(Ok(()), Err)
}

fn judge(facts: &Facts<'_>, list: &UpstreamList, of: &Row) -> Option<Finding> {
    let name = &of.name;
    let of_name = |row: &&Row| {
        row.name == *name
            && row.class == of.class
            && row.record_type == "A"
            && row.transport == Transport::Udp
            && !row.is_walk()
    };
    let rows: Vec<&Row> = facts.probes.rows.iter().filter(of_name).collect();
    let mut evidence: Vec<Evidence> = Vec::new();
    for server in &list.servers {
        let asked = rows
            .iter()
            .filter(|row| canonical_socket(&row.server) == server.socket);
        let reading = Reading::of(asked.copied());
        // A server that is silent, or silent to some and right to others, is another fault.
        let knows = reading.good * 2 > reading.answered;
        if !reading.fails() || reading.is_silent() || knows {
            return None;
        }
        evidence.extend(reading.cite());
    }
    let platform = rows
        .iter()
        .copied()
        .filter(|row| matches!(owner(bare(&row.server)), Owner::Platform(_)));
    let platform: Vec<&Row> = platform.collect();
    let knows = platform.iter().find(|row| Reading::of([**row]).works());
    if knows.is_none() && !platform.is_empty() {
        return None;
    }
    let servers: Vec<String> = list
        .servers
        .iter()
        .map(|it| describe(&it.address))
        .collect();
    let message = format!(
        "{}, the only upstream{}, {} not resolve {}{}",
        words(&servers),
        if servers.len() == 1 { "" } else { "s" },
        if servers.len() == 1 { "does" } else { "do" },
        plain(name),
        if knows.is_some() {
            ", and the platform's resolver does"
        } else {
            ""
        },
    );
    let confidence = if knows.is_some() {
        Confidence::Proven
    } else {
        Confidence::Likely
    };
    let mut evidence = evidence.into_iter().chain(knows.map(|row| cite_row(row)));
    let primary = evidence.next()?;
    let finding = Finding::new(&RULE, confidence, Scope::Cluster, message, primary);
    let finding = evidence.fold(finding, Finding::because);
    let places = list.servers.iter().take(3);
    let finding = places.fold(finding, |finding, server| {
        finding.because(cite(&server.place, "the server is listed here"))
    });
    Some(
        finding
            .explain(
                "What these servers do not forward to the platform's resolver does not exist here.",
            )
            .explaining([
                Symptom::External,
                Symptom::Custom,
                Symptom::Nxdomain,
                Symptom::NodeToo,
            ])
            .explaining([Symptom::Servfail, Symptom::Refused])
            .fix(
                "Let the custom servers forward what they do not hold to the platform's resolver \
                 (168.63.129.16 on Azure, the VPC's resolver on AWS)",
                None,
            ),
    )
}
