//! Whether CoreDNS reads a key of `coredns-custom`.

use super::Facts;
use super::corefile::{CUSTOM, CorefileFact};

/// Why CoreDNS makes nothing of a key.
pub(crate) fn ignored(corefile: &CorefileFact, key: &str, value: &str) -> Option<String> {
    let name = format!("custom/{key}");
    let number = corefile
        .parsed
        .sources()
        .iter()
        .position(|source| source.name == name)?;
    let imports = &corefile.parsed.imports;
    if !imports
        .iter()
        .any(|import| import.matched.contains(&number))
    {
        let mut patterns: Vec<&str> = imports
            .iter()
            .filter(|import| !import.snippet)
            .map(|import| import.pattern.text.as_str())
            .collect();
        patterns.dedup();
        return Some(if patterns.is_empty() {
            "the Corefile imports nothing".to_owned()
        } else {
            format!("no import matches it ({})", patterns.join(", "))
        });
    }
    let blank = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
    value
        .lines()
        .all(blank)
        .then(|| "it holds no directive".to_owned())
}

/// Whether the key is a side file that other text names: a zone file, a hosts file.
pub(crate) fn mentioned<'a>(
    data: impl Iterator<Item = (&'a String, &'a String)>,
    corefile: &CorefileFact,
    key: &str,
) -> bool {
    let main = corefile
        .parsed
        .sources()
        .first()
        .map(|source| source.text.as_str());
    let others = data
        .filter(|(other, _)| other.as_str() != key)
        .map(|(_, text)| text.as_str());
    others.chain(main).any(|text| text.contains(key))
}

/// Whether the workload mounts ConfigMaps, and not this one.
pub(crate) fn not_mounted(facts: &Facts<'_>) -> bool {
    facts.dns.workload.as_ref().is_ok_and(|workload| {
        let volumes = &workload.spec.template.spec.volumes;
        let maps: Vec<&str> = volumes
            .iter()
            .filter_map(|volume| Some(volume.config_map.as_ref()?.name.as_str()))
            .collect();
        // Without any ConfigMap volume the pod template was pruned or is not CoreDNS's.
        !maps.is_empty() && !maps.contains(&CUSTOM)
    })
}
