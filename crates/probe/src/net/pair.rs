//! A and AAAA in the same moment, as the C libraries ask.

use std::io;
use std::net::SocketAddr;

use tokio::net::UdpSocket;
use tokio::time::{Instant, timeout_at};

use super::Route;
use super::exchange::{
    DATAGRAM, Failure, Got, Stray, Truncated, exchange, failed, socket, way, whole,
};
use super::message::{Asked, Reply, Sent};
use crate::plan::{Pair, Transport};
use crate::record::Outcome;

/// Asks both over UDP; in the order of the questions.
pub(super) async fn exchange_pair(
    asked: [&Asked; 2],
    pair: Pair,
    route: Route,
    deadline: Instant,
) -> [Got; 2] {
    let [first, second] = asked;
    match pair {
        Pair::TwoSockets => {
            let both = tokio::join!(
                exchange(first, route, Transport::Udp, deadline),
                exchange(second, route, Transport::Udp, deadline),
            );
            both.into()
        }
        Pair::OneSocket => match (first.send(), second.send()) {
            (Ok(first), Ok(second)) => one_socket([first, second], route, deadline).await,
            (first, second) => [first, second].map(|sent| {
                let error = sent
                    .err()
                    .unwrap_or_else(|| "its twin cannot be sent".to_owned());
                failed(Vec::new(), Failure::new(Outcome::Error, error))
            }),
        },
    }
}

async fn one_socket(sent: [Sent; 2], route: Route, deadline: Instant) -> [Got; 2] {
    let to = match way(route, deadline).await {
        Ok(to) => to,
        Err(failure) => return sent.map(|sent| failed(sent.bytes, failure.clone())),
    };
    let mut got = [None, None];
    let mut stray = None;
    let talk = timeout_at(deadline, talk(&sent, to, &mut got, &mut stray)).await;
    let failure = match talk {
        Ok(Err(err)) => Failure::from(err),
        Ok(Ok(())) | Err(_) => Failure::timeout(stray),
    };
    let [first, second] = sent;
    let [of_first, of_second] = got;
    [(first, of_first), (second, of_second)]
        .map(|(sent, got)| got.unwrap_or_else(|| failed(sent.bytes, failure.clone())))
}

async fn talk(
    sent: &[Sent; 2],
    to: SocketAddr,
    got: &mut [Option<Got>; 2],
    stray: &mut Stray,
) -> io::Result<()> {
    let socket: UdpSocket = socket(to).await?;
    for sent in sent {
        socket.send(&sent.bytes).await?;
    }
    let mut buffer = vec![0; DATAGRAM];
    while got.iter().any(Option::is_none) {
        let length = socket.recv(&mut buffer).await?;
        let bytes = buffer.get(..length).unwrap_or_default();
        let mut foreign = None;
        for (sent, got) in sent.iter().zip(got.iter_mut()) {
            match sent.read(bytes, true) {
                // Whoever answers twice is heard once.
                Reply::Answer(_) | Reply::Truncated if got.is_some() => foreign = None,
                Reply::Answer(parsed) => {
                    *got = Some(whole(sent.bytes.clone(), false, *parsed, bytes.to_vec()));
                    foreign = None;
                }
                Reply::Truncated => {
                    *got = Some(Got::Truncated(Truncated {
                        sent: sent.clone(),
                        to,
                        reply: bytes.to_vec(),
                    }));
                    foreign = None;
                }
                Reply::Foreign(why) => {
                    foreign = Some(why);
                    continue;
                }
            }
            break;
        }
        if let Some(why) = foreign {
            *stray = Some((why, bytes.to_vec()));
        }
    }
    Ok(())
}
