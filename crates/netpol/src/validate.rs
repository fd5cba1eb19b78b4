//! What the API server would say of a policy.

use crate::cidr;
use crate::policy::{
    IpBlock, LabelSelector, NetworkPolicy, Peer, PolicyPort, PortValue, Requirement,
};
use crate::validate_names::{label_value_errors, port_name_errors, qualified_name_errors};

/// Something in a policy that the API server refuses, or accepts with a warning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Whether the API server refuses the policy for it.
    pub refused: bool,
    /// JSON pointer into the policy.
    pub pointer: String,
    /// The API server's words (Kubernetes 1.34), with its own path in front.
    pub message: String,
    /// What the evaluator makes of it.
    pub effect: &'static str,
}

/// What the API server would say of the policy's spec, in the order of the spec.
pub fn validate(policy: &NetworkPolicy) -> Vec<Problem> {
    let mut found = Found(Vec::new());
    let spec = &policy.spec;
    let root = At::default().field("spec");
    if let Some(selector) = &spec.pod_selector {
        found.selector(selector, &root.field("podSelector"));
    }
    for (index, rule) in spec.ingress.iter().flatten().enumerate() {
        let at = root.field("ingress").index(index);
        found.rule(&at, rule.ports.as_deref(), ("from", rule.from.as_deref()));
    }
    for (index, rule) in spec.egress.iter().flatten().enumerate() {
        let at = root.field("egress").index(index);
        found.rule(&at, rule.ports.as_deref(), ("to", rule.to.as_deref()));
    }
    found.types(spec.policy_types.as_deref(), &root.field("policyTypes"));
    found.0
}

/// A place, as the API server writes it and as a JSON pointer.
#[derive(Clone, Default)]
struct At {
    api: String,
    pointer: String,
}

impl At {
    fn field(&self, name: &str) -> Self {
        let dot = if self.api.is_empty() { "" } else { "." };
        Self {
            api: format!("{}{dot}{name}", self.api),
            pointer: format!("{}/{name}", self.pointer),
        }
    }

    fn index(&self, index: usize) -> Self {
        Self {
            api: format!("{}[{index}]", self.api),
            pointer: format!("{}/{index}", self.pointer),
        }
    }

    /// A key of a map, which the API server does not name.
    fn key(&self, key: &str) -> Self {
        Self {
            api: self.api.clone(),
            pointer: format!("{}/{}", self.pointer, escape(key)),
        }
    }
}

/// Escapes a key for a JSON pointer.
pub(crate) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

struct Found(Vec<Problem>);

const SELECTS_NOTHING: &str = "the selector selects nothing";
const NO_ADDRESS: &str = "the ipBlock holds no address";
const NO_FLOW: &str = "the port matches no flow";
const AS_WRITTEN: &str = "taken as written";
const RANGE: &str = "must be between 1 and 65535, inclusive";

impl Found {
    fn push(&mut self, at: &At, what: &str, effect: &'static str) {
        self.0.push(Problem {
            refused: true,
            pointer: at.pointer.clone(),
            message: format!("{}: {what}", at.api),
            effect,
        });
    }

    fn types(&mut self, types: Option<&[String]>, at: &At) {
        let types = types.unwrap_or_default();
        if types.len() > 2 {
            let list: Vec<String> = types.iter().map(|it| format!("{it:?}")).collect();
            let list = list.join(",");
            let what =
                format!("Invalid value: [{list}]: may not specify more than two policyTypes");
            return self.push(at, &what, AS_WRITTEN);
        }
        for (index, it) in types.iter().enumerate() {
            if it != "Ingress" && it != "Egress" {
                let what =
                    format!("Unsupported value: {it:?}: supported values: \"Ingress\", \"Egress\"");
                self.push(&at.index(index), &what, "the type is skipped");
            }
        }
    }

    fn rule(&mut self, at: &At, ports: Option<&[PolicyPort]>, peers: (&str, Option<&[Peer]>)) {
        for (index, port) in ports.unwrap_or_default().iter().enumerate() {
            self.port(port, &at.field("ports").index(index));
        }
        for (index, peer) in peers.1.unwrap_or_default().iter().enumerate() {
            self.peer(peer, &at.field(peers.0).index(index));
        }
    }

    fn port(&mut self, port: &PolicyPort, at: &At) {
        if let Some(protocol) = &port.protocol
            && !matches!(protocol.as_str(), "TCP" | "UDP" | "SCTP")
        {
            let what = format!(
                "Unsupported value: {protocol:?}: supported values: \"TCP\", \"UDP\", \"SCTP\""
            );
            self.push(&at.field("protocol"), &what, NO_FLOW);
        }
        let valid = |port: i32| (1..=65535).contains(&port);
        match (&port.port, port.end_port) {
            (Some(PortValue::Number(number)), end) => {
                if !valid(*number) {
                    let what = format!("Invalid value: {number}: {RANGE}");
                    self.push(&at.field("port"), &what, AS_WRITTEN);
                }
                let Some(end) = end else { return };
                let at = at.field("endPort");
                if end < *number {
                    // The API server prints the port here, not the endPort.
                    let what =
                        format!("Invalid value: {number}: must be greater than or equal to `port`");
                    self.push(&at, &what, NO_FLOW);
                }
                if !valid(end) {
                    self.push(&at, &format!("Invalid value: {end}: {RANGE}"), AS_WRITTEN);
                }
            }
            (Some(PortValue::Name(name)), end) => {
                if let Some(end) = end {
                    let what = format!(
                        "Invalid value: {end}: may not be specified when `port` is non-numeric"
                    );
                    self.push(&at.field("endPort"), &what, "endPort is skipped");
                }
                for error in port_name_errors(name) {
                    let what = format!("Invalid value: {name:?}: {error}");
                    self.push(&at.field("port"), &what, AS_WRITTEN);
                }
            }
            (None, Some(end)) => {
                let what = format!(
                    "Invalid value: {end}: may not be specified when `port` is not specified"
                );
                self.push(&at.field("endPort"), &what, "endPort is skipped");
            }
            (None, None) => {}
        }
    }

    fn peer(&mut self, peer: &Peer, at: &At) {
        if let Some(selector) = &peer.pod_selector {
            self.selector(selector, &at.field("podSelector"));
        }
        if let Some(selector) = &peer.namespace_selector {
            self.selector(selector, &at.field("namespaceSelector"));
        }
        if let Some(block) = &peer.ip_block {
            self.block(block, &at.field("ipBlock"));
        }
        let selectors = peer.pod_selector.is_some() || peer.namespace_selector.is_some();
        match (&peer.ip_block, selectors) {
            (None, false) => {
                let what = "Required value: must specify a peer";
                self.push(at, what, "the peer matches nobody");
            }
            (Some(_), true) => {
                let what = "Forbidden: may not specify both ipBlock and another peer";
                self.push(at, what, "only the ipBlock is looked at");
            }
            _ => {}
        }
    }

    fn block(&mut self, block: &IpBlock, at: &At) {
        const INVALID: &str = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
        let text = &block.cidr;
        if text.is_empty() {
            // The field may be missing altogether: the pointer stays at what is there.
            return self.0.push(Problem {
                refused: true,
                pointer: at.pointer.clone(),
                message: format!("{}.cidr: Required value", at.api),
                effect: NO_ADDRESS,
            });
        }
        let Some(whole) = cidr::parse(text) else {
            let what = format!("Invalid value: {text:?}: {INVALID}");
            return self.push(&at.field("cidr"), &what, NO_ADDRESS);
        };
        self.odd(text, &whole, &at.field("cidr"));
        for (index, text) in block.except.iter().flatten().enumerate() {
            let at = at.field("except").index(index);
            let Some(except) = cidr::parse(text) else {
                let what = format!("Invalid value: {text:?}: {INVALID}");
                self.push(&at, &what, NO_ADDRESS);
                continue;
            };
            self.odd(text, &except, &at);
            let within = whole.net.contains(&except.net.network());
            if !within || whole.bits >= except.bits {
                let what = format!("Invalid value: {text:?}: must be a strict subset of `cidr`");
                self.push(&at, &what, AS_WRITTEN);
            }
        }
    }

    /// Warns of a range that is read otherwise than it looks.
    fn odd(&mut self, text: &str, cidr: &cidr::Cidr, at: &At) {
        let net = cidr.net;
        let mut warn = |what: String, effect| {
            self.0.push(Problem {
                refused: false,
                pointer: at.pointer.clone(),
                message: format!("{}: {what}", at.api),
                effect,
            });
        };
        let ambiguous = cidr.address != net.network();
        if ambiguous {
            let length = if text.contains(':') { 128 } else { 32 };
            let address = cidr.address;
            warn(
                format!(
                    "CIDR value {text:?} is ambiguous in this context (should be \"{net}\" or \"{address}/{length}\"?)"
                ),
                "the bits behind the prefix are skipped",
            );
        }
        if cidr.odd || (net.network().is_ipv4() && text.contains(':')) {
            warn(
                format!(
                    "non-standard CIDR value {text:?} will be considered invalid in a future Kubernetes release: use \"{net}\""
                ),
                "leading zeros are skipped, and IPv4 written as IPv6 is IPv4",
            );
        } else if !ambiguous && net.network().is_ipv6() && net.to_string() != text {
            warn(
                format!(
                    "IPv6 CIDR value {text:?} should be in RFC 5952 canonical format (\"{net}\")"
                ),
                "taken as written",
            );
        }
    }

    fn selector(&mut self, selector: &LabelSelector, at: &At) {
        for (key, value) in selector.match_labels.iter().flatten() {
            let at = at.field("matchLabels").key(key);
            for error in qualified_name_errors(key) {
                self.push(&at, &format!("Invalid value: {key:?}: {error}"), AS_WRITTEN);
            }
            for error in label_value_errors(value) {
                let what = format!("Invalid value: {value:?}: {error}");
                self.push(&at, &what, AS_WRITTEN);
            }
        }
        let expressions = selector.match_expressions.iter().flatten();
        for (index, expression) in expressions.enumerate() {
            self.expression(expression, &at.field("matchExpressions").index(index));
        }
    }

    fn expression(&mut self, expression: &Requirement, at: &At) {
        let values = expression.values.as_deref().unwrap_or_default();
        let here = |field: &str| At {
            api: at.field(field).api,
            pointer: at.pointer.clone(),
        };
        match expression.operator.as_str() {
            "In" | "NotIn" => {
                if values.is_empty() {
                    let what =
                        "Required value: must be specified when `operator` is 'In' or 'NotIn'";
                    self.push(&here("values"), what, SELECTS_NOTHING);
                }
            }
            "Exists" | "DoesNotExist" => {
                if !values.is_empty() {
                    let what = "Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
                    self.push(&at.field("values"), what, SELECTS_NOTHING);
                }
            }
            other => {
                let what = format!("Invalid value: {other:?}: not a valid selector operator");
                self.push(&here("operator"), &what, SELECTS_NOTHING);
            }
        }
        let key = &expression.key;
        for error in qualified_name_errors(key) {
            let what = format!("Invalid value: {key:?}: {error}");
            self.push(&here("key"), &what, AS_WRITTEN);
        }
        for (index, value) in values.iter().enumerate() {
            for error in label_value_errors(value) {
                let what = format!("Invalid value: {value:?}: {error}");
                self.push(&at.field("values").index(index), &what, AS_WRITTEN);
            }
        }
    }
}
