//! Finds Corefiles in what a user has: files as they are mounted, ConfigMaps, a bundle.

use std::path::{Path, PathBuf};

use digpod_bundle::k8s::ConfigMap;
use digpod_bundle::{Bundle, Form, Kind, Limits, layout};
use digpod_corefile::Source;
use digpod_import::{LooseFile, import};

use crate::commands::input;
use crate::error::Failure;

/// A Corefile and the files beside it.
#[derive(Debug, Default)]
pub(super) struct Configuration {
    /// The Corefile first, then what it may import, each named as CoreDNS would see it.
    pub(super) sources: Vec<Source>,
    /// What each is called for the user.
    pub(super) shown: Vec<String>,
    /// The file each stands in alone, so that it can be written back.
    pub(super) files: Vec<Option<PathBuf>>,
    /// Version of CoreDNS, where a bundle knows it.
    pub(super) version: Option<String>,
}

impl Configuration {
    fn push(&mut self, source: Source, shown: String, file: Option<PathBuf>) {
        self.sources.push(source);
        self.shown.push(shown);
        self.files.push(file);
    }

    /// What a source is called for the user.
    pub(super) fn shown(&self, source: usize) -> &str {
        self.shown.get(source).map_or("Corefile", String::as_str)
    }
}

/// Folder that a ConfigMap with imported files is mounted to, seen from the Corefile.
const CUSTOM: &str = "custom";
/// Largest number of files read from a folder.
const MOST_FILES: usize = 1000;

/// Reads what was given; standard input if it was nothing or `-`.
pub(super) fn load(inputs: &[PathBuf]) -> Result<Configuration, Failure> {
    if let [only] = inputs
        && let Some(bundle) = bundle(only)?
    {
        return of_bundle(&bundle, &only.display().to_string());
    }
    let mut found = Found::default();
    if inputs.is_empty() {
        found.take("standard input", None, input::standard_input()?)?;
    }
    for path in inputs {
        if path.as_os_str() == "-" {
            found.take("standard input", None, input::standard_input()?)?;
        } else if path.is_dir() {
            found.folder(path)?;
        } else {
            found.take(&shown(path), Some(path), input::file(path)?)?;
        }
    }
    found.finish()
}

/// A bundle, if the path is one.
fn bundle(path: &Path) -> Result<Option<Bundle>, Failure> {
    let shown = path.display().to_string();
    if path.is_dir() {
        if !path.join(layout::MANIFEST).is_file() {
            return Ok(None);
        }
        let opened = Bundle::open_path(path, &Limits::default());
        return opened
            .map(Some)
            .map_err(|error| input::failure(&shown, &error));
    }
    if path.as_os_str() == "-" || !path.is_file() {
        return Ok(None);
    }
    let bytes = input::file(path)?;
    match Form::of(&bytes) {
        Some(Form::Zip) => Bundle::open_bytes(&bytes, &Limits::default())
            .map(Some)
            .map_err(|error| input::failure(&shown, &error)),
        // `kubectl get -o json` begins like one.
        Some(_) => Ok(Bundle::open_bytes(&bytes, &Limits::default()).ok()),
        None => Ok(None),
    }
}

fn of_bundle(bundle: &Bundle, shown: &str) -> Result<Configuration, Failure> {
    let mut found = Found::default();
    for map in config_maps(bundle) {
        found.config_map(shown, map);
    }
    let mut configuration = found.finish()?;
    configuration.version = version(bundle);
    Ok(configuration)
}

fn config_maps(bundle: &Bundle) -> Vec<ConfigMap> {
    let maps = bundle.entries().filter_map(|(name, bytes)| {
        matches!(Kind::of(name), Kind::ConfigMap { .. })
            .then(|| serde_json::from_slice(bytes).ok())?
    });
    maps.collect()
}

/// The tag of the image that the DNS pods run.
fn version(bundle: &Bundle) -> Option<String> {
    let pods: serde_json::Value = serde_json::from_slice(bundle.get(layout::DNS_PODS)?).ok()?;
    let images = pods.get("items")?.as_array()?.iter().filter_map(|pod| {
        let containers = pod.pointer("/spec/containers");
        containers.and_then(serde_json::Value::as_array)
    });
    images.flatten().find_map(|container| {
        let image = container.get("image")?.as_str()?;
        let (name, tag) = image.split('@').next()?.rsplit_once(':')?;
        name.ends_with("coredns").then(|| tag.to_owned())
    })
}

#[derive(Default)]
struct Found {
    /// Corefiles, by preference.
    mains: Vec<Piece>,
    /// What they may import.
    imported: Vec<Piece>,
}

struct Piece {
    source: Source,
    shown: String,
    file: Option<PathBuf>,
}

impl Found {
    fn take(&mut self, shown: &str, path: Option<&Path>, bytes: Vec<u8>) -> Result<(), Failure> {
        let text = String::from_utf8(bytes).map_err(|error| {
            Failure::new(format!(
                "{shown} is not UTF-8 text: byte {}",
                error.utf8_error().valid_up_to()
            ))
            .help("give a Corefile, a ConfigMap as kubectl prints it, or a bundle")
        })?;
        if self.config_maps(shown, &text) > 0 || self.described(shown, &text) > 0 {
            return Ok(());
        }
        let name = path.and_then(Path::file_name).map_or_else(
            || "Corefile".to_owned(),
            |name| name.to_string_lossy().into_owned(),
        );
        self.file(name, shown, path, text);
        Ok(())
    }

    /// A text that CoreDNS reads as it is.
    fn file(&mut self, name: String, shown: &str, path: Option<&Path>, text: String) {
        let imported = [".override", ".server", ".conf"]
            .iter()
            .any(|end| name.ends_with(end));
        let source = Source::new(
            if imported && !name.contains('/') {
                format!("{CUSTOM}/{name}")
            } else {
                name
            },
            text,
        );
        let piece = Piece {
            source,
            shown: shown.to_owned(),
            file: path.map(Path::to_owned),
        };
        if imported {
            self.imported.push(piece);
        } else {
            self.mains.push(piece);
        }
    }

    /// Every file of a folder as it is mounted, and of the folders in it.
    fn folder(&mut self, folder: &Path) -> Result<(), Failure> {
        let mut files = Vec::new();
        walk(folder, 0, &mut files)?;
        files.sort();
        for path in files {
            let shown = shown(&path);
            let name = path.strip_prefix(folder).unwrap_or(&path);
            let name = name.to_string_lossy().into_owned();
            let text = String::from_utf8(input::file(&path)?)
                .map_err(|_| Failure::new(format!("{shown} is not UTF-8 text")))?;
            if name == "Corefile" {
                self.mains.push(Piece {
                    source: Source::new(name, text),
                    shown,
                    file: Some(path),
                });
            } else if self.config_maps(&shown, &text) == 0 {
                self.imported.push(Piece {
                    source: Source::new(name, text),
                    shown,
                    file: Some(path),
                });
            }
        }
        Ok(())
    }

    /// The ConfigMaps in a text; their number.
    fn config_maps(&mut self, shown: &str, text: &str) -> usize {
        if !text.contains("kind") {
            return 0;
        }
        let objects = digpod_import::kubernetes::objects(text).objects;
        let maps = objects
            .into_iter()
            .filter(|object| object.kind() == "ConfigMap")
            .filter_map(|object| serde_json::from_value::<ConfigMap>(object.value).ok());
        let mut count = 0;
        for map in maps {
            self.config_map(shown, map);
            count += 1;
        }
        count
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

    fn config_map(&mut self, shown: &str, map: ConfigMap) {
        let name = map.metadata.name;
        for (key, text) in map.data {
            let shown = format!("{shown}: ConfigMap {name}, {key}");
            let piece = |source: String| Piece {
                source: Source::new(source, text),
                shown,
                file: None,
            };
            if key == "Corefile" {
                self.mains.push(piece(key));
            } else if name.contains("custom") {
                self.imported.push(piece(format!("{CUSTOM}/{key}")));
            } else {
                self.imported.push(piece(key));
            }
        }
    }

    fn finish(self) -> Result<Configuration, Failure> {
        let Self {
            mut mains,
            imported,
        } = self;
        // Node-local caches have a Corefile of their own; the cluster's DNS comes first.
        mains.sort_by_key(|piece| piece.shown.contains("node"));
        if mains.len() > 1 {
            let names: Vec<&str> = mains.iter().map(|piece| piece.shown.as_str()).collect();
            let first = mains.iter().any(|piece| piece.file.is_some());
            if first {
                return Err(
                    Failure::usage(format!("several Corefiles: {}", names.join("; ")))
                        .help("give one at a time"),
                );
            }
        }
        let mut configuration = Configuration::default();
        let mut pieces = mains.into_iter().take(1).chain(imported);
        let Some(main) = pieces.next() else {
            return Err(Failure::new("there is no Corefile in it").help(
                "give a Corefile, a folder as CoreDNS mounts it, the ConfigMap as `kubectl -n kube-system get \
                 configmap coredns coredns-custom -o yaml` prints it, or a bundle",
            ));
        };
        for piece in std::iter::once(main).chain(pieces) {
            configuration.push(piece.source, piece.shown, piece.file);
        }
        Ok(configuration)
    }
}

/// A path for the user, without `./`.
fn shown(path: &Path) -> String {
    let path = path.strip_prefix(".").unwrap_or(path);
    path.display().to_string()
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
