//! Comparisons with the real programs: CoreDNS, libc, dig, another policy evaluator (tests/reference).
//!
//! Each is an integration test of the crate that it judges; here its reference program is built
//! and named to it in an environment variable. Without that variable the test says that it looked
//! at nothing.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::{setup, step};

/// Go that can fetch the toolchain which a module asks for.
const OLDEST_GO: (u32, u32) = (1, 21);

/// Before a build is tried a second time.
const PAUSE: Duration = Duration::from_secs(10);

/// A program that we are compared with.
struct Reference {
    /// What it is called here.
    name: &'static str,
    /// Folder under tests/reference.
    folder: &'static str,
    /// A go.mod beside the usual one, for another version of what it is built around.
    modules: Option<&'static str>,
    /// Package that it judges.
    package: &'static str,
    /// The integration tests.
    tests: &'static [&'static str],
    /// Names what was built to the test.
    variable: &'static str,
    /// What its `build.sh` needs: a program, the packages it is in, what it does there.
    needs: &'static [(&'static str, &'static [&'static str], &'static str)],
}

const REFERENCES: [Reference; 6] = [
    Reference {
        name: "netpol",
        folder: "netpol",
        modules: None,
        package: "digpod-netpol",
        tests: &["cyclonus"],
        variable: "DIGPOD_REFERENCE_NETPOL",
        needs: &[],
    },
    Reference {
        name: "migration",
        folder: "migration",
        modules: None,
        package: "digpod-corefile",
        tests: &["migration"],
        variable: "DIGPOD_REFERENCE_MIGRATION",
        needs: &[],
    },
    Reference {
        name: "corefile",
        folder: "corefile",
        modules: None,
        package: "digpod-corefile",
        tests: &["reference", "way"],
        variable: "DIGPOD_REFERENCE_COREFILE",
        needs: &[],
    },
    Reference {
        name: "corefile-1.12.1",
        folder: "corefile",
        modules: Some("coredns-1.12.1.mod"),
        package: "digpod-corefile",
        tests: &["reference", "way"],
        variable: "DIGPOD_REFERENCE_COREFILE",
        needs: &[],
    },
    Reference {
        name: "resolv",
        folder: "resolv",
        modules: None,
        package: "digpod-resolv",
        tests: &["libc"],
        variable: "DIGPOD_REFERENCE_RESOLV",
        needs: &[
            ("gcc", &["gcc", "libc6-dev"], "compiles the libc programs"),
            ("musl-gcc", &["musl-tools"], "compiles for musl"),
            ("ip", &["iproute2"], "makes network namespaces"),
        ],
    },
    // Its servers come from Debian's packages, unpacked and not installed: no service starts.
    Reference {
        name: "dig",
        folder: "dig",
        modules: None,
        package: "digpod-probe",
        tests: &["dig"],
        variable: "DIGPOD_REFERENCE_DIG",
        needs: &[],
    },
];

/// Which comparisons run.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Names of folders in tests/reference; all by default.
    names: Vec<String>,
}

/// Runs the comparisons that were asked for; what is missing for one is an error.
pub(crate) fn run(options: &Options) -> Result<()> {
    let known = || REFERENCES.iter().map(|reference| reference.name);
    if let Some(unknown) = options
        .names
        .iter()
        .find(|name| !known().any(|it| it == *name))
    {
        bail!(
            "there is no comparison {unknown:?}; there are: {}",
            known().collect::<Vec<_>>().join(", ")
        );
    }
    if let Some(missing) = missing() {
        bail!("{missing}");
    }
    for reference in &REFERENCES {
        if options.names.is_empty() || options.names.iter().any(|name| name == reference.name) {
            compare(reference)?;
        }
    }
    Ok(())
}

/// Runs all of them where this machine can, and says so where it cannot.
pub(crate) fn run_where_possible() -> Result<()> {
    if let Some(missing) = missing() {
        eprintln!("==> comparisons with the real programs: left out, {missing}");
        return Ok(());
    }
    REFERENCES.iter().try_for_each(compare)
}

/// Why this machine cannot build the reference programs.
fn missing() -> Option<String> {
    let output = Command::new("go").args(["env", "GOVERSION"]).output();
    let Ok(output) = output else {
        return Some("Go is missing (1.21 or newer builds the reference programs)".to_owned());
    };
    let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let mut numbers = version
        .trim_start_matches("go")
        .split('.')
        .map_while(|number| number.parse::<u32>().ok());
    let found = (
        numbers.next().unwrap_or_default(),
        numbers.next().unwrap_or_default(),
    );
    (found < OLDEST_GO).then(|| format!("{version} is too old: 1.21 or newer is needed"))
}

fn compare(reference: &Reference) -> Result<()> {
    let Reference { name, .. } = reference;
    let built = step::step(&format!("build the reference program `{name}`"), || {
        // Modules come over the network; what was fetched the first time stays.
        build(reference).or_else(|error| {
            eprintln!("    once more, as it may have been the network: {error:#}");
            std::thread::sleep(PAUSE);
            build(reference)
        })
    })?;
    step::step(
        &format!("compare with the reference program `{name}`"),
        || {
            step::run(
                step::cargo()
                    .args(["test", "--release", "--quiet", "--package"])
                    .arg(reference.package)
                    .args(reference.tests.iter().flat_map(|test| ["--test", *test]))
                    .args(["--", "--nocapture"])
                    .env(reference.variable, &built),
            )
        },
    )
}

/// Builds what stands in the folder: with its own `build.sh` where it has one, else as a Go module.
fn build(reference: &Reference) -> Result<PathBuf> {
    let folder = step::root().join("tests/reference").join(reference.folder);
    let out = step::target_dir().join("reference").join(reference.name);
    std::fs::create_dir_all(out.parent().unwrap_or(Path::new(".")))
        .with_context(|| format!("cannot create the folder for {}", out.display()))?;
    if folder.join("build.sh").is_file() {
        for (program, packages, why) in reference.needs {
            setup::program(program, packages, why)?;
        }
        step::run(
            Command::new("sh")
                .current_dir(&folder)
                .arg("build.sh")
                .arg(&out),
        )?;
        return Ok(out);
    }
    let mut go = Command::new("go");
    go.current_dir(&folder).arg("build");
    if let Some(modules) = reference.modules {
        go.arg(format!("-modfile={modules}"));
    }
    step::run(go.arg("-o").arg(&out).arg("."))?;
    Ok(out)
}
