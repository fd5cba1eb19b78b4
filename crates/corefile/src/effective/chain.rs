//! The walk through the plugins of a block.

use super::end::End;
use super::explanation::{Effect, Step};
use super::query::Query;
use super::{gates, lookup, renames, zones};
use crate::key::in_zone;
use crate::plugin::{self, Role, Version, values};
use crate::tree::{Directive, ServerBlock, Span, Word};

/// The query as it reaches a plugin, and what happened so far.
pub(super) struct Walk<'a> {
    pub(super) block: &'a ServerBlock,
    pub(super) version: Version,
    pub(super) query: Query,
    pub(super) steps: Vec<Step>,
}

impl Walk<'_> {
    pub(super) fn step(&mut self, plugin: &'static str, span: Span, effect: Effect) {
        self.steps.push(Step {
            plugin,
            span,
            name: self.query.name.clone(),
            effect,
        });
    }

    pub(super) fn passes(&mut self, plugin: &'static str, span: Span, why: impl Into<String>) {
        self.step(plugin, span, Effect::Passes(why.into()));
    }

    pub(super) fn alters(&mut self, plugin: &'static str, span: Span, what: impl Into<String>) {
        self.step(plugin, span, Effect::Alters(what.into()));
    }

    /// Ends the way.
    #[expect(
        clippy::unnecessary_wraps,
        reason = "plugins return an end or none; this is how one ends"
    )]
    pub(super) fn ends(&mut self, plugin: &'static str, span: Span, end: End) -> Option<End> {
        self.step(plugin, span, Effect::Ends(end.clone()));
        Some(end)
    }

    pub(super) fn may_end(
        &mut self,
        plugin: &'static str,
        span: Span,
        depends: impl Into<String>,
        end: End,
    ) {
        let depends = depends.into();
        self.step(plugin, span, Effect::MayEnd { depends, end });
    }

    /// The longest of a plugin's zones that the name is in: its arguments, or the block's zones.
    pub(super) fn zone(&self, args: &[Word]) -> Option<String> {
        self.zone_among(&self.origins(args))
    }

    pub(super) fn origins(&self, args: &[Word]) -> Vec<String> {
        if args.is_empty() {
            return self.block.zones().map(str::to_owned).collect();
        }
        args.iter()
            .flat_map(|word| values::zones(&word.text))
            .collect()
    }

    pub(super) fn zone_among(&self, zones: &[String]) -> Option<String> {
        let fit = zones.iter().filter(|zone| in_zone(&self.query.name, zone));
        fit.max_by_key(|zone| zone.len()).cloned()
    }

    /// Whether `fallthrough` of a directive covers the name, and where that is said.
    pub(super) fn falls(&self, directive: &Directive) -> Option<Span> {
        let properties = directive.properties.iter().rev();
        let property = properties
            .clone()
            .find(|property| property.name.text == "fallthrough")?;
        let covers = property.args.is_empty()
            || property
                .args
                .iter()
                .flat_map(|word| values::zones(&word.text))
                .any(|zone| in_zone(&self.query.name, &zone));
        covers.then_some(property.name.span)
    }
}

/// Follows a query through the plugins of a block.
pub(super) fn walk(block: &ServerBlock, version: Version, query: &Query) -> (Vec<Step>, End) {
    let mut walk = Walk {
        block,
        version,
        query: query.clone(),
        steps: Vec::new(),
    };
    for plugin in plugin::order(version) {
        let directives: Vec<&Directive> = block.directives_named(plugin.name).collect();
        let Some(first) = directives.first() else {
            continue;
        };
        if plugin.role == Role::Server {
            continue;
        }
        if let Some(end) = ask(&mut walk, plugin, first, &directives) {
            return (walk.steps, end);
        }
    }
    let end = if handles(block, version) {
        End::NoNextPlugin
    } else {
        End::EmptyBlock
    };
    (walk.steps, end)
}

/// Whether a block has a plugin that queries pass through.
pub(super) fn handles(block: &ServerBlock, version: Version) -> bool {
    block.directives.iter().any(|directive| {
        plugin::lookup(&directive.name.text, version)
            .is_some_and(|plugin| plugin.role != Role::Server || plugin.name == "view")
    })
}

/// What one plugin does; its end if it surely ends the way.
fn ask(
    walk: &mut Walk<'_>,
    plugin: &'static plugin::Plugin,
    first: &Directive,
    all: &[&Directive],
) -> Option<End> {
    let (name, span) = (plugin.name, first.name.span);
    match name {
        "acl" => gates::acl(walk, all),
        "any" => gates::any(walk, span),
        "tsig" => gates::tsig(walk, first),
        "shed" => {
            let end = End::Dropped;
            walk.may_end(
                name,
                span,
                "the load: it drops what it cannot answer in time",
                end,
            );
            None
        }
        "chaos" => gates::chaos(walk, span),
        "rewrite" => renames::rewrite(walk, all),
        "autopath" => {
            renames::autopath(walk, first);
            None
        }
        "cache" => {
            lookup::cache(walk, first);
            None
        }
        "template" => lookup::template(walk, all),
        "hosts" => lookup::hosts(walk, first),
        "forward" => lookup::forward(walk, all),
        "kubernetes" => zones::kubernetes(walk, first),
        "k8s_external" | "azure" | "route53" | "clouddns" | "etcd" | "nomad" | "federation"
        | "reverse" => zones::hosted(walk, name, all),
        "file" | "auto" | "secondary" | "dynupdate" => zones::files(walk, name, all),
        "transfer" => zones::transfer(walk, span),
        "local" => zones::local(walk, span),
        "grpc" | "proxy" => lookup::other_upstreams(walk, name, all),
        "whoami" => {
            let end = End::Answer(vec!["the address of the client".to_owned()]);
            walk.ends(name, span, end)
        }
        "erratic" => {
            let end = End::Data("answers, or fails on purpose".to_owned());
            walk.ends(name, span, end)
        }
        "loop" => {
            walk.passes(
                name,
                span,
                "only its own probe, a query of type HINFO, ends here",
            );
            None
        }
        _ => {
            changes(walk, plugin, span);
            None
        }
    }
}

/// Plugins that never end the way.
fn changes(walk: &mut Walk<'_>, plugin: &'static plugin::Plugin, span: Span) {
    let name = plugin.name;
    let what = match name {
        "dns64" => "makes AAAA records of A records where a name has none",
        "siit" => "makes A and AAAA records of each other",
        "loadbalance" => "changes the order of the records in the answer",
        "header" => "sets or clears flags of the query or the answer",
        "minimal" => "takes from the answer what is not needed",
        "bufsize" => "limits the size of answers over UDP",
        "nsid" => "adds its name to the answer if the query asks for it",
        "dnssec" => "signs the answer if the query asks for it and its zones have it",
        "cancel" => "ends the query if it takes too long",
        "geoip" | "metadata" => "looks up facts about the query for other plugins",
        "errors" => "logs the error if there is one",
        "log" => "logs the query if its name and class fit",
        "prometheus" => "counts the query",
        "trace" | "dnstap" => "reports the query",
        _ => "passes it on",
    };
    if plugin.role == Role::Observer {
        walk.passes(name, span, what);
    } else {
        walk.alters(name, span, what);
    }
}
