//! Takes queries from sockets and sends answers.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use hickory_proto::op::{Edns, Message, MessageType, OpCode, ResponseCode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};

use super::coredns::CoreDns;
use super::doors::Door;
use super::zone::Zones;
use crate::fault::ServerHarm;
use crate::queries::{Queries, ReceivedQuery};

/// A server.
pub(super) struct Answers {
    pub(super) kind: Kind,
    /// What it does wrong.
    pub(super) harm: Option<ServerHarm>,
    pub(super) answered: AtomicU32,
}

/// What a server does with a query.
pub(super) enum Kind {
    /// From zones, after a while.
    Zones(Zones, Duration),
    /// As CoreDNS.
    CoreDns(Box<CoreDns>),
    /// Nothing.
    Silent,
}

impl Answers {
    async fn answer(&self, query: &Message, tcp: bool) -> Option<Message> {
        let mut reply = Message::response(query.metadata.id, query.metadata.op_code);
        reply.metadata.recursion_desired = query.metadata.recursion_desired;
        reply.add_queries(query.queries.iter().cloned());
        let [question] = query.queries.as_slice() else {
            reply.metadata.response_code = ResponseCode::FormErr;
            return Some(reply);
        };
        if query.metadata.op_code != OpCode::Query {
            reply.metadata.response_code = ResponseCode::NotImp;
            return Some(reply);
        }
        let before = self.answered.fetch_add(1, Ordering::Relaxed);
        match &self.harm {
            Some(ServerHarm::FailsAfter(count)) if before >= *count => {
                reply.metadata.response_code = ResponseCode::ServFail;
                return Some(reply);
            }
            Some(ServerHarm::RefusesEdns) if query.edns.is_some() => {
                reply.metadata.response_code = ResponseCode::FormErr;
                return Some(reply);
            }
            Some(ServerHarm::Validates(zone))
                if !query.metadata.checking_disabled && is_within(question, zone) =>
            {
                reply.metadata.response_code = ResponseCode::ServFail;
                return Some(reply);
            }
            _ => {}
        }
        match &self.kind {
            Kind::Silent => return None,
            Kind::Zones(zones, delay) => {
                tokio::time::sleep(*delay).await;
                zones.answer(question, &mut reply);
            }
            Kind::CoreDns(coredns) => coredns.answer(query, tcp, question, &mut reply).await,
        }
        if query.edns.is_some() {
            let mut edns = Edns::new();
            edns.set_max_payload(1232);
            reply.set_edns(edns);
        }
        Some(reply)
    }
}

/// Whether a question is about a zone, which ends with its dot.
fn is_within(question: &hickory_proto::op::Query, zone: &str) -> bool {
    let name = question.name.to_ascii().to_ascii_lowercase();
    name == zone || name.ends_with(&format!(".{zone}"))
}

fn read(bytes: &[u8]) -> Option<Message> {
    let query = Message::from_vec(bytes).ok()?;
    (query.metadata.message_type == MessageType::Query).then_some(query)
}

fn note(queries: &Queries, door: &Door, query: &Message, transport: &'static str) {
    let question = query.queries.first();
    let received = ReceivedQuery {
        at_us: 0,
        asked: door.asked.to_string(),
        server: door.server.to_string(),
        pod: door.pod.clone(),
        transport,
        id: query.metadata.id,
        edns: query.edns.is_some(),
        refused: query.edns.is_some() && door.answers.harm == Some(ServerHarm::RefusesEdns),
        name: question.map_or_else(String::new, |it| it.name.to_ascii()),
        record_type: question.map_or_else(String::new, |it| it.query_type.to_string()),
    };
    queries.note(received.now());
}

/// Answers on a UDP socket until it is dropped.
pub(super) async fn udp(socket: UdpSocket, door: Door, queries: Arc<Queries>) {
    let socket = Arc::new(socket);
    let mut buffer = vec![0; 4096];
    loop {
        // An ICMP error of an earlier answer: the client is gone, others are not.
        let Ok((length, client)) = socket.recv_from(&mut buffer).await else {
            continue;
        };
        let Some(query) = read(&buffer[..length]) else {
            continue;
        };
        note(&queries, &door, &query, "udp");
        tokio::spawn(datagram(
            Arc::clone(&socket),
            client,
            query,
            Arc::clone(&door.answers),
        ));
    }
}

async fn datagram(
    socket: Arc<UdpSocket>,
    client: SocketAddr,
    query: Message,
    answers: Arc<Answers>,
) {
    let Some(reply) = answers.answer(&query, false).await else {
        return;
    };
    let Ok(mut bytes) = reply.to_vec() else {
        return;
    };
    let truncates = answers.harm == Some(ServerHarm::Truncate);
    if truncates || bytes.len() > usize::from(query.max_payload().max(512)) {
        let Ok(short) = reply.truncate().to_vec() else {
            return;
        };
        bytes = short;
    }
    // The client may be gone; it is the one who would tell.
    let _ = socket.send_to(&bytes, client).await;
}

/// Answers on a TCP socket until it is dropped.
pub(super) async fn tcp(listener: TcpListener, door: Door, queries: Arc<Queries>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        let (door, queries) = (door.clone(), Arc::clone(&queries));
        tokio::spawn(async move {
            // An error ends this client's connection and concerns nobody else.
            let _ = connection(stream, &door, &queries).await;
        });
    }
}

async fn connection(mut stream: TcpStream, door: &Door, queries: &Queries) -> std::io::Result<()> {
    loop {
        let length = stream.read_u16().await?;
        let mut bytes = vec![0; usize::from(length)];
        stream.read_exact(&mut bytes).await?;
        let Some(query) = read(&bytes) else {
            return Ok(());
        };
        note(queries, door, &query, "tcp");
        let Some(reply) = door.answers.answer(&query, true).await else {
            // Keeps the connection open and says nothing.
            continue;
        };
        let Ok(bytes) = reply.to_vec() else {
            return Ok(());
        };
        let Ok(length) = u16::try_from(bytes.len()) else {
            return Ok(());
        };
        stream.write_u16(length).await?;
        stream.write_all(&bytes).await?;
    }
}
