//! A query as it reaches CoreDNS.

use std::net::IpAddr;

use crate::key::normal;

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
