//! The folder that the script of `digpod collect --script` writes: a list of what was asked for,
//! and a file for each answer.

mod lines;
mod shape;
mod status;

use std::collections::BTreeMap;

use digpod_bundle::{Bundle, EntryName, FailingName, Item, Manifest, Redaction, Status, layout};
use digpod_bundle::{LogStream, layout::Kind};
use serde_json::Value;

use crate::{Imported, LooseFile, Recognised, secrets};
use status::Outcome;

/// Name of the list.
const LIST: &str = "digpod-script.txt";
/// What it begins with.
const HEADER: &str = "digpod-script 1";
/// Newest lines of a log that the script asks for.
const MAX_LINES: usize = 50_000;

/// Whether these files are such a folder.
pub(crate) fn is_folder(files: &[LooseFile]) -> bool {
    files.iter().any(is_list)
}

fn is_list(file: &LooseFile) -> bool {
    let first = file.bytes.split(|byte| *byte == b'\n').next();
    file.name == LIST && first.is_some_and(|line| line.trim_ascii_end() == HEADER.as_bytes())
}

/// One command and what became of it.
struct Asked {
    file: String,
    entry: String,
    code: i32,
    command: String,
}

/// Makes a bundle of the folder; files that no command wrote come back.
pub(crate) fn import(files: Vec<LooseFile>) -> (Imported, Vec<LooseFile>) {
    let mut files: BTreeMap<String, LooseFile> = files
        .into_iter()
        .map(|file| (file.name.clone(), file))
        .collect();
    let list = files
        .remove(LIST)
        .map(|file| file.bytes)
        .unwrap_or_default();
    let (manifest, asked) = read(&String::from_utf8_lossy(&list));
    let mut imported = Imported {
        bundle: Bundle::new(manifest),
        recognised: Vec::new(),
    };
    let mut lists: BTreeMap<String, shape::List> = BTreeMap::new();
    for one in asked {
        let answer = files.remove(&one.file).map(|file| file.bytes);
        let said = files.remove(&format!("{}.err", one.file));
        let said = said.map(|file| file.bytes).unwrap_or_default();
        let outcome = status::of(
            &one.entry,
            one.code,
            answer.is_some(),
            &String::from_utf8_lossy(&said),
        );
        let why = match &outcome.reason {
            Some(reason) => format!("{}: {reason}", outcome.status.as_str()),
            None => format!("`{}`", one.command),
        };
        let entry = take(
            &mut imported.bundle,
            &mut lists,
            &one,
            answer.as_deref(),
            outcome,
        );
        imported.recognised.push(Recognised {
            file: one.file,
            taken_for: entry.clone().unwrap_or_else(|| "nothing".to_owned()),
            why,
            entries: entry.into_iter().collect(),
        });
    }
    let version = imported.bundle.get(layout::VERSION);
    let version: Option<Value> = version.and_then(|bytes| serde_json::from_slice(bytes).ok());
    imported.bundle.edit_manifest(|manifest| {
        let version = version.as_ref().and_then(|it| it["gitVersion"].as_str());
        manifest.cluster.server_version = version.map(str::to_owned);
    });
    let _ = imported.bundle.add_gap(Item {
        entry: layout::probe_records("workload"),
        status: Status::NotApplicable,
        reason: Some("the script runs no probe".to_owned()),
        ..Item::default()
    });
    for (entry, list) in lists {
        let bytes = list.bytes();
        let item = Item {
            source: Some(list.source),
            ..Item::default()
        };
        let _ = imported.bundle.add_with(&entry, bytes, item);
    }
    (imported, files.into_values().collect())
}

/// Adds an answer or a gap; gives the entry's name, if it has a good one.
fn take(
    bundle: &mut Bundle,
    lists: &mut BTreeMap<String, shape::List>,
    asked: &Asked,
    answer: Option<&[u8]>,
    outcome: Outcome,
) -> Option<String> {
    let name = EntryName::new(&asked.entry).ok()?;
    let kind = Kind::of(&name);
    let mut item = Item {
        entry: asked.entry.clone(),
        status: outcome.status,
        reason: outcome.reason,
        missing_permission: outcome.missing_permission,
        source: Some(asked.command.clone()),
        ..Item::default()
    };
    let bytes = answer.unwrap_or_default();
    if item.status != Status::Ok {
        let _ = bundle.add_gap(item);
        return Some(asked.entry.clone());
    }
    let text = String::from_utf8_lossy(bytes);
    if let Some(credential) = secrets::credential(&text) {
        // Nothing the script asks for holds one; a file that was put there by hand may.
        item.status = Status::Failed;
        item.reason = Some(format!("the file was not kept: it held {credential}"));
        let _ = bundle.add_gap(item);
        bundle.edit_manifest(|manifest| {
            manifest.redactions.push(Redaction {
                rule: "credentials".to_owned(),
                entry: asked.entry.clone(),
                count: 1,
            });
        });
        return Some(asked.entry.clone());
    }
    match kind {
        Kind::Log {
            pod,
            container,
            stream,
            ..
        } => log(bundle, &pod, &container, stream, bytes, item),
        Kind::WorkloadResolvConf | Kind::ToolOutput { .. } => {
            let _ = bundle.add_with(&asked.entry, bytes, item);
        }
        Kind::DnsEvents => {
            let list = lists.entry(asked.entry.clone()).or_default();
            list.add(&asked.command, &lines::read(&text));
        }
        kind => match shape::bytes(&kind, &text) {
            Some(Ok(bytes)) => {
                let _ = bundle.add_with(&asked.entry, bytes, item);
            }
            Some(Err(error)) => {
                item.status = Status::Failed;
                item.reason = Some(format!("{} cannot be read: {error}", asked.file));
                let _ = bundle.add_gap(item);
            }
            None => return None,
        },
    }
    Some(asked.entry.clone())
}

fn log(
    bundle: &mut Bundle,
    pod: &str,
    container: &str,
    stream: LogStream,
    bytes: &[u8],
    mut item: Item,
) {
    let lines = bytes.split(|byte| *byte == b'\n').count();
    if bytes.is_empty() {
        item.status = Status::Empty;
    } else if lines > MAX_LINES {
        item.status = Status::Truncated;
        item.reason = Some(format!("only the newest {MAX_LINES} lines were read"));
    }
    let _ = bundle.add_log(pod, container, stream, bytes, &item);
}

/// What the list says of the run, and the commands.
fn read(list: &str) -> (Manifest, Vec<Asked>) {
    let mut manifest = Manifest::default();
    "digpod collect --script".clone_into(&mut manifest.tool.name);
    env!("CARGO_PKG_VERSION").clone_into(&mut manifest.tool.version);
    let mut asked = Vec::new();
    for line in list.lines() {
        let Some((key, value)) = line.split_once('\t') else {
            continue;
        };
        let said = || Some(value.to_owned()).filter(|value| !value.is_empty());
        match key {
            "started" => value.clone_into(&mut manifest.collected.started),
            "finished" => value.clone_into(&mut manifest.collected.finished),
            "context" => manifest.cluster.context = said(),
            "namespace" => manifest.symptom.namespace = said(),
            "pod" => manifest.symptom.pod = said(),
            "symptom" => manifest.symptom.text = said(),
            "ticket" => manifest.symptom.ticket = said(),
            "name" => manifest.symptom.names.push(failing(value)),
            "item" => asked.extend(item(value)),
            _ => {}
        }
    }
    if manifest.collected.finished.is_empty() {
        manifest.collected.interrupted =
            Some("the script ended before it was done: its list has no end".to_owned());
    }
    (manifest, asked)
}

fn failing(text: &str) -> FailingName {
    let (name, expected) = match text.split_once('=') {
        Some((name, expected)) => (name, Some(expected.to_owned())),
        None => (text, None),
    };
    FailingName {
        name: name.to_owned(),
        expected,
    }
}

fn item(text: &str) -> Option<Asked> {
    let mut parts = text.splitn(4, '\t');
    let mut next = || parts.next().map(str::to_owned);
    let (file, entry) = (next()?, next()?);
    Some(Asked {
        file,
        entry,
        code: next()?.parse().ok()?,
        command: next()?,
    })
}

/// The name of the ConfigMap that every cluster with CoreDNS has.
fn is_corefile(entry: &str) -> bool {
    entry == layout::config_map("coredns")
}
