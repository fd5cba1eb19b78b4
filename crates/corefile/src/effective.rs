//! The effective configuration: which block, which chain of plugins and which upstreams answer a
//! query.

use crate::key::{in_zone, normal};
use crate::tree::{Corefile, ServerBlock};

mod block;
mod chain;
mod end;
mod explanation;
mod forward;
mod gates;
mod lookup;
mod query;
mod renames;
mod zones;

pub use block::{Choice, Listener, Server};
pub use end::{Delivery, End, Hop, Odds};
pub use explanation::{Effect, Explanation, Step, explain};
pub use forward::{Forward, Policy};
pub use query::{Query, QueryError, Transport};

impl ServerBlock {
    /// Its `forward` directives, in the order in which they are tried.
    pub fn forwards(&self) -> Vec<Forward<'_>> {
        self.directives_named("forward")
            .filter_map(Forward::read)
            .collect()
    }
}

impl Corefile {
    /// The port to which pods' queries come: 53, or where no block has it that of the root zone
    /// (5353 on OpenShift, whose Service leads port 53 there).
    pub fn port(&self) -> u16 {
        let plain = |key: &&crate::key::Key| key.scheme == "dns";
        let keys = || {
            let keys = self.blocks.iter().flat_map(|block| &block.keys);
            keys.filter(plain)
        };
        if keys().any(|key| key.port == 53) {
            return 53;
        }
        let root = keys().find(|key| key.zone == ".");
        root.or_else(|| keys().next()).map_or(53, |key| key.port)
    }

    /// The block that answers a name by plain DNS: the one with the longest zone.
    pub fn block_for(&self, name: &str) -> Option<&ServerBlock> {
        let name = normal(name);
        let port = self.port();
        let mut best: Option<(&ServerBlock, usize)> = None;
        for block in &self.blocks {
            for key in &block.keys {
                let serves = key.scheme == "dns" && key.port == port && in_zone(&name, &key.zone);
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
