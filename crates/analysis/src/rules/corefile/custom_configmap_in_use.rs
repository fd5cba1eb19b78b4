use digpod_corefile::ServerBlock;

use crate::facts::corefile::{CUSTOM, CorefileFact, data_place};
use crate::facts::{Facts, Seen, cite, upstreams};
use crate::finding::{Confidence, Finding, Findings, Scope};
use crate::rule::declare_rule;

declare_rule! {
    /// `coredns-custom` changes what CoreDNS does.
    ///
    /// ## What it does
    /// Lists the keys of ConfigMap `coredns-custom` and what each one adds: server blocks with their
    /// zones and upstreams, or directives in the default block. An empty ConfigMap, as AKS creates
    /// it, is no finding.
    ///
    /// ## Why it matters
    /// A name is served by the block with the longest zone that matches it. Whoever reads only the
    /// Corefile looks at the wrong upstreams.
    ///
    /// ## How to fix
    /// Nothing needs to be fixed. To test without it: save it, empty it, restart CoreDNS, try again.
    ///
    /// ## Sources
    /// - <https://learn.microsoft.com/azure/aks/coredns-custom>
    /// - <https://coredns.io/plugins/import/>
    "corefile/custom-configmap-in-use", Info, since "0.1.0"
}

fn check(facts: &Facts<'_>, findings: &mut Findings) -> Seen<()> {
    let Some(map) = facts.maps.custom.as_ref().map_err(Clone::clone)? else {
        return Ok(());
    };
    if map.data.is_empty() {
        return Ok(());
    }
    let corefile = facts.corefile()?;
    let mut effects = map.data.keys().map(|key| (key, effect(corefile, key)));
    let Some((first, what)) = effects.next() else {
        return Ok(());
    };
    let keys = map.data.len();
    let message = format!(
        "{CUSTOM} is in use: {keys} {}",
        if keys == 1 { "key" } else { "keys" }
    );
    let finding = Finding::new(
        &RULE,
        Confidence::Proven,
        Scope::Cluster,
        message,
        cite(&data_place(first), format!("{first} {what}")),
    );
    findings.push(effects.fold(finding, |finding, (key, what)| {
        finding.because(cite(&data_place(key), format!("{key} {what}")))
    }));
    Ok(())
}

/// What a key does, as a clause.
fn effect(corefile: &CorefileFact, key: &str) -> String {
    let name = format!("custom/{key}");
    let sources = corefile.parsed.sources();
    let Some(number) = sources.iter().position(|source| source.name == name) else {
        return "is not read".to_owned();
    };
    let imported = corefile
        .parsed
        .imports
        .iter()
        .any(|import| import.matched.contains(&number));
    if !imported {
        return "is imported by no line of the Corefile".to_owned();
    }
    let of_key = |block: &&ServerBlock| {
        block
            .keys
            .first()
            .is_some_and(|key| key.word.span.source == number)
    };
    let blocks: Vec<String> = corefile
        .parsed
        .blocks
        .iter()
        .filter(of_key)
        .map(block_words)
        .collect();
    if !blocks.is_empty() {
        return format!("adds {}", blocks.join("; "));
    }
    let directives: Vec<&str> = corefile
        .parsed
        .blocks
        .iter()
        .flat_map(|block| &block.directives)
        .filter(|directive| directive.name.span.source == number)
        .map(|directive| directive.name.text.as_str())
        .collect();
    if directives.is_empty() {
        "adds nothing".to_owned()
    } else {
        format!(
            "adds {} to the block that imports it",
            directives.join(", ")
        )
    }
}

fn block_words(block: &ServerBlock) -> String {
    let zones = upstreams::zones(block);
    let to: Vec<String> = block
        .forwards()
        .iter()
        .flat_map(|forward| forward.to.iter().map(|word| word.text.clone()))
        .collect();
    if to.is_empty() {
        format!("a server block for {zones}")
    } else {
        format!(
            "a server block for {zones} that forwards to {}",
            to.join(", ")
        )
    }
}
