//! Rules of policies, made ready to be tried often.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::cidr;
use crate::endpoint::{Endpoint, Protocol};
use crate::policy::{IpBlock, Peer, PolicyPort, PortValue};
use crate::table::Tables;

/// A rule: any of the ports, and any of the peers.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    /// None: unrestricted.
    pub(crate) ports: Option<Vec<PortTest>>,
    /// None: unrestricted.
    pub(crate) peers: Option<Vec<PeerTest>>,
}

#[derive(Clone, Debug)]
pub(crate) struct PortTest {
    /// None: not one that the API knows, which no flow has.
    pub(crate) protocol: Option<Protocol>,
    pub(crate) numbers: Numbers,
}

#[derive(Clone, Debug)]
pub(crate) enum Numbers {
    Any,
    Range(i32, i32),
    Name(String),
}

#[derive(Clone, Debug)]
pub(crate) enum PeerTest {
    /// None: a range that cannot be read, which holds no address.
    Block(Option<Block>),
    /// Indexes into the tables; absent selectors do not take part.
    Pods {
        namespaces: Option<usize>,
        pods: Option<usize>,
    },
    /// `{}`, which the API server refuses.
    Nothing,
}

#[derive(Clone, Debug)]
pub(crate) struct Block {
    net: IpNet,
    except: Vec<IpNet>,
}

impl Rule {
    pub(crate) fn new(
        ports: Option<&Vec<PolicyPort>>,
        peers: Option<&Vec<Peer>>,
        tables: &mut Tables,
    ) -> Self {
        let peers = peers.filter(|peers| !peers.is_empty()).map(|peers| {
            let peers = peers.iter();
            peers.map(|peer| PeerTest::new(peer, tables)).collect()
        });
        let ports = ports
            .filter(|ports| !ports.is_empty())
            .map(|ports| ports.iter().map(PortTest::new).collect());
        Self { ports, peers }
    }

    /// Whether the ports admit the flow; names are those of the pod that is asked.
    pub(crate) fn admits_port(&self, protocol: Protocol, port: u16, to: &Endpoint) -> bool {
        self.ports.as_ref().is_none_or(|ports| {
            ports.iter().any(|test| {
                test.protocol == Some(protocol) && test.numbers.hold(protocol, port, to)
            })
        })
    }
}

impl PortTest {
    pub(crate) fn new(port: &PolicyPort) -> Self {
        let numbers = match (&port.port, port.end_port) {
            (None, _) => Numbers::Any,
            (Some(PortValue::Number(first)), last) => {
                Numbers::Range(*first, last.unwrap_or(*first))
            }
            (Some(PortValue::Name(name)), _) => Numbers::Name(name.clone()),
        };
        Self {
            protocol: Protocol::from_api(port.protocol.as_deref().unwrap_or("TCP")),
            numbers,
        }
    }
}

impl Numbers {
    pub(crate) fn hold(&self, protocol: Protocol, port: u16, to: &Endpoint) -> bool {
        match self {
            Self::Any => true,
            Self::Range(first, last) => (*first..=*last).contains(&i32::from(port)),
            Self::Name(name) => to.pod().is_some_and(|pod| {
                pod.ports.iter().any(|it| {
                    it.port == port && it.protocol == protocol && it.name.as_deref() == Some(name)
                })
            }),
        }
    }
}

impl PeerTest {
    fn new(peer: &Peer, tables: &mut Tables) -> Self {
        if let Some(block) = &peer.ip_block {
            return Self::Block(Block::new(block));
        }
        if peer.namespace_selector.is_none() && peer.pod_selector.is_none() {
            return Self::Nothing;
        }
        Self::Pods {
            namespaces: peer
                .namespace_selector
                .as_ref()
                .map(|selector| tables.namespaces_of(selector)),
            pods: peer
                .pod_selector
                .as_ref()
                .map(|selector| tables.pods_of(selector)),
        }
    }
}

impl Block {
    pub(crate) fn new(block: &IpBlock) -> Option<Self> {
        let except = block.except.iter().flatten();
        Some(Self {
            net: cidr::parse(&block.cidr)?.net,
            except: except
                .map(|text| cidr::parse(text).map(|cidr| cidr.net))
                .collect::<Option<_>>()?,
        })
    }

    pub(crate) fn holds(&self, address: IpAddr) -> bool {
        let address = cidr::canonical(address);
        self.net.contains(&address) && !self.except.iter().any(|net| net.contains(&address))
    }

    pub(crate) fn holds_any(&self, addresses: &[IpAddr]) -> bool {
        addresses.iter().any(|address| self.holds(*address))
    }
}
