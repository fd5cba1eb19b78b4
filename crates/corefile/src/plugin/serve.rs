//! Zones that two server blocks serve at the same address (core/dnsserver/register.go, `MakeServers`).

use std::collections::{BTreeMap, BTreeSet};

use super::values::{atoi, transport};
use super::version::Version;
use crate::key::Key;
use crate::problem::{Problem, Said, Stage};
use crate::reverse;
use crate::tree::{Corefile, ServerBlock, Word};

const HELP: &str = "Serve each zone and port in one block only, bind each block to addresses of its own, or tell them apart with `view`.";

/// First version that takes the zones of server blocks for lower case.
const LOWERED: Version = Version::new(1, 14, 7);

/// Whether a version never answers for a key: before 1.14.7 it compared zones as they are written
/// with names in lower case.
pub(crate) fn never_answers(key: &Key, version: Version) -> bool {
    if version >= LOWERED {
        return false;
    }
    let text = key.word.text.trim_end_matches(',');
    let (_, rest) = transport(text);
    let zone = match rest.rsplit_once(':') {
        Some((zone, port)) if atoi(port).is_ok() => zone,
        _ => rest,
    };
    // The zones of networks are made in lower case.
    zone.contains(|c: char| c.is_ascii_uppercase()) && reverse::zones(zone).is_none()
}

/// Keys for which CoreDNS of this version never answers.
pub(super) fn deaf(corefile: &Corefile, version: Version) -> Vec<Problem> {
    let keys = corefile.blocks.iter().flat_map(|block| &block.keys);
    keys.filter(|key| never_answers(key, version))
        .map(|key| {
            let message = format!(
                "CoreDNS before {LOWERED} never answers for '{}': it compares its capitals with names in lower case",
                key.word.text
            );
            Problem::silent(message, key.word.span).with_help("Write the zone in lower case.")
        })
        .collect()
}

type Address<'a> = (&'a str, &'a str, u16);

/// Clashes that involve `bind` or `view`; the parser says the others.
pub(super) fn check(corefile: &Corefile, version: Version) -> Vec<Problem> {
    let has_views = version >= Version::new(1, 10, 0);
    let shares = version >= Version::new(1, 14, 3);
    let mut registered: BTreeSet<(Address<'_>, String)> = BTreeSet::new();
    let mut unbound: BTreeMap<Address<'_>, String> = BTreeMap::new();
    let mut problems = Vec::new();
    for block in &corefile.blocks {
        let hosts = hosts(block);
        let is_view = has_views && block.directive("view").is_some();
        let is_plain = block.directive("view").is_none() && block.directive("bind").is_none();
        for key in &block.keys {
            let zone: Address<'_> = (&key.scheme, &key.zone, key.port);
            for host in &hosts {
                let exists = registered.contains(&(zone, host.clone()));
                let overlap = unbound.get(&zone).filter(|_| !exists).and_then(|other| {
                    if host.is_empty() {
                        Some(other.clone())
                    } else {
                        registered
                            .contains(&(zone, String::new()))
                            .then(String::new)
                    }
                });
                let message = if exists && !(is_view && shares) {
                    // The parser compares plain blocks among themselves.
                    (!is_plain).then(|| {
                        format!("cannot serve {} - it is already defined", show(zone, host))
                    })
                } else {
                    overlap.map(|other| {
                        format!(
                            "cannot serve {} - zone overlap listener capacity with {}",
                            show(zone, host),
                            show(zone, &other)
                        )
                    })
                };
                if let Some(message) = message {
                    let at = key.word.span;
                    let problem = Problem::refused(Stage::Serve, Said::Bare, message, at);
                    problems.push(problem.with_help(HELP));
                    break;
                }
                if !is_view && !exists {
                    registered.insert((zone, host.clone()));
                    unbound.insert(zone, host.clone());
                }
            }
        }
    }
    problems
}

/// The addresses that a block binds to; one empty text for all. Of interfaces only the loopback's
/// addresses are known.
fn hosts(block: &ServerBlock) -> Vec<String> {
    fn addresses(word: &Word) -> Vec<String> {
        match word.text.as_str() {
            "lo" => vec!["127.0.0.1".to_owned(), "::1".to_owned()],
            host => vec![host.to_owned()],
        }
    }
    let mut hosts = Vec::new();
    let mut bound = false;
    for bind in block.directives_named("bind") {
        bound = true;
        let excepts = bind
            .properties
            .iter()
            .rfind(|property| property.name.text == "except");
        let except: Vec<String> = excepts
            .iter()
            .flat_map(|property| &property.args)
            .flat_map(addresses)
            .collect();
        let named = bind.args.iter().flat_map(addresses);
        hosts.extend(named.filter(|host| !except.contains(host)));
    }
    if !bound {
        hosts.push(String::new());
    }
    hosts
}

fn show((scheme, zone, port): Address<'_>, host: &str) -> String {
    if host.is_empty() {
        format!("{scheme}://{zone}:{port}")
    } else {
        format!("{scheme}://{zone}:{port} on {host}")
    }
}
