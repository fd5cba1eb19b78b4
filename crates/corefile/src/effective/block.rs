//! Which server block takes a query (core/dnsserver/server.go), and the servers that blocks make.

use std::collections::BTreeMap;

use super::chain::handles;
use super::query::Query;
use crate::key::{Key, in_zone};
use crate::plugin::{self, Version};
use crate::tree::{Corefile, Directive, ServerBlock, Span};

/// Where CoreDNS listens.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Listener {
    /// `dns`, `tls`, `quic`, `grpc`, `https` or `https3`.
    pub scheme: String,
    /// The address or interface of `bind`; empty for every address.
    pub host: String,
    /// The port.
    pub port: u16,
}

/// A listener with the zones that it serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Where it listens.
    pub listener: Listener,
    /// Each zone with the index of its block, in the order of the blocks.
    pub zones: Vec<(String, usize)>,
}

impl Corefile {
    /// Where CoreDNS listens, and which block serves which zone there.
    pub fn servers(&self) -> Vec<Server> {
        let mut servers: BTreeMap<Listener, Vec<(String, usize)>> = BTreeMap::new();
        for (index, block) in self.blocks.iter().enumerate() {
            for host in block.hosts() {
                for key in &block.keys {
                    let listener = Listener {
                        scheme: key.scheme.clone(),
                        host: host.to_owned(),
                        port: key.port,
                    };
                    let zone = (key.zone.clone(), index);
                    servers.entry(listener).or_default().push(zone);
                }
            }
        }
        let servers = servers.into_iter();
        servers
            .map(|(listener, zones)| Server { listener, zones })
            .collect()
    }
}

impl ServerBlock {
    /// The addresses and interfaces that it binds to; one empty text for every address, nothing if
    /// `bind` excepts all that it names.
    pub fn hosts(&self) -> Vec<&str> {
        let mut hosts: Vec<&str> = Vec::new();
        for bind in self.directives_named("bind") {
            // The last `except` of a `bind` counts.
            let except = bind.properties.iter();
            let except: Vec<&str> = except
                .rev()
                .find(|property| property.name.text == "except")
                .into_iter()
                .flat_map(|property| &property.args)
                .map(|word| word.text.as_str())
                .collect();
            let words = bind.args.iter().map(|word| word.text.as_str());
            hosts.extend(words.filter(|host| !except.contains(host)));
        }
        if hosts.is_empty() && self.directive("bind").is_none() {
            hosts.push("");
        }
        hosts
    }

    /// Its directives in the order in which a version asks them; directives that it does not have
    /// are left out.
    pub fn chain(&self, version: Version) -> Vec<&Directive> {
        let mut chain = Vec::new();
        for plugin in plugin::order(version) {
            chain.extend(self.directives_named(plugin.name));
        }
        chain
    }
}

/// The block that takes a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Index of the block.
    pub block: usize,
    /// The zone of the key that fits.
    pub zone: String,
    /// The key.
    pub span: Span,
    /// Zones of other blocks that would fit as well, and are shorter: those blocks are not asked,
    /// also if this one has no answer.
    pub shorter: Vec<(String, usize)>,
    /// Upon what the choice depends, if the configuration alone does not decide it.
    pub depends: Option<String>,
}

impl Choice {
    /// One sentence.
    pub fn sentence(&self) -> String {
        let mut text = format!("the block of {} takes the query", self.zone);
        if !self.shorter.is_empty() {
            let zones: Vec<&str> = self.shorter.iter().map(|(zone, _)| zone.as_str()).collect();
            text.push_str(": its zone is the longest that fits; ");
            text.push_str(&zones.join(", "));
            text.push_str(" is not asked");
        }
        if let Some(depends) = &self.depends {
            text.push_str("; this depends on ");
            text.push_str(depends);
        }
        text
    }
}

struct Candidate<'a> {
    block: usize,
    key: &'a Key,
    hosts: Vec<&'a str>,
    has_view: bool,
}

fn candidates<'a>(corefile: &'a Corefile, version: Version, query: &Query) -> Vec<Candidate<'a>> {
    let mut found = Vec::new();
    for (index, block) in corefile.blocks.iter().enumerate() {
        for key in &block.keys {
            let listens = key.scheme == query.transport.scheme() && key.port == query.port;
            let deaf = plugin::never_answers(key, version);
            if listens && !deaf && in_zone(&query.name, &key.zone) {
                found.push(Candidate {
                    block: index,
                    key,
                    hosts: block.hosts(),
                    has_view: block.directive("view").is_some(),
                });
            }
        }
    }
    found
}

/// Whether a listener takes other classes than IN: one of its blocks has `chaos`, `forward` or
/// `proxy`.
pub(super) fn takes_classes(corefile: &Corefile, query: &Query) -> bool {
    corefile.blocks.iter().any(|block| {
        let listens = block
            .keys
            .iter()
            .any(|key| key.scheme == query.transport.scheme() && key.port == query.port);
        listens
            && ["chaos", "forward", "proxy"]
                .iter()
                .any(|name| block.directive(name).is_some())
    })
}

pub(super) fn choose(corefile: &Corefile, version: Version, query: &Query) -> Option<Choice> {
    let mut found = candidates(corefile, version, query);
    let mut depends = None;
    let bound: Vec<bool> = found.iter().map(|one| one.hosts != [""]).collect();
    if let Some(server) = query.server {
        // A socket of the very address is served before one of every address.
        let server = server.to_string();
        let exact = |one: &Candidate<'_>| one.hosts.contains(&server.as_str());
        let any_exact = found.iter().any(exact);
        found.retain(|one| {
            if any_exact {
                exact(one)
            } else {
                one.hosts == [""]
            }
        });
    } else if bound.contains(&true) {
        let mut hosts: Vec<&Vec<&str>> = found.iter().map(|one| &one.hosts).collect();
        hosts.sort();
        hosts.dedup();
        if hosts.len() > 1 {
            depends = Some("the address that was asked: blocks bind to different ones".to_owned());
        }
        if bound.contains(&false) {
            found.retain(|one| one.hosts == [""]);
        }
    }
    // The parent answers for DS records: of the zones that fit the shortest, and the root last.
    let zones = found.iter().map(|one| one.key.zone.as_str());
    let wanted = if query.kind == "DS" {
        let below_root = zones.clone().filter(|zone| *zone != ".");
        let parent = below_root
            .map(str::len)
            .min()
            .or(zones.map(str::len).max())?;
        // On the way there a block without plugins ends the search.
        let empty = found.iter().filter(|one| {
            let block = corefile.blocks.get(one.block);
            one.key.zone != "." && block.is_some_and(|block| !handles(block, version))
        });
        empty.map(|one| one.key.zone.len()).max().unwrap_or(parent)
    } else {
        zones.map(str::len).max()?
    };
    let views = version >= Version::new(1, 10, 0);
    let fits = |one: &&Candidate<'_>| one.key.zone.len() == wanted;
    let viewed = views && found.iter().filter(fits).any(|one| one.has_view);
    if viewed {
        let on = "the expressions of `view`, which decide among the blocks".to_owned();
        depends = Some(depends.map_or(on.clone(), |first| format!("{first}, and {on}")));
    }
    let chosen = found
        .iter()
        .filter(fits)
        .find(|one| !viewed || !one.has_view)
        .or_else(|| found.iter().find(fits))?;
    let mut shorter: Vec<(String, usize)> = found
        .iter()
        .filter(|one| one.key.zone.len() < wanted && one.block != chosen.block)
        .map(|one| (one.key.zone.clone(), one.block))
        .collect();
    shorter.sort_by_key(|(zone, block)| (std::cmp::Reverse(zone.len()), *block));
    shorter.dedup();
    Some(Choice {
        block: chosen.block,
        zone: chosen.key.zone.clone(),
        span: chosen.key.word.span,
        shorter,
        depends,
    })
}
