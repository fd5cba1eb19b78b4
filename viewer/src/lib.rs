//! The digpod page: opens a bundle in the browser, analyses it there and shows the report.
//!
//! The same wasm module runs twice: in the page, which only shows, and in a Web Worker, which
//! reads and analyses with the crates of the command line.
//!
//! **Invariant:** nothing leaves the page, and text of a bundle is only ever a text node.

mod app;
mod bug;
pub mod desk;
mod dom;
pub mod matrix;
pub mod model;
pub mod protocol;
pub mod route;
mod ui;
pub mod window;
mod worker;

/// Starts the page or, within a worker, the worker.
pub fn start() {
    if worker::is_here() {
        worker::start();
    } else {
        app::start();
    }
}
