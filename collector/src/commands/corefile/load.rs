//! Finds Corefiles in what a user has: files as they are mounted, ConfigMaps, a bundle.

mod choice;
mod found;

use std::path::Path;

use digpod_bundle::k8s::ConfigMap;
use digpod_bundle::{Bundle, Form, Kind, Limits, layout};
use digpod_corefile::Source;

use crate::cli::CorefileInput;
use crate::commands::input;
use crate::error::Failure;

use found::Found;
pub(super) use found::is_manifest;

/// A Corefile and the files beside it.
#[derive(Debug, Default)]
pub(super) struct Configuration {
    /// The Corefile first, then what it may import, each named as CoreDNS would see it.
    pub(super) sources: Vec<Source>,
    /// What each is called for the user.
    pub(super) shown: Vec<String>,
    /// Version of CoreDNS, where a bundle knows it.
    pub(super) version: Option<String>,
    /// Whether node-cache (NodeLocal DNSCache) reads it, going by names and placeholders.
    pub(super) node_cache: bool,
    /// What the user should know of what was read and what was not.
    pub(super) notes: Vec<String>,
}

impl Configuration {
    /// What a source is called for the user.
    pub(super) fn shown(&self, source: usize) -> &str {
        self.shown.get(source).map_or("Corefile", String::as_str)
    }
}

/// Reads what was given; standard input if it was nothing or `-`.
pub(super) fn load(options: &CorefileInput) -> Result<Configuration, Failure> {
    let inputs = options.inputs.as_slice();
    let chosen = options.configmap.as_deref();
    if let [only] = inputs
        && let Some(bundle) = bundle(only)?
    {
        return of_bundle(&bundle, &only.display().to_string(), chosen);
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
    found.finish(chosen)
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

fn of_bundle(bundle: &Bundle, shown: &str, chosen: Option<&str>) -> Result<Configuration, Failure> {
    let mut found = Found::default();
    for map in config_maps(bundle) {
        found.config_map(shown, map);
    }
    let mut configuration = found.finish(chosen)?;
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

/// A path for the user, without `./`.
fn shown(path: &Path) -> String {
    let path = path.strip_prefix(".").unwrap_or(path);
    path.display().to_string()
}
