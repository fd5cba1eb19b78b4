//! One file a command.

mod analyze;
mod bundle;
mod cleanup;
mod collect;
mod corefile;
mod input;
mod names;
mod netpol;
mod rbac;
mod report;
mod resolve;
mod rules;
mod script;

use crate::cli::{Cli, Command};
use crate::complete;
use crate::error::Failure;
use crate::exit::Exit;
use crate::output;

/// Runs what was typed.
pub(crate) fn run(cli: Cli) -> Result<Exit, Failure> {
    match cli.command {
        Command::Collect(options) => {
            runtime()?.block_on(collect::run(*options, cli.color, cli.quiet))
        }
        Command::Cleanup(options) => runtime()?.block_on(cleanup::run(&options, cli.quiet)),
        Command::Rbac(options) => runtime()?.block_on(rbac::run(*options)),
        Command::Analyze(options) => analyze::run(&options, cli.color),
        Command::Report(options) => report::run(&options),
        Command::Bundle(options) => bundle::run(&options),
        Command::Resolve(options) => resolve::run(&options, cli.color),
        Command::Netpol(command) => netpol::run(&command, cli.color),
        Command::Corefile(command) => corefile::run(&command, cli.color),
        Command::Explain { rule } => rules::explain(&rule),
        Command::Rules => rules::list(),
        Command::Schema => output::print(&digpod_report::schema()).map(|()| Exit::Done),
        Command::Completion { shell } => complete::script(shell),
        Command::Complete { words } => complete::run(&words),
        Command::Version => {
            output::print(concat!("digpod ", env!("CARGO_PKG_VERSION"), "\n")).map(|()| Exit::Done)
        }
    }
}

fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::new(format!("cannot start: {error}")))
}
