//! Reads the files of a scenario folder over those of its base.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value};

use crate::json::{merge, text};
use crate::logs::LogKey;
use crate::{resources, store, time};

/// What was read.
pub(super) struct Read {
    pub(super) settings: Value,
    pub(super) objects: Vec<Value>,
    pub(super) logs: BTreeMap<LogKey, String>,
}

/// Reads `folder`, and before it the folder that its `base` names.
pub(super) fn read(folder: &Path) -> Result<Read> {
    let mut read = chain(folder, 0)?;
    if let Some(settings) = read.settings.as_object_mut() {
        settings.remove("base");
    }
    Ok(read)
}

fn chain(folder: &Path, depth: usize) -> Result<Read> {
    ensure!(
        depth < 8,
        "{}: the bases of this scenario never end",
        folder.display()
    );
    let path = folder.join("scenario.yaml");
    let own: Value = yaml(&path)?;
    let mut read = match own.get("base").and_then(Value::as_str) {
        Some(base) => chain(&folder.join(base), depth + 1)?,
        None => Read {
            settings: Value::Object(Map::new()),
            objects: Vec::new(),
            logs: BTreeMap::new(),
        },
    };
    merge(&mut read.settings, own);
    for file in files(&folder.join("objects"))? {
        for object in documents(&file)? {
            let resource = resources::of(&object);
            ensure!(
                resource.is_some(),
                "{}: {} {} is not served",
                file.display(),
                text(&object, "apiVersion"),
                text(&object, "kind")
            );
            let same = |other: &Value| {
                text(other, "kind") == text(&object, "kind")
                    && text(other, "apiVersion") == text(&object, "apiVersion")
                    && store::key(other) == store::key(&object)
            };
            read.objects.retain(|other| !same(other));
            read.objects.push(object);
        }
    }
    let logs = folder.join("logs");
    for file in files(&logs)? {
        let key = log_key(file.strip_prefix(&logs).unwrap_or(&file)).with_context(|| {
            format!(
                "{}: want NAMESPACE/POD/CONTAINER/{{current,previous}}.log",
                file.display()
            )
        })?;
        let log = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        for (number, line) in log.lines().enumerate() {
            let stamp = line.split(' ').next().unwrap_or_default();
            ensure!(
                time::parse(stamp).is_some(),
                "{}:{}: no time at the start",
                file.display(),
                number + 1
            );
        }
        read.logs.insert(key, log);
    }
    Ok(read)
}

fn log_key(path: &Path) -> Option<LogKey> {
    let parts: Vec<&str> = path
        .iter()
        .map(|part| part.to_str())
        .collect::<Option<_>>()?;
    let [namespace, pod, container, file] = parts.as_slice() else {
        return None;
    };
    let previous = match *file {
        "current.log" => false,
        "previous.log" => true,
        _ => return None,
    };
    Some(LogKey::new(namespace, pod, container, previous))
}

/// Files below a folder, sorted; none if it is not there.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(err) if err.kind() == std::io::ErrorKind::NotFound => continue,
            Err(err) => return Err(err).with_context(|| folder.display().to_string()),
        };
        for entry in entries {
            let path = entry.with_context(|| folder.display().to_string())?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn yaml(path: &Path) -> Result<Value> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    serde_saphyr::from_str(&text).with_context(|| path.display().to_string())
}

/// The objects of a file; a List is taken apart.
fn documents(path: &Path) -> Result<Vec<Value>> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let documents: Vec<Value> = match path.extension().and_then(|extension| extension.to_str()) {
        Some("json") => {
            vec![serde_json::from_str(&text).with_context(|| path.display().to_string())?]
        }
        Some("yaml" | "yml") => {
            serde_saphyr::from_multiple(&text).with_context(|| path.display().to_string())?
        }
        _ => bail!("{}: objects are .yaml or .json files", path.display()),
    };
    let mut objects = Vec::new();
    for document in documents {
        match document.get("items").and_then(Value::as_array) {
            Some(items) => objects.extend(items.iter().cloned()),
            None => objects.push(document),
        }
    }
    Ok(objects)
}
