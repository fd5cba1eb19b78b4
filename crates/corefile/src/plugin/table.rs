//! The table of plugins: what each takes, since when, and what becomes of a query it has no answer
//! to.

use super::data;
use super::version::Version;

/// What a plugin is to a query on its way through the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Shapes the server (listeners, TLS, reload, health); queries do not pass through it.
    Server,
    /// Looks at queries and answers and changes neither their name nor their outcome.
    Observer,
    /// Changes queries or answers and passes them on.
    Modifier,
    /// May refuse or drop a query.
    Gate,
    /// May answer a query.
    Backend,
}

/// A plugin of CoreDNS's default plugin.cfg.
#[derive(Debug, PartialEq, Eq)]
pub struct Plugin {
    /// Its name, which is the directive.
    pub name: &'static str,
    /// What it is to a query.
    pub role: Role,
    /// First version that has it; [`Version::OLDEST`] for "as long as anyone remembers".
    pub added: Version,
    /// First version in which it still works and should no longer be used.
    pub deprecated: Option<Version>,
    /// First version that refuses its name.
    pub removed: Option<Version>,
    /// Its arguments, as a usage line writes them.
    pub args: &'static str,
    /// How many arguments it takes at least.
    pub min_args: u8,
    /// How many it takes at most; `None` for any number.
    pub max_args: Option<u8>,
    /// From which version to before which version a second use in one server block is refused.
    pub once: Option<(Version, Option<Version>)>,
    /// Its properties.
    pub properties: &'static [Property],
    /// What it does to a query that it has no answer to.
    pub no_answer: &'static str,
    /// Whether node-cache (NodeLocal DNSCache) is built with it.
    pub node_cache: bool,
}

/// A property in a plugin's block.
#[derive(Debug, PartialEq, Eq)]
pub struct Property {
    /// Its name.
    pub name: &'static str,
    /// Its arguments, as a usage line writes them.
    pub args: &'static str,
    /// First version that takes it.
    pub added: Version,
    /// First version that refuses it.
    pub removed: Option<Version>,
    /// First version that takes it and does nothing with it.
    pub ignored: Option<Version>,
    /// First version in which it still works and should no longer be used.
    pub deprecated: Option<Version>,
    /// What to write instead, where there is something.
    pub instead: &'static str,
}

/// How a version treats a plugin or a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// It works.
    Works,
    /// It works and should no longer be used.
    Deprecated,
    /// It is accepted and does nothing.
    Ignored,
    /// It came later.
    NotYet,
    /// It was taken out.
    Removed,
}

impl Status {
    /// Whether CoreDNS accepts it.
    pub fn is_accepted(self) -> bool {
        matches!(self, Self::Works | Self::Deprecated | Self::Ignored)
    }
}

impl Plugin {
    /// How a version treats it.
    pub fn status(&self, version: Version) -> Status {
        match status(version, self.added, self.removed) {
            Status::Works if self.deprecated.is_some_and(|since| version >= since) => {
                Status::Deprecated
            }
            status => status,
        }
    }

    /// Whether a second use in one server block is refused.
    pub fn is_once(&self, version: Version) -> bool {
        self.once
            .is_some_and(|(from, until)| status(version, from, until) == Status::Works)
    }

    /// A property by its name, whatever the version.
    pub fn property(&self, name: &str) -> Option<&'static Property> {
        self.properties
            .iter()
            .find(|property| property.name == name)
    }

    /// The properties that a version accepts.
    pub fn properties_at(&self, version: Version) -> impl Iterator<Item = &'static Property> {
        self.properties
            .iter()
            .filter(move |property| property.status(version).is_accepted())
    }

    /// The directive with its arguments, as a usage line writes it.
    pub fn usage(&self) -> String {
        if self.args.is_empty() {
            self.name.to_owned()
        } else {
            format!("{} {}", self.name, self.args)
        }
    }
}

impl Property {
    /// How a version treats it.
    pub fn status(&self, version: Version) -> Status {
        let reached = |since: Option<Version>| since.is_some_and(|since| version >= since);
        match status(version, self.added, self.removed) {
            Status::Works if reached(self.ignored) => Status::Ignored,
            Status::Works if reached(self.deprecated) => Status::Deprecated,
            status => status,
        }
    }

    /// The property with its arguments, as a usage line writes it.
    pub fn usage(&self) -> String {
        if self.args.is_empty() {
            self.name.to_owned()
        } else {
            format!("{} {}", self.name, self.args)
        }
    }
}

fn status(version: Version, added: Version, removed: Option<Version>) -> Status {
    if removed.is_some_and(|removed| version >= removed) {
        Status::Removed
    } else if version < added {
        Status::NotYet
    } else {
        Status::Works
    }
}

/// Every plugin that ever was in plugin.cfg, by name.
pub fn table() -> &'static [Plugin] {
    data::PLUGINS
}

/// A plugin by its name, whatever the version.
pub fn find(name: &str) -> Option<&'static Plugin> {
    data::PLUGINS.iter().find(|plugin| plugin.name == name)
}

/// A plugin by its name, if this version has it.
///
/// ```
/// use digpod_corefile::plugin::{self, Version};
///
/// assert!(plugin::lookup("acl", Version::new(1, 11, 3)).is_some());
/// assert!(plugin::lookup("proxy", Version::new(1, 11, 3)).is_none());
/// ```
pub fn lookup(name: &str, version: Version) -> Option<&'static Plugin> {
    find(name).filter(|plugin| plugin.status(version).is_accepted())
}

/// The plugins of a version in the order of its plugin.cfg: their setups run in this order, and
/// queries pass through them in this order.
///
/// The order changed four times: `root` moved to the front (1.11.2), `acl` behind `rewrite`
/// (1.14.2), `tls` behind `dnssec` and `cache` behind `rewrite`, `autopath` and `acl` (1.14.7).
pub fn order(version: Version) -> Vec<&'static Plugin> {
    let order = data::ORDERS
        .iter()
        .rev()
        .find(|(since, _)| version >= *since)
        .or(data::ORDERS.first())
        .map_or("", |(_, order)| *order);
    order
        .split(' ')
        .filter_map(|name| lookup(name, version))
        .collect()
}

/// Place of a plugin in the order of a version; plugins it does not have come last.
pub fn rank(name: &str, version: Version) -> usize {
    order(version)
        .iter()
        .position(|plugin| plugin.name == name)
        .unwrap_or(usize::MAX)
}
