//! A question to a server, and what came back: recorded by a probe, or made up for a test.

use std::fmt;
use std::net::IpAddr;

/// Type of the records that are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RecordType {
    /// IPv4 addresses.
    A,
    /// IPv6 addresses.
    Aaaa,
}

impl fmt::Display for RecordType {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(match self {
            Self::A => "A",
            Self::Aaaa => "AAAA",
        })
    }
}

/// Addresses that a program asks for (`ai_family` of `getaddrinfo`, `network` of Go's lookups).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Family {
    /// IPv4 and IPv6 (`AF_UNSPEC`, `ip`): what nearly every program does.
    #[default]
    Any,
    /// IPv4 only (`AF_INET`, `ip4`).
    V4,
    /// IPv6 only (`AF_INET6`, `ip6`).
    V6,
}

impl Family {
    /// The types that are asked for.
    pub fn types(self) -> &'static [RecordType] {
        match self {
            Self::Any => &[RecordType::A, RecordType::Aaaa],
            Self::V4 => &[RecordType::A],
            Self::V6 => &[RecordType::Aaaa],
        }
    }
}

/// How a question travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Transport {
    /// One datagram.
    Udp,
    /// A connection.
    Tcp,
}

impl fmt::Display for Transport {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
        })
    }
}

/// What a resolver asks a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question<'a> {
    /// Index of the server in [`crate::Settings::servers`].
    pub server: usize,
    /// Its address.
    pub address: IpAddr,
    /// The name, with the dot of the root at its end.
    pub name: &'a str,
    /// The type.
    pub record_type: RecordType,
    /// How it is sent.
    pub transport: Transport,
    /// How many times this address gets this question this way, from 1.
    pub nth: u32,
}

/// What a server does with a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// It answers.
    Message(Message),
    /// A reply comes that does not fit the question (another id): resolvers drop it and wait on.
    Stray(Message),
    /// Nothing comes.
    Silence,
    /// Nobody listens there: ICMP says so, or the connection is refused.
    Closed,
}

impl Reply {
    /// Addresses, as a recursive server would give them.
    pub fn addresses(addresses: impl IntoIterator<Item = IpAddr>) -> Self {
        Self::Message(Message {
            addresses: addresses.into_iter().collect(),
            ..Message::new(Rcode::NoError)
        })
    }

    /// The name exists, without records of the type.
    pub fn no_data() -> Self {
        Self::Message(Message::new(Rcode::NoError))
    }

    /// The name does not exist.
    pub fn nx_domain() -> Self {
        Self::Message(Message::new(Rcode::NxDomain))
    }

    /// The server failed.
    pub fn serv_fail() -> Self {
        Self::Message(Message::new(Rcode::ServFail))
    }

    /// The server does not want to answer.
    pub fn refused() -> Self {
        Self::Message(Message::new(Rcode::Refused))
    }

    /// The same reply, `milliseconds` after the question.
    #[must_use]
    pub fn after(mut self, milliseconds: u32) -> Self {
        if let Self::Message(message) | Self::Stray(message) = &mut self {
            message.after_ms = milliseconds;
        }
        self
    }
}

/// Response code (RFC 1035, 4.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rcode {
    /// 0.
    NoError,
    /// 1.
    FormErr,
    /// 2.
    ServFail,
    /// 3.
    NxDomain,
    /// 4.
    NotImp,
    /// 5.
    Refused,
    /// Another one.
    Other(u8),
}

impl Rcode {
    /// From its number; only the low four bits count.
    pub fn from_number(number: u8) -> Self {
        match number & 15 {
            0 => Self::NoError,
            1 => Self::FormErr,
            2 => Self::ServFail,
            3 => Self::NxDomain,
            4 => Self::NotImp,
            5 => Self::Refused,
            other => Self::Other(other),
        }
    }

    /// Its number.
    pub fn number(self) -> u8 {
        match self {
            Self::NoError => 0,
            Self::FormErr => 1,
            Self::ServFail => 2,
            Self::NxDomain => 3,
            Self::NotImp => 4,
            Self::Refused => 5,
            Self::Other(number) => number,
        }
    }
}

impl fmt::Display for Rcode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoError => out.write_str("NOERROR"),
            Self::FormErr => out.write_str("FORMERR"),
            Self::ServFail => out.write_str("SERVFAIL"),
            Self::NxDomain => out.write_str("NXDOMAIN"),
            Self::NotImp => out.write_str("NOTIMP"),
            Self::Refused => out.write_str("REFUSED"),
            Self::Other(number) => write!(out, "RCODE{number}"),
        }
    }
}

/// A reply, as far as stub resolvers look at it.
#[expect(
    clippy::struct_excessive_bools,
    reason = "flags of the DNS header are independent bits"
)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The response code.
    pub rcode: Rcode,
    /// Addresses of the type that was asked for.
    pub addresses: Vec<IpAddr>,
    /// Whether the answer has other records too: an alias (CNAME), perhaps without an address.
    pub alias: bool,
    /// TC: it did not fit.
    pub truncated: bool,
    /// AA.
    pub authoritative: bool,
    /// RA.
    pub recursion_available: bool,
    /// Whether there are additional records; an OPT record counts.
    pub additional: bool,
    /// Milliseconds from the question to this reply.
    pub after_ms: u32,
}

impl Message {
    /// A reply of a recursive server without records.
    pub fn new(rcode: Rcode) -> Self {
        Self {
            rcode,
            addresses: Vec::new(),
            alias: false,
            truncated: false,
            authoritative: false,
            recursion_available: true,
            additional: false,
            after_ms: 0,
        }
    }

    /// Whether the answer section has records.
    pub fn has_answer(&self) -> bool {
        self.alias || !self.addresses.is_empty()
    }

    /// NOERROR without answer, authority of its own, recursion or additional records: a referral
    /// of a server that does not resolve. glibc and Go ask the next server.
    pub fn is_lame_referral(&self) -> bool {
        self.rcode == Rcode::NoError
            && !self.has_answer()
            && !self.authoritative
            && !self.recursion_available
            && !self.additional
    }
}

impl fmt::Display for Message {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.truncated {
            out.write_str("truncated, ")?;
        }
        match self.rcode {
            Rcode::NoError if self.is_lame_referral() => out.write_str("a referral"),
            Rcode::NoError if !self.addresses.is_empty() => {
                for (index, address) in self.addresses.iter().enumerate() {
                    let comma = if index == 0 { "" } else { ", " };
                    write!(out, "{comma}{address}")?;
                }
                Ok(())
            }
            Rcode::NoError if self.alias => out.write_str("an alias without address"),
            Rcode::NoError => out.write_str("NODATA"),
            rcode => rcode.fmt(out),
        }
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message(message) => message.fmt(out),
            Self::Stray(_) => out.write_str("a reply with another id"),
            Self::Silence => out.write_str("no reply"),
            Self::Closed => out.write_str("nobody listens"),
        }
    }
}
