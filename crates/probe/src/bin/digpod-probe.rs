//! `digpod-probe`: carries out one plan inside a pod and prints the records.
//!
//! It needs no privileges, no writable file system and no resolver of the system.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use digpod_probe::{
    Disk, FileContent, Plan, ProbeOutput, Setup, Watched, opening, rfc3339, run, watch,
    write_closing, write_opening, write_watching,
};
use tokio::signal::unix::{SignalKind, signal};

const HELP: &str = "\
digpod-probe asks DNS servers what a plan wants asked and prints every answer as a line of JSON.

Usage: digpod-probe --plan JSON | --plan-file FILE [--node NAME]

  --plan JSON       the plan; without it the environment variable DIGPOD_PLAN
  --plan-file FILE  the plan from a file
  --node NAME       name of this node; without it the environment variable NODE_NAME
  --version         print the version
";

/// A plan or an argument that cannot be used.
const EXIT_USAGE: u8 = 2;
/// 128 and SIGTERM, as shells count.
const EXIT_TERMINATED: u8 = 143;

fn main() -> ExitCode {
    let task = match task(std::env::args().skip(1)) {
        Ok(task) => task,
        Err(problem) => {
            eprintln!("digpod-probe: {problem}");
            return ExitCode::from(EXIT_USAGE);
        }
    };
    let result = match task {
        Task::Say(text) => io::stdout().lock().write_all(text.as_bytes()),
        Task::Probe { plan, node } => probe(&plan, node),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(err) => {
            eprintln!("digpod-probe: {err}");
            ExitCode::FAILURE
        }
    }
}

enum Task {
    Say(String),
    Probe { plan: Plan, node: Option<String> },
}

fn task(mut args: impl Iterator<Item = String>) -> Result<Task, String> {
    let mut plan = None;
    let mut node = std::env::var("NODE_NAME").ok();
    while let Some(arg) = args.next() {
        let (flag, mut value) = match arg.split_once('=') {
            Some((flag, value)) => (flag.to_owned(), Some(value.to_owned())),
            None => (arg, None),
        };
        let mut value = || {
            let value = value.take().or_else(|| args.next());
            value.ok_or_else(|| format!("{flag} needs a value"))
        };
        match flag.as_str() {
            "--plan" => plan = Some(value()?),
            "--plan-file" => {
                let path = value()?;
                let text = std::fs::read_to_string(&path);
                plan = Some(text.map_err(|err| format!("cannot read the plan {path:?}: {err}"))?);
            }
            "--node" => node = Some(value()?),
            "--version" | "-V" => {
                return Ok(Task::Say(format!(
                    "digpod-probe {}\n",
                    env!("CARGO_PKG_VERSION")
                )));
            }
            "--help" | "-h" => return Ok(Task::Say(HELP.to_owned())),
            _ => {
                return Err(format!(
                    "unknown argument {flag:?}; --help shows the known ones"
                ));
            }
        }
    }
    let plan = plan
        .or_else(|| std::env::var("DIGPOD_PLAN").ok())
        .ok_or("no plan; pass one with --plan, --plan-file or DIGPOD_PLAN")?;
    let plan = Plan::from_json(&plan).map_err(|bad| format!("{bad}; {}", bad.help()))?;
    let node = node.filter(|node| !node.is_empty());
    Ok(Task::Probe { plan, node })
}

fn probe(plan: &Plan, node: Option<String>) -> io::Result<()> {
    let seconds = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    let setup = Setup::direct(resolv_conf())
        .on_node(node)
        .started_at(rfc3339(seconds))
        .with_disk(Mounted);
    write_opening(&opening(plan, &setup), io::stdout().lock())?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let output = runtime.block_on(async {
        // The first process of a container gets no default action: without this, deleting the pod
        // would wait for the whole grace period.
        let mut terminated = signal(SignalKind::terminate())?;
        tokio::select! {
            output = all(plan, setup) => Ok(output),
            _ = terminated.recv() => Err(io::Error::from(io::ErrorKind::Interrupted)),
        }
    });
    let output = match output {
        Err(err) if err.kind() == io::ErrorKind::Interrupted => {
            std::process::exit(EXIT_TERMINATED.into())
        }
        output => output?,
    };
    write_closing(&output, io::stdout().lock())?;
    leave_summary(&output);
    Ok(())
}

/// Watches if that is wanted, and asks.
async fn all(plan: &Plan, setup: Setup) -> ProbeOutput {
    // Who reads the log is told more at the end; a line that cannot be printed stops nothing.
    let tell = |watched: &Watched| drop(write_watching(watched, io::stdout().lock()));
    let watched = watch(plan, &setup, tell).await;
    watched.iter().for_each(tell);
    let output = run(plan, setup).await;
    ProbeOutput { watched, ..output }
}

/// resolv.conf as it lies there; none is an empty one.
fn resolv_conf() -> String {
    /// An honest file has a few hundred bytes, and all of it goes into the output.
    const MOST: u64 = 64 << 10;
    let content = Mounted.read("/etc/resolv.conf", MOST).unwrap_or_default();
    String::from_utf8_lossy(&content.bytes).into_owned()
}

/// The files of this container and what is mounted into it.
struct Mounted;

impl Disk for Mounted {
    fn read(&self, path: &str, most: u64) -> io::Result<FileContent> {
        let file = File::open(path)?;
        let modified = file.metadata()?.modified().ok();
        let modified = modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let mut bytes = Vec::new();
        // One more than wanted tells whether there is more.
        let read = file.take(most.saturating_add(1)).read_to_end(&mut bytes);
        // A read error leaves what was read before it.
        if bytes.is_empty() {
            read?;
        }
        let more = bytes.len() as u64 > most;
        bytes.truncate(usize::try_from(most).unwrap_or(usize::MAX));
        Ok(FileContent {
            bytes,
            more,
            modified: modified.map(|since| since.as_secs()),
        })
    }

    fn list(&self, path: &str) -> io::Result<Vec<String>> {
        let names = std::fs::read_dir(path)?.filter_map(Result::ok);
        Ok(names
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect())
    }
}

/// Leaves one line where Kubernetes shows it in the pod's status, should the log get lost.
fn leave_summary(output: &ProbeOutput) {
    let mut outcomes: BTreeMap<_, u32> = BTreeMap::new();
    for record in &output.records {
        *outcomes.entry(record.outcome).or_default() += 1;
    }
    let outcomes: Vec<String> = outcomes
        .iter()
        .map(|(outcome, count)| format!("{} {count}", outcome.as_str()))
        .collect();
    let not_asked: u32 = output.not_asked.iter().map(|missing| missing.tries).sum();
    let summary = format!(
        "digpod-probe {} {}: {} records ({}), {not_asked} not asked\n",
        output.probe_version,
        output.vantage,
        output.records.len(),
        outcomes.join(", "),
    );
    // Not created where Kubernetes did not: outside a pod there is nobody to read it.
    if let Ok(mut file) = OpenOptions::new().write(true).open("/dev/termination-log") {
        let _ = file.write_all(summary.as_bytes());
    }
}
