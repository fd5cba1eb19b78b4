//! Puts the page into the program, if it was built: `cargo xtask viewer` first.

use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-env-changed=DIGPOD_PAGE");
    let page = env::var_os("DIGPOD_PAGE").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/viewer/digpod.html"),
        PathBuf::from,
    );
    println!("cargo::rerun-if-changed={}", page.display());
    let out = env::var_os("OUT_DIR")
        .map(PathBuf::from)
        .unwrap_or_default();
    let text = fs::read_to_string(&page).unwrap_or_default();
    if let Err(error) = fs::write(out.join("page.html"), text) {
        println!("cargo::error=cannot write the page: {error}");
    }
}
