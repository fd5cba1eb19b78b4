//! The page of plugin `prometheus`, on the pod's own address.

use std::net::IpAddr;
use std::sync::Weak;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::coredns::corefile;
use crate::cluster::Cluster;

/// Longest head of a request, and how long it may take to come.
const MOST: usize = 8 << 10;
const WAIT: Duration = Duration::from_secs(5);

/// The port, where the Corefile opens it to others: without an address the plugin listens on
/// localhost (<https://coredns.io/plugins/metrics/>).
pub(crate) fn port(cluster: &Cluster) -> Option<u16> {
    let corefile = corefile(cluster).1;
    let mut blocks = corefile.blocks.iter();
    let directive = blocks.find_map(|block| block.directive("prometheus"))?;
    let (host, port) = directive.args.first()?.text.rsplit_once(':')?;
    let local = host == "localhost" || host.starts_with("127.") || host == "[::1]";
    if local { None } else { port.parse().ok() }
}

/// Serves one pod's page until it is dropped.
pub(super) async fn serve(listener: TcpListener, cluster: Weak<Cluster>, pod: IpAddr) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        let cluster = Weak::clone(&cluster);
        tokio::spawn(async move {
            // Whoever asked and went away is the only one who could be told.
            let _ = timeout(WAIT, answer(stream, &cluster, pod)).await;
        });
    }
}

async fn answer(
    mut stream: TcpStream,
    cluster: &Weak<Cluster>,
    pod: IpAddr,
) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.windows(4).any(|four| four == b"\r\n\r\n") && head.len() < MOST {
        if stream.read_buf(&mut head).await? == 0 {
            return Ok(());
        }
    }
    let head = String::from_utf8_lossy(&head);
    let path = head.split(' ').nth(1).unwrap_or_default();
    let (status, page) = match cluster.upgrade() {
        Some(cluster) if path == "/metrics" => ("200 OK", cluster.asked.metrics(&pod.to_string())),
        _ => ("404 Not Found", "404 page not found\n".to_owned()),
    };
    let answer = format!(
        "HTTP/1.0 {status}\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: {}\r\n\r\n{page}",
        page.len()
    );
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await
}
