//! What stands in the inputs: Corefiles, files that they may import, ConfigMaps of either.

use std::path::{Path, PathBuf};

use digpod_bundle::k8s::ConfigMap;
use digpod_corefile::Source;
use digpod_import::{LooseFile, import};

use super::{config_maps, shown};
use crate::commands::input;
use crate::error::Failure;

/// Folder that a ConfigMap with imported files is mounted to, seen from the Corefile.
const CUSTOM: &str = "custom";
/// Largest number of files read from a folder.
const MOST_FILES: usize = 1000;
/// Endings of files that a Corefile imports.
const IMPORTED: [&str; 3] = [".override", ".server", ".conf"];

/// What was found in the inputs.
#[derive(Default)]
pub(super) struct Found {
    /// Corefiles.
    pub(super) mains: Vec<Piece>,
    /// What they may import.
    pub(super) imported: Vec<Piece>,
    /// ConfigMaps without a Corefile and not made for one to import, with their keys.
    pub(super) without: Vec<(MapName, Vec<String>)>,
    /// ConfigMaps of kube-dns, which came before CoreDNS.
    pub(super) kube_dns: Vec<MapName>,
}

/// A text that CoreDNS may read.
pub(super) struct Piece {
    pub(super) source: Source,
    pub(super) shown: String,
    /// The ConfigMap that it stands in; `None` for a file.
    pub(super) map: Option<MapName>,
}

/// Which ConfigMap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MapName {
    pub(super) namespace: Option<String>,
    pub(super) name: String,
}

impl MapName {
    /// Whether `NAME` or `NAMESPACE/NAME` means it.
    pub(super) fn is(&self, typed: &str) -> bool {
        match typed.split_once('/') {
            Some((namespace, name)) => {
                self.name == name && self.namespace.as_deref() == Some(namespace)
            }
            None => self.name == typed,
        }
    }

    pub(super) fn is_of_node_cache(&self) -> bool {
        let name = &self.name;
        ["node-local", "nodelocal", "node-cache"]
            .iter()
            .any(|part| name.contains(part))
    }

    /// Whether its keys are there to be imported.
    pub(super) fn is_custom(&self) -> bool {
        self.name.contains("custom")
    }
}

impl Found {
    /// Takes what stands in one file or on standard input.
    pub(super) fn take(
        &mut self,
        shown: &str,
        path: Option<&Path>,
        bytes: Vec<u8>,
    ) -> Result<(), Failure> {
        let text = super::super::text(shown, bytes)?;
        if super::super::is_blank(&text) {
            return Err(Failure::new(format!("{shown} is empty"))
                .help("give a Corefile, a ConfigMap as kubectl prints it, or a bundle"));
        }
        if self.kubernetes(shown, &text)? || self.described(shown, &text) > 0 {
            return Ok(());
        }
        let name = path.and_then(Path::file_name).map_or_else(
            || "Corefile".to_owned(),
            |name| name.to_string_lossy().into_owned(),
        );
        self.file(name, shown, text);
        Ok(())
    }

    /// A text that CoreDNS reads as it is.
    fn file(&mut self, name: String, shown: &str, text: String) {
        let imported = IMPORTED.iter().any(|end| name.ends_with(end));
        let name = if imported {
            format!("{CUSTOM}/{name}")
        } else {
            name
        };
        let piece = Piece {
            source: Source::new(name, text),
            shown: shown.to_owned(),
            map: None,
        };
        if imported {
            self.imported.push(piece);
        } else {
            self.mains.push(piece);
        }
    }

    /// Every file of a folder as it is mounted, and of the folders in it.
    pub(super) fn folder(&mut self, folder: &Path) -> Result<(), Failure> {
        let mut files = Vec::new();
        walk(folder, 0, &mut files)?;
        files.sort();
        for path in files {
            let shown = shown(&path);
            let name = path.strip_prefix(folder).unwrap_or(&path);
            let name = name.to_string_lossy().into_owned();
            let text = super::super::text(&shown, input::file(&path)?)?;
            let is_main = name == "Corefile";
            if !is_main
                && self
                    .objects(&shown, &text)
                    .is_some_and(|it| it.iter().any(Result::is_ok))
            {
                continue;
            }
            let piece = Piece {
                source: Source::new(name, text),
                shown,
                map: None,
            };
            if is_main {
                self.mains.push(piece);
            } else {
                self.imported.push(piece);
            }
        }
        Ok(())
    }

    /// Takes the ConfigMaps of a text with Kubernetes objects; whether it is one. Such a text
    /// without a ConfigMap, or one that does not parse, is an error.
    fn kubernetes(&mut self, shown: &str, text: &str) -> Result<bool, Failure> {
        let help = "give the ConfigMap as `kubectl -n kube-system get configmap coredns \
                    coredns-custom -o yaml` prints it";
        if let Some(kinds) = self.objects(shown, text) {
            if let Some(broken) = kinds.iter().find_map(|kind| kind.as_ref().err()) {
                return Err(Failure::new(format!(
                    "{shown} is no Corefile, and as Kubernetes YAML it does not parse: {}",
                    broken.trim_start_matches("error: ")
                ))
                .help(help));
            }
            let mut kinds: Vec<String> = kinds.into_iter().flatten().collect();
            if kinds.iter().any(|kind| kind == "ConfigMap") {
                return Ok(true);
            }
            kinds.sort();
            kinds.dedup();
            // A list may be empty.
            if kinds.is_empty() && is_manifest(text) {
                kinds.push("no objects at all".to_owned());
            }
            if !kinds.is_empty() {
                return Err(Failure::new(format!(
                    "{shown} is Kubernetes YAML without a ConfigMap: it has {}",
                    kinds.join(", ")
                ))
                .help(help));
            }
        }
        let of_map = |line: &str| {
            let line = line.trim();
            let rest = line.strip_prefix("Corefile:").map(str::trim);
            rest.is_some_and(|rest| rest.starts_with(['|', '>']))
        };
        if text.lines().any(of_map) {
            return Err(Failure::new(format!(
                "{shown} is a piece of a ConfigMap, neither a Corefile nor a whole one"
            ))
            .help(help));
        }
        Ok(false)
    }

    /// The kinds of the objects in a text, or what the parser says of them, and takes the
    /// ConfigMaps among them; `None` if there is no `kind` in it.
    fn objects(&mut self, shown: &str, text: &str) -> Option<Vec<Result<String, String>>> {
        if !text.contains("kind") {
            return None;
        }
        let found = digpod_import::kubernetes::objects(text);
        let mut kinds: Vec<Result<String, String>> = found.broken.into_iter().map(Err).collect();
        for object in found.objects {
            let kind = object.kind().to_owned();
            if kind == "ConfigMap" {
                match serde_json::from_value::<ConfigMap>(object.value) {
                    Ok(map) => self.config_map(shown, map),
                    Err(error) => {
                        kinds.push(Err(error.to_string()));
                        continue;
                    }
                }
            }
            kinds.push(Ok(kind));
        }
        Some(kinds)
    }

    /// The ConfigMaps that `kubectl describe configmap` prints; their number.
    fn described(&mut self, shown: &str, text: &str) -> usize {
        let mut lines = text.lines().map(str::trim_end);
        if !lines.any(|line| line == "Data") || lines.next() != Some("====") {
            return 0;
        }
        let file = LooseFile {
            name: shown.to_owned(),
            bytes: text.as_bytes().to_vec(),
        };
        let bundle = import(vec![file]).bundle;
        let maps = config_maps(&bundle);
        let count = maps.len();
        for map in maps {
            self.config_map(shown, map);
        }
        count
    }

    /// Takes the keys of a ConfigMap. Without a key `Corefile` they are imported, if they can be.
    pub(super) fn config_map(&mut self, shown: &str, map: ConfigMap) {
        let name = MapName {
            namespace: map.metadata.namespace,
            name: map.metadata.name,
        };
        let keys: Vec<String> = map
            .data
            .keys()
            .chain(map.binary_data.keys())
            .cloned()
            .collect();
        let has = |key: &str| map.data.contains_key(key);
        if !has("Corefile") {
            if has("stubDomains") || has("upstreamNameservers") || name.name == "kube-dns" {
                self.kube_dns.push(name);
                return;
            }
            let to_import = keys
                .iter()
                .any(|key| IMPORTED.iter().any(|end| key.ends_with(end)));
            if !name.is_custom() && !to_import {
                self.without.push((name, keys));
                return;
            }
        }
        let has_main = has("Corefile");
        for (key, text) in map.data {
            let is_main = key == "Corefile";
            let piece = Piece {
                shown: format!("{shown}: ConfigMap {}, {key}", name.name),
                source: Source::new(
                    if has_main {
                        key
                    } else {
                        format!("{CUSTOM}/{key}")
                    },
                    text,
                ),
                map: Some(name.clone()),
            };
            if !is_main {
                self.imported.push(piece);
            } else if !self
                .mains
                .iter()
                .any(|it| it.map == piece.map && it.source == piece.source)
            {
                self.mains.push(piece);
            }
        }
    }
}

/// Whether a text says of itself that it is Kubernetes YAML or JSON.
pub(in crate::commands::corefile) fn is_manifest(text: &str) -> bool {
    let has = |key: &str| {
        let key = |line: &str| {
            let line = line.trim_start().trim_start_matches('"');
            line.strip_prefix(key)
                .is_some_and(|rest| rest.starts_with([':', '"']))
        };
        text.lines().any(key)
    };
    has("apiVersion") && has("kind")
}

fn walk(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let entries = std::fs::read_dir(folder)
        .map_err(|error| Failure::new(format!("{} cannot be read: {error}", folder.display())))?;
    for entry in entries.flatten() {
        let path = entry.path();
        let name = entry.file_name();
        // A mounted ConfigMap has its data in `..data`, too.
        if name.to_string_lossy().starts_with('.') {
            continue;
        }
        if path.is_dir() && depth < 2 {
            walk(&path, depth + 1, files)?;
        } else if path.is_file() {
            if files.len() >= MOST_FILES {
                return Err(Failure::new(format!(
                    "{} has more than {MOST_FILES} files",
                    folder.display()
                ))
                .help("give the folder of the Corefile"));
            }
            files.push(path);
        }
    }
    Ok(())
}
