//! `digpod bundle`: info, verify, ls, cat, convert.

use std::fmt::Write as _;
use std::path::Path;

use digpod_bundle::{Bundle as Contents, layout, write_document, write_folder};

use super::input;
use crate::cli::{Bundle, Form};
use crate::error::Failure;
use crate::exit::Exit;
use crate::output::print;

pub(super) fn run(options: &Bundle) -> Result<Exit, Failure> {
    match options {
        Bundle::Info { bundle } => print(&info(&input::open(bundle)?)).map(|()| Exit::Done),
        Bundle::Verify { bundle } => verify(bundle),
        Bundle::Ls { bundle } => {
            let bundle = input::open(bundle)?;
            let lines = bundle
                .entries()
                .map(|(name, bytes)| format!("{:>10}  {name}\n", bytes.len()));
            print(&lines.collect::<String>()).map(|()| Exit::Done)
        }
        Bundle::Cat { bundle, entry } => cat(bundle, entry),
        Bundle::Convert { bundle, to, output } => convert(bundle, *to, output),
    }
}

fn info(bundle: &Contents) -> String {
    let manifest = bundle.manifest();
    let mut out = String::new();
    let mut line = |name: &str, value: Option<&str>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            let _ = writeln!(
                out,
                "{name:<14} {}",
                value.replace(char::is_control, "\u{fffd}")
            );
        }
    };
    line("format", Some(&manifest.format.to_string()));
    line(
        "written by",
        Some(format!("{} {}", manifest.tool.name, manifest.tool.version).trim()),
    );
    line("collected", Some(&manifest.collected.started));
    line("ended early", manifest.collected.interrupted.as_deref());
    line("context", manifest.cluster.context.as_deref());
    line("cluster", manifest.cluster.id.as_deref());
    line("API server", manifest.cluster.server_version.as_deref());
    line("distribution", manifest.cluster.distribution.as_deref());
    line("namespace", manifest.symptom.namespace.as_deref());
    line("pod", manifest.symptom.pod.as_deref());
    let names: Vec<&str> = manifest
        .symptom
        .names
        .iter()
        .map(|it| it.name.as_str())
        .collect();
    line("failing names", Some(&names.join(", ")));
    line("in words", manifest.symptom.text.as_deref());
    line("ticket", manifest.symptom.ticket.as_deref());
    let entries = bundle.entries().count();
    let bytes: usize = bundle.entries().map(|(_, bytes)| bytes.len()).sum();
    line(
        "entries",
        Some(&format!("{entries}, {bytes} bytes unpacked")),
    );
    for redaction in &manifest.redactions {
        line(
            "taken out",
            Some(&format!(
                "{} ({} times, {})",
                redaction.entry, redaction.count, redaction.rule
            )),
        );
    }
    let missing: Vec<_> = manifest
        .items
        .iter()
        .filter(|item| !item.status.has_content())
        .collect();
    if !missing.is_empty() {
        out.push_str("missing:\n");
        for item in missing {
            let reason = item
                .reason
                .as_deref()
                .unwrap_or_default()
                .replace(char::is_control, " ");
            let _ = writeln!(out, "  {}: {} {reason}", item.entry, item.status.as_str());
        }
    }
    out
}

fn verify(path: &Path) -> Result<Exit, Failure> {
    let bundle = input::open(path)?;
    let faults = bundle.verify();
    if faults.is_empty() {
        let entries = bundle.entries().count();
        print(&format!("{entries} entries, each as its digest says\n"))?;
        return Ok(Exit::Done);
    }
    let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
    print(&(lines.join("\n") + "\n"))?;
    Err(Failure::new(format!(
        "{} of the bundle's entries are not as the manifest says",
        faults.len()
    ))
    .help("it was damaged or changed after it was collected: ask for it again"))
}

fn cat(path: &Path, entry: &str) -> Result<Exit, Failure> {
    use std::io::Write as _;
    let bundle = input::open(path)?;
    if entry == layout::MANIFEST {
        let manifest = serde_json::to_string_pretty(bundle.manifest());
        return print(&(manifest.unwrap_or_default() + "\n")).map(|()| Exit::Done);
    }
    let Some(bytes) = bundle.get(entry) else {
        return Err(Failure::new(format!("the bundle has no entry {entry:?}"))
            .help("`digpod bundle ls` lists them"));
    };
    match std::io::stdout().lock().write_all(bytes) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Failure::new(format!(
            "cannot write to standard output: {error}"
        ))),
        _ => Ok(Exit::Done),
    }
}

fn convert(path: &Path, to: Form, output: &Path) -> Result<Exit, Failure> {
    let bundle = input::open(path)?;
    input::not_itself(path, output)?;
    let prints = to == Form::Json && output.as_os_str() == "-";
    if to != Form::Folder && !prints {
        input::not_there_yet(output)?;
    }
    let written = match to {
        Form::Json if prints => {
            return print(&write_document(&bundle)).map(|()| Exit::Done);
        }
        Form::Zip => bundle.save(output),
        Form::Json => bundle.save_document(output),
        Form::Folder => write_folder(&bundle, output),
    };
    written.map_err(|error| {
        let failure = Failure::from_chain("the bundle cannot be written", &error);
        match error.help() {
            Some(help) => failure.help(help),
            None => failure,
        }
    })?;
    Ok(Exit::Done)
}
