//! One thing that a run may do: a verb on a resource, somewhere, for a reason.

use std::collections::{BTreeMap, BTreeSet};

use super::table::{Place, Row, Weight};
use crate::gather::WorkingPod;
use crate::meant;

/// The flags of `collect` that decide what a run does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line")]
pub(crate) struct Scope {
    /// Namespace of the cluster's DNS.
    pub(crate) dns_namespace: String,
    /// Namespace of the failing pod.
    pub(crate) namespace: String,
    /// Names in question, as they were typed.
    pub(crate) names: Vec<String>,
    /// `--pod`.
    pub(crate) pod: Option<String>,
    /// `-l`.
    pub(crate) selector: Option<String>,
    /// `--working-pod`.
    pub(crate) working_pod: Option<WorkingPod>,
    /// Whether probes are created.
    pub(crate) probes: bool,
    /// `--node-access files`.
    pub(crate) files: bool,
    /// `--exec`.
    pub(crate) exec: bool,
    /// `--kubelet-config`.
    pub(crate) kubelet_config: bool,
    /// `--probe-namespace`; without it a run makes a namespace of its own.
    pub(crate) probe_namespace: Option<String>,
}

impl Scope {
    /// Namespace and name of each Service that the names may mean.
    pub(crate) fn services(&self) -> BTreeSet<(String, String)> {
        let names = self.names.iter().map(String::as_str);
        meant::services(names, &self.namespace, None)
    }
}

/// A permission, what it is for and what is lost without it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Need {
    /// Verb of the API: `get`, `list`, `create`, `delete`.
    pub(crate) verb: &'static str,
    /// API group; empty for the core group.
    pub(crate) group: &'static str,
    /// Plural name, with a subresource as `pods/log`.
    pub(crate) resource: &'static str,
    /// `None`: the whole cluster.
    pub(crate) namespace: Option<String>,
    /// Only objects of these names; empty for any.
    pub(crate) names: Vec<String>,
    /// What it is for, a clause.
    pub(crate) purpose: &'static str,
    /// What is lost without it, a clause.
    pub(crate) loss: &'static str,
    /// How much it matters.
    pub(crate) weight: Weight,
    /// Position of its row in the table.
    pub(crate) row: usize,
}

impl Need {
    /// `networkpolicies.networking.k8s.io`, `pods/log`: as errors and the manifest name it.
    pub(crate) fn full_resource(&self) -> String {
        match (self.group, self.resource.split_once('/')) {
            ("", _) => self.resource.to_owned(),
            (group, Some((plural, sub))) => format!("{plural}.{group}/{sub}"),
            (group, None) => format!("{}.{group}", self.resource),
        }
    }

    /// `in namespace shop`, `in the cluster`.
    pub(crate) fn place(&self) -> String {
        match &self.namespace {
            Some(namespace) => format!("in namespace {namespace}"),
            None => "in the cluster".to_owned(),
        }
    }

    /// As the manifest names a missing permission: `list pods in namespace kube-system`.
    pub(crate) fn permission(&self) -> String {
        format!("{} {} {}", self.verb, self.full_resource(), self.place())
    }
}

/// Every need that these flags make, in the table's order, each once.
pub(super) fn from_rows(rows: impl Iterator<Item = &'static Row>, scope: &Scope) -> Vec<Need> {
    let mut needs: Vec<Need> = Vec::new();
    for (at, row) in rows.enumerate() {
        if !(row.when)(scope) {
            continue;
        }
        for (namespace, names) in places(row, scope) {
            for verb in row.verbs {
                let need = Need {
                    verb,
                    group: row.group,
                    resource: row.resource,
                    namespace: namespace.clone(),
                    names: names.clone(),
                    purpose: row.purpose,
                    loss: row.loss,
                    weight: row.weight,
                    row: at,
                };
                needs.push(need);
            }
        }
    }
    needs
}

/// Each namespace of a row, with the names that it is about there.
fn places(row: &Row, scope: &Scope) -> Vec<(Option<String>, Vec<String>)> {
    if row.place == Place::Named {
        return named(row, scope);
    }
    let mut names: Vec<String> = row.names.iter().map(|it| (*it).to_owned()).collect();
    names.extend((row.name_of)(scope));
    vec![(namespace(row.place, scope), names)]
}

/// A list by labels cannot be granted by name.
fn named(row: &Row, scope: &Scope) -> Vec<(Option<String>, Vec<String>)> {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (namespace, name) in scope.services() {
        let names = places.entry(namespace).or_default();
        if row.verbs == ["get"] {
            names.push(name);
        }
    }
    let places = places.into_iter();
    places.map(|(place, names)| (Some(place), names)).collect()
}

fn namespace(place: Place, scope: &Scope) -> Option<String> {
    match place {
        // What is named has a namespace each: `named`.
        Place::Cluster | Place::Named => None,
        Place::Dns => Some(scope.dns_namespace.clone()),
        Place::Client => Some(scope.namespace.clone()),
        Place::Working => scope.working_pod.as_ref().map(|it| it.namespace.clone()),
        Place::KubeSystem => Some("kube-system".to_owned()),
        Place::In(name) => Some(name.to_owned()),
        // What a role grants in a namespace that does not exist yet it must grant everywhere.
        Place::Probes => scope.probe_namespace.clone(),
    }
}
