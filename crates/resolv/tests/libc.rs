//! Generated lookups by the real glibc, musl and Go, each in a network namespace with DNS servers
//! that answer as the case says and write down what they are asked, against what we predict.
//!
//! Active when `DIGPOD_REFERENCE_RESOLV` names the folder of built programs (tests/reference/resolv);
//! needs root. `DIGPOD_REFERENCE_CASES` is the number of cases per implementation.

#![expect(clippy::unwrap_used, reason = "a test may fail so")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;

use digpod_resolv::{Chance, LookupError, Outcome};
use support::case::{Case, Program};
use support::compare::{self, Observed};

/// Cases per implementation.
const CASES: usize = 2000;
/// Lookups at a time that wait for replies that never come, and those that do not.
const WORKERS: (usize, usize) = (72, 3);
/// A case that differs is looked at again, alone: the machine may have been busy.
const LOOKS: usize = 3;

#[test]
fn glibc_musl_and_go_ask_what_we_predict() {
    let Some(folder) = std::env::var_os("DIGPOD_REFERENCE_RESOLV").map(PathBuf::from) else {
        println!("not compared with real libc: DIGPOD_REFERENCE_RESOLV names no folder");
        return;
    };
    if let Err(reason) = Harness::start(&folder) {
        println!("not compared with real libc: {reason} (it needs root)");
        return;
    }
    let count = std::env::var("DIGPOD_REFERENCE_CASES")
        .ok()
        .and_then(|count| count.parse().ok())
        .unwrap_or(CASES);
    let cases: Vec<Case> = [Program::Glibc, Program::Musl, Program::Go]
        .into_iter()
        .flat_map(|program| (0..count).map(move |index| Case::generate(program, index)))
        .collect();
    let observed = run_all(&folder, &cases);
    let mut report = Report::default();
    let mut differences = Vec::new();
    for (case, mut observed) in cases.iter().zip(observed) {
        let mut result = compare::compare(case, &observed);
        for _ in 1..LOOKS {
            if result.is_ok() {
                break;
            }
            report.looked_again += 1;
            observed = Harness::start(&folder).unwrap().run(case);
            result = compare::compare(case, &observed);
        }
        match result {
            Ok(chance) => report.add(case, chance, &observed),
            Err(difference) => differences.push(format!("{difference}\n{}", case.show())),
        }
    }
    println!("{}", report.show());
    for difference in differences.iter().take(12) {
        let shown: String = difference.chars().take(5000).collect();
        println!("---- {shown}");
    }
    assert!(
        differences.is_empty(),
        "{} of {} cases differ",
        differences.len(),
        cases.len()
    );
}

#[test]
fn the_kubelet_writes_what_we_predict() {
    let program = std::env::var_os("DIGPOD_REFERENCE_RESOLV")
        .map(|folder| Path::new(&folder).join("kubelet"))
        .filter(|program| program.is_file());
    let Some(program) = program else {
        println!("not compared with the kubelet's package: its program is not built");
        return;
    };
    let count = 20_000;
    let differences = support::kubelet::compare(&program, count);
    for difference in differences.iter().take(5) {
        println!("---- {difference}");
    }
    println!("kubelet: {count} pods, {} differ", differences.len());
    assert!(differences.is_empty());
}

/// Runs every case; those that wait side by side, since they only sleep.
fn run_all(folder: &Path, cases: &[Case]) -> Vec<Observed> {
    let (slow, fast): (Vec<usize>, Vec<usize>) =
        (0..cases.len()).partition(|index| cases[*index].is_slow());
    let observed: Vec<Mutex<Option<Observed>>> = cases.iter().map(|_| Mutex::new(None)).collect();
    let observed = &observed;
    std::thread::scope(|scope| {
        for (queue, workers) in [(slow, WORKERS.0), (fast, WORKERS.1)] {
            let queue = std::sync::Arc::new(Mutex::new(queue));
            for _ in 0..workers {
                let queue = std::sync::Arc::clone(&queue);
                scope.spawn(move || {
                    let mut harness = Harness::start(folder).unwrap();
                    loop {
                        let Some(index) = queue.lock().unwrap().pop() else {
                            break;
                        };
                        let seen = harness.run(&cases[index]);
                        *observed[index].lock().unwrap() = Some(seen);
                    }
                });
            }
        }
    });
    observed
        .iter()
        .map(|seen| seen.lock().unwrap().take().unwrap())
        .collect()
}

/// The harness in namespaces of its own; it ends when its input does.
struct Harness {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Harness {
    fn start(folder: &Path) -> Result<Self, String> {
        let mut child = Command::new("unshare")
            .args(["-n", "-m", "-u", "--"])
            .arg(folder.join("harness"))
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("cannot run unshare: {error}"))?;
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().ok_or("no output")?);
        let mut harness = Self {
            child,
            input,
            output,
        };
        harness
            .exchange(&Case::trial().to_json())
            .map_err(|error| format!("the harness does not start: {error}"))?;
        Ok(harness)
    }

    fn run(&mut self, case: &Case) -> Observed {
        self.exchange(&case.to_json()).unwrap()
    }

    fn exchange(&mut self, line: &str) -> Result<Observed, String> {
        let input = self.input.as_mut().ok_or("no input")?;
        writeln!(input, "{line}").map_err(|error| error.to_string())?;
        let mut reply = String::new();
        self.output
            .read_line(&mut reply)
            .map_err(|error| error.to_string())?;
        serde_json::from_str(&reply).map_err(|error| format!("{error}: {reply:?}"))
    }
}

impl Drop for Harness {
    fn drop(&mut self) {
        self.input = None;
        let _ = self.child.wait();
    }
}

/// What is told at the end.
#[derive(Default)]
struct Report {
    looked_again: usize,
    programs: BTreeMap<&'static str, Numbers>,
}

#[derive(Default)]
struct Numbers {
    cases: usize,
    questions: usize,
    slow: usize,
    rules: BTreeMap<String, usize>,
    thens: BTreeMap<String, usize>,
    predicted_ms: u64,
    measured_ms: u64,
    apart_ms: Vec<u64>,
}

impl Report {
    fn add(&mut self, case: &Case, chance: Chance, observed: &Observed) {
        let numbers = self.programs.entry(case.program.name()).or_default();
        let replay = case.replay_with(chance);
        numbers.cases += 1;
        numbers.questions += observed.asked.len();
        numbers.slow += usize::from(case.is_slow());
        *numbers
            .rules
            .entry(format!("{:?}", replay.stop.rule))
            .or_default() += 1;
        let thens: BTreeSet<_> = replay.asked.iter().map(|asked| asked.then).collect();
        for then in thens {
            *numbers.thens.entry(format!("{then:?}")).or_default() += 1;
        }
        if replay.outcome == Outcome::Failed(LookupError::NeverReturns) {
            return;
        }
        numbers.predicted_ms += replay.wait_ms;
        numbers.measured_ms += observed.elapsed_ms;
        numbers
            .apart_ms
            .push(replay.wait_ms.abs_diff(observed.elapsed_ms));
    }

    fn show(&self) -> String {
        let mut lines = Vec::new();
        for (name, numbers) in &self.programs {
            let mut apart = numbers.apart_ms.clone();
            apart.sort_unstable();
            let at = |percent: usize| {
                let index = apart.len().saturating_sub(1) * percent / 100;
                apart.get(index).copied().unwrap_or(0)
            };
            lines.push(format!(
                "{name}: {} cases ({} wait for replies that do not come), {} questions; wait predicted {} ms, measured {} ms, apart by {} ms in the middle, {} ms at 99 %, {} ms at most; ended by {:?}; cases with a question that was {:?}",
                numbers.cases, numbers.slow, numbers.questions,
                numbers.predicted_ms, numbers.measured_ms, at(50), at(99), at(100),
                numbers.rules,
                numbers.thens,
            ));
        }
        lines.push(format!("looked at again: {}", self.looked_again));
        lines.join("\n")
    }
}
