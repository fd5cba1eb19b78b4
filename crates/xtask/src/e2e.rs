//! A real cluster on this machine, and the suite that runs on it and on simcluster (tests/e2e).

mod cluster;
mod compare;
mod images;
mod members;
mod network;
mod pki;
mod places;
mod programs;
mod suite;
mod warden;

use std::path::PathBuf;
use std::process::{Command, ExitStatus};

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};

use crate::step;
use places::Places;

/// What to do with the cluster; without a task: run the suite.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Options {
    #[command(subcommand)]
    task: Option<Task>,
    /// Run the suite against this cluster; by default against `KUBECONFIG`'s, or where that is not
    /// set against one that is started here and taken down at the end.
    #[arg(long, value_name = "FILE")]
    kubeconfig: Option<PathBuf>,
    /// Only tests whose name contains this.
    #[arg(value_name = "NAME")]
    only: Vec<String>,
}

#[derive(Subcommand)]
enum Task {
    /// Builds the programs and images that the cluster is made of (about 10 minutes the first time).
    Build,
    /// Starts the cluster and leaves it up.
    Up,
    /// Takes the cluster down, and what a crashed run left of one.
    Down,
    /// kubectl as the cluster's administrator.
    #[command(disable_help_flag = true)]
    Kubectl(Words),
    /// Any command on the cluster's network, with KUBECONFIG set.
    #[command(disable_help_flag = true)]
    Run(Words),
    /// A command on a member: its files, processes and network.
    On {
        /// control, node1, node2, custom or public.
        member: String,
        #[command(flatten)]
        command: Words,
    },
    /// Measures kubectl's dump, the AKS article's steps and digpod side by side: docs/comparison.md.
    Compare {
        /// This `digpod` instead of one that is built as it is shipped.
        #[arg(long, value_name = "FILE")]
        digpod: Option<PathBuf>,
    },
    /// Takes the cluster down when its standard input ends.
    #[command(hide = true)]
    Warden,
}

#[derive(Args)]
struct Words {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    words: Vec<String>,
}

/// Does what was asked for.
pub(crate) fn run(options: &Options) -> Result<()> {
    let places = Places::new();
    match &options.task {
        None => suite::run(
            &places,
            options.kubeconfig.clone().or_else(given),
            &options.only,
        ),
        Some(Task::Build) => {
            places.check()?;
            programs::build(&places)?;
            images::build(&places).map(drop)
        }
        Some(Task::Up) => {
            places.check()?;
            cluster::up(&places)
        }
        Some(Task::Down) => cluster::down(&places),
        Some(Task::Kubectl(words)) => {
            replace(cluster::command(&places, "kubectl").args(&words.words))
        }
        Some(Task::Run(words)) => match words.words.as_slice() {
            [program, arguments @ ..] => {
                replace(cluster::command(&places, program).args(arguments))
            }
            [] => bail!("name the command to run"),
        },
        Some(Task::On { member, command }) => {
            replace(members::on(&places, member)?.args(&command.words))
        }
        Some(Task::Compare { digpod }) => compare::run(&places, digpod.as_deref()),
        Some(Task::Warden) => warden::watch(&places),
    }
}

/// Runs the suite where this machine can, and says so where it cannot.
pub(crate) fn run_where_possible() -> Result<()> {
    let places = Places::new();
    if cluster::is_up(&places) {
        return suite::run(&places, None, &[]);
    }
    // Kubernetes itself is built from Go modules, which not every machine may fetch; and what a
    // cluster needs of a kernel nobody can list beforehand.
    let started = places
        .check()
        .and_then(|()| programs::build(&places))
        .and_then(|()| suite::start(&places));
    match started {
        Ok(warden) => suite::on_started(&places, warden),
        Err(why) => {
            eprintln!("==> tests on a real cluster: LEFT OUT, this machine cannot: {why:#}");
            suite::simulated()
        }
    }
}

/// Runs what needs no real cluster.
pub(crate) fn run_simulated() -> Result<()> {
    suite::simulated()
}

fn given() -> Option<PathBuf> {
    std::env::var_os("KUBECONFIG")
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
}

/// Ends with the command's exit code.
fn replace(command: &mut Command) -> Result<()> {
    let code = step::code(command)?;
    std::process::exit(code);
}

/// Runs a command for what it prints.
fn output(command: &mut Command) -> Result<(ExitStatus, String)> {
    let output = command
        .output()
        .with_context(|| format!("cannot start {}", command.get_program().display()))?;
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    Ok((output.status, text))
}

/// Runs a command that is to succeed without a word.
fn quietly(command: &mut Command) -> Result<()> {
    let (status, text) = output(command)?;
    if !status.success() {
        bail!("{command:?} ended with {status}: {}", text.trim());
    }
    Ok(())
}
