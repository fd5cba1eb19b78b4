//! A large cluster around the scenario's own objects: nodes, pods and Services that are made up
//! when they are asked for, page by page, so that 150,000 pods take no memory.
//!
//! Their names are counted, so that an index gives a key and a key its index. They can be read,
//! not changed, and watches do not show them.

mod made;

use std::ops::Range;
use std::str::FromStr;

use anyhow::{Context, bail};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use crate::resources::Resource;
use crate::selector::Selector;
use crate::store::Key;

/// How many objects are made up beside the scenario's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Scale {
    /// Nodes, each with a pod of kube-proxy.
    pub nodes: usize,
    /// Pods, those of kube-proxy included.
    pub pods: usize,
    /// Services, each with an `EndpointSlice`.
    pub services: usize,
}

impl FromStr for Scale {
    type Err = anyhow::Error;

    /// `nodes=5000,pods=150000,services=8200`
    fn from_str(text: &str) -> anyhow::Result<Self> {
        let mut scale = Self::default();
        for part in text.split(',') {
            let (what, number) = part.split_once('=').unwrap_or((part, ""));
            let number = number
                .parse()
                .with_context(|| format!("scale {text:?}: want {what}=NUMBER"))?;
            match what {
                "nodes" => scale.nodes = number,
                "pods" => scale.pods = number,
                "services" => scale.services = number,
                _ => bail!("scale {text:?}: {what:?} is none of nodes, pods, services"),
            }
        }
        Ok(scale)
    }
}

/// Pods a namespace, as many as the thresholds of large clusters make usual.
const PODS_A_NAMESPACE: usize = 500;

/// What is made up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Nodes,
    NodeMetrics,
    Namespaces,
    Pods,
    Services,
    EndpointSlices,
}

/// The objects that are made up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fleet {
    scale: Scale,
    /// When they were all created.
    born: Timestamp,
}

impl Fleet {
    pub(crate) fn new(scale: Scale, born: Timestamp) -> Self {
        Self { scale, born }
    }

    /// Indices of the objects of a type in a namespace or in all, in the order of their keys.
    /// Those that a selector cannot fit are left out without a look at each.
    pub(crate) fn range(
        &self,
        resource: &Resource,
        namespace: Option<&str>,
        selector: &Selector,
    ) -> Range<usize> {
        let Some(kind) = kind(resource) else {
            return 0..0;
        };
        let keys = made::labels(kind);
        if selector.needed().any(|key| !keys.contains(&key)) {
            return 0..0;
        }
        let all = 0..self.count(kind);
        let Some(namespace) = namespace.filter(|_| resource.namespaced) else {
            return all;
        };
        let start = self.first(kind, all.clone(), |(of, _)| of.as_str() >= namespace);
        start..self.first(kind, all, |(of, _)| of.as_str() > namespace)
    }

    /// The part of a range after a key.
    pub(crate) fn after(
        &self,
        resource: &Resource,
        range: Range<usize>,
        key: &Key,
    ) -> Range<usize> {
        match kind(resource) {
            Some(kind) => self.first(kind, range.clone(), |it| it > key)..range.end,
            None => range,
        }
    }

    /// The key of an object.
    pub(crate) fn key(&self, resource: &Resource, index: usize) -> Key {
        kind(resource).map_or_else(Key::default, |kind| self.key_of(kind, index))
    }

    /// An object.
    pub(crate) fn object(&self, resource: &Resource, index: usize) -> Value {
        let key = self.key(resource, index);
        match kind(resource) {
            Some(kind) => made::object(self, kind, index, &key),
            None => Value::Null,
        }
    }

    /// An object by its name.
    pub(crate) fn find(&self, resource: &Resource, namespace: &str, name: &str) -> Option<Value> {
        let kind = kind(resource)?;
        let key = (namespace.to_owned(), name.to_owned());
        let all = 0..self.count(kind);
        let index = self.first(kind, all.clone(), |it| *it >= key);
        (all.contains(&index) && self.key_of(kind, index) == key)
            .then(|| made::object(self, kind, index, &key))
    }

    fn count(&self, kind: Kind) -> usize {
        match kind {
            Kind::Nodes | Kind::NodeMetrics => self.scale.nodes,
            Kind::Namespaces => self.namespaces(),
            Kind::Pods => self.scale.pods,
            Kind::Services | Kind::EndpointSlices => self.scale.services,
        }
    }

    /// Pods of kube-proxy, which stand first.
    fn proxies(&self) -> usize {
        self.scale.nodes.min(self.scale.pods)
    }

    fn namespaces(&self) -> usize {
        let pods = self.scale.pods - self.proxies();
        let needed = pods.div_ceil(PODS_A_NAMESPACE);
        needed.max(usize::from(self.scale.services > 0))
    }

    /// Services a namespace.
    fn share(&self) -> usize {
        self.scale
            .services
            .div_ceil(self.namespaces().max(1))
            .max(1)
    }

    fn key_of(&self, kind: Kind, index: usize) -> Key {
        let team = |number: usize| format!("team-{number:04}");
        match kind {
            Kind::Nodes | Kind::NodeMetrics => (String::new(), self.node(index)),
            Kind::Namespaces => (String::new(), team(index)),
            Kind::Pods => match index.checked_sub(self.proxies()) {
                None => ("kube-system".to_owned(), format!("kube-proxy-{index:05}")),
                Some(own) => (
                    team(own / PODS_A_NAMESPACE),
                    format!("app-{:06}-7d9c5bb6c4-{:05}", own / 10, own % 10),
                ),
            },
            Kind::Services => (team(index / self.share()), format!("svc-{index:05}")),
            Kind::EndpointSlices => (team(index / self.share()), format!("svc-{index:05}-x7k2p")),
        }
    }

    /// Nodes stand in pools of very different sizes, as they do: half of them in the first.
    fn node(&self, index: usize) -> String {
        format!("aks-{}-30418-vmss{index:06}", self.pool(index))
    }

    fn pool(&self, index: usize) -> &'static str {
        // In the order of the names.
        const POOLS: [&str; 4] = ["apps", "batch", "gpu", "memory"];
        let nodes = self.scale.nodes;
        let ends = [nodes / 2, nodes * 17 / 20, nodes * 19 / 20];
        let pool = ends.iter().filter(|end| index >= **end).count();
        POOLS[pool.min(3)]
    }

    /// The first index whose key fits, in a range whose keys fit from somewhere on.
    fn first(&self, kind: Kind, range: Range<usize>, fits: impl Fn(&Key) -> bool) -> usize {
        let (mut low, mut high) = (range.start, range.end);
        while low < high {
            let middle = low + (high - low) / 2;
            if fits(&self.key_of(kind, middle)) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        low
    }
}

fn kind(resource: &Resource) -> Option<Kind> {
    Some(match (resource.group, resource.plural) {
        ("", "nodes") => Kind::Nodes,
        ("metrics.k8s.io", "nodes") => Kind::NodeMetrics,
        ("", "namespaces") => Kind::Namespaces,
        ("", "pods") => Kind::Pods,
        ("", "services") => Kind::Services,
        ("discovery.k8s.io", "endpointslices") => Kind::EndpointSlices,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{Fleet, Kind, Scale};

    #[test]
    fn keys_stand_in_order_and_lead_back_to_their_objects() {
        let scale: Scale = "nodes=40,pods=1200,services=90".parse().unwrap();
        let fleet = Fleet::new(scale, jiff::Timestamp::UNIX_EPOCH);
        for kind in [
            Kind::Nodes,
            Kind::Namespaces,
            Kind::Pods,
            Kind::Services,
            Kind::EndpointSlices,
        ] {
            let keys: Vec<_> = (0..fleet.count(kind))
                .map(|i| fleet.key_of(kind, i))
                .collect();
            assert!(keys.is_sorted_by(|a, b| a < b), "{kind:?}");
            for (index, key) in keys.iter().enumerate() {
                let all = 0..keys.len();
                assert_eq!(fleet.first(kind, all, |it| it >= key), index);
            }
        }
        assert!("nodes".parse::<Scale>().is_err());
        assert!("cows=3".parse::<Scale>().is_err());
    }
}
