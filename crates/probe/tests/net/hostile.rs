//! More than 10,000 hostile replies through real sockets: none of them is taken for an answer, and
//! the honest answer behind them arrives.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use digpod_probe::{Outcome, Pair, Plan, Question, Record, Setup, Target, Transport, run};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};

use crate::ask::{LONG, plan, question, server};
use crate::dns_server::{Query, one_port};
use crate::forgery::{FORGED, HONEST, answers, broken, stray};
use crate::random::Random;

/// Servers side by side, so that no socket runs over.
const SERVERS: usize = 4;

/// What a server sends, and how much of it was hostile.
#[derive(Clone)]
struct Hostile {
    /// Whether the honest answer comes in the end.
    honest: bool,
    sent: Arc<AtomicUsize>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn among_10_000_hostile_replies_only_honest_answers_count() {
    let sent = Arc::new(AtomicUsize::new(0));
    // Silence is not waited for where an answer comes, and briefly where none does.
    for (transport, pair, honest, count, timeout_ms) in [
        (Transport::Udp, None, true, 1400, LONG),
        (Transport::Udp, Some(Pair::OneSocket), true, 200, LONG),
        (Transport::Udp, None, false, 1200, 400),
        (Transport::Tcp, None, true, 300, LONG),
        (Transport::Tcp, None, false, 300, 400),
    ] {
        let hostile = Hostile {
            honest,
            sent: Arc::clone(&sent),
        };
        let like = Question {
            transport,
            pair,
            ..question(Target::OwnEach)
        };
        let records = records(&hostile, &like, count, timeout_ms).await;
        assert_eq!(
            records.len(),
            if pair.is_some() { 2 * count } else { count }
        );
        for record in &records {
            judge(record, honest);
        }
    }
    let sent = sent.load(Ordering::Relaxed);
    assert!(sent >= 10_000, "{sent}");
}

async fn records(hostile: &Hostile, like: &Question, count: usize, timeout_ms: u32) -> Vec<Record> {
    let mut addresses = Vec::new();
    for _ in 0..SERVERS {
        addresses.push(hostile.clone().start().await);
    }
    let questions = (0..count).map(|n| Question {
        name: format!("h{n}.a.hostile.test."),
        target: server(addresses[n % SERVERS]),
        ..like.clone()
    });
    let plan = Plan {
        rate_per_server: 500,
        ..plan(timeout_ms, questions.collect())
    };
    run(&plan, Setup::direct("")).await.records
}

fn judge(record: &Record, honest: bool) {
    let query = bytes(&record.query);
    let reply = bytes(&record.reply);
    let data: Vec<&str> = record.answers.iter().map(|it| it.data.as_str()).collect();
    if honest {
        assert_eq!(record.outcome, Outcome::Ok, "{record:?}");
        let expected = match record.record_type.as_str() {
            "AAAA" => "2001:db8::c000:201",
            _ => "192.0.2.1",
        };
        assert_eq!(data, [expected], "{record:?}");
    }
    if record.outcome.is_answer() || !data.is_empty() {
        assert!(answers(&query, &reply), "{record:?}");
    } else {
        assert!(
            record.rcode.is_none() && record.flags.is_empty(),
            "{record:?}"
        );
    }
}

fn bytes(hex: &str) -> Vec<u8> {
    let pairs = (0..hex.len()).step_by(2);
    pairs
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
        .collect()
}

impl Hostile {
    async fn start(self) -> SocketAddr {
        let (udp, tcp) = one_port().await;
        let address = udp.local_addr().unwrap();
        tokio::spawn(self.clone().serve_udp(udp));
        tokio::spawn(async move {
            while let Ok((stream, from)) = tcp.accept().await {
                tokio::spawn(self.clone().talk(stream, from));
            }
        });
        address
    }

    async fn serve_udp(self, socket: UdpSocket) {
        let port = socket.local_addr().unwrap().port();
        let other_port = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        // Not every system has it, and somebody may hold that port there.
        let other_address = UdpSocket::bind(("127.0.0.2", port)).await.ok();
        let mut buffer = vec![0; 4096];
        while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
            let query = query(&buffer[..length], from, false);
            let mut random = Random::of(&query);
            // A right answer in all but where it comes from.
            let forged = query.answer(0, &[FORGED]);
            let other_address = other_address.as_ref().filter(|_| random.below(2) == 0);
            let _ = other_address
                .unwrap_or(&other_port)
                .send_to(&forged, from)
                .await;
            let strays = match random.below(20) {
                0 => 60,
                _ => 1 + random.below(5),
            };
            let mut messages: Vec<Vec<u8>> =
                (0..strays).map(|_| stray(&query, &mut random)).collect();
            if !self.honest {
                messages.push(broken(&query, &mut random));
            }
            self.sent.fetch_add(1 + messages.len(), Ordering::Relaxed);
            messages.extend(self.honest.then(|| query.answer(0, &[HONEST])));
            for message in messages {
                // Who has a broken answer already listens no more.
                let _ = socket.send_to(&message, from).await;
            }
        }
    }

    async fn talk(self, mut stream: TcpStream, from: SocketAddr) {
        stream.set_nodelay(true).unwrap();
        let length = stream.read_u16().await.unwrap();
        let mut buffer = vec![0; length.into()];
        stream.read_exact(&mut buffer).await.unwrap();
        let query = query(&buffer, from, true);
        let mut random = Random::of(&query);
        let mut messages: Vec<Vec<u8>> = (0..=random.below(6))
            .map(|_| match random.below(8) {
                0 => random.bytes(65_535),
                1 => Vec::new(),
                _ => stray(&query, &mut random),
            })
            .collect();
        if !self.honest {
            messages.push(broken(&query, &mut random));
        }
        self.sent.fetch_add(messages.len(), Ordering::Relaxed);
        messages.extend(self.honest.then(|| query.answer(0, &[HONEST])));
        let mut stream_bytes = Vec::new();
        for message in &messages {
            stream_bytes.extend(u16::try_from(message.len()).unwrap().to_be_bytes());
            stream_bytes.extend(message);
        }
        // The last length promises more or less than comes.
        if !self.honest && random.below(3) == 0 {
            let at = stream_bytes.len() - messages.last().map_or(0, Vec::len) - 2;
            stream_bytes[at..at + 2].copy_from_slice(&random.bytes(2));
        }
        // Byte by byte, as long as there are few.
        let step = match random.below(3) {
            0 if stream_bytes.len() < 2000 => 1,
            1 => 1 + random.below(700),
            _ => stream_bytes.len(),
        };
        for piece in stream_bytes.chunks(step.max(1)) {
            // Who has an answer already listens no more.
            if stream.write_all(piece).await.is_err() {
                return;
            }
            tokio::task::yield_now().await;
        }
        // Some hang up, some hold on to the connection until the other side ends it.
        if random.below(2) == 0 {
            let _ = stream.read_u8().await;
        }
    }
}

fn query(bytes: &[u8], from: SocketAddr, tcp: bool) -> Query {
    Query {
        bytes: bytes.to_vec(),
        from,
        tcp,
    }
}
