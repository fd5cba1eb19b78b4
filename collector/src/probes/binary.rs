//! The probe's program, which this program carries for nodes that cannot pull the probe's image.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use crate::error::Failure;

/// As it was built before this program (`build.rs`); empty where it was not.
const BUILT_IN: [(&str, &[u8]); 2] = [
    (
        "amd64",
        include_bytes!(concat!(env!("OUT_DIR"), "/digpod-probe-amd64")),
    ),
    (
        "arm64",
        include_bytes!(concat!(env!("OUT_DIR"), "/digpod-probe-arm64")),
    ),
];
/// Most that is sent: the probe has 2 MB.
const MOST: usize = 8 << 20;

/// The probe's program for each machine that it was built for.
#[derive(Clone)]
pub(crate) struct Binaries(Vec<(&'static str, Arc<[u8]>)>);

impl Binaries {
    /// Those that this program carries.
    pub(crate) fn built_in() -> Self {
        let there = BUILT_IN.iter().filter(|(_, bytes)| !bytes.is_empty());
        Self(
            there
                .map(|(machine, bytes)| (*machine, Arc::from(*bytes)))
                .collect(),
        )
    }

    /// One in a file.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let name = path.display();
        let bytes = std::fs::read(path)
            .map_err(|error| Failure::usage(format!("{name} cannot be read: {error}")))?;
        if bytes.len() > MOST {
            return Err(
                Failure::usage(format!("{name} is too large to be the probe"))
                    .help("`cargo xtask image` writes target/probe/digpod-probe-amd64 of 2 MB"),
            );
        }
        match machine(&bytes) {
            Some(machine) => Ok(Self(vec![(machine, bytes.into())])),
            None => Err(Failure::usage(format!(
                "{name} is no program for Linux on amd64 or arm64"
            ))
            .help("`cargo xtask image` writes target/probe/digpod-probe-amd64")),
        }
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// For a node of this architecture; the first where that is not known.
    pub(super) fn of(&self, architecture: Option<&str>) -> Result<&[u8], String> {
        let fits = |machine: &str| architecture.is_none_or(|it| it == machine);
        let fitting = self.0.iter().find(|(machine, _)| fits(machine));
        fitting.map(|(_, bytes)| bytes.as_ref()).ok_or_else(|| {
            let machines: Vec<&str> = self.0.iter().map(|(machine, _)| *machine).collect();
            format!(
                "the probe's binary at hand is for {}, and the node is {}",
                machines.join(" and "),
                architecture.unwrap_or("unknown"),
            )
        })
    }
}

impl fmt::Debug for Binaries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sizes = self.0.iter().map(|(machine, bytes)| (machine, bytes.len()));
        f.debug_map().entries(sizes).finish()
    }
}

/// The machine of an ELF executable of 64 bits, little-endian, as Kubernetes names it.
fn machine(elf: &[u8]) -> Option<&'static str> {
    let number = elf.strip_prefix(b"\x7fELF\x02\x01")?.get(12..14)?;
    match number {
        [62, 0] => Some("amd64"),
        [183, 0] => Some("arm64"),
        _ => None,
    }
}
