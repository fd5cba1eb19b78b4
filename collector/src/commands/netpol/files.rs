//! Policies, namespaces and pods out of what a user has.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use digpod_bundle::{Bundle, Form, Limits, layout};
use digpod_import::kubernetes::{Object, objects};
use digpod_netpol::{Endpoint, Enforcement, ForeignPolicy, Namespace, NetworkPolicy, Plugin, Pod};
use serde_json::Value;

use super::services::Service;
use crate::commands::input;
use crate::error::Failure;

/// Everything that was read.
#[derive(Debug, Default)]
pub(super) struct Files {
    /// Texts and what they are called.
    texts: Vec<(String, String)>,
    /// Policies with their places.
    pub(super) policies: Vec<Policy>,
    /// Namespaces with their labels.
    pub(super) namespaces: Vec<Namespace>,
    /// Pods.
    pub(super) pods: Vec<Endpoint>,
    /// Services with an address and pods.
    pub(super) services: Vec<Service>,
    /// Policies of other kinds: present, not evaluated.
    pub(super) foreign: Vec<(String, ForeignPolicy)>,
    /// Network plugins, by their daemon sets.
    pub(super) plugins: Vec<Plugin>,
    /// Policies, or texts that may hold some, that could not be read.
    pub(super) unread: Vec<String>,
    /// Policies that name no namespace, where none was given for them.
    pub(super) homeless: Vec<String>,
    /// What has nothing for us.
    skipped: Vec<String>,
    /// Namespace of objects that name none.
    namespace: Option<String>,
    /// Kind, namespace and name of what was read.
    seen: BTreeSet<(String, Option<String>, String)>,
}

/// A policy and where it stands.
#[derive(Debug)]
pub(super) struct Policy {
    /// The policy.
    pub(super) read: NetworkPolicy,
    object: Object,
    text: usize,
}

/// Where a value of a policy stands: path, text, and the bytes from its first character to the
/// end of its line.
pub(super) struct At<'a> {
    pub(super) path: &'a str,
    pub(super) text: &'a str,
    pub(super) span: std::ops::Range<usize>,
}

impl Files {
    pub(super) fn load(paths: &[PathBuf], namespace: Option<&str>) -> Result<Self, Failure> {
        let mut files = Self {
            namespace: namespace.map(str::to_owned),
            ..Self::default()
        };
        for path in paths {
            files.path(path)?;
        }
        if files.count() == 0 {
            let skipped = match files.unread.first().or(files.skipped.first()) {
                Some(first) => format!(" ({first})"),
                None => String::new(),
            };
            return Err(Failure::new(format!(
                "there is no policy, namespace or pod in the files{skipped}"
            ))
            .help(
                "give a bundle or what `kubectl get networkpolicies,namespaces,pods,services -A -o yaml` prints",
            ));
        }
        Ok(files)
    }

    /// Objects that were read.
    fn count(&self) -> usize {
        self.policies.len()
            + self.pods.len()
            + self.namespaces.len()
            + self.services.len()
            + self.foreign.len()
            + self.plugins.len()
    }

    /// Namespaces that the files know.
    pub(super) fn known_namespaces(&self) -> BTreeSet<&str> {
        let namespaces = self.namespaces.iter().map(|it| it.name.as_str());
        let pods = self.pods.iter().filter_map(Endpoint::pod);
        namespaces
            .chain(pods.map(|pod| pod.namespace.as_str()))
            .chain(self.policies.iter().map(|it| it.read.namespace()))
            .collect()
    }

    /// Where a value of a policy stands.
    pub(super) fn at(&self, policy: usize, pointer: &str) -> Option<At<'_>> {
        let policy = self.policies.get(policy)?;
        let line = policy.object.line(pointer)?;
        let (path, text) = self.texts.get(policy.text)?;
        let mut start = 0;
        let mut lines = text.split_inclusive('\n');
        for _ in 1..line.line {
            start += lines.next()?.len();
        }
        let line_text = lines.next().unwrap_or("").trim_end();
        let column: usize = line_text
            .chars()
            .take(line.column)
            .map(char::len_utf8)
            .sum();
        Some(At {
            path,
            text,
            span: start + column..start + line_text.len().max(column),
        })
    }

    /// What bears on every verdict: other kinds of policies, and what was left out.
    pub(super) fn footer(&self) -> String {
        let mut lines = Vec::new();
        for (name, foreign) in &self.foreign {
            lines.push(format!(
                "note: {} {name} is not evaluated: {}",
                foreign.kind,
                foreign.sentence()
            ));
        }
        for plugin in &self.plugins {
            lines.push(match plugin.enforcement {
                Enforcement::Yes => format!("note: {} enforces policies here", plugin.name),
                Enforcement::No => format!("note: {} does not enforce policies", plugin.name),
                Enforcement::If(what) => {
                    format!("note: {} enforces policies only with {what}", plugin.name)
                }
            });
        }
        lines.extend(self.skipped.iter().map(|it| format!("note: {it}")));
        lines.push(String::new());
        lines.join("\n")
    }

    fn path(&mut self, path: &Path) -> Result<(), Failure> {
        let shown = path.display().to_string();
        if path.is_dir() {
            if path.join(layout::MANIFEST).is_file() {
                let bundle = Bundle::open_path(path, &Limits::default())
                    .map_err(|error| input::failure(&shown, &error))?;
                self.bundle(&shown, &bundle);
                return Ok(());
            }
            return Err(Failure::new(format!("{shown} is a folder and no bundle"))
                .help("give the files in it"));
        }
        let (shown, bytes) = if path.as_os_str() == "-" {
            ("standard input".to_owned(), input::standard_input()?)
        } else {
            (shown, input::file(path)?)
        };
        if Form::of(&bytes) == Some(Form::Zip) {
            let bundle = Bundle::open_bytes(&bytes, &Limits::default())
                .map_err(|error| input::failure(&shown, &error))?;
            self.bundle(&shown, &bundle);
            return Ok(());
        }
        if Form::of(&bytes).is_some()
            && let Ok(bundle) = Bundle::open_bytes(&bytes, &Limits::default())
        {
            self.bundle(&shown, &bundle);
            return Ok(());
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        self.text(shown, text);
        Ok(())
    }

    fn bundle(&mut self, shown: &str, bundle: &Bundle) {
        // An empty list has no items at all, and is none of what it would list.
        let entries = [
            (layout::WORKLOAD_NETWORK_POLICIES, "NetworkPolicyList"),
            (layout::DNS_NETWORK_POLICIES, "NetworkPolicyList"),
            (layout::WORKLOAD_NAMESPACE, "Namespace"),
            (layout::WORKLOAD_POD, "Pod"),
            (layout::DNS_PODS, "PodList"),
            (layout::DNS_SERVICE, "Service"),
        ];
        for (entry, kind) in entries {
            let value = bundle
                .get(entry)
                .and_then(|bytes| serde_json::from_slice::<Value>(bytes).ok());
            let Some(mut value) = value else { continue };
            // Entries leave out what their name says.
            if let Some(fields) = value.as_object_mut() {
                fields.insert("kind".to_owned(), kind.into());
            }
            if let Ok(text) = serde_json::to_string_pretty(&value) {
                self.text(format!("{shown}: {entry}"), text);
            }
        }
    }

    fn text(&mut self, path: String, text: String) {
        let found = objects(&text);
        let number = self.texts.len();
        for broken in found.broken {
            self.unread.push(format!("{path}: {broken}"));
        }
        let before = self.count() + self.unread.len();
        for object in found.objects {
            self.object(&path, &object, number);
        }
        if before == self.count() + self.unread.len() {
            self.skipped
                .push(format!("{path} has no policy, namespace, pod or Service"));
        }
        self.texts.push((path, text));
    }

    fn object(&mut self, path: &str, object: &Object, text: usize) {
        let api_version = object.value.get("apiVersion").and_then(Value::as_str);
        let api_version = api_version.unwrap_or("").to_owned();
        let name = object
            .value
            .pointer("/metadata/name")
            .and_then(Value::as_str)
            .unwrap_or("")
            .to_owned();
        if let Some(foreign) = ForeignPolicy::recognize(&api_version, object.kind()) {
            self.foreign.push((name, foreign));
            return;
        }
        let mut value = object.value.clone();
        let namespace = value
            .pointer("/metadata/namespace")
            .and_then(Value::as_str)
            .map(str::to_owned);
        // The same object in two files is one.
        let id = (object.kind().to_owned(), namespace.clone(), name.clone());
        if !name.is_empty() && !self.seen.insert(id) {
            return;
        }
        if namespace.is_none()
            && let Some(given) = &self.namespace
            && let Some(metadata) = value.get_mut("metadata").and_then(Value::as_object_mut)
        {
            metadata.insert("namespace".to_owned(), given.as_str().into());
        }
        let read = match object.kind() {
            "NetworkPolicy" => serde_json::from_value(value).map(|policy: NetworkPolicy| {
                if policy.metadata.namespace.is_none() {
                    self.homeless.push(name.clone());
                }
                self.policies.push(Policy {
                    read: policy,
                    object: object.clone(),
                    text,
                });
            }),
            "Service" => serde_json::from_value(value).map(|service| {
                let home = self.namespace.as_deref().unwrap_or("default");
                self.services.extend(Service::read(service, home));
            }),
            "Namespace" => serde_json::from_value(value).map(|it| self.namespaces.push(it)),
            "DaemonSet" => {
                self.plugins.extend(Plugin::recognize(&name));
                Ok(())
            }
            "Pod" => serde_json::from_value::<Pod>(value).map(|pod| self.pods.push(pod.into())),
            _ => Ok(()),
        };
        if let Err(error) = read {
            let error = words(&error.to_string());
            let line = object
                .line("")
                .map_or(String::new(), |at| format!(":{}", at.line));
            let text = format!(
                "{path}{line}: {} {name} is not read: {error}",
                object.kind()
            );
            if object.kind() == "NetworkPolicy" {
                self.unread.push(text);
            } else {
                self.skipped.push(text);
            }
        }
    }
}

/// What serde says, in words for people who write YAML.
fn words(error: &str) -> String {
    if error.contains("PortValue") {
        return "a port is neither a number nor a name".to_owned();
    }
    error.to_owned()
}
