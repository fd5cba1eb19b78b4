//! The command `digpod-simcluster`.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::{Args, Parser, Subcommand};
use digpod_simcluster::{Fault, Options, Scale, start};
use tokio::io::AsyncReadExt;
use tokio::process::Command;
use tokio::signal::unix::{SignalKind, signal};

/// A cluster in a box: a Kubernetes API and DNS servers on loopback, played from a scenario folder.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Plays a scenario until it is told to stop, or until a command ends.
    Run(Run),
}

#[derive(Args)]
struct Run {
    /// Folder with scenario.yaml.
    scenario: PathBuf,
    /// Where to write the kubeconfig.
    #[arg(long, value_name = "FILE")]
    kubeconfig: Option<PathBuf>,
    /// Port of the API on 127.0.0.1; 0 is any free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Makes every draw repeatable.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Objects that are made up beside the scenario's, as `nodes=5000,pods=150000,services=8200`.
    #[arg(long, value_name = "WHAT=N,…")]
    scale: Option<Scale>,
    /// Something that goes wrong, as `forbid:list:pods`; may be given many times.
    #[arg(long = "fault", value_name = "SPEC")]
    faults: Vec<Fault>,
    /// Where to write every request, one JSON line each.
    #[arg(long, value_name = "FILE")]
    request_log: Option<PathBuf>,
    /// Where to write every DNS query that a server receives, one JSON line each.
    #[arg(long, value_name = "FILE")]
    query_log: Option<PathBuf>,
    /// Stop when standard input ends.
    #[arg(long)]
    exit_with_stdin: bool,
    /// Run this command with KUBECONFIG set and end with its exit code.
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<String>,
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let Task::Run(run) = Cli::parse().task;
    let options = Options {
        kubeconfig: run.kubeconfig,
        port: run.port,
        seed: run.seed,
        scale: run.scale,
        faults: run.faults,
        request_log: run.request_log,
        query_log: run.query_log,
    };
    let mut interrupted = signal(SignalKind::interrupt())?;
    let mut terminated = signal(SignalKind::terminate())?;
    let running = start(&run.scenario, options).await?;
    if let [program, arguments @ ..] = run.command.as_slice() {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env("KUBECONFIG", running.kubeconfig());
        // A terminal's Ctrl-C reaches the command too, and it decides what to do.
        let mut child = command
            .spawn()
            .with_context(|| format!("cannot run {program}"))?;
        let status = tokio::select! {
            status = child.wait() => status?,
            _ = terminated.recv() => {
                child.kill().await?;
                bail!("told to terminate, so {program} was ended too");
            }
        };
        return match status.code() {
            Some(code) => Ok(ExitCode::from(u8::try_from(code).unwrap_or(1))),
            None => bail!("{program} was ended by a signal"),
        };
    }
    let mut out = std::io::stdout();
    writeln!(out, "ready kubeconfig={}", running.kubeconfig().display())?;
    out.flush()?;
    let stdin = async {
        if !run.exit_with_stdin {
            return std::future::pending().await;
        }
        let mut buffer = [0; 1024];
        let mut stdin = tokio::io::stdin();
        while stdin.read(&mut buffer).await.is_ok_and(|read| read > 0) {}
    };
    tokio::select! {
        _ = interrupted.recv() => {}
        _ = terminated.recv() => {}
        () = stdin => {}
    }
    drop(running);
    // A thread that waits for standard input would hold the end up.
    std::process::exit(0);
}
