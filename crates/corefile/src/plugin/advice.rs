//! What to do about what a setup refuses.

use super::suggest::nearest;
use super::table::{self, Plugin, Property, Status};
use super::version::Version;
use crate::problem::Problem;
use crate::tree::Span;

pub(super) const DURATION: &str = "Write a number with its unit: `30s`, `5m`, `1h30m`, `100ms`.";
pub(super) const HOST_PORT: &str =
    "Write address and port, `:8080` for all addresses, `[::1]:8080` for IPv6.";
pub(super) const PORT: &str = "Write a port from 1 to 65535, or leave it out.";
pub(super) const CIDR: &str = "Write address and length of the prefix: `10.0.0.0/8`, `fd00::/8`.";
pub(super) const REGEX: &str = "Write the regular expression in RE2 syntax: no look-around, no back-references. Put it in quotes if it has blanks or `#`.";
pub(super) const RCODE: &str = "Write the name of a response code: NXDOMAIN, SERVFAIL, REFUSED.";
pub(super) const TYPE: &str = "Write the name of a record type in capitals: A, AAAA, CNAME, PTR.";
pub(super) const HOST_NAME: &str = "Write the addresses of the upstreams. Names of hosts are taken from CoreDNS 1.14.4 on; before, write `10.0.0.4` or `tls://10.0.0.4`.";
pub(super) const RESOLVED: &str =
    "Write the addresses of the upstreams, unless the name surely resolves before CoreDNS runs.";
pub(super) const NEVER_ASKED: &str = "Move it above the other, give the other an `except`, or put the zone in a server block of its own.";
pub(super) const TOO_MANY: &str =
    "Name at most 15 upstreams; more belong behind an address that balances.";

/// The line that a plugin takes.
pub(super) fn usage(plugin: &Plugin, version: Version) -> String {
    let properties: Vec<&str> = plugin
        .properties_at(version)
        .map(|property| property.name)
        .collect();
    if properties.is_empty() {
        format!("Write `{}`.", plugin.usage())
    } else {
        let list = properties.join(", ");
        format!("Write `{}`. Its properties: {list}.", plugin.usage())
    }
}

/// A property that the plugin does not have.
pub(super) fn unknown(plugin: &'static Plugin, version: Version, name: &str) -> String {
    if let Some(property) = plugin.property(name) {
        let (plugin, added) = (plugin.name, property.added);
        return match (property.status(version), property.removed) {
            (Status::NotYet, _) => format!(
                "`{plugin}` knows `{name}` from CoreDNS {added} on; this is {version}. Remove it or upgrade."
            ),
            (_, Some(removed)) if property.instead.is_empty() => {
                format!("CoreDNS {removed} removed `{name}` from `{plugin}`: remove the line.")
            }
            (_, Some(removed)) => format!(
                "CoreDNS {removed} removed `{name}` from `{plugin}`; instead: {}.",
                property.instead
            ),
            _ => usage_of(property),
        };
    }
    let near = nearest(name, plugin.properties_at(version).map(|known| known.name));
    if let Some(near) = near {
        return format!("Did you mean `{near}`?");
    }
    if name == "{" {
        return format!(
            "Properties have no blocks of their own; end the block of `{}` first.",
            plugin.name
        );
    }
    if table::find(name).is_some() {
        return format!(
            "`{name}` is a plugin: is the block of `{}` closed before it?",
            plugin.name
        );
    }
    usage(plugin, version)
}

/// The line that a property takes.
pub(super) fn usage_of(property: &Property) -> String {
    format!("Write `{}`.", property.usage())
}

/// A block that opens on a line of its own.
pub(super) fn late_brace(plugin: &Plugin) -> String {
    format!("Put `{{` on the line of `{}`.", plugin.name)
}

/// A second use where one is allowed.
pub(super) fn second(plugin: &Plugin, version: Version, text: &str) -> String {
    let name = plugin.name;
    if text == "{" {
        return late_brace(plugin);
    }
    if text != name {
        return format!(
            "CoreDNS takes '{text}' for a second `{name}`, as it stands after the block: begin a new line there, or remove it."
        );
    }
    if name == "forward" && version < Version::new(1, 9, 4) {
        return "Move the other zones to server blocks of their own, or use CoreDNS 1.9.4 or later."
            .to_owned();
    }
    format!(
        "Keep one `{name}` in the block. The other may come from an import, as a `.override` key of a custom ConfigMap."
    )
}

/// A property that works no more, or not for long.
pub(super) fn fading(plugin: &Plugin, property: &Property, status: Status, span: Span) -> Problem {
    let (plugin, name) = (plugin.name, property.name);
    let message = if status == Status::Ignored {
        format!("CoreDNS ignores `{name}` of `{plugin}`")
    } else {
        format!("`{name}` of `{plugin}` is deprecated")
    };
    let help = match (property.removed, property.instead) {
        (None, "") => "Remove the line.".to_owned(),
        (None, instead) => format!("Remove the line. Instead: {instead}."),
        (Some(removed), "") => {
            format!("Remove the line: CoreDNS {removed} refuses it.")
        }
        (Some(removed), instead) => {
            format!("Remove the line: CoreDNS {removed} refuses it. Instead: {instead}.")
        }
    };
    Problem::silent(message, span).with_help(help)
}

/// A plugin that works, but not for long.
pub(super) fn fading_plugin(plugin: &Plugin, span: Span) -> Problem {
    let message = format!("`{}` is deprecated", plugin.name);
    let help = match plugin.removed {
        Some(removed) => format!("CoreDNS {removed} refuses it. Use `forward`."),
        None => "Remove it.".to_owned(),
    };
    Problem::silent(message, span).with_help(help)
}

/// A directive that this CoreDNS does not have.
pub(super) fn unknown_directive(name: &str, version: Version) -> String {
    if let Some(plugin) = table::find(name) {
        return match (plugin.status(version), plugin.removed) {
            (Status::NotYet, _) => format!(
                "CoreDNS has `{name}` from {} on; this is {version}. Remove it or upgrade.",
                plugin.added
            ),
            (_, Some(removed)) if name == "proxy" => {
                format!("CoreDNS {removed} removed `proxy`: use `forward`.")
            }
            (_, Some(removed)) => format!("CoreDNS {removed} removed `{name}`: remove it."),
            _ => String::new(),
        };
    }
    if let Some(near) = super::suggest(name, version) {
        return format!("Did you mean `{near}`?");
    }
    if name.contains('.') || name.contains(':') {
        return "This looks like a zone: a server block cannot stand inside another. In an AKS custom ConfigMap it belongs in a key that ends in `.server`; otherwise close the block before it.".to_owned();
    }
    "No plugin of this CoreDNS has this name. Is the block before it closed, or is it a property that stands outside its plugin's block?".to_owned()
}
