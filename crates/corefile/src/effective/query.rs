//! A query as it reaches CoreDNS.

use std::net::IpAddr;
use std::str::FromStr;

use crate::key::normal;
use crate::plugin::values;

/// How a query arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transport {
    /// Plain DNS over UDP.
    Udp,
    /// Plain DNS over TCP.
    Tcp,
    /// DNS over TLS.
    Tls,
    /// DNS over QUIC.
    Quic,
    /// DNS over HTTPS.
    Https,
    /// DNS over HTTP/3.
    Https3,
    /// CoreDNS's own DNS over gRPC.
    Grpc,
}

impl Transport {
    /// The scheme of the keys that serve it.
    pub fn scheme(self) -> &'static str {
        match self {
            Self::Udp | Self::Tcp => "dns",
            Self::Tls => "tls",
            Self::Quic => "quic",
            Self::Https => "https",
            Self::Https3 => "https3",
            Self::Grpc => "grpc",
        }
    }

    /// The port that a key of its scheme stands for, if it names none.
    pub fn default_port(self) -> u16 {
        match self {
            Self::Udp | Self::Tcp => 53,
            Self::Tls | Self::Quic => 853,
            Self::Https | Self::Https3 | Self::Grpc => 443,
        }
    }
}

/// A query as it reaches CoreDNS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// The name, lower case with a final dot.
    pub name: String,
    /// The type in capitals: `A`, `AAAA`, `PTR`.
    pub kind: String,
    /// The class in capitals: `IN`.
    pub class: String,
    /// Who asks, if it is known.
    pub client: Option<IpAddr>,
    /// The address that was asked, if it is known: it matters where blocks `bind` to addresses.
    pub server: Option<IpAddr>,
    /// How it arrives.
    pub transport: Transport,
    /// The port that was asked.
    pub port: u16,
}

impl Query {
    /// A query over UDP to port 53, of class IN, from an unknown client.
    pub fn new(name: &str, kind: &str) -> Self {
        Self {
            name: normal(name),
            kind: kind.to_ascii_uppercase(),
            class: "IN".to_owned(),
            client: None,
            server: None,
            transport: Transport::Udp,
            port: 53,
        }
    }

    /// The same, from this client.
    #[must_use]
    pub fn from_client(mut self, client: IpAddr) -> Self {
        self.client = Some(client);
        self
    }

    /// The same, to this address.
    #[must_use]
    pub fn to_server(mut self, server: IpAddr) -> Self {
        self.server = Some(server);
        self
    }

    /// The same, by another transport and to its port.
    #[must_use]
    pub fn over(mut self, transport: Transport) -> Self {
        self.transport = transport;
        self.port = transport.default_port();
        self
    }

    /// The same, to another port.
    #[must_use]
    pub fn on_port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }
}

/// Why a text is no query.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// There is no name in it.
    #[error("there is no name in it")]
    NoName,
    /// There is no such type.
    #[error("there is no record type '{0}'")]
    Type(String),
    /// Two dots stand side by side, or one stands first.
    #[error("it has an empty label")]
    EmptyLabel,
    /// A label is longer than 63 bytes.
    #[error("a label has {0} bytes, and 63 is the most")]
    LongLabel(usize),
    /// The name is longer than DNS allows.
    #[error("the name has more than 253 characters")]
    LongName,
    /// White space or a character that steers terminals.
    #[error("it has a blank or a control character")]
    Blank,
}

impl QueryError {
    /// What to do.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Type(_) => "write a type such as A, AAAA, PTR, SRV, TXT or TYPE65",
            Self::NoName | Self::Blank => "write it as app.corp.internal or app.corp.internal/AAAA",
            Self::EmptyLabel => "write one dot between two labels",
            Self::LongLabel(_) | Self::LongName => {
                "DNS has no such name: labels have 63 bytes at most, names 253 characters"
            }
        }
    }
}

impl FromStr for Query {
    type Err = QueryError;

    /// Reads `NAME` or `NAME/TYPE`; the type is A if there is none.
    fn from_str(text: &str) -> Result<Self, QueryError> {
        let (name, kind) = text.rsplit_once('/').unwrap_or((text, "A"));
        let query = Self::new(name, kind);
        if name.is_empty() {
            return Err(QueryError::NoName);
        }
        let by_number = query.kind.strip_prefix("TYPE");
        let numbered = by_number.is_some_and(|number| number.parse::<u16>().is_ok());
        if !numbered && !values::is_type(&query.kind) {
            return Err(QueryError::Type(kind.to_owned()));
        }
        if name.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(QueryError::Blank);
        }
        let labels = query.name.strip_suffix('.').unwrap_or(&query.name);
        if labels.is_empty() {
            return Ok(query);
        }
        if labels.len() > 253 {
            return Err(QueryError::LongName);
        }
        for label in labels.split('.') {
            match label.len() {
                0 => return Err(QueryError::EmptyLabel),
                64.. => return Err(QueryError::LongLabel(label.len())),
                _ => {}
            }
        }
        Ok(query)
    }
}
