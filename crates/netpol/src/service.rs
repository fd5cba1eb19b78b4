//! Flows to a Service.

use std::net::IpAddr;

use crate::endpoint::{Endpoint, Flow, Protocol};
use crate::set::PolicySet;
use crate::verdict::{Assumption, Assumptions, Reading, Verdict};

/// A port of a Service and the pods behind it.
#[derive(Clone, Copy, Debug)]
pub struct ServicePort<'a> {
    /// The cluster IP.
    pub address: IpAddr,
    /// Protocol.
    pub protocol: Protocol,
    /// The Service's own port.
    pub port: u16,
    /// The pods behind it, each with the port that it listens on (the target port).
    pub backends: &'a [(Endpoint, u16)],
}

impl PolicySet {
    /// The verdicts on a client's flows to each pod behind a Service, in the order of the pods.
    ///
    /// Policies are usually applied after the Service's translation, to the pod and its port. The
    /// API leaves that open for what the client may send; where the Service's own address and port
    /// would give another result, the verdict is undetermined.
    pub fn service(&self, from: &Endpoint, service: &ServicePort<'_>) -> Vec<Verdict> {
        let address = Endpoint::Ip(service.address);
        let before = self.verdict(&Flow {
            from,
            to: &address,
            protocol: service.protocol,
            port: service.port,
        });
        let backends = service.backends.iter();
        backends
            .map(|(to, port)| {
                let after = self.verdict(&Flow {
                    from,
                    to,
                    protocol: service.protocol,
                    port: *port,
                });
                self.through(after, before)
            })
            .collect()
    }

    /// The verdict on the pod, and on the address that the client asked.
    fn through(&self, after: Verdict, before: Verdict) -> Verdict {
        let (Some(usual), Some(address)) = (after.usual(), before.usual()) else {
            return after;
        };
        let translated_later = Reading {
            egress: address.egress,
            ingress: usual.ingress,
        };
        let assumption = Assumption::BeforeServiceTranslation;
        if self.settled.has(assumption) {
            return match (self.assumed.has(assumption), translated_later.is_allowed()) {
                (false, _) => after,
                (true, true) => Verdict::Allowed(translated_later),
                (true, false) => Verdict::Denied(translated_later),
            };
        }
        match after {
            Verdict::Allowed(_) | Verdict::Denied(_)
                if translated_later.is_allowed() != usual.is_allowed() =>
            {
                Verdict::Undetermined {
                    depends_on: Assumptions::NONE.with(assumption, true),
                    usual,
                    other: translated_later,
                }
            }
            _ => after,
        }
    }
}
