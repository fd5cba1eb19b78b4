//! Which resolver a program has that runs in a container.

use std::collections::BTreeSet;

use crate::{Implementation, Version};

/// The part of os-release(5) that tells which system an image is made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OsRelease {
    /// `ID`, like `debian` or `alpine`.
    pub id: String,
    /// `VERSION_ID`, like `12` or `3.20.3`.
    pub version: String,
}

impl OsRelease {
    /// Reads `/etc/os-release`; what is not said is empty.
    pub fn read(text: &str) -> Self {
        let value = |key: &str| {
            text.lines()
                .filter_map(|line| line.trim().split_once('='))
                .find(|(name, _)| *name == key)
                .map(|(_, value)| value.trim().trim_matches(['"', '\'']).to_owned())
                .unwrap_or_default()
        };
        Self {
            id: value("ID"),
            version: value("VERSION_ID"),
        }
    }
}

/// A resolver that was told from what a container holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FoundResolver {
    /// Which one; where its version is not known, the newest that this crate knows.
    pub implementation: Implementation,
    /// Whether the version is the program's.
    pub version_known: bool,
}

/// Whether a mapped file is a C library or its loader: `libc.so.6`, `libc-2.31.so`,
/// `ld-musl-x86_64.so.1`, `libc.musl-x86_64.so.1`.
pub fn is_c_library(path: &str) -> bool {
    is_musl(path) || is_glibc(path)
}

/// The resolver of a program, from the C libraries that it has mapped (`None`: not known, empty:
/// none, it is linked statically) and the system that its image is made of.
///
/// A static program is taken for Go's where the system is not musl's: a static glibc does not
/// resolve without its shared parts.
///
/// ```
/// use digpod_resolv::{OsRelease, resolver_of};
///
/// let libraries = ["/lib/ld-musl-x86_64.so.1".to_owned()].into();
/// let alpine = OsRelease::read("ID=alpine\nVERSION_ID=3.18.4\n");
/// let found = resolver_of(Some(&libraries), Some(&alpine));
/// assert_eq!(found.map(|it| it.implementation.to_string()).as_deref(), Some("musl 1.2.4"));
/// ```
pub fn resolver_of(
    libraries: Option<&BTreeSet<String>>,
    os: Option<&OsRelease>,
) -> Option<FoundResolver> {
    let of_system = os.and_then(of_system);
    let mapped = libraries.map(|libraries| {
        let glibc = libraries.iter().find(|path| is_glibc(path));
        (libraries.iter().any(|path| is_musl(path)), glibc)
    });
    let newest = |implementation| FoundResolver {
        implementation,
        version_known: false,
    };
    match mapped {
        Some((true, _)) => Some(
            of_system
                .filter(is_kind(Implementation::MUSL))
                .unwrap_or(newest(Implementation::MUSL)),
        ),
        Some((false, Some(path))) => Some(
            version_in(path)
                .map(|version| FoundResolver {
                    implementation: Implementation::Glibc(version),
                    version_known: true,
                })
                .or(of_system.filter(is_kind(Implementation::GLIBC)))
                .unwrap_or(newest(Implementation::GLIBC)),
        ),
        // Linked statically.
        Some((false, None)) => match of_system {
            Some(found) if is_kind(Implementation::MUSL)(&found) => None,
            _ => Some(newest(Implementation::GO)),
        },
        None => of_system,
    }
}

fn is_kind(kind: Implementation) -> impl Fn(&FoundResolver) -> bool {
    move |found| found.implementation.name() == kind.name()
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn is_musl(path: &str) -> bool {
    let name = file_name(path);
    name.starts_with("ld-musl-") || name.starts_with("libc.musl-")
}

fn is_glibc(path: &str) -> bool {
    let name = file_name(path);
    name == "libc.so.6" || version_in(path).is_some()
}

/// Until 2.33 glibc's file was named after its version (glibc 2.34's NEWS).
fn version_in(path: &str) -> Option<Version> {
    let minor = file_name(path)
        .strip_prefix("libc-2.")?
        .strip_suffix(".so")?;
    Some(Version::new(2, minor.parse().ok()?, 0))
}

/// Releases whose C library has one version for good: name, first numbers of the version, library.
const SYSTEMS: [(&str, &str, Implementation); 28] = [
    ("debian", "10", glibc(28)),
    ("debian", "11", glibc(31)),
    ("debian", "12", glibc(36)),
    ("debian", "13", glibc(41)),
    ("ubuntu", "18.04", glibc(27)),
    ("ubuntu", "20.04", glibc(31)),
    ("ubuntu", "22.04", glibc(35)),
    ("ubuntu", "24.04", glibc(39)),
    ("rhel", "7", glibc(17)),
    ("rhel", "8", glibc(28)),
    ("rhel", "9", glibc(34)),
    ("rhel", "10", glibc(39)),
    ("centos", "7", glibc(17)),
    ("centos", "8", glibc(28)),
    ("centos", "9", glibc(34)),
    ("amzn", "2", glibc(26)),
    ("amzn", "2023", glibc(34)),
    ("alpine", "3.12", musl(1, 24)),
    ("alpine", "3.13", musl(2, 2)),
    ("alpine", "3.14", musl(2, 2)),
    ("alpine", "3.15", musl(2, 2)),
    ("alpine", "3.16", musl(2, 3)),
    ("alpine", "3.17", musl(2, 3)),
    ("alpine", "3.18", musl(2, 4)),
    ("alpine", "3.19", musl(2, 4)),
    ("alpine", "3.20", musl(2, 5)),
    ("alpine", "3.21", musl(2, 5)),
    ("alpine", "3.22", musl(2, 5)),
];

const fn glibc(minor: u16) -> Implementation {
    Implementation::Glibc(Version::new(2, minor, 0))
}

const fn musl(minor: u16, patch: u16) -> Implementation {
    Implementation::Musl(Version::new(1, minor, patch))
}

fn of_system(os: &OsRelease) -> Option<FoundResolver> {
    // Rebuilds of RHEL have its numbers.
    let id = match os.id.as_str() {
        "almalinux" | "rocky" | "ol" => "rhel",
        id => id,
    };
    let begins = |release: &str| {
        let rest = os.version.strip_prefix(release);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let known = SYSTEMS
        .iter()
        .find(|(system, release, _)| *system == id && begins(release));
    if let Some((_, _, implementation)) = known {
        return Some(FoundResolver {
            implementation: *implementation,
            version_known: true,
        });
    }
    let implementation = match id {
        "alpine" => Implementation::MUSL,
        "amzn" | "centos" | "debian" | "fedora" | "rhel" | "sles" | "ubuntu" | "wolfi" => {
            Implementation::GLIBC
        }
        _ => return None,
    };
    Some(FoundResolver {
        implementation,
        version_known: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(libraries: Option<&[&str]>, os: &str) -> String {
        let libraries = libraries.map(|all| all.iter().map(|it| (*it).to_owned()).collect());
        let os = OsRelease::read(os);
        match resolver_of(libraries.as_ref(), Some(&os)) {
            Some(found) if found.version_known => found.implementation.to_string(),
            Some(found) => found.implementation.name().to_owned(),
            None => "unknown".to_owned(),
        }
    }

    #[test]
    fn the_library_says_which_and_the_system_which_version() {
        let debian =
            "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nVERSION_ID=\"12\"\nID=debian\n";
        let alpine = "ID=alpine\nVERSION_ID=3.17.2\n";
        let glibc = ["/usr/lib/x86_64-linux-gnu/libc.so.6"];
        let musl = ["/lib/ld-musl-aarch64.so.1"];
        assert_eq!(shown(Some(&glibc), debian), "glibc 2.36");
        // glibc put into an Alpine image: its version is not Alpine's.
        assert_eq!(shown(Some(&glibc), alpine), "glibc");
        assert_eq!(shown(Some(&musl), alpine), "musl 1.2.3");
        assert_eq!(shown(Some(&musl), debian), "musl");
        assert_eq!(shown(Some(&["/lib/libc-2.31.so"]), ""), "glibc 2.31");
        assert_eq!(shown(Some(&musl), "ID=alpine\nVERSION_ID=3.99.0\n"), "musl");
    }

    #[test]
    fn a_static_program_is_go_unless_it_may_be_musl() {
        assert_eq!(shown(Some(&[]), ""), "go");
        assert_eq!(shown(Some(&[]), "ID=debian\nVERSION_ID=12\n"), "go");
        assert_eq!(
            shown(Some(&[]), "ID=alpine\nVERSION_ID=3.18.0\n"),
            "unknown"
        );
        assert_eq!(shown(None, "ID=debian\nVERSION_ID=12\n"), "glibc 2.36");
        assert_eq!(shown(None, ""), "unknown");
    }

    #[test]
    fn the_numbers_of_a_release_are_not_those_of_a_longer_one() {
        assert_eq!(shown(None, "ID=amzn\nVERSION_ID=2023\n"), "glibc 2.34");
        assert_eq!(shown(None, "ID=rocky\nVERSION_ID=9.4\n"), "glibc 2.34");
        assert_eq!(shown(None, "ID=debian\nVERSION_ID=1\n"), "glibc");
    }
}
