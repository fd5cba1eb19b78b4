//! `digpod corefile fmt`: canonical form.

use std::io::Write as _;
use std::ops::Range;
use std::path::{Path, PathBuf};

use digpod_corefile::{Formatted, format};

use crate::cli::CorefileFmt;
use crate::commands::input;
use crate::error::Failure;
use crate::exit::Exit;
use crate::output;

/// A text and what becomes of it.
struct Work {
    shown: String,
    /// The file; `None` for standard input.
    path: Option<PathBuf>,
    text: Vec<u8>,
    changed: bool,
    /// Lines that are left as they are.
    left: Vec<Range<u32>>,
}

pub(super) fn run(options: &CorefileFmt) -> Result<Exit, Failure> {
    // All is read before anything is written.
    let works = read_all(options)?;
    for work in &works {
        work.warn();
    }
    let changed: Vec<&Work> = works.iter().filter(|work| work.changed).collect();
    if options.check {
        for work in &changed {
            output::print(&format!("{} is not in canonical form\n", work.shown))?;
        }
        let fine = changed.is_empty();
        return Ok(if fine { Exit::Done } else { Exit::Findings });
    }
    if options.write {
        for path in changed.iter().filter_map(|work| work.path.as_deref()) {
            is_writable(path)?;
        }
        for work in changed {
            if let Some(path) = &work.path {
                replace(path, &work.text)?;
            }
        }
        return Ok(Exit::Done);
    }
    for work in &works {
        output::print_bytes(&work.text)?;
    }
    Ok(Exit::Done)
}

fn read_all(options: &CorefileFmt) -> Result<Vec<Work>, Failure> {
    let inputs = options.inputs.as_slice();
    let standard = inputs.is_empty() || inputs.iter().any(|path| path.as_os_str() == "-");
    if standard && options.write {
        return Err(Failure::usage("--write needs files").help("name them, or leave it out"));
    }
    if standard && inputs.len() > 1 {
        return Err(Failure::usage("standard input among files").help("give it alone"));
    }
    if inputs.len() > 1 && !options.write && !options.check {
        return Err(Failure::usage(
            "several files cannot be printed: nobody could tell them apart",
        )
        .help("use --write to change them, --check to look only, or give one file"));
    }
    if standard {
        return Ok(vec![Work::new(
            "standard input".to_owned(),
            None,
            input::standard_input()?,
        )?]);
    }
    let read = |path: &PathBuf| {
        let shown = path.display().to_string();
        if path.is_dir() {
            return Err(Failure::usage(format!("{shown} is a folder")).help("give the files in it"));
        }
        Work::new(shown, Some(path.clone()), input::file(path)?)
    };
    inputs.iter().map(read).collect()
}

impl Work {
    fn new(shown: String, path: Option<PathBuf>, bytes: Vec<u8>) -> Result<Self, Failure> {
        let within = || {
            Failure::new(format!("{shown} is no Corefile but something that holds one"))
                .help("give the Corefile itself: kubectl -n kube-system get configmap coredns -o jsonpath='{.data.Corefile}'")
        };
        if bytes.starts_with(b"PK\x03\x04") {
            return Err(within());
        }
        let before = super::text(&shown, bytes)?;
        if super::load::is_manifest(&before) {
            return Err(within());
        }
        let Formatted { bytes: text, left } = format(before.as_bytes());
        Ok(Self {
            changed: text != before.as_bytes(),
            shown,
            path,
            text,
            left,
        })
    }

    fn warn(&self) {
        for lines in &self.left {
            let last = lines.end.saturating_sub(1);
            let which = if last == lines.start {
                format!("line {last} is left as it is")
            } else {
                format!("lines {} to {last} are left as they are", lines.start)
            };
            warn(&format!(
                "{}: {which}: the braces do not match (digpod corefile lint shows where)",
                self.shown
            ));
        }
    }
}

fn warn(line: &str) {
    let mut stderr = std::io::stderr();
    let _ = writeln!(stderr, "warning: {}", crate::error::plain(line));
}

fn cannot(path: &Path, why: &dyn std::fmt::Display) -> Failure {
    Failure::new(format!("{} cannot be written: {why}", path.display()))
        .help("check that you may write the file and its folder; nothing of it was changed")
}

/// A file that is not to be written stays, although its folder would let it be replaced.
fn is_writable(path: &Path) -> Result<(), Failure> {
    let failed = |error: std::io::Error| cannot(path, &error);
    // The superuser may write it all the same, and still it is marked.
    if std::fs::metadata(path)
        .map_err(failed)?
        .permissions()
        .readonly()
    {
        return Err(cannot(path, &"it is read-only"));
    }
    let opened = std::fs::OpenOptions::new().append(true).open(path);
    opened.map(drop).map_err(failed)
}

/// Writes beside the file and renames, so that nothing is lost half way.
fn replace(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let failed = |error: std::io::Error| cannot(path, &error);
    // A link stays one: what it points at is written.
    let target = path.canonicalize().map_err(failed)?;
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let beside = target.with_file_name(format!(".{name}.digpod-{}", std::process::id()));
    let permissions = std::fs::metadata(&target).map_err(failed)?.permissions();
    let mut file = std::fs::File::create_new(&beside).map_err(failed)?;
    let written = file
        .write_all(bytes)
        .and_then(|()| file.sync_all())
        .and_then(|()| std::fs::set_permissions(&beside, permissions))
        .and_then(|()| std::fs::rename(&beside, &target));
    written.map_err(|error| {
        let _ = std::fs::remove_file(&beside);
        failed(error)
    })
}
