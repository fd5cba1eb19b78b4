//! One try: a message goes out, and the answer or what came instead is brought back.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::{Instant, sleep_until, timeout_at};

use super::Route;
use super::message::{Asked, Parsed, Reply, Sent};
use crate::plan::{MAX_PAYLOAD, Transport};
use crate::record::Outcome;

/// Any answer that keeps to the size we ask for.
pub(super) const DATAGRAM: usize = MAX_PAYLOAD as usize;

/// What a try brought back.
#[derive(Debug)]
pub(super) struct Exchange {
    pub(super) parsed: Parsed,
    pub(super) retried_over_tcp: bool,
    pub(super) query: Vec<u8>,
    pub(super) reply: Vec<u8>,
    /// When the answer came, or what came instead.
    pub(super) ended: Instant,
}

/// What became of a message.
#[derive(Debug)]
pub(super) enum Got {
    /// Its answer, or why there is none.
    Whole(Box<Exchange>),
    /// The answer does not fit into UDP.
    Truncated(Truncated),
}

/// An answer that is to be fetched over TCP.
#[derive(Debug)]
pub(super) struct Truncated {
    pub(super) sent: Sent,
    pub(super) to: SocketAddr,
    pub(super) reply: Vec<u8>,
}

/// Why there is no answer, and the bytes that came instead.
#[derive(Clone)]
pub(super) struct Failure {
    outcome: Outcome,
    error: Option<String>,
    reply: Vec<u8>,
}

/// A message that was passed over while waiting for the right one.
pub(super) type Stray = Option<(String, Vec<u8>)>;

/// Asks once.
pub(super) async fn exchange(
    asked: &Asked,
    route: Route,
    transport: Transport,
    deadline: Instant,
) -> Got {
    let sent = match asked.send() {
        Ok(sent) => sent,
        Err(error) => return failed(Vec::new(), Failure::new(Outcome::Error, error)),
    };
    let to = match way(route, deadline).await {
        Ok(to) => to,
        Err(failure) => return failed(sent.bytes, failure),
    };
    let answer = match transport {
        Transport::Tcp => tcp(&sent, to, deadline).await,
        Transport::Udp => match udp(&sent, to, deadline).await {
            Ok((Some(parsed), reply)) => Ok((parsed, reply)),
            Ok((None, reply)) => return Got::Truncated(Truncated { sent, to, reply }),
            Err(failure) => Err(failure),
        },
    };
    match answer {
        Ok((parsed, reply)) => whole(sent.bytes, false, parsed, reply),
        Err(failure) => failed(sent.bytes, failure),
    }
}

/// Where to, or what comes at once or in the end of a way that leads nowhere.
pub(super) async fn way(route: Route, deadline: Instant) -> Result<SocketAddr, Failure> {
    match route {
        Route::To(to) => Ok(to),
        Route::Unreachable => Err(Failure::new(Outcome::Unreachable, "no route to host")),
        Route::Drop => {
            sleep_until(deadline).await;
            Err(Failure::timeout(None))
        }
    }
}

impl Truncated {
    /// Asks again over TCP.
    pub(super) async fn over_tcp(self, deadline: Instant) -> Exchange {
        match tcp(&self.sent, self.to, deadline).await {
            Ok((parsed, reply)) => answered(self.sent.bytes, true, parsed, reply),
            Err(failure) => {
                let why = failure.error.as_deref().unwrap_or("no answer in time");
                self.failed(true, failure.outcome, why)
            }
        }
    }

    /// The run ends before it could be asked again.
    pub(super) fn given_up(self) -> Exchange {
        self.failed(false, Outcome::Timeout, "no time was left to ask")
    }

    fn failed(self, asked: bool, outcome: Outcome, why: &str) -> Exchange {
        let error = format!("the answer over UDP was truncated; over TCP: {why}");
        let parsed = no_answer(outcome, Some(error));
        answered(self.sent.bytes, asked, parsed, self.reply)
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
    let socket = socket(to).await?;
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

/// A socket of its own for each try: a fresh random port, and, once connected, only this server's
/// datagrams and its ICMP errors.
pub(super) async fn socket(to: SocketAddr) -> io::Result<UdpSocket> {
    let any = match to {
        SocketAddr::V4(_) => SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)),
        SocketAddr::V6(_) => SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)),
    };
    let socket = UdpSocket::bind(any).await?;
    socket.connect(to).await?;
    Ok(socket)
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
        query,
        reply,
        ended: Instant::now(),
    }
}

fn no_answer(outcome: Outcome, error: Option<String>) -> Parsed {
    Parsed {
        outcome,
        rcode: None,
        flags: Vec::new(),
        answers: Vec::new(),
        edns_refused: None,
        error,
    }
}

pub(super) fn whole(query: Vec<u8>, over_tcp: bool, parsed: Parsed, reply: Vec<u8>) -> Got {
    Got::Whole(Box::new(answered(query, over_tcp, parsed, reply)))
}

pub(super) fn failed(query: Vec<u8>, failure: Failure) -> Got {
    let parsed = no_answer(failure.outcome, failure.error);
    whole(query, false, parsed, failure.reply)
}

impl Failure {
    pub(super) fn new(outcome: Outcome, error: impl Into<String>) -> Self {
        Self {
            outcome,
            error: Some(error.into()),
            reply: Vec::new(),
        }
    }

    /// Time is up; whoever sent something wrong in the meantime is not silent.
    pub(super) fn timeout(stray: Stray) -> Self {
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
