//! `digpod analyze`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use digpod_analysis::analyse;
use digpod_bundle::{Bundle, Form, Limits, OpenError};
use digpod_import::{LooseFile, Recognised, import};
use digpod_report::report;

use super::input;
use crate::cli::{Analyze, Color, Format};
use crate::error::Failure;
use crate::exit::Exit;
use crate::output;

/// As `import` says it.
const NOT_RECOGNISED: &str = "not recognised";

pub(super) fn run(options: &Analyze, color: Color) -> Result<Exit, Failure> {
    let (bundle, taken) = bundle(&options.inputs)?;
    let mut report = report(&bundle, &analyse(&bundle));
    let mut text = String::new();
    // Programs find the same in the report's `inputs`.
    if options.output == Format::Human && !taken.is_empty() {
        text.push_str(&taken);
        text.push('\n');
        // Said already, a line a file.
        report.inputs.clear();
    }
    text.push_str(&output::shown(&report, options.output, color));
    output::print(&text)?;
    Ok(output::judged(&report, options.fail_on))
}

/// One bundle, or what the loose files make, with a line for each of them.
fn bundle(inputs: &[PathBuf]) -> Result<(Bundle, String), Failure> {
    let mut files = Vec::new();
    if let [only] = inputs {
        match single(only)? {
            Single::Bundle(bundle) => {
                input::warn_of_changes(&bundle);
                return Ok((*bundle, String::new()));
            }
            Single::File(file) => files.push(file),
            Single::Folder => collect_files(only, &mut files)?,
        }
    } else {
        for path in inputs {
            collect_files(path, &mut files)?;
        }
    }
    let imported = import(files);
    let known = |file: &Recognised| file.taken_for != NOT_RECOGNISED;
    if !imported.recognised.iter().any(known) {
        return Err(nothing(&imported.recognised));
    }
    let mut lines = String::new();
    for file in &imported.recognised {
        let _ = writeln!(
            lines,
            "{}: {} ({})",
            clean(&file.file),
            clean(&file.taken_for),
            clean(&file.why)
        );
    }
    Ok((imported.bundle, lines))
}

/// What a single input is.
enum Single {
    Bundle(Box<Bundle>),
    File(LooseFile),
    Folder,
}

fn single(path: &Path) -> Result<Single, Failure> {
    let shown = path.display().to_string();
    if path.is_dir() {
        // Loose files may have names that no bundle has, so their names are not looked at first.
        if !path.join("manifest.json").exists() && has_files(path) {
            return Ok(Single::Folder);
        }
        return match Bundle::open_path(path, &Limits::default()) {
            Ok(bundle) => Ok(Single::Bundle(Box::new(bundle))),
            Err(OpenError::MissingManifest { nested: None }) => Ok(Single::Folder),
            Err(error) => Err(input::failure(&shown, &error)),
        };
    }
    let (what, bytes) = if path.as_os_str() == "-" {
        ("standard input".to_owned(), input::standard_input()?)
    } else {
        (shown, input::file(path)?)
    };
    let named_as_bundle = path.extension().is_some_and(|it| it == "zip");
    if Form::of(&bytes).is_some() || named_as_bundle || bytes.is_empty() {
        return match Bundle::open_bytes(&bytes, &Limits::default()) {
            Ok(bundle) => Ok(Single::Bundle(Box::new(bundle))),
            Err(error) => Err(input::failure(&what, &error)),
        };
    }
    Ok(Single::File(LooseFile {
        name: name(path),
        bytes,
    }))
}

/// No file says anything: a report on nothing would read as if something had been looked at.
fn nothing(files: &[Recognised]) -> Failure {
    let message = match files {
        [] => "there are no files in it".to_owned(),
        [only] => format!(
            "{} is no bundle and nothing else that digpod knows: {}",
            clean(&only.file),
            clean(&only.why)
        ),
        _ => format!(
            "none of the {} files is anything that digpod knows",
            files.len()
        ),
    };
    Failure::new(message).help(
        "give a bundle, or a Corefile, output of kubectl get/describe/logs/top, a resolv.conf, \
         output of dig, host or nslookup",
    )
}

fn has_files(folder: &Path) -> bool {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).any(|path| path.is_file())
}

fn collect_files(path: &Path, files: &mut Vec<LooseFile>) -> Result<(), Failure> {
    if path.as_os_str() == "-" {
        files.push(LooseFile {
            name: name(path),
            bytes: input::standard_input()?,
        });
        return Ok(());
    }
    if !path.is_dir() {
        let bytes = input::file(path)?;
        // A bundle among loose files has its own diagnosis; to drop it in silence would be a lie.
        if let Ok(bundle) = Bundle::open_bytes(&bytes, &Limits::default()) {
            drop(bundle);
            return Err(Failure::usage(format!(
                "{} is a bundle among other files",
                path.display()
            ))
            .help(format!("give it alone: digpod analyze {}", path.display())));
        }
        files.push(LooseFile {
            name: name(path),
            bytes,
        });
        return Ok(());
    }
    let entries = std::fs::read_dir(path)
        .map_err(|error| Failure::new(format!("{} cannot be read: {error}", path.display())))?;
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    paths.sort();
    for path in paths.iter().filter(|path| path.is_file()) {
        collect_files(path, files)?;
    }
    Ok(())
}

fn name(path: &Path) -> String {
    if path.as_os_str() == "-" {
        return "stdin".to_owned();
    }
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

/// File names are a stranger's text, too.
fn clean(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}
