//! Setting up what a task needs and a machine lacks: where we may, and otherwise one line that says how.

use std::process::{Command, Stdio};

use anyhow::{Result, bail};

use crate::step;

/// Makes sure that a program is there: as root on a Debian system from its packages.
pub(crate) fn program(name: &str, packages: &[&str], why: &str) -> Result<()> {
    if step::has(name) {
        return Ok(());
    }
    let install = format!(
        "apt-get install -y --no-install-recommends {}",
        packages.join(" ")
    );
    if !may_install() {
        bail!("`{name}` is missing ({why}); install it: sudo {install}");
    }
    eprintln!("    {name} is missing ({why}): {install}");
    apt(packages)?;
    if !step::has(name) {
        bail!("`{name}` is still missing after: {install}");
    }
    Ok(())
}

/// Installs Debian packages without a question.
pub(crate) fn apt(packages: &[&str]) -> Result<()> {
    let quiet = |arguments: &[&str]| {
        let mut apt = Command::new("apt-get");
        apt.args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .stdout(Stdio::null());
        step::run(&mut apt)
    };
    quiet(&["-qq", "update"])?;
    let mut arguments = vec!["-qq", "install", "-y", "--no-install-recommends"];
    arguments.extend(packages);
    quiet(&arguments)
}

/// Whether this machine lets us install: Debian's package manager, and root.
pub(crate) fn may_install() -> bool {
    step::has("apt-get") && is_root()
}

/// Whether we are root.
pub(crate) fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
