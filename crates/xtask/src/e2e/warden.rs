//! A process that takes the cluster down when the one that started it ends, however it ends.

use std::io::Read as _;
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, ensure};

use super::cluster;
use super::places::Places;

/// The other end of the warden's standard input.
pub(super) struct Warden(Child);

impl Warden {
    /// Starts one, out of reach of a terminal's Ctrl-C.
    pub(super) fn start() -> Result<Self> {
        let own = std::env::current_exe().context("where is this program?")?;
        Command::new("setsid")
            .arg(own)
            .args(["e2e", "warden"])
            .stdin(Stdio::piped())
            .spawn()
            .map(Self)
            .context("cannot start the warden")
    }

    /// Lets it take the cluster down now, and waits.
    pub(super) fn dismiss(mut self) -> Result<()> {
        drop(self.0.stdin.take());
        let status = self.0.wait().context("the warden is gone")?;
        ensure!(status.success(), "the cluster could not be taken down");
        Ok(())
    }
}

/// What the warden does.
pub(super) fn watch(places: &Places) -> Result<()> {
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
    cluster::down(places)
}
