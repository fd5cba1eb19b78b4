//! The effective configuration: which block and which `forward` answer a name.

use crate::key::{in_zone, normal, zones};
use crate::tree::{Corefile, Directive, ServerBlock, Word};

/// How `forward` chooses among its upstreams.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Policy {
    /// Draws anew for each query; CoreDNS's default.
    Random,
    /// One after another.
    RoundRobin,
    /// In listed order.
    Sequential,
    /// A word CoreDNS does not know and refuses.
    Unknown,
}

/// A `forward` directive, read.
#[derive(Clone, Debug)]
pub struct Forward<'a> {
    /// The directive.
    pub directive: &'a Directive,
    /// Names below this are forwarded.
    pub from: &'a Word,
    /// The upstreams: addresses, or files that list them.
    pub to: Vec<&'a Word>,
    /// How one is chosen.
    pub policy: Policy,
    /// Where the policy is set; `None` for the default.
    pub policy_word: Option<&'a Word>,
    /// Names below these are not forwarded.
    pub except: Vec<&'a Word>,
}

impl<'a> Forward<'a> {
    fn read(directive: &'a Directive) -> Option<Self> {
        let (from, to) = directive.args.split_first()?;
        let policy_word = directive
            .properties
            .iter()
            .rev()
            .find(|property| property.name.text == "policy")
            .and_then(|property| property.args.first());
        let policy = match policy_word.map(|word| word.text.as_str()) {
            None | Some("random") => Policy::Random,
            Some("round_robin") => Policy::RoundRobin,
            Some("sequential") => Policy::Sequential,
            Some(_) => Policy::Unknown,
        };
        let except = directive
            .properties
            .iter()
            .filter(|property| property.name.text == "except")
            .flat_map(|property| &property.args)
            .collect();
        Some(Self {
            directive,
            from,
            to: to.iter().collect(),
            policy,
            policy_word,
            except,
        })
    }

    /// Whether it takes a name (`forward.match` in plugin/forward): `name` is below FROM, and not
    /// below an exception unless it equals FROM.
    pub fn takes(&self, name: &str) -> bool {
        let name = normal(name);
        // A network between two labels stands for several zones; `forward` takes the first.
        let Some(from) = zones(&self.from.text).into_iter().next() else {
            return false;
        };
        let excepted = || {
            self.except
                .iter()
                .flat_map(|zone| zones(&zone.text))
                .any(|zone| in_zone(&name, &zone))
        };
        in_zone(&name, &from) && (name == from || !excepted())
    }
}

impl ServerBlock {
    /// Its `forward` directives, in the order in which they are tried.
    pub fn forwards(&self) -> Vec<Forward<'_>> {
        self.directives_named("forward")
            .filter_map(Forward::read)
            .collect()
    }
}

impl Corefile {
    /// The block that answers a name by plain DNS on port 53: the one with the longest zone.
    pub fn block_for(&self, name: &str) -> Option<&ServerBlock> {
        let name = normal(name);
        let mut best: Option<(&ServerBlock, usize)> = None;
        for block in &self.blocks {
            for key in &block.keys {
                let serves = key.scheme == "dns" && key.port == 53 && in_zone(&name, &key.zone);
                if serves && best.is_none_or(|(_, length)| key.zone.len() > length) {
                    best = Some((block, key.zone.len()));
                }
            }
        }
        best.map(|(block, _)| block)
    }

    /// The `forward` that a name comes to, if no plugin before it answers.
    pub fn forward_for(&self, name: &str) -> Option<(&ServerBlock, Forward<'_>)> {
        let block = self.block_for(name)?;
        let forward = block
            .forwards()
            .into_iter()
            .find(|forward| forward.takes(name))?;
        Some((block, forward))
    }

    /// Every `forward` of every block.
    pub fn forwards(&self) -> Vec<(&ServerBlock, Forward<'_>)> {
        self.blocks
            .iter()
            .flat_map(|block| {
                block
                    .forwards()
                    .into_iter()
                    .map(move |forward| (block, forward))
            })
            .collect()
    }
}
