//! A sample of each pool of nodes, drawn while their list streams.

use std::collections::BTreeMap;
use std::str::FromStr;

use digpod_bundle::k8s::Node;
use serde::Serialize;

/// Which nodes to read beside those of CoreDNS and the failing pod: `--nodes`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    /// So many, of all pools.
    Sample(usize),
    /// These.
    Named(Vec<String>),
}

impl FromStr for Which {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(number) = text.parse() {
            return Ok(Self::Sample(number));
        }
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c);
        let names: Vec<String> = text.split(',').map(|name| name.trim().to_owned()).collect();
        match names
            .iter()
            .find(|name| name.is_empty() || !name.chars().all(plain))
        {
            None => Ok(Self::Named(names)),
            Some(name) => Err(format!(
                "{name:?} is no name of a node; write a number, or names as `kubectl get nodes` lists them, with commas between"
            )),
        }
    }
}

/// Labels that name a node's pool, the distributions' own first (rule catalogue, appendix G;
/// Karpenter and eksctl beside it).
const POOLS: &[&str] = &[
    "kubernetes.azure.com/agentpool",
    "eks.amazonaws.com/nodegroup",
    "cloud.google.com/gke-nodepool",
    "karpenter.sh/nodepool",
    "alpha.eksctl.io/nodegroup-name",
    "agentpool",
    "node.kubernetes.io/instance-type",
];

/// Nodes that were kept.
pub(super) struct Sample {
    most: usize,
    always: BTreeMap<String, Node>,
    pools: BTreeMap<String, Pool>,
    held: usize,
    read: u64,
}

#[derive(Default)]
struct Pool {
    total: u64,
    not_ready: u64,
    /// Those of `always` that are in it.
    concerned: u64,
    /// In an order that has nothing to do with their names' and is the same in every run.
    held: BTreeMap<(u64, String), Node>,
}

/// What is said of a pool.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Told {
    name: String,
    total: u64,
    not_ready: u64,
    in_bundle: u64,
}

impl Sample {
    /// Keeps `always`, and of those that come so many that `most` are kept in all.
    pub(super) fn new(most: usize, always: Vec<Node>) -> Self {
        let always = always
            .into_iter()
            .map(|node| (node.metadata.name.clone(), node));
        Self {
            most,
            always: always.collect(),
            pools: BTreeMap::new(),
            held: 0,
            read: 0,
        }
    }

    /// Takes a node into account.
    pub(super) fn add(&mut self, node: Node) {
        self.read += 1;
        let name = node.metadata.name.clone();
        let pool = self.pools.entry(pool(&node)).or_default();
        pool.total += 1;
        pool.not_ready += u64::from(!is_ready(&node));
        if self.always.contains_key(&name) {
            pool.concerned += 1;
            return;
        }
        pool.held.insert((spread(&name), name), node);
        self.held += 1;
        // Now and then, so that 5,000 nodes never stand in memory at once.
        if self.held > 2 * self.most + 100 {
            self.reduce();
        }
    }

    /// Nodes that were seen.
    pub(super) fn read(&self) -> u64 {
        self.read
    }

    /// Leaves no more than were wanted; tells what of each pool.
    pub(super) fn shrink(&mut self) -> Vec<Told> {
        self.reduce();
        let told = self.pools.iter().map(|(name, pool)| Told {
            name: name.clone(),
            total: pool.total,
            not_ready: pool.not_ready,
            in_bundle: pool.concerned + pool.held.len() as u64,
        });
        told.collect()
    }

    /// How many are kept.
    pub(super) fn kept(&self) -> u64 {
        (self.always.len() + self.held) as u64
    }

    /// Those that are kept, by name.
    pub(super) fn nodes(&self) -> Vec<Node> {
        let held = self.pools.values().flat_map(|pool| pool.held.values());
        let mut nodes: Vec<Node> = self.always.values().chain(held).cloned().collect();
        nodes.sort_by(|a, b| a.metadata.name.cmp(&b.metadata.name));
        nodes
    }

    /// The same number of each pool, as far as it has them.
    fn reduce(&mut self) {
        let room = self.most.saturating_sub(self.always.len());
        if self.held <= room {
            return;
        }
        let mut sizes: Vec<usize> = self.pools.values().map(|pool| pool.held.len()).collect();
        sizes.sort_unstable();
        let (mut room, mut pools, mut share) = (room, sizes.len(), 0);
        for size in sizes {
            share = room / pools.max(1);
            if size > share {
                break;
            }
            room -= size;
            pools -= 1;
        }
        for pool in self.pools.values_mut() {
            while pool.held.len() > share {
                pool.held.pop_last();
            }
        }
        self.held = self.pools.values().map(|pool| pool.held.len()).sum();
    }
}

/// The pool of a node; empty where no label tells.
fn pool(node: &Node) -> String {
    let labels = &node.metadata.labels;
    let named = POOLS.iter().find_map(|key| labels.get(*key));
    named.cloned().unwrap_or_default()
}

fn is_ready(node: &Node) -> bool {
    node.status
        .conditions
        .iter()
        .any(|it| it.type_ == "Ready" && it.status == "True")
}

/// FNV-1a, as good as dice here and the same in every run.
fn spread(name: &str) -> u64 {
    name.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    })
}

#[cfg(test)]
mod tests {
    use digpod_bundle::k8s::Node;

    use super::{Sample, Which};

    fn node(pool: &str, number: usize) -> Node {
        let mut node = Node::default();
        node.metadata.name = format!("{pool}-{number:04}");
        node.metadata
            .labels
            .insert("agentpool".to_owned(), pool.to_owned());
        node
    }

    #[test]
    fn every_pool_gets_its_share_and_small_ones_leave_theirs_to_the_others() {
        let mut sample = Sample::new(100, vec![node("apps", 7), node("gpu", 0)]);
        for (pool, size) in [("apps", 3_000), ("batch", 500), ("gpu", 5)] {
            (0..size).for_each(|number| sample.add(node(pool, number)));
        }
        let told: Vec<_> = sample
            .shrink()
            .into_iter()
            .map(|it| (it.name, it.total, it.in_bundle))
            .collect();
        let expected = [("apps", 3_000, 48), ("batch", 500, 47), ("gpu", 5, 5)];
        assert_eq!(
            told,
            expected.map(|(name, total, kept)| (name.to_owned(), total, kept))
        );
        assert_eq!((sample.kept(), sample.read()), (100, 3_505));
        let names: Vec<_> = sample
            .nodes()
            .into_iter()
            .map(|it| it.metadata.name)
            .collect();
        assert!(names.is_sorted() && names.len() == 100);
        assert!(names.contains(&"apps-0007".to_owned()));
        // Not the first ones only.
        assert!(
            names
                .iter()
                .any(|name| name.as_str() > "apps-1500" && name.starts_with("apps"))
        );
    }

    #[test]
    fn a_number_or_names() {
        assert_eq!("50".parse(), Ok(Which::Sample(50)));
        let names = ["a-1.b", "c"].map(str::to_owned).to_vec();
        assert_eq!("a-1.b, c".parse(), Ok(Which::Named(names)));
        for bad in ["", "a,,b", "A", "-1 2"] {
            assert!(bad.parse::<Which>().is_err(), "{bad:?}");
        }
    }
}
