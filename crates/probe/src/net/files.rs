//! Reads files of the node that the pod mounts, each within a limit of size.

use std::fmt::Write as _;
use std::io::{self, ErrorKind};

use super::Setup;
use crate::extras::{File, FileKind, ReadFile, ReadStatus};
use crate::time::rfc3339;

/// Most bytes of one text.
const MOST: u64 = 64 << 10;
/// Most files looked at in one folder.
const MOST_FILES: usize = 2_000;
/// Most leases read.
const MOST_LEASES: usize = 32;

/// What a file held.
#[derive(Clone, Debug, Default)]
pub struct FileContent {
    /// Its beginning.
    pub bytes: Vec<u8>,
    /// Whether there is more.
    pub more: bool,
    /// When it was last written, in seconds since 1970.
    pub modified: Option<u64>,
}

/// The file system that a probe sees.
pub trait Disk: Send + Sync {
    /// At most `most` bytes of a file.
    fn read(&self, path: &str, most: u64) -> io::Result<FileContent>;
    /// The names in a folder, in any order.
    fn list(&self, path: &str) -> io::Result<Vec<String>>;
}

/// A file system without files.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoDisk;

impl Disk for NoDisk {
    fn read(&self, _: &str, _: u64) -> io::Result<FileContent> {
        Err(ErrorKind::NotFound.into())
    }

    fn list(&self, _: &str) -> io::Result<Vec<String>> {
        Err(ErrorKind::NotFound.into())
    }
}

/// Reads what a plan wants of one file or folder.
pub(super) fn read(file: &File, setup: &Setup) -> Vec<ReadFile> {
    let disk = setup.disk.as_ref();
    match &file.kind {
        FileKind::Text => vec![text(disk, &file.id, &file.path)],
        FileKind::DhcpLeases => vec![leases(disk, file)],
        FileKind::Sandboxes { hostnames, within } => sandboxes(disk, file, hostnames, within),
    }
}

fn text(disk: &dyn Disk, id: &str, path: &str) -> ReadFile {
    let mut read = ReadFile {
        id: id.to_owned(),
        path: path.to_owned(),
        ..ReadFile::default()
    };
    match disk.read(path, MOST) {
        Ok(content) => {
            read.text = String::from_utf8_lossy(&content.bytes).into_owned();
            read.modified = content.modified.map(rfc3339);
            if content.more {
                read.status = ReadStatus::Truncated;
            }
        }
        Err(error) => fail(&mut read, &error),
    }
    read
}

fn fail(read: &mut ReadFile, error: &io::Error) {
    read.status = match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => ReadStatus::NotFound,
        ErrorKind::PermissionDenied => ReadStatus::Forbidden,
        _ => ReadStatus::Failed,
    };
    read.error = Some(error.to_string());
}

/// The names in a folder, sorted.
fn names(disk: &dyn Disk, path: &str) -> io::Result<Vec<String>> {
    let mut names = disk.list(path)?;
    names.sort_unstable();
    names.truncate(MOST_FILES);
    Ok(names)
}

/// Only DNS servers and domains of leases: the rest of a lease is nobody's business here.
fn leases(disk: &dyn Disk, file: &File) -> ReadFile {
    let mut read = ReadFile {
        id: file.id.clone(),
        path: file.path.clone(),
        ..ReadFile::default()
    };
    let names = match names(disk, &file.path) {
        Ok(names) => names,
        Err(error) => {
            fail(&mut read, &error);
            return read;
        }
    };
    for name in names.iter().take(MOST_LEASES) {
        let lease = text(disk, name, &format!("{}/{name}", file.path));
        let lines: Vec<&str> = lease.text.lines().filter(|line| is_dns(line)).collect();
        if lines.is_empty() {
            continue;
        }
        let written = lease.modified.as_deref().unwrap_or("unknown");
        let lines = lines.join("\n");
        // A text takes everything.
        let _ = writeln!(read.text, "# {name}, written {written}\n{lines}");
        read.modified = read.modified.max(lease.modified);
    }
    read
}

/// Lines of systemd-networkd's and `NetworkManager`'s leases (`DNS=10.1.0.4 10.1.0.5`) and of
/// dhclient's (`option domain-name-servers 10.1.0.4;`).
fn is_dns(line: &str) -> bool {
    let line = line.trim_start();
    let key = line.split('=').next().unwrap_or_default();
    matches!(
        key,
        "DNS"
            | "DOMAINNAME"
            | "DOMAIN_SEARCH_LIST"
            | "domain_name_servers"
            | "domain_name"
            | "domain_search"
    ) || line.starts_with("option domain-name")
        || line.starts_with("option domain-search")
        || line.starts_with("option dhcp6.name-servers")
        || line.starts_with("option dhcp6.domain-search")
}

/// A runtime's folders are named by an id that the API does not tell: the host name is the key.
fn sandboxes(disk: &dyn Disk, file: &File, hostnames: &[String], within: &str) -> Vec<ReadFile> {
    let names = match names(disk, &file.path) {
        Ok(names) => names,
        Err(error) => {
            let mut read = ReadFile {
                id: file.id.clone(),
                path: file.path.clone(),
                ..ReadFile::default()
            };
            fail(&mut read, &error);
            return vec![read];
        }
    };
    let mut found: Vec<(String, String, Option<u64>)> = Vec::new();
    for name in names {
        let folder = match within {
            "" => format!("{}/{name}", file.path),
            within => format!("{}/{name}/{within}", file.path),
        };
        let Ok(content) = disk.read(&format!("{folder}/hostname"), 256) else {
            continue;
        };
        let hostname = String::from_utf8_lossy(&content.bytes).trim().to_owned();
        if hostnames.contains(&hostname) {
            found.push((hostname, folder, content.modified));
        }
    }
    let newest = |hostname: &String| {
        let of_it = found.iter().filter(|(of, _, _)| of == hostname);
        of_it.max_by_key(|(_, folder, modified)| (*modified, folder.clone()))
    };
    hostnames
        .iter()
        .map(|hostname| {
            let id = format!("{}/{hostname}", file.id);
            match newest(hostname) {
                Some((_, folder, _)) => text(disk, &id, &format!("{folder}/resolv.conf")),
                None => ReadFile {
                    id,
                    path: file.path.clone(),
                    status: ReadStatus::NotFound,
                    error: Some("no sandbox has this host name".to_owned()),
                    ..ReadFile::default()
                },
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Files by path, with the time of their writing.
    struct Played(BTreeMap<&'static str, (&'static str, u64)>);

    impl Disk for Played {
        fn read(&self, path: &str, most: u64) -> io::Result<FileContent> {
            let (text, modified) = self.0.get(path).ok_or(ErrorKind::NotFound)?;
            let most = usize::try_from(most).unwrap_or(usize::MAX);
            Ok(FileContent {
                bytes: text.bytes().take(most).collect(),
                more: text.len() > most,
                modified: Some(*modified),
            })
        }

        fn list(&self, path: &str) -> io::Result<Vec<String>> {
            let below = self.0.keys().filter_map(|file| {
                let rest = file.strip_prefix(path)?.strip_prefix('/')?;
                Some(rest.split('/').next().unwrap_or(rest).to_owned())
            });
            let mut names: Vec<String> = below.collect();
            names.dedup();
            if names.is_empty() {
                return Err(ErrorKind::NotFound.into());
            }
            Ok(names)
        }
    }

    fn read_all(files: &[(&'static str, &'static str, u64)], kind: FileKind) -> Vec<ReadFile> {
        let files = files.iter().map(|(path, text, at)| (*path, (*text, *at)));
        let setup = Setup::direct("").with_disk(Played(files.collect()));
        let file = File {
            id: "it".to_owned(),
            path: "/host/it".to_owned(),
            kind,
        };
        read(&file, &setup)
    }

    #[test]
    fn of_a_lease_only_dns_leaves_the_node() {
        let networkd = "# This is private data. Do not parse.\nADDRESS=10.1.2.3\n\
                        SERVER_ADDRESS=10.1.0.1\nDNS=10.1.0.4 10.1.0.5\nDOMAINNAME=corp.internal\n";
        let dhclient = "lease {\n  fixed-address 10.1.2.3;\n  \
                        option domain-name-servers 10.1.0.4;\n}\n";
        let leases = [("/host/it/2", networkd, 60), ("/host/it/3", dhclient, 120)];
        let read = read_all(&leases, FileKind::DhcpLeases);
        assert_eq!(
            read[0].text,
            "# 2, written 1970-01-01T00:01:00Z\nDNS=10.1.0.4 10.1.0.5\nDOMAINNAME=corp.internal\n\
             # 3, written 1970-01-01T00:02:00Z\n  option domain-name-servers 10.1.0.4;\n"
        );
    }

    #[test]
    fn of_sandboxes_with_one_host_name_the_newest_counts() {
        let files = [
            ("/host/it/aa/hostname", "coredns-1\n", 10),
            ("/host/it/aa/resolv.conf", "nameserver 10.1.0.4\n", 10),
            ("/host/it/bb/hostname", "coredns-1\n", 20),
            ("/host/it/bb/resolv.conf", "nameserver 10.1.0.5\n", 20),
            ("/host/it/cc/hostname", "web\n", 30),
            ("/host/it/cc/resolv.conf", "nameserver 10.0.0.10\n", 30),
        ];
        let hostnames = vec!["coredns-1".to_owned(), "coredns-2".to_owned()];
        let read = read_all(
            &files,
            FileKind::Sandboxes {
                hostnames,
                within: String::new(),
            },
        );
        assert_eq!(read.len(), 2);
        assert_eq!(read[0].text, "nameserver 10.1.0.5\n");
        assert_eq!(read[0].id, "it/coredns-1");
        assert_eq!(read[1].status, ReadStatus::NotFound);
    }

    #[test]
    fn a_long_file_is_cut_and_says_so() {
        let long: &'static str = Box::leak("x".repeat(100_000).into_boxed_str());
        let read = read_all(&[("/host/it", long, 1)], FileKind::Text);
        assert_eq!(read[0].status, ReadStatus::Truncated);
        assert_eq!(read[0].text.len(), 64 << 10);
    }
}
