//! The page's program; `cargo xtask viewer` builds it for wasm32 and packs it into one file.

fn main() {
    digpod_viewer::start();
}
