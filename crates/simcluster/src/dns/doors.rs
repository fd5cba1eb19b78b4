//! Sockets of a server's own for each pod that asks it: from the one on which a query arrives the
//! server knows who asked, and by which address, as it would from the source address on a network.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};

use tokio::net::{TcpListener, UdpSocket};

use super::serve::{self, Answers};
use crate::cluster::Cluster;
use crate::json::lock;

/// Who asks, by which address, and which server that is.
type Way = (String, SocketAddr, IpAddr);

/// A server and whoever is behind one of its sockets.
#[derive(Clone)]
pub(super) struct Door {
    pub(super) answers: Arc<Answers>,
    pub(super) server: IpAddr,
    /// `namespace/name`; empty at the server's own socket.
    pub(super) pod: String,
    pub(super) asked: SocketAddr,
}

/// What stands behind the servers' addresses, and the sockets that were opened.
#[derive(Default)]
pub(super) struct Doors {
    answers: Mutex<BTreeMap<IpAddr, Arc<Answers>>>,
    open: Mutex<BTreeMap<Way, SocketAddr>>,
}

impl std::fmt::Debug for Doors {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Doors").finish_non_exhaustive()
    }
}

impl Doors {
    pub(super) fn add(&self, server: IpAddr, answers: Arc<Answers>) {
        lock(&self.answers).insert(server, answers);
    }

    /// The loopback address by which a pod reaches a server; `None` if no socket is left.
    pub(super) fn at(
        &self,
        cluster: &Cluster,
        pod: &str,
        asked: SocketAddr,
        server: IpAddr,
    ) -> Option<SocketAddr> {
        let way = (pod.to_owned(), asked, server);
        let mut open = lock(&self.open);
        if let Some(address) = open.get(&way) {
            return Some(*address);
        }
        let answers = Arc::clone(lock(&self.answers).get(&server)?);
        let (udp, tcp) = bind()?;
        let address = udp.local_addr().ok()?;
        let door = Door {
            answers,
            server,
            pod: pod.to_owned(),
            asked,
        };
        let queries = || Arc::clone(&cluster.queries);
        cluster.spawn(serve::udp(udp, door.clone(), queries()));
        cluster.spawn(serve::tcp(tcp, door, queries()));
        open.insert(way, address);
        Some(address)
    }
}

/// UDP and TCP on the same free port.
fn bind() -> Option<(UdpSocket, TcpListener)> {
    for _ in 0..32 {
        let udp = std::net::UdpSocket::bind("127.0.0.1:0").ok()?;
        let Ok(tcp) = std::net::TcpListener::bind(udp.local_addr().ok()?) else {
            continue;
        };
        udp.set_nonblocking(true).ok()?;
        tcp.set_nonblocking(true).ok()?;
        return Some((
            UdpSocket::from_std(udp).ok()?,
            TcpListener::from_std(tcp).ok()?,
        ));
    }
    None
}
