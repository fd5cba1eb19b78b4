//! One try: a message goes out, and the answer or what came instead is brought back.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::{Instant, sleep_until, timeout_at};

use super::Route;
use super::limit::Limits;
use super::message::{Asked, Parsed, Reply, Sent};
use crate::plan::Transport;
use crate::record::Outcome;

/// More than any answer that keeps to the size we ask for, and little enough for 512 at once.
const DATAGRAM: usize = 8192;

/// What a try brought back.
#[derive(Debug)]
pub(super) struct Exchange {
    pub(super) parsed: Parsed,
    pub(super) retried_over_tcp: bool,
    /// How long the repetition over TCP waited for its turn.
    pub(super) paused: Duration,
    pub(super) query: Vec<u8>,
    pub(super) reply: Vec<u8>,
}

/// Why there is no answer, and the bytes that came instead.
struct Failure {
    outcome: Outcome,
    error: Option<String>,
    reply: Vec<u8>,
}

/// A message that was passed over while waiting for the right one.
type Stray = Option<(String, Vec<u8>)>;

/// Asks once. A repetition over TCP waits for its turn, as every message to a server does, and then
/// as long as the first.
pub(super) async fn exchange(
    asked: &Asked,
    route: Route,
    transport: Transport,
    server: SocketAddr,
    limits: &Limits,
) -> Exchange {
    let deadline = Instant::now() + limits.timeout;
    let sent = match asked.send() {
        Ok(sent) => sent,
        Err(error) => return failed(Vec::new(), false, Failure::new(Outcome::Error, error)),
    };
    let to = match route {
        Route::To(to) => to,
        Route::Unreachable => {
            let failure = Failure::new(Outcome::Unreachable, "no route to host");
            return failed(sent.bytes, false, failure);
        }
        Route::Drop => {
            sleep_until(deadline).await;
            return failed(sent.bytes, false, Failure::timeout(None));
        }
    };
    if transport == Transport::Tcp {
        return match tcp(&sent, to, deadline).await {
            Ok((parsed, reply)) => answered(sent.bytes, false, parsed, reply),
            Err(failure) => failed(sent.bytes, false, failure),
        };
    }
    match udp(&sent, to, deadline).await {
        Ok((Some(parsed), reply)) => answered(sent.bytes, false, parsed, reply),
        Ok((None, truncated)) => over_tcp_again(sent, truncated, to, server, limits).await,
        Err(failure) => failed(sent.bytes, false, failure),
    }
}

/// What was truncated over UDP, asked once more.
async fn over_tcp_again(
    sent: Sent,
    truncated: Vec<u8>,
    to: SocketAddr,
    server: SocketAddr,
    limits: &Limits,
) -> Exchange {
    let begin = Instant::now();
    let may = limits.again(server).await;
    let waited = begin.elapsed();
    let asked = match may {
        Some(deadline) => tcp(&sent, to, deadline).await,
        None => Err(Failure::new(Outcome::Timeout, "no time was left to ask")),
    };
    let exchange = match asked {
        Ok((parsed, reply)) => answered(sent.bytes, true, parsed, reply),
        Err(failure) => {
            let why = failure.error.as_deref().unwrap_or("no answer in time");
            let error = format!("the answer over UDP was truncated; over TCP: {why}");
            let failure = Failure {
                error: Some(error),
                reply: truncated,
                ..failure
            };
            failed(sent.bytes, may.is_some(), failure)
        }
    };
    Exchange {
        paused: waited,
        ..exchange
    }
}

/// The answer over UDP; without its parts where it was truncated.
async fn udp(
    sent: &Sent,
    to: SocketAddr,
    deadline: Instant,
) -> Result<(Option<Parsed>, Vec<u8>), Failure> {
    let mut stray = None;
    let talk = udp_talk(sent, to, &mut stray);
    match timeout_at(deadline, talk).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(err)) => Err(Failure::from(err)),
        Err(_) => Err(Failure::timeout(stray)),
    }
}

async fn udp_talk(
    sent: &Sent,
    to: SocketAddr,
    stray: &mut Stray,
) -> io::Result<(Option<Parsed>, Vec<u8>)> {
    let any = match to {
        SocketAddr::V4(_) => SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)),
        SocketAddr::V6(_) => SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)),
    };
    // A socket of its own for each try: a fresh random port, and, once connected, only this
    // server's datagrams and its ICMP errors.
    let socket = UdpSocket::bind(any).await?;
    socket.connect(to).await?;
    socket.send(&sent.bytes).await?;
    let mut buffer = vec![0; DATAGRAM];
    loop {
        let length = socket.recv(&mut buffer).await?;
        let bytes = buffer.get(..length).unwrap_or_default();
        match sent.read(bytes, true) {
            Reply::Answer(parsed) => return Ok((Some(*parsed), bytes.to_vec())),
            Reply::Truncated => return Ok((None, bytes.to_vec())),
            Reply::Foreign(why) => *stray = Some((why, bytes.to_vec())),
        }
    }
}

/// The answer over TCP.
async fn tcp(sent: &Sent, to: SocketAddr, deadline: Instant) -> Result<(Parsed, Vec<u8>), Failure> {
    let mut stray = None;
    let mut partial = Vec::new();
    let talk = tcp_talk(sent, to, &mut stray, &mut partial);
    match timeout_at(deadline, talk).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(err)) => Err(match (err.kind(), stray) {
            (ErrorKind::UnexpectedEof, Some(stray)) => Failure::stray(stray),
            (ErrorKind::UnexpectedEof, None) if !partial.is_empty() => Failure::stray((
                format!("{} bytes that are no whole DNS message", partial.len()),
                partial,
            )),
            _ => Failure::from(err),
        }),
        Err(_) if stray.is_none() && !partial.is_empty() => Err(Failure {
            error: Some(format!("the answer stopped after {} bytes", partial.len())),
            reply: partial,
            outcome: Outcome::Timeout,
        }),
        Err(_) => Err(Failure::timeout(stray)),
    }
}

async fn tcp_talk(
    sent: &Sent,
    to: SocketAddr,
    stray: &mut Stray,
    partial: &mut Vec<u8>,
) -> io::Result<(Parsed, Vec<u8>)> {
    let mut stream = TcpStream::connect(to).await?;
    stream.set_nodelay(true)?;
    let length = u16::try_from(sent.bytes.len()).map_err(io::Error::other)?;
    // Length and message in one segment: some servers cannot put two together.
    let mut framed = length.to_be_bytes().to_vec();
    framed.extend_from_slice(&sent.bytes);
    stream.write_all(&framed).await?;
    loop {
        let mut taken = 0;
        while let Some(message) = whole_message(partial.get(taken..).unwrap_or_default()) {
            match sent.read(message, false) {
                Reply::Answer(parsed) => return Ok((*parsed, message.to_vec())),
                Reply::Truncated => {}
                Reply::Foreign(why) => *stray = Some((why, message.to_vec())),
            }
            taken += 2 + message.len();
        }
        // Once for all of them: a stream of empty messages must not cost a move of the rest each.
        partial.drain(..taken);
        if stream.read_buf(partial).await? == 0 {
            return Err(io::Error::new(
                ErrorKind::UnexpectedEof,
                "the connection was closed without an answer",
            ));
        }
    }
}

/// The first whole message of a TCP stream.
fn whole_message(stream: &[u8]) -> Option<&[u8]> {
    let (head, rest) = stream.split_first_chunk::<2>()?;
    rest.get(..usize::from(u16::from_be_bytes(*head)))
}

fn answered(query: Vec<u8>, over_tcp: bool, parsed: Parsed, reply: Vec<u8>) -> Exchange {
    Exchange {
        parsed,
        retried_over_tcp: over_tcp,
        paused: Duration::ZERO,
        query,
        reply,
    }
}

fn failed(query: Vec<u8>, over_tcp: bool, failure: Failure) -> Exchange {
    let parsed = Parsed {
        outcome: failure.outcome,
        rcode: None,
        flags: Vec::new(),
        answers: Vec::new(),
        error: failure.error,
    };
    answered(query, over_tcp, parsed, failure.reply)
}

impl Failure {
    fn new(outcome: Outcome, error: impl Into<String>) -> Self {
        Self {
            outcome,
            error: Some(error.into()),
            reply: Vec::new(),
        }
    }

    /// Time is up; whoever sent something wrong in the meantime is not silent.
    fn timeout(stray: Stray) -> Self {
        match stray {
            Some(stray) => Self::stray(stray),
            None => Self {
                outcome: Outcome::Timeout,
                error: None,
                reply: Vec::new(),
            },
        }
    }

    fn stray((why, bytes): (String, Vec<u8>)) -> Self {
        Self {
            outcome: Outcome::Malformed,
            error: Some(why),
            reply: bytes,
        }
    }
}

impl From<io::Error> for Failure {
    fn from(err: io::Error) -> Self {
        Self::new(outcome_of(&err), err.to_string())
    }
}

fn outcome_of(err: &io::Error) -> Outcome {
    const EPERM: i32 = 1;
    /// No such address family: a kernel without IPv6.
    const EAFNOSUPPORT: i32 = 97;
    if err.raw_os_error() == Some(EPERM) {
        return Outcome::NotPermitted;
    }
    if err.raw_os_error() == Some(EAFNOSUPPORT) {
        return Outcome::Unreachable;
    }
    match err.kind() {
        ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset => Outcome::ConnectionRefused,
        // EACCES is how a "prohibit" route and ICMPv6 "administratively prohibited" arrive.
        ErrorKind::HostUnreachable
        | ErrorKind::NetworkUnreachable
        | ErrorKind::NetworkDown
        | ErrorKind::AddrNotAvailable
        | ErrorKind::PermissionDenied => Outcome::Unreachable,
        ErrorKind::TimedOut => Outcome::Timeout,
        _ => Outcome::Error,
    }
}
