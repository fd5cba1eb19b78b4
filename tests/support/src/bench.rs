//! Benches that print ratios: ours and a baseline, measured in turn in one run.

use std::fmt;
use std::time::{Duration, Instant};

/// Rounds of a comparison; the median counts.
const ROUNDS: usize = 9;

/// What one call works through.
#[derive(Clone, Copy, Debug)]
pub enum Work {
    /// Bytes that are read.
    Bytes(usize),
    /// Things that are done, and what they are called.
    Items(usize, &'static str),
}

/// Measures `ours` and `baseline` in turn and prints both with their ratio, like
/// `parse a Corefile of 1 MB: 93.1 MB/s, 0.04 × a copy of it (2310 MB/s)`.
pub fn compare<A, B>(
    what: &str,
    work: Work,
    mut ours: impl FnMut() -> A,
    baseline_name: &str,
    mut baseline: impl FnMut() -> B,
) {
    let (mut a, mut b) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        a.push(time(&mut ours));
        b.push(time(&mut baseline));
    }
    let (a, b) = (median(a), median(b));
    let ratio = b.as_secs_f64() / a.as_secs_f64();
    print(&format!(
        "{what}: {}, {ratio:.3} × {baseline_name} ({})",
        Speed(work, a),
        Speed(work, b)
    ));
}

/// Measures one thing and prints its speed.
pub fn measure<A>(what: &str, work: Work, mut ours: impl FnMut() -> A) {
    let took = median((0..ROUNDS).map(|_| time(&mut ours)).collect());
    print(&format!("{what}: {}", Speed(work, took)));
}

#[expect(clippy::print_stdout, reason = "benches talk to a person")]
fn print(line: &str) {
    println!("{line}");
}

fn time<A>(run: &mut impl FnMut() -> A) -> Duration {
    let start = Instant::now();
    std::hint::black_box(run());
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

struct Speed(Work, Duration);

impl fmt::Display for Speed {
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.1.as_secs_f64();
        match self.0 {
            Work::Bytes(bytes) => write!(out, "{:.1} MB/s", bytes as f64 / seconds / 1e6),
            Work::Items(items, name) => {
                write!(out, "{:.0} {name}/s", items as f64 / seconds)
            }
        }
    }
}
