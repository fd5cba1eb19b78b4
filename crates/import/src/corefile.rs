//! Corefiles on their own.

use std::collections::BTreeMap;

use digpod_bundle::json::escape_step;
use digpod_bundle::k8s::{ConfigMap, ObjectMeta};
use digpod_bundle::layout;

use crate::found::{Found, Name, Output, json, value};

/// Plugins that stand in real Corefiles; a text with none of them in a block is no Corefile.
const PLUGINS: [&str; 37] = [
    "acl",
    "any",
    "autopath",
    "bind",
    "bufsize",
    "cache",
    "cancel",
    "debug",
    "dns64",
    "errors",
    "etcd",
    "file",
    "forward",
    "grpc",
    "header",
    "health",
    "hosts",
    "import",
    "k8s_external",
    "kubernetes",
    "loadbalance",
    "local",
    "log",
    "loop",
    "metadata",
    "minimal",
    "nsid",
    "pprof",
    "prometheus",
    "proxy",
    "ready",
    "reload",
    "rewrite",
    "template",
    "tls",
    "trace",
    "whoami",
];

/// A server block with plugins known to CoreDNS. One that serves neither the root nor the cluster
/// is a piece that people keep in the ConfigMap `coredns-custom`.
pub(crate) fn recognise(text: &str, file: &str) -> Option<Found> {
    let (block, plugin) = block_with_plugin(text)?;
    let why = format!("server block `{block}` with plugin `{plugin}`");
    let (mut found, name, key) = if is_whole(text) {
        (
            Found::new("Corefile", why),
            "coredns",
            "Corefile".to_owned(),
        )
    } else {
        let stem = file.split('.').next().unwrap_or(file);
        let why = format!("{why}, none for the root zone or the cluster's");
        (
            Found::new("server block of ConfigMap coredns-custom", why),
            "coredns-custom",
            format!("{stem}.server"),
        )
    };
    let values = vec![
        value("", 1, 0),
        value(format!("/data/{}", escape_step(&key)), 1, 0),
    ];
    let map = ConfigMap {
        metadata: ObjectMeta {
            name: name.to_owned(),
            ..ObjectMeta::default()
        },
        data: BTreeMap::from([(key, text.to_owned())]),
        ..ConfigMap::default()
    };
    found.outputs.push(Output {
        entry: Name::Only(layout::config_map(name)),
        bytes: json(&map),
        values,
    });
    Some(found)
}

fn is_whole(text: &str) -> bool {
    text.lines().any(|line| {
        let line = line.split('#').next().unwrap_or("").trim();
        let root = |zone: &str| {
            let zone = zone.rsplit('/').next().unwrap_or(zone);
            zone == "." || zone.starts_with(".:")
        };
        let zones = line.trim_end_matches('{').split([' ', ',', '\t']);
        line.starts_with("kubernetes ")
            || (line.ends_with('{') && !line.starts_with("forward") && zones.clone().any(root))
    })
}

/// Names of server block and plugin, for the first block that has one.
fn block_with_plugin(text: &str) -> Option<(String, &'static str)> {
    let mut block: Option<String> = None;
    let mut depth = 0u32;
    for line in text.lines() {
        let line = line.split('#').next().unwrap_or("").trim();
        let mut words = line.split_ascii_whitespace();
        let Some(first) = words.next() else { continue };
        let opens = line.ends_with('{');
        if depth == 0 {
            // Anything but blocks and imports at the top is another language.
            match (opens, first) {
                (true, _) => block = Some(block_name(line)?),
                (false, "import") => {}
                // Zones may stand on several lines.
                (false, _) if line.ends_with(',') && is_zone(first) => {}
                (false, _) => return None,
            }
        } else if depth == 1 {
            let plugin = PLUGINS.iter().find(|plugin| **plugin == first);
            if let (Some(plugin), Some(block)) = (plugin, &block) {
                return Some((block.clone(), plugin));
            }
        }
        if opens {
            depth += 1;
        }
        if first == "}" {
            depth = depth.checked_sub(1)?;
        }
    }
    None
}

/// The zones before `{`; none if they are not all zones (or a snippet's name).
fn block_name(line: &str) -> Option<String> {
    let name = line.trim_end_matches('{').trim();
    let snippet = name.starts_with('(') && name.ends_with(')');
    let zones = name.split([' ', ',', '\t']).filter(|zone| !zone.is_empty());
    let all = zones.clone().all(is_zone) && zones.count() > 0;
    (all || snippet).then(|| name.to_owned())
}

fn is_zone(word: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-:/[]{}$*".contains(c);
    let word = word.trim_end_matches(',');
    word.chars().all(plain) && word.contains(['.', ':'])
}
