//! `digpod report`: the page with the bundle inside.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use digpod_bundle::write_zip;

use super::input;
use crate::cli::Report;
use crate::error::Failure;
use crate::exit::Exit;
use crate::output;

/// The page, empty if it was not built before this program was.
const PAGE: &str = include_str!(concat!(env!("OUT_DIR"), "/page.html"));
/// Where the bundle goes.
const PLACE: &str = "<!--digpod-bundle-->";

pub(super) fn run(options: &Report) -> Result<Exit, Failure> {
    let bundle = input::open(&options.bundle)?;
    input::warn_of_changes(&bundle);
    if PAGE.is_empty() {
        return Err(Failure::new("this digpod was built without its page")
            .help("`cargo xtask viewer` builds it; then build digpod again"));
    }
    let mut zip = std::io::Cursor::new(Vec::new());
    write_zip(&bundle, &mut zip)
        .map_err(|error| Failure::from_chain("the bundle cannot be written", &error))?;
    let page = page(&zip.into_inner())?;
    let path = options
        .output
        .clone()
        .unwrap_or_else(|| beside(&options.bundle));
    input::not_itself(&options.bundle, &path)?;
    if !is_page(&path) {
        input::not_there_yet(&path)?;
    }
    write(&path, page.as_bytes())
        .map_err(|error| Failure::new(format!("{} cannot be written: {error}", path.display())))?;
    output::print(&format!("{}\n", path.display()))?;
    if options.open && !open(&path) {
        return Err(Failure::new("no browser could be started")
            .help(format!("open {} yourself", path.display())));
    }
    Ok(Exit::Done)
}

/// Readable by its owner alone, as the bundle is that stands in it; and never half there.
fn write(path: &Path, page: &[u8]) -> std::io::Result<()> {
    use std::io::Write as _;
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
    let mut file = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
    file.write_all(page)?;
    file.persist(path)?;
    Ok(())
}

fn page(zip: &[u8]) -> Result<String, Failure> {
    let (before, after) = PAGE
        .split_once(PLACE)
        .ok_or_else(|| Failure::new("the page inside this digpod has no place for a bundle"))?;
    let bundle = STANDARD.encode(zip);
    Ok(format!(
        "{before}<script type=\"application/octet-stream\" id=\"digpod-bundle\">{bundle}</script>{after}"
    ))
}

/// Whether an older page of a bundle stands there, which can be made anew at any time.
fn is_page(path: &Path) -> bool {
    use std::io::Read as _;
    let mut begin = Vec::new();
    let read = std::fs::File::open(path).and_then(|it| it.take(4 << 20).read_to_end(&mut begin));
    let tag = b"id=\"digpod-bundle\"";
    read.is_ok() && begin.windows(tag.len()).any(|window| window == tag)
}

fn beside(bundle: &Path) -> PathBuf {
    if bundle.as_os_str() == "-" {
        PathBuf::from("digpod.html")
    } else {
        bundle.with_extension("html")
    }
}

fn open(path: &Path) -> bool {
    let opener = if cfg!(target_os = "macos") {
        "open"
    } else if cfg!(target_os = "windows") {
        "explorer"
    } else {
        "xdg-open"
    };
    std::process::Command::new(opener)
        .arg(path)
        .status()
        .is_ok_and(|status| status.success())
}
