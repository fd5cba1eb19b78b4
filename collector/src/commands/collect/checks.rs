//! What can be said to be wrong before a cluster is asked.

use std::path::Path;

use crate::cli::{Collect, Format};
use crate::commands::input;
use crate::error::Failure;

/// Looks at what was typed.
pub(super) fn check(options: &Collect) -> Result<(), Failure> {
    if options.timeout == 0 {
        return Err(
            Failure::usage("--timeout 0 leaves no time to collect anything")
                .help("120s is the default"),
        );
    }
    if let Some(namespace) = options.namespace.as_deref().filter(|it| !is_label(it)) {
        return Err(
            Failure::usage(format!("{namespace:?} is no name of a namespace"))
                .help("`kubectl get namespaces` lists them"),
        );
    }
    if options.dry_run && options.format == Format::Markdown {
        return Err(
            Failure::usage("--dry-run prints no diagnosis, so it has no Markdown")
                .help("--format json prints the whole objects"),
        );
    }
    writable(options)
}

/// A run of a minute should not end with a file that cannot be written.
fn writable(options: &Collect) -> Result<(), Failure> {
    if let Some(path) = options.output.as_deref().filter(|path| path.is_dir()) {
        return Err(Failure::usage(format!("{} is a folder", path.display()))
            .help("name a file in it, like bundle.zip"));
    }
    // Writing means to put a new file in its place, which would be the end of a device.
    let special = |path: &&Path| path.metadata().is_ok_and(|it| !it.is_file());
    if let Some(path) = options.output.as_deref().filter(special) {
        return Err(
            Failure::usage(format!("{} is no regular file", path.display()))
                .help("name a file, like bundle.zip"),
        );
    }
    if let Some(path) = &options.output {
        input::not_there_yet(path)?;
    }
    let folder = options.output.as_deref().and_then(Path::parent);
    match folder {
        Some(folder) if !folder.as_os_str().is_empty() && !folder.is_dir() => Err(Failure::usage(
            format!("there is no folder {}", folder.display()),
        )
        .help("make it first, or name another with -o")),
        _ => Ok(()),
    }
}

/// An RFC 1123 label, as Kubernetes wants it.
fn is_label(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=63).contains(&text.len())
        && text.chars().all(plain)
        && !text.starts_with('-')
        && !text.ends_with('-')
}
