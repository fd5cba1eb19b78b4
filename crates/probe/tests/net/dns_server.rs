//! A DNS server on loopback, UDP and TCP on one port, that behaves as a test tells it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};

/// What to send back for a query: any number of messages, or to hang up.
pub(crate) type Behaviour = fn(&Query) -> Vec<Vec<u8>>;

/// A running server; it ends with the test's runtime.
pub(crate) struct Server {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// What came, in order.
    pub(crate) seen: Arc<Mutex<Vec<Query>>>,
}

/// A query as it came.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    pub(crate) bytes: Vec<u8>,
    pub(crate) from: SocketAddr,
    pub(crate) tcp: bool,
}

impl Server {
    pub(crate) async fn start(behaviour: Behaviour) -> Self {
        let (udp, tcp) = one_port().await;
        let address = udp.local_addr().unwrap();
        let seen = Arc::default();
        tokio::spawn(serve_udp(udp, behaviour, Arc::clone(&seen)));
        tokio::spawn(serve_tcp(tcp, behaviour, Arc::clone(&seen)));
        Self { address, seen }
    }

    pub(crate) fn seen(&self) -> Vec<Query> {
        self.seen.lock().unwrap().clone()
    }
}

impl Query {
    pub(crate) fn id(&self) -> u16 {
        u16::from_be_bytes([self.bytes[0], self.bytes[1]])
    }

    /// Name, type and class.
    pub(crate) fn question(&self) -> &[u8] {
        let mut end = 12;
        while self.bytes[end] != 0 {
            end += 1 + usize::from(self.bytes[end]);
        }
        &self.bytes[12..end + 5]
    }

    fn is_aaaa(&self) -> bool {
        self.question().ends_with(&[0, 28, 0, 1])
    }

    /// An answer with `rcode`, the question and these addresses; for AAAA they end an IPv6 address.
    pub(crate) fn answer(&self, rcode: u8, addresses: &[[u8; 4]]) -> Vec<u8> {
        let count = u8::try_from(addresses.len()).unwrap();
        let mut reply = self.bytes[..2].to_vec();
        reply.extend([0x81, 0x80 | rcode, 0, 1, 0, count, 0, 0, 0, 0]);
        reply.extend_from_slice(self.question());
        for address in addresses {
            if self.is_aaaa() {
                reply.extend([0xc0, 12, 0, 28, 0, 1, 0, 0, 0, 30, 0, 16]);
                reply.extend([0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0]);
            } else {
                reply.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 30, 0, 4]);
            }
            reply.extend_from_slice(address);
        }
        reply
    }
}

/// An address on which nobody listens.
pub(crate) async fn closed_port() -> SocketAddr {
    let (udp, _tcp) = one_port().await;
    udp.local_addr().unwrap()
}

pub(crate) async fn one_port() -> (UdpSocket, TcpListener) {
    loop {
        let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
        // Taken by somebody else for UDP: draw another.
        if let Ok(udp) = UdpSocket::bind(tcp.local_addr().unwrap()).await {
            return (udp, tcp);
        }
    }
}

async fn serve_udp(socket: UdpSocket, behaviour: Behaviour, seen: Arc<Mutex<Vec<Query>>>) {
    let mut buffer = vec![0; 4096];
    while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
        let bytes = buffer[..length].to_vec();
        let query = Query {
            bytes,
            from,
            tcp: false,
        };
        seen.lock().unwrap().push(query.clone());
        for reply in behaviour(&query) {
            socket.send_to(&reply, from).await.unwrap();
        }
    }
}

async fn serve_tcp(listener: TcpListener, behaviour: Behaviour, seen: Arc<Mutex<Vec<Query>>>) {
    while let Ok((stream, from)) = listener.accept().await {
        tokio::spawn(talk(stream, from, behaviour, Arc::clone(&seen)));
    }
}

async fn talk(
    mut stream: TcpStream,
    from: SocketAddr,
    behaviour: Behaviour,
    seen: Arc<Mutex<Vec<Query>>>,
) {
    while let Ok(length) = stream.read_u16().await {
        let mut bytes = vec![0; length.into()];
        stream.read_exact(&mut bytes).await.unwrap();
        let query = Query {
            bytes,
            from,
            tcp: true,
        };
        seen.lock().unwrap().push(query.clone());
        let replies = behaviour(&query);
        if replies.is_empty() {
            return;
        }
        for reply in replies {
            let length = u16::try_from(reply.len()).unwrap();
            stream.write_u16(length).await.unwrap();
            stream.write_all(&reply).await.unwrap();
        }
    }
}
