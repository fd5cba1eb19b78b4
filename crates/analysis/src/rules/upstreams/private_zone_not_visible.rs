use std::net::IpAddr;

use digpod_probe::{NameClass, Outcome, ServerRole};

use crate::facts::addresses::{self, Owner, bare, describe, owner};
use crate::facts::names::plain;
use crate::facts::probes::cite_row;
use crate::facts::{Facts, Seen, vantages};
use crate::finding::{Confidence, Finding, Findings, Scope};
use crate::matrix::Row;
use crate::rule::declare_rule;
use crate::symptom::Symptom;

declare_rule! {
    /// The platform's resolver does not see the private zone of a name.
    ///
    /// ## What it does
    /// Looks at names that live in a private zone of the platform (`privatelink.…` in the name or in
    /// what it is an alias of): it fires when the platform's resolver answers NXDOMAIN or a public
    /// address.
    ///
    /// ## Why it matters
    /// The resolver answers by the network that asks. Where the private zone is not linked to it, the
    /// name does not exist, or leads to the public endpoint that a firewall then refuses.
    ///
    /// ## How to fix
    /// Link the zone to the network of the cluster, or to the one whose servers it asks (hub and spoke),
    /// and see that the record is in it.
    ///
    /// ## Sources
    /// - <https://learn.microsoft.com/azure/private-link/private-endpoint-dns>
    /// - <https://learn.microsoft.com/azure/dns/private-dns-virtual-network-links>
    /// - <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zones-private.html>
    "upstreams/private-zone-not-visible", High, since "0.1.0"
}

fn check(facts: &Facts<'_>, findings: &mut Findings) -> Seen<()> {
    vantages::seen(facts)?;
    let asked = |row: &&Row| {
        row.class == NameClass::Custom
            && row.record_type == "A"
            && matches!(row.role, ServerRole::Upstream | ServerRole::Own)
            && matches!(owner(bare(&row.server)), Owner::Platform(_))
    };
    let mut seen: Vec<&str> = Vec::new();
    for row in facts.probes.rows.iter().filter(asked) {
        if !is_private(row) || seen.contains(&row.name.as_str()) {
            continue;
        }
        let denied = row.count(Outcome::Nxdomain) * 2 > row.tries();
        let public = row.count(Outcome::Ok) * 2 > row.tries() && public_addresses(row);
        if denied || public {
            seen.push(&row.name);
            findings.push(finding(facts, row, denied));
        }
    }
    Ok(())
}

/// Whether the name is meant for a private zone: by itself or by its alias.
fn is_private(row: &Row) -> bool {
    let is = |name: &str| {
        let name = name.to_ascii_lowercase();
        name.split('.').any(|label| label == "privatelink") || name.ends_with(".azmk8s.io.")
    };
    is(&row.name) || row.answers.iter().any(|data| is(data))
}

/// Whether the answer has addresses, and all of them are public.
fn public_addresses(row: &Row) -> bool {
    let addresses = row.answers.iter().filter_map(|data| addresses::parse(data));
    let mut addresses = addresses.peekable();
    addresses.peek().is_some() && addresses.all(|ip| is_public(&ip))
}

fn is_public(ip: &IpAddr) -> bool {
    matches!(owner(&ip.to_string()), Owner::Unknown | Owner::Public(_))
}

fn finding(facts: &Facts<'_>, row: &Row, denied: bool) -> Finding {
    let message = format!(
        "{} does not see the private zone of {}: it {}",
        describe(bare(&row.server)),
        plain(&row.name),
        if denied {
            "says that the name does not exist"
        } else {
            "answers a public address"
        },
    );
    let scope = Scope::Name(row.name.clone());
    let finding = Finding::new(&RULE, Confidence::Likely, scope, message, cite_row(row));
    let same = facts.probes.rows.iter().filter(|other| {
        other.name == row.name && other.server == row.server && other.vantage != row.vantage
    });
    let finding = same
        .take(2)
        .fold(finding, |finding, row| finding.because(cite_row(row)));
    finding
        .explain(
            "The platform's resolver answers by the network from which it is asked. A zone that is not \
             linked to that network, or a record that is missing in it, looks like this.",
        )
        .explaining([Symptom::Custom, Symptom::Nxdomain, Symptom::NodeToo])
        .fix(
            "Link the private zone to the cluster's network, or to the network of the servers that it asks, \
             and look for the record in the zone",
            None,
        )
        .decide(
            "See which networks the zone is linked to (Azure)",
            Some("az network private-dns link vnet list -g GROUP -z ZONE".to_owned()),
        )
}
