//! CoreDNS pods whose servers are not those of their node's list any more.

use std::collections::BTreeSet;

use digpod_bundle::layout;

use super::addresses::{bare, describe, socket};
use super::held::Held;
use super::resolv_confs::ResolvFile;
use super::{Facts, Gap, Lack, Seen, cite, upstreams};
use crate::finding::Evidence;

/// A pod whose servers are not those of its node's list.
pub(crate) struct Stale<'a> {
    pub(crate) held: &'a Held,
    /// What it asks and the node's list does not have.
    pub(crate) gone: Vec<(String, Evidence)>,
    /// What the node's list has and it does not ask; known only where all that it holds is known.
    pub(crate) new: Vec<String>,
    pub(crate) file: &'a ResolvFile,
}

/// All such pods, and of which pod too little is known.
pub(crate) fn stale<'a>(facts: &'a Facts<'_>) -> Seen<(Vec<Stale<'a>>, Option<Gap>)> {
    let corefile = facts.corefile()?;
    let forwards = corefile.parsed.forwards().into_iter();
    let mut words = forwards.flat_map(|(_, it)| it.to);
    if !words.any(|to| to.text == "/etc/resolv.conf") {
        return Ok((Vec::new(), None));
    }
    let named: BTreeSet<String> = upstreams::named_in_corefile(corefile).into_iter().collect();
    let mut found = Vec::new();
    let mut unknown = None;
    for pod in facts.dns.pods.as_ref().map_err(Clone::clone)? {
        let name = &pod.metadata.name;
        let Some(file) = facts.resolv.of_node(pod.spec.node_name.as_deref()) else {
            unknown = Some(Gap {
                lacks: Lack::Entry,
                entry: "probes/default-*/records.json".to_owned(),
                reason: format!("the list that {name} would get today is not known"),
            });
            continue;
        };
        let Some(held) = facts.held.iter().find(|it| it.pod == *name) else {
            unknown = Some(Gap {
                lacks: Lack::Entry,
                entry: layout::metrics(name),
                reason: "neither its metrics nor its sandbox's resolv.conf name its servers"
                    .to_owned(),
            });
            continue;
        };
        found.extend(compare(held, file, &named));
    }
    Ok((found, unknown))
}

fn compare<'a>(
    held: &'a Held,
    file: &'a ResolvFile,
    named: &BTreeSet<String>,
) -> Option<Stale<'a>> {
    let fields = file.conf.used_nameservers();
    let now: BTreeSet<String> = fields.iter().map(|field| socket(&field.text, 53)).collect();
    if now.is_empty() {
        return None;
    }
    let gone = held
        .servers
        .iter()
        .filter(|(it, _)| !now.contains(it) && !named.contains(it));
    let gone: Vec<(String, Evidence)> = gone
        .map(|(server, place)| {
            let how = if held.whole { "was given" } else { "asks" };
            let note = format!("{} {how} {}", held.pod, describe(bare(server)));
            (server.clone(), cite(place, note))
        })
        .collect();
    let holds = |server: &String| held.servers.iter().any(|(it, _)| it == server);
    let new: Vec<String> = if held.whole {
        now.iter().filter(|it| !holds(it)).cloned().collect()
    } else {
        Vec::new()
    };
    (!gone.is_empty() || !new.is_empty()).then_some(Stale {
        held,
        gone,
        new,
        file,
    })
}
