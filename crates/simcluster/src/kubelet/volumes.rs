//! The files of a node, and how a pod that mounts them sees them.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, ErrorKind};

use digpod_probe::{Disk, FileContent};
use serde_json::Value;

use crate::json::{list, text};
use crate::scenario::Settings;

/// What a container sees of its node's files.
pub(super) struct Mounted {
    files: BTreeMap<String, String>,
    /// Path in the container, and on the node.
    mounts: Vec<(String, String)>,
}

/// The files that a scenario gives a node.
fn files<'a>(settings: &'a Settings, node: &str) -> Option<&'a BTreeMap<String, String>> {
    let node = settings.nodes.get(node);
    let node = node.or_else(|| settings.nodes.get("default"));
    node.map(|node| &node.files)
}

/// What the kubelet says of each volume that cannot be mounted (kubernetes/kubernetes,
/// `pkg/volume/hostpath/host_path.go`: only types that are named are checked).
pub(super) fn unmountable(settings: &Settings, pod: &Value) -> Vec<String> {
    let none = BTreeMap::new();
    let files = files(settings, text(pod, "spec.nodeName")).unwrap_or(&none);
    let mut said = Vec::new();
    for volume in list(pod, "spec.volumes") {
        let (path, kind) = (text(volume, "hostPath.path"), text(volume, "hostPath.type"));
        let inside = format!("{path}/");
        let (fits, what) = match kind {
            "File" => (files.contains_key(path), "file"),
            "Directory" => (
                files.keys().any(|file| file.starts_with(&inside)),
                "directory",
            ),
            _ => continue,
        };
        if !fits {
            said.push(format!(
                "MountVolume.SetUp failed for volume \"{}\" : hostPath type check failed: {path} is not a {what}",
                text(volume, "name")
            ));
        }
    }
    said
}

impl Mounted {
    /// What this container of a pod sees.
    pub(super) fn of(settings: &Settings, pod: &Value, container: &Value) -> Self {
        let volumes = list(pod, "spec.volumes");
        let mounts = list(container, "volumeMounts").iter().filter_map(|mount| {
            let volume = volumes
                .iter()
                .find(|volume| text(volume, "name") == text(mount, "name"))?;
            let path = text(volume, "hostPath.path");
            (!path.is_empty()).then(|| (text(mount, "mountPath").to_owned(), path.to_owned()))
        });
        Self {
            files: files(settings, text(pod, "spec.nodeName"))
                .cloned()
                .unwrap_or_default(),
            mounts: mounts.collect(),
        }
    }

    fn on_node(&self, path: &str) -> io::Result<String> {
        let path = self.mounts.iter().find_map(|(inside, outside)| {
            let rest = path.strip_prefix(inside.as_str())?;
            (rest.is_empty() || rest.starts_with('/')).then(|| format!("{outside}{rest}"))
        });
        path.ok_or_else(|| ErrorKind::NotFound.into())
    }
}

impl Disk for Mounted {
    fn read(&self, path: &str, most: u64) -> io::Result<FileContent> {
        let file = self.files.get(&self.on_node(path)?);
        let file = file.ok_or(ErrorKind::NotFound)?.as_bytes();
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        Ok(FileContent {
            bytes: file.iter().copied().take(most).collect(),
            more: file.len() > most,
            modified: None,
        })
    }

    fn list(&self, path: &str) -> io::Result<Vec<String>> {
        let inside = format!("{}/", self.on_node(path)?);
        let names: BTreeSet<&str> = self
            .files
            .keys()
            .filter_map(|file| file.strip_prefix(&inside)?.split('/').next())
            .collect();
        if names.is_empty() {
            return Err(ErrorKind::NotFound.into());
        }
        Ok(names.into_iter().map(str::to_owned).collect())
    }
}
