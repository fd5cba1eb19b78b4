//! Which entry a Kubernetes object belongs in.

use std::collections::BTreeMap;

use digpod_bundle::k8s::{
    ConfigMap, EndpointSlice, Event, Namespace, NetworkPolicy, Node, NodeMetrics, ObjectMeta, Pod,
    PodMetrics, Service, Workload,
};
use digpod_bundle::{EntryName, layout};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::found::{self, Found, Name, Output, value};
use crate::objects::Document;
use crate::places::{self, Seen};

/// Notes that are told; more are counted.
const MOST_NOTES: usize = 3;

/// Whether a pod, workload or Service of this name serves the cluster's DNS.
pub(crate) fn is_dns_name(name: &str) -> bool {
    name.contains("coredns")
        || ["kube-dns", "dns-default", "node-local-dns", "nodelocaldns"]
            .iter()
            .any(|start| name.starts_with(start))
}

/// The entry of a ConfigMap, or why there is none.
pub(crate) fn config_map_entry(metadata: &ObjectMeta) -> Result<Name, String> {
    let name = &metadata.name;
    let namespace = metadata.namespace.as_deref().unwrap_or("kube-system");
    let dns = is_dns_name(name) || matches!(namespace, "kube-system" | "openshift-dns");
    if name.is_empty() {
        Err("a ConfigMap without a name is not used".to_owned())
    } else if dns {
        Ok(Name::Only(layout::config_map(&EntryName::sanitize_part(
            name,
        ))))
    } else {
        Err(format!(
            "ConfigMap {namespace}/{name} is not one of the DNS"
        ))
    }
}

/// Puts objects where they belong, in the order they come.
pub(crate) struct Placing<'a> {
    /// The lines of the file.
    lines: Vec<&'a str>,
    /// How many of each kind there are, and the name of the first.
    kinds: BTreeMap<String, (usize, String)>,
    lists: BTreeMap<&'static str, Vec<Placed>>,
    singles: BTreeMap<String, Placed>,
    /// Whether the version of the API server was among them.
    version: bool,
    notes: Vec<String>,
    more_notes: usize,
}

struct Placed {
    value: Value,
    seen: Vec<Seen>,
}

impl<'a> Placing<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self {
            lines: text.lines().collect(),
            kinds: BTreeMap::new(),
            lists: BTreeMap::new(),
            singles: BTreeMap::new(),
            version: false,
            notes: Vec::new(),
            more_notes: 0,
        }
    }

    /// Takes an object, or each of a list.
    pub(crate) fn document(&mut self, document: Document) {
        let Document { mut value, seen } = document;
        let kind = kind_of(&value).to_owned();
        let items = value.get_mut("items").map(Value::take);
        match (kind.strip_suffix("List"), items) {
            (Some(item_kind), Some(Value::Array(items))) => {
                let mut places = by_item(seen, items.len());
                for (index, item) in items.into_iter().enumerate() {
                    let kind = match kind_of(&item) {
                        "" => item_kind.to_owned(),
                        kind => kind.to_owned(),
                    };
                    let seen = places.get_mut(index).map(std::mem::take);
                    self.object(&kind, item, seen.unwrap_or_default());
                }
            }
            _ if kind.is_empty() => self.version(&value, seen),
            _ => self.object(&kind, value, seen),
        }
    }

    /// Takes note of a document that does not parse.
    pub(crate) fn broken(&mut self, error: &str) {
        self.note(format!("a document does not parse: {error}"));
    }

    /// What it all was; `None` if there was no object at all.
    pub(crate) fn finish(self, form: &str) -> Option<Found> {
        let mut names = Vec::new();
        for (kind, (count, name)) in &self.kinds {
            names.push(match count {
                1 => format!("{kind} {name}").trim_end().to_owned(),
                _ => format!("{count} {kind} objects"),
            });
        }
        let mut signs: Vec<String> = self
            .kinds
            .keys()
            .map(|kind| format!("`kind: {kind}`"))
            .collect();
        if self.version {
            names.push("version of the API server".to_owned());
            signs.push("`gitVersion` and `goVersion`".to_owned());
        }
        if names.is_empty() && self.notes.is_empty() {
            return None;
        }
        let (taken_for, mut why) = if names.is_empty() {
            (
                format!("Kubernetes {form}"),
                "it has `apiVersion` and `kind`".to_owned(),
            )
        } else {
            (format!("{} as {form}", names.join(", ")), signs.join(", "))
        };
        for note in &self.notes {
            why = format!("{why}; {note}");
        }
        if self.more_notes > 0 {
            why = format!("{why}; and {} more", self.more_notes);
        }
        let mut found = Found::new(taken_for, why);
        for (entry, placed) in self.lists {
            let items: Vec<&Value> = placed.iter().map(|placed| &placed.value).collect();
            let list = json!({"metadata": {}, "items": items});
            let mut values = Vec::new();
            let mut clear = true;
            for (index, placed) in placed.iter().enumerate() {
                let to = format!("/items/{index}");
                let places = places::values(&placed.seen, &to, &list, &self.lines);
                clear &= places.iter().any(|value| value.pointer == to);
                values.extend(places);
            }
            if clear {
                values.insert(0, value("", 1, 0));
            }
            found.outputs.push(Output {
                entry: Name::Only(entry.to_owned()),
                bytes: found::json(&list),
                values,
            });
        }
        for (entry, placed) in self.singles {
            found.outputs.push(Output {
                values: places::values(&placed.seen, "", &placed.value, &self.lines),
                entry: Name::Only(entry),
                bytes: found::json(&placed.value),
            });
        }
        Some(found)
    }

    fn object(&mut self, kind: &str, object: Value, seen: Vec<Seen>) {
        let meta = object
            .get("metadata")
            .and_then(|metadata| serde_json::from_value::<ObjectMeta>(metadata.clone()).ok())
            .unwrap_or_default();
        let name = meta.name.clone();
        let counted = self
            .kinds
            .entry(kind.to_owned())
            .or_insert((0, name.clone()));
        counted.0 += 1;
        let dns = is_dns(&meta);
        let namespace = meta.namespace.as_deref().unwrap_or("");
        let system = matches!(namespace, "kube-system" | "openshift-dns");
        match kind {
            "Pod" if dns => self.list::<Pod>(layout::DNS_PODS, object, seen),
            "Pod" => self.single::<Pod>(layout::WORKLOAD_POD, kind, &name, object, seen),
            "Node" => self.list::<Node>(layout::NODES, object, seen),
            "Service" if dns => {
                self.single::<Service>(layout::DNS_SERVICE, kind, &name, object, seen);
            }
            "EndpointSlice" if dns => {
                self.list::<EndpointSlice>(layout::DNS_ENDPOINT_SLICES, object, seen);
            }
            "Deployment" | "DaemonSet" if dns => {
                let mut object = object;
                // Items of a typed list do not say it themselves.
                if let Some(fields) = object.as_object_mut() {
                    fields.insert("kind".to_owned(), kind.into());
                }
                self.single::<Workload>(layout::DNS_WORKLOAD, kind, &name, object, seen);
            }
            "NetworkPolicy" if system => {
                self.list::<NetworkPolicy>(layout::DNS_NETWORK_POLICIES, object, seen);
            }
            "NetworkPolicy" => {
                self.list::<NetworkPolicy>(layout::WORKLOAD_NETWORK_POLICIES, object, seen);
            }
            "Event" => self.list::<Event>(layout::DNS_EVENTS, object, seen),
            "Namespace" if name != "kube-system" => {
                self.single::<Namespace>(layout::WORKLOAD_NAMESPACE, kind, &name, object, seen);
            }
            "PodMetrics" if dns => self.list::<PodMetrics>(layout::DNS_POD_METRICS, object, seen),
            "NodeMetrics" => self.list::<NodeMetrics>(layout::NODE_METRICS, object, seen),
            "ConfigMap" => match config_map_entry(&meta) {
                Ok(Name::Only(entry) | Name::Numbered(entry, _)) => {
                    self.single::<ConfigMap>(&entry, kind, &name, object, seen);
                }
                Err(note) => self.note(note),
            },
            _ => {
                let object = format!("{kind} {name}");
                self.note(format!("{} is not used", object.trim_end()));
            }
        }
    }

    /// `kubectl version -o json`, or the API's own `/version`.
    fn version(&mut self, object: &Value, seen: Vec<Seen>) {
        let (version, prefix) = match object.get("serverVersion") {
            Some(server) => (server, "/serverVersion"),
            None => (object, ""),
        };
        if version.get("gitVersion").is_none() || version.get("goVersion").is_none() {
            return;
        }
        let value = version.clone();
        let seen = seen
            .into_iter()
            .filter_map(|mut seen| {
                seen.pointer = seen.pointer.strip_prefix(prefix)?.to_owned();
                Some(seen)
            })
            .collect();
        self.version = true;
        self.singles
            .insert(layout::VERSION.to_owned(), Placed { value, seen });
    }

    fn list<T: DeserializeOwned + Serialize>(
        &mut self,
        entry: &'static str,
        object: Value,
        seen: Vec<Seen>,
    ) {
        match slim::<T>(object) {
            Ok(value) => self
                .lists
                .entry(entry)
                .or_default()
                .push(Placed { value, seen }),
            Err(error) => self.note(format!("an object for {entry} does not read: {error}")),
        }
    }

    fn single<T: DeserializeOwned + Serialize>(
        &mut self,
        entry: &str,
        kind: &str,
        name: &str,
        object: Value,
        seen: Vec<Seen>,
    ) {
        if self.singles.contains_key(entry) {
            self.note(format!("{kind} {name} is not used: there is one already"));
            return;
        }
        match slim::<T>(object) {
            Ok(value) => {
                self.singles
                    .insert(entry.to_owned(), Placed { value, seen });
            }
            Err(error) => self.note(format!("{kind} {name} does not read: {error}")),
        }
    }

    fn note(&mut self, note: String) {
        if self.notes.len() < MOST_NOTES {
            self.notes.push(note);
        } else {
            self.more_notes += 1;
        }
    }
}

/// Whether an object is of the cluster's DNS, by its name or its labels.
fn is_dns(meta: &ObjectMeta) -> bool {
    const LABELS: [&str; 5] = [
        "k8s-app",
        "app",
        "app.kubernetes.io/name",
        "kubernetes.io/service-name",
        "dns.operator.openshift.io/daemonset-dns",
    ];
    is_dns_name(&meta.name)
        || LABELS
            .iter()
            .filter_map(|label| meta.labels.get(*label))
            .any(|value| is_dns_name(value) || value == "default")
}

/// Only the fields a bundle keeps.
fn slim<T: DeserializeOwned + Serialize>(object: Value) -> Result<Value, serde_json::Error> {
    serde_json::to_value(serde_json::from_value::<T>(object)?)
}

pub(crate) fn kind_of(value: &Value) -> &str {
    value.get("kind").and_then(Value::as_str).unwrap_or("")
}

/// What was seen of each item of a list, relative to the item.
pub(crate) fn by_item(seen: Vec<Seen>, items: usize) -> Vec<Vec<Seen>> {
    let mut places = vec![Vec::new(); items];
    for mut place in seen {
        let Some(rest) = place.pointer.strip_prefix("/items/") else {
            continue;
        };
        let (index, below) = match rest.split_once('/') {
            Some((index, below)) => (index, format!("/{below}")),
            None => (rest, String::new()),
        };
        if let Some(list) = index
            .parse::<usize>()
            .ok()
            .and_then(|index| places.get_mut(index))
        {
            place.pointer = below;
            list.push(place);
        }
    }
    places
}
