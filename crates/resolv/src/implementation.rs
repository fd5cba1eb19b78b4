//! Which resolver reads the file and asks: glibc, musl or Go's own, and its version.

use std::fmt;
use std::str::FromStr;

/// A version, like 2.36 or 1.2.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// First number.
    pub major: u16,
    /// Second number.
    pub minor: u16,
    /// Third number; 0 where there is none.
    pub patch: u16,
}

impl Version {
    /// A version of three numbers.
    pub const fn new(major: u16, minor: u16, patch: u16) -> Self {
        Self {
            major,
            minor,
            patch,
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{}", self.major, self.minor)?;
        if self.patch != 0 {
            write!(out, ".{}", self.patch)?;
        }
        Ok(())
    }
}

/// A resolver: the part of a program that reads `/etc/resolv.conf` and asks the servers in it.
///
/// Written like `glibc 2.36`, `musl 1.2.3`, `go 1.26`; without a version the newest that this
/// crate knows is meant.
///
/// ```
/// use digpod_resolv::{Implementation, Version};
///
/// let musl: Implementation = "musl 1.2.3".parse()?;
/// assert_eq!(musl, Implementation::Musl(Version::new(1, 2, 3)));
/// assert_eq!("glibc".parse::<Implementation>()?, Implementation::GLIBC);
/// # Ok::<(), digpod_resolv::UnknownImplementation>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Implementation {
    /// The GNU C library: Debian, Ubuntu, Red Hat, SUSE images.
    Glibc(Version),
    /// musl: Alpine images.
    Musl(Version),
    /// Go's own resolver: static Go programs, and Go programs with `GODEBUG=netdns=go`.
    Go(Version),
}

impl Implementation {
    /// The newest glibc that this crate knows.
    pub const GLIBC: Self = Self::Glibc(Version::new(2, 42, 0));
    /// The newest musl that this crate knows.
    pub const MUSL: Self = Self::Musl(Version::new(1, 2, 5));
    /// The newest Go that this crate knows.
    pub const GO: Self = Self::Go(Version::new(1, 26, 0));

    /// The newest of its kind that this crate knows, whose rules count for a newer one too.
    #[must_use]
    pub fn newest_known(self) -> Self {
        match self {
            Self::Glibc(_) => Self::GLIBC,
            Self::Musl(_) => Self::MUSL,
            Self::Go(_) => Self::GO,
        }
    }

    /// Its name without the version: `glibc`, `musl` or `go`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Glibc(_) => "glibc",
            Self::Musl(_) => "musl",
            Self::Go(_) => "go",
        }
    }

    /// Its version.
    pub fn version(self) -> Version {
        match self {
            Self::Glibc(version) | Self::Musl(version) | Self::Go(version) => version,
        }
    }
}

impl fmt::Display for Implementation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.name(), self.version())
    }
}

/// Systems whose programs use musl.
const MUSL_SYSTEMS: [&str; 4] = ["alpine", "chimera", "postmarketos", "openwrt"];
/// Systems whose programs use glibc.
const GLIBC_SYSTEMS: [&str; 18] = [
    "almalinux",
    "amazon",
    "arch",
    "centos",
    "debian",
    "fedora",
    "libc6",
    "opensuse",
    "oracle",
    "photon",
    "red",
    "rhel",
    "rocky",
    "sles",
    "suse",
    "ubi",
    "ubuntu",
    "wolfi",
];

/// The text names no resolver that is known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} names no resolver")]
pub struct UnknownImplementation {
    /// What was written.
    pub text: String,
}

impl UnknownImplementation {
    /// What to write instead.
    pub fn help(&self) -> &'static str {
        let lower = self.text.trim().to_ascii_lowercase();
        let begins = |names: &[&str]| names.iter().any(|name| lower.starts_with(name));
        if begins(&MUSL_SYSTEMS) {
            "programs there use musl: write musl, with a version if it matters: musl 1.2.3"
        } else if begins(&GLIBC_SYSTEMS) {
            "programs there use glibc: write glibc, with a version if it matters: glibc 2.36"
        } else {
            "write glibc, musl or go, with a version if it matters: glibc 2.36, musl 1.2.3, go 1.26"
        }
    }
}

impl FromStr for Implementation {
    type Err = UnknownImplementation;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = || UnknownImplementation {
            text: text.to_owned(),
        };
        let lower = text.trim().to_ascii_lowercase();
        let end = lower
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(lower.len());
        let (name, rest) = lower.split_at_checked(end).ok_or_else(unknown)?;
        let rest = rest.trim_start_matches([' ', '-', '_', '/', '=', ':']);
        let version = if end == lower.len() {
            None
        } else {
            Some(version(rest).ok_or_else(unknown)?)
        };
        let (newest, with): (Self, fn(Version) -> Self) = match name {
            "glibc" | "gnu" => (Self::GLIBC, Self::Glibc),
            "musl" => (Self::MUSL, Self::Musl),
            "go" | "golang" => (Self::GO, Self::Go),
            _ => return Err(unknown()),
        };
        Ok(version.map_or(newest, with))
    }
}

/// The numbers at the start of `2.36-9+deb12u14` or `1.26rc1`.
fn version(text: &str) -> Option<Version> {
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let mut numbers = text
        .get(..end)?
        .trim_end_matches('.')
        .split('.')
        .map(|number| number.parse::<u16>().ok());
    let major = numbers.next()??;
    let minor = numbers.next().map_or(Some(0), |minor| minor)?;
    let patch = numbers.next().map_or(Some(0), |patch| patch)?;
    Some(Version::new(major, minor, patch))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_ways_to_write_a_resolver_are_read() {
        for (text, shown) in [
            ("glibc 2.36", "glibc 2.36"),
            ("glibc-2.36-9+deb12u14", "glibc 2.36"),
            ("GLIBC 2.31", "glibc 2.31"),
            ("musl/1.2.3", "musl 1.2.3"),
            ("go1.26.8", "go 1.26.8"),
            ("go", "go 1.26"),
        ] {
            let read: Implementation = text.parse().unwrap();
            assert_eq!(read.to_string(), shown, "{text}");
        }
        for wrong in ["", "bionic", "glibc x", "glibc-", "musl:", "2.36"] {
            assert!(wrong.parse::<Implementation>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_name_of_a_distribution_gets_the_library_it_has_as_advice() {
        for (text, library) in [
            ("alpine:3.20", "musl"),
            ("Ubuntu", "glibc"),
            ("debian-12", "glibc"),
        ] {
            let refused = text.parse::<Implementation>().unwrap_err();
            assert!(
                refused.help().contains(&format!("use {library}:")),
                "{text}"
            );
        }
    }
}
