//! The project's own tasks. `cargo xtask demo` and `cargo xtask test` are the README's two
//! commands; they need nothing but a Rust toolchain and set up what else is missing.

mod base91;
mod bench;
mod cases;
mod cluster;
mod demo;
mod e2e;
mod fuzz;
mod image;
mod layers;
mod new_rule;
mod reference;
mod setup;
mod step;
mod test;
mod viewer;
mod wasm_log;
mod wasm_std;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "xtask", about = "The project's own tasks")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Collects from a simulated cluster whose DNS is at fault, names the cause, opens the page.
    Demo(demo::Options),
    /// Runs every check and test; sets up what is missing.
    Test(test::Options),
    /// Builds the page: target/viewer/digpod.html.
    Viewer,
    /// Builds the probe's image without a container engine: target/image/digpod-probe.tar.
    Image,
    /// Writes the skeleton of a rule and its fixture.
    NewRule {
        /// Group, like `upstreams`.
        group: String,
        /// Name of the defect, like `upstreams-disagree`.
        name: String,
    },
    /// Checks that layers point down only.
    Layers,
    /// Writes every fixture and golden bundle beside its native report, for the browser tests.
    Cases {
        /// Folder to write to.
        out: PathBuf,
    },
    /// Runs every bench; each prints a ratio measured in the same run.
    Bench(bench::Options),
    /// Fuzzes every parser for a while; needs cargo-fuzz and a nightly compiler.
    Fuzz(fuzz::Options),
    /// Compares with the real programs: CoreDNS, libc, another policy evaluator.
    Reference(reference::Options),
    /// Runs the suite on a real cluster: one given, or one that it starts on this machine.
    E2e(e2e::Options),
    /// Formats every Rust file, those that `cargo fmt` does not see included.
    Fmt {
        /// Only look, and fail if something would change.
        #[arg(long)]
        check: bool,
    },
}

fn main() -> ExitCode {
    match run(Cli::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<()> {
    match task {
        Task::Demo(options) => demo::run(&options),
        Task::Test(options) => test::run(&options),
        Task::Viewer => viewer::build(&step::root().join("target/viewer/digpod.html")).map(drop),
        Task::Image => image::build(&step::root().join("target/image/digpod-probe.tar")).map(drop),
        Task::NewRule { group, name } => new_rule::run(&group, &name),
        Task::Layers => layers::check(),
        Task::Cases { out } => cases::write(&out).map(|count| eprintln!("{count} cases")),
        Task::Bench(options) => bench::run(&options),
        Task::Fuzz(options) => fuzz::run(&options),
        Task::Reference(options) => reference::run(&options),
        Task::E2e(options) => e2e::run(&options),
        Task::Fmt { check } => test::fmt(check),
    }
}
