//! Opening bundles, with one clear error.

use std::io::{Read as _, Write as _};
use std::path::Path;

use digpod_bundle::{Bundle, Limits, OpenError};

use crate::error::{Failure, chain, plain};

/// Most bytes read from standard input or of one loose file.
const MAX_BYTES: u64 = 1 << 30;

/// Opens a bundle: zip, JSON document, folder, or `-`.
pub(super) fn open(path: &Path) -> Result<Bundle, Failure> {
    if path.as_os_str() == "-" {
        let bytes = standard_input()?;
        return Bundle::open_bytes(&bytes, &Limits::default())
            .map_err(|error| failure("standard input", &error));
    }
    Bundle::open_path(path, &Limits::default())
        .map_err(|error| failure(&path.display().to_string(), &error))
}

/// Refuses an output that would replace its own input.
pub(super) fn not_itself(input: &Path, output: &Path) -> Result<(), Failure> {
    let same = match (input.canonicalize(), output.canonicalize()) {
        (Ok(input), Ok(output)) => input == output,
        _ => false,
    };
    if same {
        return Err(Failure::usage(format!(
            "{} is the bundle itself and would be lost",
            output.display()
        ))
        .help("name another file with -o"));
    }
    Ok(())
}

/// Refuses to replace a file that is there already: it may be the only copy of something.
pub(super) fn not_there_yet(output: &Path) -> Result<(), Failure> {
    if output.exists() {
        return Err(
            Failure::usage(format!("{} is there already", output.display())).help(
                "name another with -o, or remove it first; digpod replaces no file in silence",
            ),
        );
    }
    Ok(())
}

/// Says on standard error what of a bundle is not as it was collected; the rest is still read.
pub(super) fn warn_of_changes(bundle: &Bundle) {
    let faults = bundle.verify();
    let Some(first) = faults.first() else { return };
    let more = match faults.len() {
        1 => String::new(),
        n => format!(" and {} more", n - 1),
    };
    let text = format!(
        "warning: the bundle is not as it was collected: {first}{more}; `digpod bundle verify` lists all"
    );
    let _ = writeln!(std::io::stderr(), "{}", plain(&text));
}

/// All of standard input, within a limit.
pub(super) fn standard_input() -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let mut input = std::io::stdin().lock().take(MAX_BYTES + 1);
    input
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::new(format!("standard input cannot be read: {error}")))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Failure::new("standard input is larger than 1 GiB"));
    }
    Ok(bytes)
}

/// A file as it is, within a limit.
pub(super) fn file(path: &Path) -> Result<Vec<u8>, Failure> {
    let shown = path.display();
    let unreadable = |error: std::io::Error| {
        Failure::new(format!("{shown} cannot be read: {error}"))
            .help("check the path and that you may read it")
    };
    // Not by its size in the file system: pipes have none, and some files lie.
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Failure::new(format!("{shown} is larger than 1 GiB"))
            .help("give the part of it that matters"));
    }
    Ok(bytes)
}

/// An `OpenError` for the user, with the file in front and its advice.
pub(super) fn failure(what: &str, error: &OpenError) -> Failure {
    let text = chain(error);
    let message = if text.starts_with(what) {
        text
    } else {
        format!("{what}: {text}")
    };
    let failure = Failure::new(message);
    match error.help() {
        Some(help) => failure.help(help),
        None => failure,
    }
}
