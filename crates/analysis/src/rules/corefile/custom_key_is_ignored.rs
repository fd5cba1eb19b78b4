use digpod_bundle::{Place, json};

use crate::facts::corefile::{CUSTOM, data_place};
use crate::facts::custom_keys::{ignored, mentioned, not_mounted};
use crate::facts::names::{plain, qualify};
use crate::facts::{Facts, Seen, cite, cure};
use crate::finding::{Confidence, Evidence, Finding, Findings, Scope, Severity};
use crate::rule::declare_rule;
use crate::symptom::Symptom;

declare_rule! {
    /// A key of `coredns-custom` has no effect.
    ///
    /// ## What it does
    /// Reports keys that no `import` of the Corefile matches (on AKS only `*.server` and
    /// `*.override` are read), keys in `binaryData`, values that hold nothing but comments, a
    /// ConfigMap whose name is nearly `coredns-custom`, and a CoreDNS workload that does not mount
    /// it. A key whose name another key or the Corefile mentions is a side file and left out.
    ///
    /// ## Why it matters
    /// CoreDNS says nothing about a key it never reads. The zone that should go to a server of its
    /// own still goes to the default upstreams.
    ///
    /// ## How to fix
    /// Rename the key so that it ends in `.server` (whole server blocks) or `.override` (directives
    /// for the default block), write its value as a block scalar (`|`), and restart CoreDNS.
    ///
    /// ## Sources
    /// - <https://learn.microsoft.com/azure/aks/coredns-custom>
    /// - <https://coredns.io/plugins/import/>
    "corefile/custom-key-is-ignored", High, since "0.1.0"
}

fn check(facts: &Facts<'_>, findings: &mut Findings) -> Seen<()> {
    let custom = facts.maps.custom.as_ref().map_err(Clone::clone);
    for map in &facts.maps.all {
        let name = map.metadata.name.as_str();
        let near = name != CUSTOM
            && name.contains("custom")
            && (name.contains("coredns") || name.contains("core-dns"));
        if near && !map.data.is_empty() {
            let evidence = cite(&map.place, "CoreDNS mounts a ConfigMap of another name");
            let message = format!("ConfigMap {name} is not read: CoreDNS reads {CUSTOM}");
            findings.push(finding(
                facts,
                message,
                evidence,
                map.data.values().map(String::as_str),
            ));
        }
    }
    let Some(map) = custom? else { return Ok(()) };
    let corefile = facts.corefile()?;
    if !map.data.is_empty() && not_mounted(facts) {
        let evidence = cite(
            &Place::json(&map.place.entry, "/data"),
            "these keys are not mounted",
        );
        let message = format!("the CoreDNS workload does not mount {CUSTOM}");
        findings.push(finding(
            facts,
            message,
            evidence,
            map.data.values().map(String::as_str),
        ));
        return Ok(());
    }
    for (key, value) in &map.data {
        if let Some(why) = ignored(corefile, key, value)
            && !mentioned(map.data.iter(), corefile, key)
        {
            let evidence = cite(&data_place(key), why.clone());
            let message = format!("key {key} of {CUSTOM} has no effect: {why}");
            findings.push(finding(
                facts,
                message,
                evidence,
                std::iter::once(value.as_str()),
            ));
        }
    }
    for key in map.binary_data.keys() {
        let place = Place::json(
            &map.place.entry,
            format!("/binaryData/{}", json::escape_step(key)),
        );
        let message =
            format!("key {key} of {CUSTOM} is binary data and no text that CoreDNS reads");
        let evidence = cite(&place, "in binaryData");
        findings
            .push(finding(facts, message, evidence, std::iter::empty()).severity(Severity::Low));
    }
    Ok(())
}

fn finding<'a>(
    facts: &Facts<'_>,
    message: String,
    evidence: Evidence,
    values: impl Iterator<Item = &'a str>,
) -> Finding {
    let finding = Finding::new(&RULE, Confidence::Proven, Scope::Cluster, message, evidence);
    let text: String = values.collect::<Vec<_>>().join("\n");
    let meant = facts.failing.iter().any(|failing| {
        let name = plain(&failing.name).to_owned();
        let zones = text
            .split_whitespace()
            .map(|word| qualify(word.split(':').next().unwrap_or(word)));
        zones
            .into_iter()
            .any(|zone| zone.len() > 2 && format!(".{name}.").ends_with(&format!(".{zone}")))
    });
    let finding = if meant {
        finding.explaining([Symptom::Custom, Symptom::Nxdomain])
    } else {
        finding
    };
    finding
        .fix(
            format!(
                "Put it under a key of {CUSTOM} that ends in .server (server blocks) or .override \
                 (directives of the default block), as a block scalar (|)"
            ),
            Some(format!(
                "kubectl -n {} edit configmap {CUSTOM}",
                cure::namespace(facts)
            )),
        )
        .fix("Restart CoreDNS", Some(cure::restart(facts)))
}
