//! `digpod`: finds out why pods cannot resolve names.

mod api;
mod cli;
mod commands;
mod connect;
mod draw;
mod error;
mod exit;
mod gather;
mod output;
mod probes;
mod progress;
mod rights;
mod sink;
mod time;

use clap::Parser as _;

use crate::exit::Exit;

fn main() -> std::process::ExitCode {
    let cli = match cli::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            // Help and version are no errors.
            return if error.use_stderr() {
                Exit::Usage
            } else {
                Exit::Done
            }
            .into();
        }
    };
    match commands::run(cli) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            failure.print();
            failure.exit.into()
        }
    }
}
