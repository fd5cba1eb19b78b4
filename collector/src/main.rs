//! `digpod`: finds out why pods cannot resolve names.

mod api;
mod cli;
mod commands;
mod complete;
mod connect;
mod draw;
mod error;
mod exit;
mod gather;
mod meant;
mod output;
mod probes;
mod program;
mod progress;
mod rights;
mod sink;
mod time;
mod whoami;

use crate::exit::Exit;

fn main() -> std::process::ExitCode {
    // kubectl asks a program of this name what may come next.
    if program::called() == program::COMPLETER {
        let words: Vec<_> = std::env::args_os().skip(1).collect();
        let _ = complete::run(&words);
        return Exit::Done.into();
    }
    let cli = match cli::Cli::parse_as(program::name()) {
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
