//! Collecting from simulated clusters of growing size: docs/performance.md.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use crate::cluster::{self, Scenario, Tools};
use crate::step;

/// Nodes, pods and Services beside the scenario's.
const SIZES: [(u32, u32, u32); 3] = [(50, 1_500, 82), (500, 15_000, 820), (5_000, 150_000, 8_200)];
/// How often the size of the process is looked at; the kernel remembers its largest.
const LOOK: Duration = Duration::from_millis(20);

/// What one run took.
struct Figures {
    wall: Duration,
    resident_kb: u64,
    bundle: u64,
    calls: usize,
    reads: usize,
}

/// Runs every size with both programs, as they are shipped unless others are given; prints the
/// table's lines.
pub(super) fn run(programs: Option<&Path>) -> Result<()> {
    let tools = if let Some(folder) = programs {
        Tools {
            digpod: folder.join("digpod"),
            simcluster: folder.join("digpod-simcluster"),
        }
    } else {
        let page = step::target_dir().join("viewer/digpod.html");
        step::step("build digpod and the simulated cluster (release)", || {
            cluster::shipped(&page)
        })?
    };
    let mut out = std::io::stdout();
    writeln!(
        out,
        "| nodes | pods | Services | wall time | peak RSS | bundle | API calls | of them reads |\n\
         |---:|---:|---:|---:|---:|---:|---:|---:|"
    )?;
    for (nodes, pods, services) in SIZES {
        let scale = format!("nodes={nodes},pods={pods},services={services}");
        let seen = one(&tools, &scale)?;
        writeln!(
            out,
            "| {nodes} | {pods} | {services} | {:.1} s | {} MB | {} kB | {} | {} |",
            seen.wall.as_secs_f32(),
            seen.resident_kb / 1000,
            seen.bundle / 1000,
            seen.calls,
            seen.reads,
        )?;
    }
    Ok(())
}

/// A cluster that ends with this value.
struct Played(Child);

impl Drop for Played {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn one(tools: &Tools, scale: &str) -> Result<Figures> {
    let scratch = tempfile::tempdir().context("no temporary folder")?;
    let kubeconfig = scratch.path().join("kubeconfig");
    let requests = scratch.path().join("requests");
    let bundle = scratch.path().join("bundle.zip");
    let scenario = Scenario::named("healthy")?;
    let mut played = Command::new(&tools.simcluster)
        .arg("run")
        .arg(scenario.folder())
        .args(["--scale", scale])
        .arg("--kubeconfig")
        .arg(&kubeconfig)
        .arg("--request-log")
        .arg(&requests)
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start digpod-simcluster")?;
    let stdout = played.stdout.take();
    let _played = Played(played);
    let mut ready = String::new();
    BufReader::new(stdout.context("it has no output")?).read_line(&mut ready)?;
    ensure!(ready.starts_with("ready "), "it did not start: {ready:?}");

    let begin = Instant::now();
    let mut collect = Command::new(&tools.digpod)
        .args(Scenario::COLLECT)
        .arg("--kubeconfig")
        .arg(&kubeconfig)
        .arg("-o")
        .arg(&bundle)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .context("cannot start digpod")?;
    let mut resident_kb = 0;
    let status = loop {
        resident_kb = peak(collect.id()).unwrap_or(resident_kb);
        if let Some(status) = collect.try_wait()? {
            break status;
        }
        std::thread::sleep(LOOK);
    };
    let wall = begin.elapsed();
    ensure!(status.success(), "digpod collect ended with {status}");
    let log = fs::read_to_string(&requests)?;
    Ok(Figures {
        wall,
        resident_kb,
        bundle: fs::metadata(&bundle)?.len(),
        calls: log.lines().count(),
        reads: log.lines().filter(|line| line.contains("\"GET\"")).count(),
    })
}

/// The largest resident set of a process so far, in kB (proc(5), `VmHWM`).
fn peak(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse().ok()
}
