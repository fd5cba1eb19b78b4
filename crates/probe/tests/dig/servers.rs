//! BIND, Unbound and CoreDNS on loopback ports that nobody else uses.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use crate::zones::{DELEGATED, REFUSED, Zone, zones};

/// A server that is asked.
pub(crate) struct Server {
    pub(crate) name: &'static str,
    pub(crate) port: u16,
}

/// Running programs; they end when this is dropped.
pub(crate) struct Servers {
    pub(crate) all: Vec<Server>,
    children: Vec<Child>,
    folder: PathBuf,
}

impl Servers {
    /// Starts them with the programs of this folder.
    pub(crate) fn start(programs: &Path) -> Self {
        let folder = std::env::temp_dir().join(format!("digpod-dig-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let zones = zones();
        for zone in &zones {
            fs::write(folder.join(file(zone)), &zone.text).unwrap();
        }
        let [bind, unbound, coredns, forwarder] = free_ports();
        fs::write(folder.join("named.conf"), named_conf(&zones, bind)).unwrap();
        fs::write(
            folder.join("unbound.conf"),
            unbound_conf(&folder, &zones, bind, unbound),
        )
        .unwrap();
        fs::write(
            folder.join("Corefile"),
            corefile(&zones, bind, coredns, forwarder),
        )
        .unwrap();
        let mut servers = Self {
            all: [
                ("BIND", bind),
                ("Unbound", unbound),
                ("CoreDNS, file", coredns),
                ("CoreDNS, forward", forwarder),
            ]
            .map(|(name, port)| Server { name, port })
            .into(),
            children: Vec::new(),
            folder,
        };
        servers.spawn(programs, "named", &["-g", "-n", "1", "-c", "named.conf"]);
        servers.spawn(programs, "unbound", &["-d", "-c", "unbound.conf"]);
        servers.spawn(programs, "coredns", &["-conf", "Corefile"]);
        servers.wait();
        servers
    }

    fn spawn(&mut self, programs: &Path, name: &str, arguments: &[&str]) {
        let log = File::create(self.folder.join(format!("{name}.log"))).unwrap();
        let child = Command::new(programs.join(name))
            .args(arguments)
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn();
        self.children.push(child.unwrap());
    }

    /// Until each takes connections: all of them have read their zones by then.
    fn wait(&mut self) {
        for _ in 0..600 {
            let ready = |server: &Server| TcpStream::connect(("127.0.0.1", server.port)).is_ok();
            if self.all.iter().all(ready) {
                let logs = self.logs();
                assert!(!logs.contains("not loaded due to errors"), "{logs}");
                return;
            }
            if self
                .children
                .iter_mut()
                .any(|child| child.try_wait().unwrap().is_some())
            {
                break;
            }
            sleep(Duration::from_millis(50));
        }
        panic!("the servers do not start:\n{}", self.logs());
    }

    /// What they said.
    pub(crate) fn logs(&self) -> String {
        let mut all = String::new();
        for name in ["named", "unbound", "coredns"] {
            let log = fs::read(self.folder.join(format!("{name}.log"))).unwrap_or_default();
            let log = String::from_utf8_lossy(&log);
            let last: Vec<&str> = log.lines().rev().take(30).collect();
            let _ = writeln!(all, "---- {name}");
            for line in last.iter().rev() {
                let _ = writeln!(all, "{line}");
            }
        }
        all
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        for child in &mut self.children {
            let _ = child.kill();
            let _ = child.wait();
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Ports that are free for UDP and TCP. Somebody may take one before it is used: then the start fails.
fn free_ports<const N: usize>() -> [u16; N] {
    let mut held = Vec::new();
    while held.len() < N {
        let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
        if let Ok(udp) = UdpSocket::bind(tcp.local_addr().unwrap()) {
            held.push((tcp, udp));
        }
    }
    std::array::from_fn(|n| held[n].0.local_addr().unwrap().port())
}

fn file(zone: &Zone) -> String {
    format!("{}zone", zone.origin)
}

fn named_conf(zones: &[Zone], port: u16) -> String {
    // No limit on the size of a set, no check of what a zone says, and nothing written elsewhere.
    let mut text = format!(
        "options {{\n directory \".\";\n listen-on port {port} {{ 127.0.0.1; }};\n listen-on-v6 {{ none; }};\n \
         recursion no;\n dnssec-validation no;\n pid-file none;\n session-keyfile \"session.key\";\n \
         minimal-any no;\n max-udp-size 4096;\n notify no;\n check-names primary ignore;\n check-integrity no;\n \
         check-srv-cname ignore;\n max-records-per-type 0;\n max-types-per-name 0;\n}};\ncontrols {{ }};\n"
    );
    for zone in zones {
        let refuse = match zone.origin {
            REFUSED => " allow-query { none; };",
            _ => "",
        };
        let _ = writeln!(
            text,
            "zone \"{}\" {{ type primary; file \"{}\";{refuse} }};",
            zone.origin,
            file(zone)
        );
    }
    text
}

/// A resolver that knows the world from BIND alone.
fn unbound_conf(folder: &Path, zones: &[Zone], bind: u16, port: u16) -> String {
    let mut text = format!(
        "server:\n interface: 127.0.0.1@{port}\n outgoing-interface: 127.0.0.1\n port: {port}\n \
         do-ip6: no\n max-udp-size: 4096\n do-daemonize: no\n chroot: \"\"\n username: \"\"\n directory: \"{}\"\n pidfile: \"\"\n \
         use-syslog: no\n logfile: \"\"\n num-threads: 1\n module-config: \"iterator\"\n \
         do-not-query-localhost: no\n do-not-query-address: {DELEGATED}\n qname-minimisation: no\n local-zone: \"{REFUSED}\" refuse\n",
        folder.display()
    );
    // These are answered by Unbound itself otherwise.
    for name in [
        "test.",
        "2.0.192.in-addr.arpa.",
        "8.b.d.0.1.0.0.2.ip6.arpa.",
    ] {
        let _ = writeln!(text, " local-zone: \"{name}\" nodefault");
    }
    for origin in zones.iter().map(|zone| zone.origin).chain(["."]) {
        let _ = write!(
            text,
            "stub-zone:\n name: \"{origin}\"\n stub-addr: 127.0.0.1@{bind}\n stub-prime: no\n"
        );
    }
    text.push_str("remote-control:\n control-enable: no\n");
    text
}

fn corefile(zones: &[Zone], bind: u16, port: u16, forwarder: u16) -> String {
    let mut text = String::new();
    for zone in zones.iter().filter(|zone| zone.origin != REFUSED) {
        let _ = write!(
            text,
            "{}:{port} {{\n bind 127.0.0.1\n errors\n file {}\n}}\n",
            zone.origin,
            file(zone)
        );
    }
    let _ = write!(
        text,
        ".:{forwarder} {{\n bind 127.0.0.1\n errors\n forward . 127.0.0.1:{bind}\n}}\n"
    );
    text
}
