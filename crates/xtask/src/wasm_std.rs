//! A standard library for wasm32: the first way that works, and which one it was.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::{setup, step};

const TARGET: &str = "wasm32-unknown-unknown";
/// rustup hangs for minutes where it cannot reach its server.
const RUSTUP_LIMIT: Duration = Duration::from_secs(15);
const DEBIAN_PACKAGES: [&str; 3] = ["rustc-web", "cargo-web", "rust-web-src"];
const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_SOURCE: &str = "/usr/lib/rustlib/src/rust/library/std/Cargo.toml";

/// Where the standard library comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wasm {
    /// The toolchain that builds everything else has it.
    Toolchain,
    /// Debian's second toolchain builds it from source; `linker` is the first toolchain's.
    Debian {
        /// Its `rust-lld`.
        linker: PathBuf,
    },
}

impl Wasm {
    /// A cargo command that builds for wasm32 once its options follow: `cargo SUBCOMMAND`.
    ///
    /// Its target folder is its own: two compilers in one would build everything anew by turns.
    pub(crate) fn cargo(&self, subcommand: &str) -> Command {
        let mut cargo = match self {
            Self::Toolchain => step::cargo(),
            Self::Debian { linker } => {
                let mut cargo = Command::new(DEBIAN_CARGO);
                cargo.current_dir(step::root());
                // What rustup and the cargo above us set would lead back to their toolchain.
                for name in ["RUSTUP_TOOLCHAIN", "CARGO", "RUSTDOC", "RUSTC_WRAPPER"] {
                    cargo.env_remove(name);
                }
                cargo.env("RUSTC_BOOTSTRAP", "1").env("RUSTC", DEBIAN_RUSTC);
                cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
                cargo
            }
        };
        cargo
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            .env("RUSTFLAGS", rustflags());
        cargo.args([subcommand, "--locked", "--target", TARGET, "--target-dir"]);
        cargo.arg(self.target_dir());
        if let Self::Debian { .. } = self {
            cargo.args(["-Z", "build-std=std,panic_abort"]);
        }
        cargo
    }

    /// Where it builds to.
    pub(crate) fn target_dir(&self) -> PathBuf {
        step::target_dir().join(match self {
            Self::Toolchain => "wasm",
            Self::Debian { .. } => "wasm-debian",
        })
    }

    /// Which way was taken, in words.
    fn words(&self) -> &'static str {
        match self {
            Self::Toolchain => "the Rust toolchain's own",
            Self::Debian { .. } => {
                "built from the source in Debian's rust-web-src (the first time takes minutes)"
            }
        }
    }
}

/// No path of this machine may end up in the page, neither in texts of panics nor in names.
/// Leptos with erased components is smaller: one type of view instead of thousands.
fn rustflags() -> String {
    let mut flags = "-C target-feature=+simd128 --cfg erase_components".to_owned();
    for (path, name) in [(cargo_home(), "/cargo"), (Some(step::root()), "/digpod")] {
        if let Some(path) = path {
            // A space would end the flag; then the path stays, and the page is no less correct.
            let path = path.display().to_string();
            if !path.contains(char::is_whitespace) {
                // A String takes everything.
                let _ = write!(flags, " --remap-path-prefix={path}={name}");
            }
        }
    }
    flags
}

fn cargo_home() -> Option<PathBuf> {
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cargo"));
    std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(home)
}

/// Finds a standard library or sets one up, and says which.
pub(crate) fn find() -> Result<Wasm> {
    let found = find_quietly()?;
    eprintln!("    standard library for wasm32: {}", found.words());
    Ok(found)
}

fn find_quietly() -> Result<Wasm> {
    if toolchain_has_it() {
        return Ok(Wasm::Toolchain);
    }
    if let Some(debian) = debian() {
        return Ok(debian);
    }
    if rustup_adds_it() {
        return Ok(Wasm::Toolchain);
    }
    let packages = DEBIAN_PACKAGES.join(" ");
    let by_hand = format!(
        "the standard library for wasm32 is missing; add it: `rustup target add {TARGET}`, or on \
         Debian `sudo apt-get install --no-install-recommends {packages}`"
    );
    if !setup::may_install() {
        bail!(by_hand);
    }
    eprintln!("    rustup cannot fetch it: apt-get install {packages}");
    setup::apt(&DEBIAN_PACKAGES).context(by_hand.clone())?;
    debian().context(by_hand)
}

fn toolchain_has_it() -> bool {
    let output = rustc(&["--print", "target-libdir", "--target", TARGET]);
    // The folder may be there without the library.
    output.is_some_and(|folder| {
        std::fs::read_dir(folder).is_ok_and(|files| {
            files
                .flatten()
                .any(|file| file.file_name().to_string_lossy().starts_with("libstd-"))
        })
    })
}

fn debian() -> Option<Wasm> {
    let all = [DEBIAN_CARGO, DEBIAN_RUSTC, DEBIAN_SOURCE];
    if !all.iter().all(|path| Path::new(path).exists()) {
        return None;
    }
    let host = rustc(&["-vV"])?;
    let host = host.lines().find_map(|line| line.strip_prefix("host: "))?;
    let sysroot = rustc(&["--print", "sysroot"])?;
    let linker = Path::new(&sysroot)
        .join("lib/rustlib")
        .join(host)
        .join("bin/rust-lld");
    linker.exists().then_some(Wasm::Debian { linker })
}

fn rustup_adds_it() -> bool {
    if !step::has("rustup") {
        return false;
    }
    eprintln!(
        "    rustup target add {TARGET} (at most {} s)",
        RUSTUP_LIMIT.as_secs()
    );
    let rustup = Command::new("rustup")
        .args(["target", "add", TARGET])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    rustup.is_ok_and(|child| ends_well(child, RUSTUP_LIMIT)) && toolchain_has_it()
}

/// Waits for a command and ends it when its time is over.
fn ends_well(mut child: Child, limit: Duration) -> bool {
    let start = Instant::now();
    while start.elapsed() < limit {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) => std::thread::sleep(Duration::from_millis(100)),
            Err(_) => break,
        }
    }
    // It may have ended in this moment; then there is nothing to end.
    let _ = child.kill();
    let _ = child.wait();
    false
}

/// What rustc prints, if it works.
fn rustc(arguments: &[&str]) -> Option<String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc)
        .current_dir(step::root())
        .args(arguments)
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout)
        .ok()
        .filter(|_| output.status.success())?;
    Some(text.trim_end().to_owned())
}

/// Checks that packages compile for wasm32 without their default features.
pub(crate) fn check(packages: &[&str]) -> Result<()> {
    let mut cargo = find_quietly()?.cargo("check");
    cargo.args(["--quiet", "--no-default-features"]);
    for package in packages {
        cargo.args(["--package", package]);
    }
    step::run(&mut cargo)
}

#[cfg(test)]
mod tests {
    use super::{Child, Command, Duration, Stdio, ends_well};

    fn child(program: &str, arguments: &[&str]) -> Child {
        Command::new(program)
            .args(arguments)
            .stdout(Stdio::null())
            .spawn()
            .unwrap()
    }

    #[test]
    fn a_command_that_hangs_is_ended_and_did_not_work() {
        let hanging = child("sleep", &["60"]);
        assert!(!ends_well(hanging, Duration::from_millis(200)));
        assert!(ends_well(child("true", &[]), Duration::from_mins(1)));
        assert!(!ends_well(child("false", &[]), Duration::from_mins(1)));
    }
}
