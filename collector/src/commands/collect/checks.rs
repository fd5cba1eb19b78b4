//! What can be said to be wrong before a cluster is asked.

use std::path::Path;

use super::typed;
use crate::cli::{Collect, Format};
use crate::commands::{input, names as objects};
use crate::error::Failure;
use crate::time;

/// Looks at what was typed, with so many names.
pub(super) fn check(options: &Collect, names: usize) -> Result<(), Failure> {
    if options.timeout == 0 {
        return Err(
            Failure::usage("--timeout 0 leaves no time to collect anything")
                .help("120s is the default"),
        );
    }
    objects::namespace(options.namespace.as_deref())?;
    objects::namespace(options.probe_namespace.as_deref())?;
    objects::pod(options.pod.as_deref())?;
    for (flag, value, which) in [
        ("--pod", &options.pod, "the failing pod"),
        ("-l", &options.selector, "the failing pod's labels"),
        ("--working-pod", &options.working_pod, "a pod that resolves"),
    ] {
        // An empty variable of a shell would silently ask about another thing.
        if value.as_deref().is_some_and(|it| it.trim().is_empty()) {
            return Err(Failure::usage(format!("{flag} is empty"))
                .help(format!("name {which}, or leave the flag out")));
        }
    }
    working_pod(options)?;
    until_failure(options)?;
    if names > MOST_NAMES {
        return Err(Failure::usage(format!(
            "{names} names are more than one run asks for"
        ))
        .help(format!(
            "each is asked of every server from every place: name at most {MOST_NAMES} that fail in different ways"
        )));
    }
    typed::public(&options.public_name)?;
    image(&options.probe_image)?;
    if options.dry_run && options.format == Format::Markdown {
        return Err(
            Failure::usage("--dry-run prints no diagnosis, so it has no Markdown")
                .help("--format json prints the whole objects"),
        );
    }
    writable(options)
}

fn working_pod(options: &Collect) -> Result<(), Failure> {
    let Some(typed) = &options.working_pod else {
        return Ok(());
    };
    let (namespace, name) = match typed.split_once('/') {
        Some((namespace, name)) => (Some(namespace), name),
        None => (None, typed.as_str()),
    };
    if name.is_empty() || name.contains('/') {
        return Err(
            Failure::usage(format!("--working-pod {typed} names no pod"))
                .help("write it as NAME or NAMESPACE/NAME"),
        );
    }
    objects::namespace(namespace)?;
    objects::pod(Some(typed))?;
    if options.pod.is_none() && options.selector.is_none() {
        return Err(Failure::usage(format!(
            "--working-pod {typed} is compared with the failing pod, and none is named"
        ))
        .help("name it with --pod or -l, or leave --working-pod out"));
    }
    let same_place = namespace.is_none_or(|it| options.namespace.as_deref() == Some(it));
    if same_place && options.pod.as_deref() == Some(name) {
        return Err(
            Failure::usage(format!("--pod and --working-pod are both {name}"))
                .help("name one that fails and one that resolves"),
        );
    }
    Ok(())
}

/// Longest that is asked until it fails: a probe takes no plan for more.
const LONGEST_WATCH: u64 = 24 * 60 * 60;

fn until_failure(options: &Collect) -> Result<(), Failure> {
    let Some(seconds) = options.until_failure else {
        return Ok(());
    };
    if options.names.is_empty() {
        return Err(
            Failure::usage("--until-failure needs a name that fails now and then")
                .help("digpod collect --until-failure 10m app.corp.internal"),
        );
    }
    if !(1..=LONGEST_WATCH).contains(&seconds) {
        return Err(Failure::usage(format!(
            "--until-failure {} is no time to wait",
            time::typed(seconds)
        ))
        .help("give it from 1s to 24h, like 10m"));
    }
    Ok(())
}

/// Names asked for at most: what a run asks grows with them.
const MOST_NAMES: usize = 20;

/// A reference as registries have it; what the kubelet would refuse only after its time.
fn image(text: &str) -> Result<(), Failure> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._/:@[]".contains(c);
    // Only a tag may have capitals, and a registry's host.
    let path = text.split_once('/').map_or(text, |(_, path)| path);
    let path = path.split(['@', ':']).next().unwrap_or_default();
    let small = !path.contains(|c: char| c.is_ascii_uppercase());
    if text.is_empty() || path.is_empty() || !text.chars().all(plain) || !small {
        return Err(Failure::usage(format!("{text:?} is no name of an image"))
            .help("write it like registry.example/digpod-probe:0.1.0"));
    }
    Ok(())
}

/// A run of a minute should not end with a file that cannot be written.
fn writable(options: &Collect) -> Result<(), Failure> {
    if let Some(path) = options.output.as_deref().filter(is_other_form) {
        return Err(Failure::usage(format!(
            "-o {}: the bundle is written as a zip file, and standard output has the diagnosis",
            path.display()
        ))
        .help(
            "name a file like bundle.zip; `--format json` prints the diagnosis so, and `digpod bundle \
             convert` makes one JSON document or a folder of the bundle",
        ));
    }
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
        folder => may_write(folder),
    }
}

/// Names of what is no zip file.
fn is_other_form(path: &&Path) -> bool {
    const OTHERS: [&str; 8] = ["json", "tar", "gz", "tgz", "xz", "zst", "bz2", "7z"];
    let ending = path.extension().and_then(|it| it.to_str());
    let is_one = |ending: &str| OTHERS.iter().any(|it| ending.eq_ignore_ascii_case(it));
    // `-o json` is how `analyze` is told a format.
    let is_word = ["-", "json", "human", "markdown"]
        .iter()
        .any(|it| path.as_os_str() == *it);
    is_word || ending.is_some_and(is_one)
}

/// Tries it: rights, read-only mounts and quotas are too many to look at.
fn may_write(folder: Option<&Path>) -> Result<(), Failure> {
    let folder = match folder {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    match tempfile::Builder::new()
        .prefix(".digpod")
        .tempfile_in(folder)
    {
        Ok(_) => Ok(()),
        Err(error) => {
            let reason = error.kind();
            let shown = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
            Err(Failure::new(format!(
                "no file can be written in {}: {reason}",
                shown.display()
            ))
            .help("name another place with -o"))
        }
    }
}
