//! Side by side on the real cluster: kubectl's dump, the steps of the AKS article by hand, and digpod.

mod items;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use digpod_bundle::{Bundle, Limits, Status};

use super::cluster::{self, command};
use super::places::Places;
use super::warden::Warden;
use crate::step;
use items::ITEMS;

/// Each is run so often, in turn; the median counts.
const ROUNDS: usize = 3;

/// What one way of collecting costs and brings.
#[derive(Default)]
struct Measured {
    times: Vec<Duration>,
    calls: usize,
    bytes: u64,
    /// What of the list it has.
    has: Vec<Has>,
}

/// Whether a way of collecting has an item.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Has {
    Yes,
    /// It says that this cluster has none.
    SaidNone,
    #[default]
    No,
}

impl Has {
    const fn of(there: bool) -> Self {
        if there { Self::Yes } else { Self::No }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::SaidNone => "said: none",
            Self::No => "–",
        }
    }
}

/// The ways, in the table's order.
const WAYS: [&str; 4] = [
    "kubectl cluster-info dump",
    "the article's steps",
    "digpod collect",
    "digpod collect --quick",
];

/// Measures and writes docs/comparison.md.
pub(super) fn run(places: &Places, digpod: Option<&Path>) -> Result<()> {
    let page = step::target_dir().join("viewer/digpod.html");
    let digpod = match digpod {
        Some(digpod) => std::path::absolute(digpod)?,
        None => step::step("build digpod (release)", || crate::cluster::shipped(&page))?.digpod,
    };
    if cluster::is_up(places) {
        return measure(places, &digpod);
    }
    places.check()?;
    let warden = Warden::start()?;
    let result = cluster::up(places).and_then(|()| measure(places, &digpod));
    result.and(warden.dismiss())
}

fn measure(places: &Places, digpod: &Path) -> Result<()> {
    let out = step::target_dir().join("e2e-compare");
    let _ = std::fs::remove_dir_all(&out);
    let mut measured: [Measured; 4] = Default::default();
    for round in 0..ROUNDS {
        for (way, measured) in WAYS.iter().zip(&mut measured) {
            let folder = out.join(format!("{round}-{}", way.replace([' ', '\''], "-")));
            std::fs::create_dir_all(&folder)?;
            let mut command = way_of(places, way, digpod, &folder)?;
            command.stdin(Stdio::null()).stdout(Stdio::null());
            let audited = audit_lines(places)?;
            let begin = Instant::now();
            let code = step::code(command.stderr(Stdio::null()))?;
            measured.times.push(begin.elapsed());
            ensure!(matches!(code, 0 | 4), "{way} ended with exit code {code}");
            measured.calls = audit_lines(places)?.saturating_sub(audited);
            let files = files(&folder)?;
            measured.bytes = files.values().map(|bytes| bytes.len() as u64).sum();
            measured.has = has(way, &folder, &files)?;
            eprintln!("    {way}: {:.1} s", begin.elapsed().as_secs_f32());
        }
    }
    let table = table(&measured);
    eprintln!("\n{table}");
    let file = step::root().join("docs/comparison.md");
    std::fs::create_dir_all(file.parent().context("no folder")?)?;
    std::fs::write(&file, table).with_context(|| format!("cannot write {}", file.display()))?;
    eprintln!("==> written to {}", file.display());
    Ok(())
}

fn way_of(places: &Places, way: &str, digpod: &Path, folder: &Path) -> Result<Command> {
    let to = folder.to_str().context("a path that is not UTF-8")?;
    let mut command = match way {
        "kubectl cluster-info dump" => {
            let mut kubectl = command(places, "kubectl");
            kubectl.args([
                "cluster-info",
                "dump",
                "--all-namespaces",
                "--output-directory",
                to,
            ]);
            return Ok(kubectl);
        }
        "the article's steps" => {
            let mut script = command(places, "sh");
            let image = "localhost/busybox:1";
            script.arg(places.material.join("article.sh")).args([
                "shop",
                "web",
                "app.corp.internal",
                image,
                to,
            ]);
            return Ok(script);
        }
        _ => command(places, digpod.to_str().context("a path that is not UTF-8")?),
    };
    command
        .args([
            "collect",
            "-n",
            "shop",
            "--pod",
            "web",
            "app.corp.internal",
            "--kubelet-config",
            "-o",
        ])
        .arg(folder.join("bundle.zip"));
    if way.ends_with("--quick") {
        command.arg("--quick");
    }
    Ok(command)
}

/// Requests of the administrator so far: the API server writes one line each when it has answered.
fn audit_lines(places: &Places) -> Result<usize> {
    let log = std::fs::read_to_string(places.state.join("audit.log"))
        .context("cannot read the API server's audit log")?;
    Ok(log
        .lines()
        .filter(|line| line.contains(r#""user":{"username":"admin""#))
        .count())
}

fn files(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next)? {
            let path: PathBuf = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder)?.display().to_string();
                files.insert(name, std::fs::read(&path)?);
            }
        }
    }
    Ok(files)
}

/// Which items of the list are there.
fn has(way: &str, folder: &Path, files: &BTreeMap<String, Vec<u8>>) -> Result<Vec<Has>> {
    if way.starts_with("digpod") {
        let bundle = Bundle::open_path(&folder.join("bundle.zip"), &Limits::default())?;
        let items = &bundle.manifest().items;
        let one = |wanted: &&str| {
            let named = items.iter().filter(|item| item.entry.contains(wanted));
            let (mut there, mut none) = (false, false);
            for item in named {
                there |= item.status.has_content() && item.status != Status::Empty;
                none |= matches!(item.status, Status::Empty | Status::NotApplicable);
            }
            match (there, none) {
                (true, _) => Has::Yes,
                (false, true) => Has::SaidNone,
                (false, false) => Has::No,
            }
        };
        return Ok(ITEMS
            .iter()
            .map(|item| {
                let all: Vec<Has> = item.digpod.iter().map(one).collect();
                match all.as_slice() {
                    [] => Has::No,
                    all if all.contains(&Has::No) => Has::No,
                    all if all.contains(&Has::Yes) => Has::Yes,
                    _ => Has::SaidNone,
                }
            })
            .collect());
    }
    let dump = way == WAYS[0];
    let one = |(name, text): &(&str, &str)| {
        files.iter().any(|(file, bytes)| {
            file.contains(name) && String::from_utf8_lossy(bytes).contains(text)
        })
    };
    Ok(ITEMS
        .iter()
        .map(|item| if dump { item.dump } else { item.article })
        .map(|wanted| Has::of(!wanted.is_empty() && wanted.iter().all(one)))
        .collect())
}

fn table(measured: &[Measured; 4]) -> String {
    let mut text = "# Side by side\n\n\
        `cargo xtask e2e compare` starts the two-node cluster of tests/e2e, runs each of the four in turn, three\n\
        times, and writes this page. Time is the median; calls are lines of the API server's audit log; bytes are\n\
        what lies on disk at the end (digpod's is one compressed file). The article's steps are\n\
        `tests/e2e/article.sh`: one command after another, without the time that a person needs to think. digpod runs\n\
        with `--kubelet-config`, as the administrator that all four are.\n\n"
        .to_owned();
    let mut row = |first: &str, cells: Vec<String>| {
        text = format!("{text}| {first} | {} |\n", cells.join(" | "));
    };
    row("", WAYS.map(|way| format!("`{way}`")).to_vec());
    row("---", vec!["---:".to_owned(); 4]);
    let medians: Vec<f32> = measured.iter().map(median).collect();
    row(
        "time",
        medians.iter().map(|it| format!("{it:.1} s")).collect(),
    );
    let steps = medians[1];
    row(
        "of the steps' time",
        medians
            .iter()
            .map(|it| format!("{:.2}", it / steps))
            .collect(),
    );
    row(
        "API calls",
        measured.iter().map(|it| it.calls.to_string()).collect(),
    );
    row(
        "kB",
        measured
            .iter()
            .map(|it| it.bytes.div_ceil(1_000).to_string())
            .collect(),
    );
    row(
        "of the list below",
        measured
            .iter()
            .map(|it| {
                let has = it.has.iter().filter(|has| **has != Has::No);
                format!("{} of {}", has.count(), ITEMS.len())
            })
            .collect(),
    );
    for (number, item) in ITEMS.iter().enumerate() {
        let cells = measured.iter().map(|it| {
            let has = it.has.get(number).copied().unwrap_or_default();
            has.word().to_owned()
        });
        row(item.what, cells.collect());
    }
    text
}

fn median(measured: &Measured) -> f32 {
    let mut times = measured.times.clone();
    times.sort();
    times
        .get(times.len() / 2)
        .map_or(0.0, Duration::as_secs_f32)
}
