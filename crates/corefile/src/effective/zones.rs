//! Plugins that answer from data outside the Corefile: the cluster, zone files, clouds.

use super::chain::Walk;
use super::end::End;
use crate::tree::{Directive, Span, Word};

const OUTSIDE: &str = "the name is in none of its zones";

pub(super) fn kubernetes(walk: &mut Walk<'_>, directive: &Directive) -> Option<End> {
    let span = directive.name.span;
    let Some(zone) = walk.zone(&directive.args) else {
        walk.passes("kubernetes", span, OUTSIDE);
        return None;
    };
    if walk.query.kind == "AXFR" || walk.query.kind == "IXFR" {
        return walk.ends("kubernetes", span, End::Rcode("REFUSED".to_owned()));
    }
    let end = End::Data(format!(
        "answers for {zone} from the cluster; NXDOMAIN for a name that the cluster does not have"
    ));
    match walk.falls(directive) {
        Some(falls) => {
            let depends = "whether the cluster has the name, as fallthrough covers it";
            let end = End::Data(format!("answers for {zone} from the cluster"));
            walk.may_end("kubernetes", falls, depends, end);
            None
        }
        None => walk.ends("kubernetes", span, end),
    }
}

/// Zones that clouds, etcd or Nomad hold.
pub(super) fn hosted(
    walk: &mut Walk<'_>,
    plugin: &'static str,
    directives: &[&Directive],
) -> Option<End> {
    for directive in directives {
        let zones = match plugin {
            "nomad" if directive.args.is_empty() => vec!["service.nomad.".to_owned()],
            "k8s_external" | "etcd" | "federation" | "nomad" => walk.origins(&directive.args),
            "reverse" => walk.block.zones().map(str::to_owned).collect(),
            _ => specified(plugin, &directive.args),
        };
        let span = directive.name.span;
        let Some(zone) = walk.zone_among(&zones) else {
            walk.passes(plugin, span, OUTSIDE);
            continue;
        };
        if plugin == "federation" {
            let what = "may answer with a CNAME to another zone of the federation";
            let end = End::Data(what.to_owned());
            walk.may_end(plugin, span, "whether the name lies in a federation", end);
            continue;
        }
        let end = End::Data(format!(
            "answers for {zone} with what it holds; NXDOMAIN for a name that it does not have"
        ));
        let Some(falls) = walk.falls(directive) else {
            return walk.ends(plugin, span, end);
        };
        let depends = "whether it has the name, as fallthrough covers it";
        let end = End::Data(format!("answers for {zone} with what it holds"));
        walk.may_end(plugin, falls, depends, end);
    }
    None
}

/// The zones of `route53`, `azure` and `clouddns`: one part of what stands between colons.
fn specified(plugin: &str, args: &[Word]) -> Vec<String> {
    let zone = |word: &Word| {
        let mut parts = word.text.split(':');
        let part = if plugin == "azure" {
            parts.nth(1)
        } else {
            parts.next()
        };
        part.map(crate::key::normal)
    };
    args.iter().filter_map(zone).collect()
}

/// Zone files and their like.
pub(super) fn files(
    walk: &mut Walk<'_>,
    plugin: &'static str,
    directives: &[&Directive],
) -> Option<End> {
    // All uses are one handler; the longest zone of all counts, and of equals the last.
    let mut best: Option<(&&Directive, String)> = None;
    for directive in directives {
        let args = match plugin {
            "file" => directive.args.get(1..).unwrap_or_default(),
            _ => directive.args.as_slice(),
        };
        let Some(zone) = walk.zone(args) else {
            continue;
        };
        if best
            .as_ref()
            .is_none_or(|(_, longest)| zone.len() >= longest.len())
        {
            best = Some((directive, zone));
        }
    }
    let Some((directive, zone)) = best else {
        if let Some(first) = directives.first() {
            walk.passes(plugin, first.name.span, OUTSIDE);
        }
        return None;
    };
    let what = match plugin {
        "secondary" => "with what its primary gave it",
        "dynupdate" => "with its zone and the updates to it",
        _ => "with the file of the zone",
    };
    let end = End::Data(format!(
        "answers for {zone} {what}; NXDOMAIN for a name that is not there"
    ));
    match walk.falls(directive) {
        Some(falls) => {
            let end = End::Data(format!("answers for {zone} {what}"));
            walk.may_end(
                plugin,
                falls,
                "whether the zone has the name, as fallthrough covers it",
                end,
            );
            None
        }
        None => walk.ends(plugin, directive.name.span, end),
    }
}

pub(super) fn transfer(walk: &mut Walk<'_>, span: Span) -> Option<End> {
    if walk.query.kind == "AXFR" || walk.query.kind == "IXFR" {
        let end = End::Data("hands the zone over, if the client may have it".to_owned());
        return walk.ends("transfer", span, end);
    }
    walk.passes("transfer", span, "it is no transfer of a zone");
    None
}

pub(super) fn local(walk: &mut Walk<'_>, span: Span) -> Option<End> {
    let zones = [
        "localhost.",
        "0.in-addr.arpa.",
        "127.in-addr.arpa.",
        "255.in-addr.arpa.",
    ];
    let name = walk.query.name.as_str();
    let prefixed = name.starts_with("localhost.") && name != "localhost.";
    let below = zones.iter().any(|zone| crate::key::in_zone(name, zone));
    let switched_off = walk.block.directives_named("local").any(|directive| {
        directive.properties.iter().any(|property| {
            property.name.text == "localhost_prefix"
                && property.args.first().is_some_and(|word| word.text == "off")
        })
    });
    if below || (prefixed && !switched_off) {
        let end = End::Answer(vec![
            "the loopback address, or what belongs to it".to_owned(),
        ]);
        return walk.ends("local", span, end);
    }
    walk.passes("local", span, "the name is not a local one");
    None
}
