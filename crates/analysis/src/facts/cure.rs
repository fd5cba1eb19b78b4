//! Commands that cure an upstream list: shared by the rules that propose them.

use super::Facts;
use super::addresses;
use super::corefile::CUSTOM;
use super::names;
use super::upstreams::UpstreamList;
use crate::finding::{Finding, FixStep};

/// The namespace of the DNS workload.
pub(crate) fn namespace(facts: &Facts<'_>) -> String {
    let of_service = facts
        .dns
        .service
        .as_ref()
        .ok()
        .map(|service| &service.metadata);
    let of_workload = facts
        .dns
        .workload
        .as_ref()
        .ok()
        .map(|workload| &workload.metadata);
    of_service
        .or(of_workload)
        .and_then(|metadata| metadata.namespace.clone())
        .map_or_else(
            || "kube-system".to_owned(),
            |name| word(&name, "kube-system"),
        )
}

/// `kubectl -n kube-system rollout restart deployment coredns`, with the names of this cluster.
pub(crate) fn restart(facts: &Facts<'_>) -> String {
    let (kind, name) = match &facts.dns.workload {
        Ok(workload) if !workload.metadata.name.is_empty() => (
            word(&workload.kind.to_ascii_lowercase(), "deployment"),
            word(&workload.metadata.name, "coredns"),
        ),
        _ => ("deployment".to_owned(), "coredns".to_owned()),
    };
    format!(
        "kubectl -n {} rollout restart {kind} {name}",
        namespace(facts)
    )
}

/// A word for a command that is to be pasted: what a shell or a Corefile could take for more than a
/// word is replaced. Bundles come from strangers.
pub(crate) fn word(text: &str, instead: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-:".contains(c);
    if !text.is_empty() && !text.starts_with('-') && text.chars().all(plain) {
        text.to_owned()
    } else {
        instead.to_owned()
    }
}

/// The zone that a server block for a failing name would serve: its parent domain.
pub(crate) fn zone_of(name: &str) -> String {
    let plain = names::plain(name);
    match plain.split_once('.') {
        None if plain.is_empty() => "ZONE".to_owned(),
        Some((_, parent)) if parent.contains('.') => word(parent, "ZONE"),
        _ => word(plain, "ZONE"),
    }
}

/// The step that sends a failing name's zone only to servers that know it, and its restart.
pub(crate) fn own_block(
    facts: &Facts<'_>,
    list: &UpstreamList,
    name: &str,
    to: &[String],
) -> FixStep {
    let namespace = namespace(facts);
    let zone = zone_of(name);
    let to: Vec<String> = to.iter().map(|address| word(address, "SERVER")).collect();
    let to = to.as_slice();
    let servers = to.join(" ");
    if list.forward.entry.contains(CUSTOM) {
        return FixStep {
            text: format!(
                "In the block of {CUSTOM} that serves {zone}, forward only to {}",
                addresses::list(to)
            ),
            command: Some(format!("kubectl -n {namespace} edit configmap {CUSTOM}")),
        };
    }
    let block = [
        format!("{zone}:53 {{"),
        "    errors".to_owned(),
        "    cache 30".to_owned(),
        format!("    forward . {servers}"),
        "}".to_owned(),
    ];
    let which = if zone == "ZONE" {
        "the zone that fails (ZONE here)"
    } else {
        &zone
    };
    let Some(command) = set_key(facts, &format!("{}.server", zone.replace('.', "-")), &block)
    else {
        return FixStep {
            text: format!(
                "Until then, send {which} only to servers that know it: add the block \
                 `{zone}:53 {{ errors; cache 30; forward . {servers} }}` (one directive a line) to the Corefile"
            ),
            command: Some(format!("kubectl -n {namespace} edit configmap coredns")),
        };
    };
    let caution = match facts.maps.custom {
        Err(_) => format!("; if {CUSTOM} exists already, add the key to it instead"),
        Ok(_) => String::new(),
    };
    FixStep {
        text: format!(
            "Until then, send {which} only to the servers that know it, in a server block of its own{caution}"
        ),
        command: Some(command),
    }
}

/// The commands that add a key to `coredns-custom` and restart CoreDNS; `None` where the Corefile
/// imports no such key.
pub(crate) fn set_key(facts: &Facts<'_>, key: &str, lines: &[String]) -> Option<String> {
    let namespace = namespace(facts);
    let suffix = key.rsplit('.').next().unwrap_or(key);
    let imports = &facts.corefile().ok()?.parsed.imports;
    let is_read = imports.iter().any(|import| {
        let pattern = &import.pattern.text;
        pattern.contains("custom/") && pattern.ends_with(&format!(".{suffix}"))
    });
    if !is_read {
        return None;
    }
    let restart = restart(facts);
    Some(if matches!(&facts.maps.custom, Ok(Some(_))) {
        let value = lines.join("\\n");
        format!(
            "kubectl -n {namespace} patch configmap {CUSTOM} --type merge -p \
             '{{\"data\":{{\"{key}\":\"{value}\\n\"}}}}'\n{restart}"
        )
    } else {
        format!(
            "kubectl apply -f - <<'EOF'\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {CUSTOM}\n  \
             namespace: {namespace}\ndata:\n  {key}: |\n    {}\nEOF\n{restart}",
            lines.join("\n    "),
        )
    })
}

/// The ConfigMap in which a `forward` is written.
pub(crate) fn config_map(list: &UpstreamList) -> String {
    let file = list.forward.entry.rsplit('/').next().unwrap_or_default();
    word(file.strip_suffix(".json").unwrap_or(file), "coredns")
}

/// Adds a step.
pub(crate) fn with_step(mut finding: Finding, step: FixStep) -> Finding {
    finding.fix.push(step);
    finding
}
