//! Queries as bytes, and what replies say.

use std::hash::{BuildHasher, Hasher, RandomState};

use hickory_proto::op::{Edns, Header, Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::{Name, Record as WireRecord, RecordType};
use hickory_proto::serialize::binary::{BinDecodable, BinDecoder};

use super::{name, present};
use crate::plan::Question;
use crate::record::{Answer, Outcome};

/// What EDNS says a UDP answer may weigh: the size that passes every usual path unfragmented.
const UDP_PAYLOAD: u16 = 1232;

/// A question that can be sent.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    query: Query,
    /// What EDNS says a UDP answer may weigh; without it no EDNS is sent.
    payload: Option<u16>,
    checking_disabled: bool,
}

/// One message on its way: each try has its own id.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) bytes: Vec<u8>,
    id: u16,
    query: Query,
}

/// What a datagram or a TCP message turned out to be.
#[derive(Debug)]
pub(super) enum Reply {
    /// Not an answer to this question; why.
    Foreign(String),
    /// The answer, and it does not fit into UDP.
    Truncated,
    /// The answer.
    Answer(Box<Parsed>),
}

/// The parts of an answer that a record keeps.
#[derive(Debug)]
pub(super) struct Parsed {
    pub(super) outcome: Outcome,
    pub(super) rcode: Option<u16>,
    pub(super) flags: Vec<String>,
    pub(super) answers: Vec<Answer>,
    pub(super) edns_refused: Option<u16>,
    pub(super) error: Option<String>,
}

impl Asked {
    /// Turns the plan's words into a question, or says why that is none.
    pub(super) fn new(question: &Question) -> Result<Self, String> {
        // Only names with other letters go through IDNA: it would refuse honest names like `a_.b`.
        let name = if question.name.is_ascii() {
            name::parse(&question.name)
        } else {
            Name::from_utf8(&question.name).map_err(|err| err.to_string())
        };
        let mut name = name.map_err(|why| not_askable(&why))?;
        name.set_fqdn(true);
        let kind = present::parse_kind(&question.record_type).ok_or_else(|| {
            format!(
                "the record type {:?} is not known to this probe",
                question.record_type
            )
        })?;
        let asked = Self {
            query: Query::query(name, kind),
            payload: Some(question.payload.unwrap_or(UDP_PAYLOAD)).filter(|size| *size > 0),
            checking_disabled: question.checking_disabled,
        };
        asked.encode(0).map(|_| asked)
    }

    /// The same question without EDNS.
    pub(super) fn without_edns(&self) -> Self {
        Self {
            payload: None,
            ..self.clone()
        }
    }

    /// A message with a random id.
    pub(super) fn send(&self) -> Result<Sent, String> {
        let id = random_id();
        Ok(Sent {
            bytes: self.encode(id)?,
            id,
            query: self.query.clone(),
        })
    }

    fn encode(&self, id: u16) -> Result<Vec<u8>, String> {
        let mut message = Message::new(id, MessageType::Query, OpCode::Query);
        message.metadata.recursion_desired = true;
        message.metadata.checking_disabled = self.checking_disabled;
        message.add_query(self.query.clone());
        if let Some(payload) = self.payload {
            let mut edns = Edns::new();
            edns.set_max_payload(payload).set_dnssec_ok(false);
            message.set_edns(edns);
        }
        message
            .to_vec()
            .map_err(|err| not_askable(&err.to_string()))
    }
}

fn not_askable(why: &str) -> String {
    format!("the name cannot be asked for: {why}")
}

/// An id that nobody outside can guess.
///
/// From the keys that the standard library draws for its hash maps: it makes the system call
/// itself, where the usual crates, linked statically, look for /dev/urandom and panic without it.
fn random_id() -> u16 {
    let [low, high, ..] = RandomState::new().build_hasher().finish().to_le_bytes();
    u16::from_le_bytes([low, high])
}

impl Sent {
    /// Reads what came back over UDP (`udp`) or TCP.
    pub(super) fn read(&self, bytes: &[u8], udp: bool) -> Reply {
        let mut decoder = BinDecoder::new(bytes);
        let Ok(header) = Header::read(&mut decoder) else {
            return Reply::Foreign(format!("{} bytes that are no DNS message", bytes.len()));
        };
        if header.metadata.message_type != MessageType::Response {
            return Reply::Foreign("a query came back instead of an answer".to_owned());
        }
        if header.metadata.op_code != OpCode::Query {
            return Reply::Foreign("the answer is to another operation than a query".to_owned());
        }
        if header.metadata.id != self.id {
            return Reply::Foreign(format!(
                "the answer has id {}, the query had {}",
                header.metadata.id, self.id
            ));
        }
        let questions = Message::read_queries(&mut decoder, usize::from(header.counts.queries));
        match questions.as_deref() {
            Ok([question]) if *question == self.query => {}
            // Servers that could not read the question send their refusal without it, and nothing else.
            Ok([]) if is_refusal(header.metadata.response_code) && header.counts.answers == 0 => {}
            Ok([]) => return Reply::Foreign("the answer repeats no question".to_owned()),
            Ok([question, ..]) => {
                return Reply::Foreign(format!(
                    "the answer is to another question: {} {}",
                    name::show(&question.name),
                    present::kind(question.query_type)
                ));
            }
            Err(err) => return Reply::Foreign(format!("the answer cannot be read: {err}")),
        }
        // A truncated message may end in the middle of a record: it is not read further.
        if udp && header.metadata.truncation {
            return Reply::Truncated;
        }
        match Message::from_vec(bytes) {
            Ok(message) => Reply::Answer(Box::new(parsed(&message, self.query.query_type))),
            Err(err) => Reply::Answer(Box::new(Parsed {
                outcome: Outcome::Malformed,
                rcode: None,
                flags: Vec::new(),
                answers: Vec::new(),
                edns_refused: None,
                error: Some(format!("the answer cannot be read: {err}")),
            })),
        }
    }
}

fn is_refusal(code: ResponseCode) -> bool {
    !matches!(code, ResponseCode::NoError | ResponseCode::NXDomain)
}

fn parsed(message: &Message, asked: RecordType) -> Parsed {
    let code = message.metadata.response_code;
    let answers: Vec<Answer> = message.answers.iter().map(answer).collect();
    // A CNAME that leads to nothing is no answer either (RFC 2308, section 2.2).
    let relevant = message.answers.iter().any(|answer| {
        answer.record_type() == asked || matches!(asked, RecordType::ANY | RecordType::AXFR)
    });
    let outcome = match code {
        ResponseCode::NoError if relevant => Outcome::Ok,
        ResponseCode::NoError => Outcome::Nodata,
        ResponseCode::NXDomain => Outcome::Nxdomain,
        ResponseCode::ServFail => Outcome::Servfail,
        ResponseCode::Refused => Outcome::Refused,
        _ => Outcome::OtherRcode,
    };
    Parsed {
        outcome,
        rcode: Some(code.into()),
        flags: flags(message),
        answers,
        edns_refused: None,
        error: None,
    }
}

fn flags(message: &Message) -> Vec<String> {
    let meta = &message.metadata;
    [
        ("qr", meta.message_type == MessageType::Response),
        ("aa", meta.authoritative),
        ("tc", meta.truncation),
        ("rd", meta.recursion_desired),
        ("ra", meta.recursion_available),
        ("ad", meta.authentic_data),
        ("cd", meta.checking_disabled),
    ]
    .into_iter()
    .filter(|(_, set)| *set)
    .map(|(name, _)| name.to_owned())
    .collect()
}

fn answer(record: &WireRecord) -> Answer {
    Answer {
        name: name::show(&record.name),
        record_type: present::kind(record.record_type()),
        ttl: record.ttl,
        data: present::data(&record.data),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::plan::Target;

    fn sent() -> Sent {
        let question = Question::once(Target::OwnEach, "app.corp.internal.", "TXT");
        Asked::new(&question).unwrap().send().unwrap()
    }

    /// The head of an honest answer with that many records, and then these bytes.
    fn answer(sent: &Sent, count: u8, rest: &[u8]) -> Vec<u8> {
        let end = 12 + "\x03app\x04corp\x08internal\0".len() + 4;
        let mut bytes = sent.bytes[..end].to_vec();
        bytes[2..12].copy_from_slice(&[0x81, 0x80, 0, 1, 0, count, 0, 0, 0, 0]);
        bytes.extend_from_slice(rest);
        bytes
    }

    #[test]
    fn names_in_data_end_in_a_dot_and_other_data_is_text() {
        let sent = sent();
        let mut rest = b"\xc0\x0c\0\x05\0\x01\0\0\0\x3c\0\x06\x03www\xc0\x10".to_vec();
        rest.extend(b"\xc0\x0c\0\x10\0\x01\0\0\0\x3c\0\x06\x05a\x1b[1m");
        let Reply::Answer(parsed) = sent.read(&answer(&sent, 2, &rest), true) else {
            panic!("no answer");
        };
        let data: Vec<_> = parsed
            .answers
            .iter()
            .map(|answer| {
                (
                    answer.record_type.as_str(),
                    answer.ttl,
                    answer.data.as_str(),
                )
            })
            .collect();
        assert_eq!(
            data,
            [
                ("CNAME", 60, "www.corp.internal."),
                ("TXT", 60, r#""a\027[1m""#)
            ]
        );
    }

    proptest! {
        #[test]
        fn no_reply_makes_the_reader_panic(
            whole in prop::collection::vec(any::<u8>(), 0..64),
            kind in prop_oneof![0..=64u8, any::<u8>()],
            data in prop::collection::vec(any::<u8>(), 0..40),
            count in 0..3u8,
            udp in any::<bool>(),
        ) {
            let sent = sent();
            let _ = sent.read(&whole, udp);
            let length = u8::try_from(data.len()).unwrap_or(0);
            let mut rest = vec![0xc0, 12, 0, kind, 0, 1, 0, 0, 0, 60, 0, length];
            rest.extend(&data);
            let honest_head = answer(&sent, count, &rest);
            prop_assert!(matches!(sent.read(&honest_head, udp), Reply::Answer(_)));
        }
    }
}
