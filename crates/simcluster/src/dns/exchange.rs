//! One question to an upstream, as CoreDNS's `forward` puts it.

use std::net::SocketAddr;
use std::time::Duration;

use digpod_probe::Route;
use hickory_proto::op::Message;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

/// How long CoreDNS waits for one upstream.
pub(super) const READ_TIMEOUT: Duration = Duration::from_secs(2);

/// Why no answer came, in the words of Go's network errors after the addresses.
pub(super) type Failure = &'static str;

const TIMEOUT: Failure = "i/o timeout";
const REFUSED: Failure = "read: connection refused";
const UNREACHABLE: Failure = "read: no route to host";

/// Asks over UDP or TCP.
pub(super) async fn ask(
    route: Route,
    query: &Message,
    tcp: bool,
    wait: Duration,
) -> Result<Message, Failure> {
    let to = match route {
        Route::To(to) => to,
        Route::Unreachable => return Err(UNREACHABLE),
        Route::Drop => {
            tokio::time::sleep(wait).await;
            return Err(TIMEOUT);
        }
    };
    let asked = async {
        if tcp {
            over_tcp(to, query).await
        } else {
            over_udp(to, query).await
        }
    };
    match timeout(wait, asked).await {
        Ok(Ok(reply)) => Ok(reply),
        Ok(Err(_)) => Err(REFUSED),
        Err(_) => Err(TIMEOUT),
    }
}

async fn over_udp(to: SocketAddr, query: &Message) -> std::io::Result<Message> {
    let socket = UdpSocket::bind("127.0.0.1:0").await?;
    socket.connect(to).await?;
    socket.send(&encoded(query)?).await?;
    let mut buffer = vec![0; 4096];
    loop {
        let length = socket.recv(&mut buffer).await?;
        if let Ok(reply) = Message::from_vec(&buffer[..length])
            && reply.metadata.id == query.metadata.id
        {
            return Ok(reply);
        }
    }
}

async fn over_tcp(to: SocketAddr, query: &Message) -> std::io::Result<Message> {
    let mut stream = TcpStream::connect(to).await?;
    let bytes = encoded(query)?;
    stream
        .write_u16(u16::try_from(bytes.len()).map_err(std::io::Error::other)?)
        .await?;
    stream.write_all(&bytes).await?;
    let mut reply = vec![0; usize::from(stream.read_u16().await?)];
    stream.read_exact(&mut reply).await?;
    Message::from_vec(&reply).map_err(std::io::Error::other)
}

fn encoded(query: &Message) -> std::io::Result<Vec<u8>> {
    query.to_vec().map_err(std::io::Error::other)
}
