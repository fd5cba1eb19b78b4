//! The DNS servers: real sockets on loopback.

mod asked;
mod cache;
mod coredns;
mod doors;
mod exchange;
mod health;
mod kubernetes;
mod metrics;
mod pipeline;
mod serve;
mod zone;

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::AtomicU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Result, bail};
use tokio::net::{TcpListener, UdpSocket};

use crate::cluster::Cluster;
use crate::fault::ServerHarm;
use crate::json::{lock, text};
pub(crate) use asked::Asked;
pub(crate) use metrics::port as metrics_port;
pub(crate) use zone::check as check_zone;

use crate::scenario::{ServerKind, Settings};
use crate::selector::has_labels;
use serde_json::Value;

/// Where each server's address is on loopback.
#[derive(Debug, Default)]
pub(crate) struct Servers {
    at: BTreeMap<IpAddr, SocketAddr>,
    /// Where the CoreDNS pods tell of themselves.
    pages: BTreeMap<IpAddr, SocketAddr>,
    sockets: Mutex<Vec<(IpAddr, Sockets)>>,
    doors: doors::Doors,
}

#[derive(Debug)]
struct Sockets {
    udp: UdpSocket,
    tcp: TcpListener,
    /// Of a CoreDNS pod only.
    pages: Option<TcpListener>,
}

impl Servers {
    /// Binds the sockets of every server that the scenario has: upstreams and CoreDNS pods.
    pub(crate) async fn bind(settings: &Settings, objects: &[Value]) -> Result<Self> {
        let mut servers = Self::default();
        let pods = objects.iter().filter(|object| is_coredns(settings, object));
        let pods = pods.filter_map(|pod| Some((text(pod, "status.podIP").parse().ok()?, true)));
        let upstreams = settings.servers.iter();
        let upstreams = upstreams.map(|server| (server.address, false));
        for (address, is_pod) in pods.chain(upstreams).collect::<Vec<(IpAddr, bool)>>() {
            let mut sockets = bind_both().await?;
            if is_pod {
                let pages = TcpListener::bind("127.0.0.1:0").await?;
                servers.pages.insert(address, pages.local_addr()?);
                sockets.pages = Some(pages);
            }
            servers.at.insert(address, sockets.udp.local_addr()?);
            lock(&servers.sockets).push((address, sockets));
        }
        Ok(servers)
    }

    /// The loopback address by which a pod (`namespace/name`) that asks an address reaches a server.
    pub(crate) fn at(
        &self,
        cluster: &Cluster,
        pod: &str,
        asked: SocketAddr,
        server: IpAddr,
    ) -> Option<SocketAddr> {
        let own = *self.at.get(&server)?;
        Some(self.doors.at(cluster, pod, asked, server).unwrap_or(own))
    }

    /// The loopback address of a CoreDNS pod's metrics.
    pub(crate) fn pages_at(&self, address: IpAddr) -> Option<SocketAddr> {
        self.pages.get(&address).copied()
    }

    /// Every server's address and where it is on loopback.
    pub(crate) fn all(&self) -> &BTreeMap<IpAddr, SocketAddr> {
        &self.at
    }
}

/// UDP and TCP on the same free port.
async fn bind_both() -> Result<Sockets> {
    for _ in 0..32 {
        let udp = UdpSocket::bind("127.0.0.1:0").await?;
        if let Ok(tcp) = TcpListener::bind(udp.local_addr()?).await {
            let pages = None;
            return Ok(Sockets { udp, tcp, pages });
        }
    }
    bail!("no loopback port is free for both UDP and TCP");
}

/// Starts answering.
pub(crate) fn start(cluster: &Arc<Cluster>, seed: u64) {
    for (address, sockets) in std::mem::take(&mut *lock(&cluster.servers.sockets)) {
        let settings = cluster
            .settings
            .servers
            .iter()
            .find(|server| server.address == address);
        let answers = match settings {
            _ if cluster.faults.of_server(address) == Some(ServerHarm::Silent) => {
                serve::Kind::Silent
            }
            Some(server) if server.kind == ServerKind::Silent => serve::Kind::Silent,
            Some(server) => {
                let zones = zone::Zones::new(server, &cluster.settings.zones);
                serve::Kind::Zones(zones, Duration::from_millis(server.delay_ms))
            }
            None => serve::Kind::CoreDns(Box::new(coredns::CoreDns::new(cluster, address, seed))),
        };
        let answers = Arc::new(serve::Answers {
            kind: answers,
            harm: cluster.faults.of_server(address),
            answered: AtomicU32::new(0),
        });
        cluster.servers.doors.add(address, Arc::clone(&answers));
        let door = doors::Door {
            answers,
            server: address,
            pod: String::new(),
            asked: SocketAddr::new(address, 53),
        };
        let queries = || Arc::clone(&cluster.queries);
        cluster.spawn(serve::udp(sockets.udp, door.clone(), queries()));
        cluster.spawn(serve::tcp(sockets.tcp, door, queries()));
        if let Some(pages) = sockets.pages {
            cluster.spawn(metrics::serve(pages, Arc::downgrade(cluster), address));
        }
    }
}

/// Whether an object is a running CoreDNS pod.
fn is_coredns(settings: &Settings, object: &Value) -> bool {
    text(object, "kind") == "Pod"
        && text(object, "metadata.namespace") == settings.coredns.namespace
        && text(object, "status.phase") == "Running"
        && has_labels(object, &settings.coredns.labels)
}
