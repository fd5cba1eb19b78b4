//! Places that nobody asked from, as gaps.

use digpod_bundle::layout;

use super::{Facts, Gap, Lack, Seen, missing};

/// Whether any probe asked anything.
pub(crate) fn seen(facts: &Facts<'_>) -> Seen<()> {
    let mut outputs = facts.probes.outputs.values();
    if outputs.any(|output| !output.records.is_empty()) {
        return Ok(());
    }
    facts.probes.seen(facts.bundle()).map(|_| ())
}

/// Whether this vantage asked; otherwise why not.
pub(crate) fn need(facts: &Facts<'_>, vantage: &str) -> Seen<()> {
    if facts.probes.outputs.contains_key(vantage) {
        return Ok(());
    }
    Err(facts
        .probes
        .first_gap(facts.bundle(), &layout::probe_records(vantage)))
}

/// Whether some node's own network was asked from.
pub(crate) fn need_node(facts: &Facts<'_>) -> Seen<()> {
    let probes = &facts.probes;
    if probes.outputs.keys().any(|it| it.starts_with("node-")) {
        return Ok(());
    }
    let known = probes.gaps.iter();
    let known = known
        .clone()
        .find(|gap| gap.entry.starts_with("probes/node-"));
    let client = probes.outputs.get("workload");
    let client = client.and_then(|it| it.node.as_deref()).unwrap_or("*");
    Err(known.cloned().unwrap_or_else(|| {
        let entry = layout::probe_records(&format!("node-{client}"));
        match facts.bundle().item(&entry) {
            Some(_) => missing::gap(facts.bundle(), &entry),
            None => Gap {
                lacks: Lack::Entry,
                entry,
                reason: "no probe asked from a node's own network".to_owned(),
            },
        }
    }))
}
