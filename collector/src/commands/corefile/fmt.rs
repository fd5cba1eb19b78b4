//! `digpod corefile fmt`: canonical form.

use std::io::Write as _;
use std::path::Path;

use digpod_corefile::{Formatted, format};

use crate::cli::CorefileFmt;
use crate::commands::input;
use crate::error::Failure;
use crate::exit::Exit;
use crate::output;

pub(super) fn run(options: &CorefileFmt) -> Result<Exit, Failure> {
    let mut changed = false;
    if options.inputs.is_empty() || options.inputs.iter().any(|path| path.as_os_str() == "-") {
        if options.write {
            return Err(Failure::usage("--write needs files").help("name them, or leave it out"));
        }
        if options.inputs.len() > 1 {
            return Err(Failure::usage("standard input among files").help("give it alone"));
        }
        let bytes = input::standard_input()?;
        changed |= one("standard input", None, &bytes, options)?;
    }
    for path in options.inputs.iter().filter(|path| path.as_os_str() != "-") {
        if path.is_dir() {
            return Err(Failure::usage(format!("{} is a folder", path.display()))
                .help("give the files in it"));
        }
        let bytes = input::file(path)?;
        changed |= one(&path.display().to_string(), Some(path), &bytes, options)?;
    }
    Ok(if options.check && changed {
        Exit::Findings
    } else {
        Exit::Done
    })
}

/// Formats one text; whether it changed.
fn one(
    shown: &str,
    path: Option<&Path>,
    bytes: &[u8],
    options: &CorefileFmt,
) -> Result<bool, Failure> {
    if bytes.starts_with(b"PK\x03\x04") || is_object(bytes) {
        return Err(
            Failure::new(format!("{shown} is no Corefile but something that holds one"))
                .help("give the Corefile itself: kubectl -n kube-system get configmap coredns -o jsonpath='{.data.Corefile}'"),
        );
    }
    let Formatted { bytes: text, left } = format(bytes);
    let changed = text != bytes;
    for lines in left {
        let last = lines.end.saturating_sub(1);
        let which = if last == lines.start {
            format!("line {last} is left as it is")
        } else {
            format!("lines {} to {last} are left as they are", lines.start)
        };
        warn(&format!(
            "{shown}: {which}: the braces do not match (digpod corefile lint shows where)"
        ));
    }
    match path {
        Some(path) if options.write => {
            if changed {
                replace(path, &text)?;
            }
        }
        _ if options.check => {
            if changed {
                output::print(&format!("{shown} is not in canonical form\n"))?;
            }
        }
        _ => output::print_bytes(&text)?,
    }
    Ok(changed)
}

/// A Kubernetes object, as YAML or JSON.
fn is_object(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let has = |key: &str| {
        text.lines().any(|line| {
            let line = line.trim_start().trim_start_matches('"');
            line.strip_prefix(key)
                .is_some_and(|rest| rest.starts_with([':', '"']))
        })
    };
    has("apiVersion") && has("kind")
}

fn warn(line: &str) {
    let mut stderr = std::io::stderr();
    let _ = writeln!(stderr, "warning: {}", crate::error::plain(line));
}

/// Writes beside the file and renames, so that nothing is lost half way.
fn replace(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::new(format!("{}: {error}", path.display()));
    // A link stays one: what it points at is written.
    let path = path.canonicalize().map_err(failed)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = path.with_file_name(format!(".{name}.digpod"));
    let permissions = std::fs::metadata(&path).map_err(failed)?.permissions();
    let written = std::fs::write(&beside, bytes)
        .and_then(|()| std::fs::set_permissions(&beside, permissions))
        .and_then(|()| std::fs::rename(&beside, &path));
    written.map_err(|error| {
        let _ = std::fs::remove_file(&beside);
        failed(error)
    })
}
