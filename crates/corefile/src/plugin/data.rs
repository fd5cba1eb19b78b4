//! The facts behind the table, read from plugin.cfg and the `setup.go` of every plugin at the
//! releases 1.1.1 to 1.15.0, and from corefile-migration for the years before.

use super::table::{Plugin, Property, Role};
use super::version::Version;

mod backends;
mod others;

/// Layouts of plugin.cfg, each with the version from which it holds. A version's own list is the
/// layout without the plugins that it does not have.
pub(super) static ORDERS: &[(Version, &str)] = &[
    (
        Version::OLDEST,
        "metadata geoip cancel tls timeouts reload nsid bufsize root bind debug trace ready health \
         startup shutdown pprof prometheus errors log dnstap local dns64 acl any chaos loadbalance \
         tsig cache rewrite header dnssec autopath reverse minimal template transfer hosts route53 \
         azure clouddns federation k8s_external kubernetes file auto secondary etcd loop forward \
         proxy grpc erratic whoami on sign view",
    ),
    (
        Version::new(1, 11, 2),
        "root metadata geoip cancel tls proxyproto quic grpc_server https https3 timeouts \
         multisocket reload nsid bufsize bind debug trace ready health pprof prometheus errors log \
         dnstap local dns64 acl any chaos loadbalance tsig cache rewrite header dnssec autopath \
         minimal template transfer hosts route53 azure clouddns k8s_external kubernetes file auto \
         secondary etcd loop forward grpc erratic whoami on sign view nomad",
    ),
    (
        Version::new(1, 14, 2),
        "root metadata geoip cancel tls proxyproto quic grpc_server https https3 timeouts \
         multisocket reload nsid bufsize bind debug trace ready health pprof prometheus errors log \
         dnstap local dns64 any chaos loadbalance tsig cache rewrite acl header dnssec autopath \
         minimal template transfer hosts route53 azure clouddns k8s_external kubernetes file auto \
         secondary etcd loop forward grpc erratic whoami on sign view nomad",
    ),
    (
        Version::new(1, 14, 7),
        "root metadata geoip cancel proxyproto quic grpc_server https https3 timeouts multisocket \
         reload nsid bufsize bind debug trace ready health pprof shed prometheus errors log dnstap \
         local dns64 siit any chaos loadbalance tsig rewrite autopath acl cache header dnssec tls \
         minimal template transfer dynupdate hosts route53 azure clouddns k8s_external kubernetes \
         file auto secondary etcd loop forward grpc erratic whoami on sign view nomad",
    ),
];

/// All plugins, by name.
pub(super) static PLUGINS: &[Plugin] = &[
    others::ACL,
    others::ANY,
    backends::AUTO,
    others::AUTOPATH,
    backends::AZURE,
    others::BIND,
    others::BUFSIZE,
    others::CACHE,
    others::CANCEL,
    others::CHAOS,
    backends::CLOUDDNS,
    others::DEBUG,
    others::DNS64,
    others::DNSSEC,
    others::DNSTAP,
    backends::DYNUPDATE,
    backends::ERRATIC,
    others::ERRORS,
    backends::ETCD,
    backends::FEDERATION,
    backends::FILE,
    backends::FORWARD,
    others::GEOIP,
    backends::GRPC,
    others::GRPC_SERVER,
    others::HEADER,
    others::HEALTH,
    backends::HOSTS,
    others::HTTPS,
    others::HTTPS3,
    backends::K8S_EXTERNAL,
    backends::KUBERNETES,
    others::LOADBALANCE,
    backends::LOCAL,
    others::LOG,
    others::LOOP,
    others::METADATA,
    others::MINIMAL,
    others::MULTISOCKET,
    backends::NOMAD,
    others::NSID,
    others::ON,
    others::PPROF,
    others::PROMETHEUS,
    backends::PROXY,
    others::PROXYPROTO,
    others::QUIC,
    others::READY,
    others::RELOAD,
    backends::REVERSE,
    others::REWRITE,
    others::ROOT,
    backends::ROUTE53,
    backends::SECONDARY,
    others::SHED,
    others::SHUTDOWN,
    others::SIGN,
    others::SIIT,
    others::STARTUP,
    backends::TEMPLATE,
    others::TIMEOUTS,
    others::TLS,
    others::TRACE,
    others::TRANSFER,
    others::TSIG,
    others::VIEW,
    backends::WHOAMI,
];

/// Shorthand for a version of the first generation.
const fn v(minor: u16, patch: u16) -> Version {
    Version::new(1, minor, patch)
}

/// A plugin that was always there, takes any arguments and may be repeated.
const fn plugin(name: &'static str, role: Role, args: &'static str) -> Plugin {
    Plugin {
        name,
        role,
        added: Version::OLDEST,
        deprecated: None,
        removed: None,
        args,
        min_args: 0,
        max_args: None,
        once: None,
        properties: &[],
        no_answer: "",
        node_cache: false,
    }
}

impl Plugin {
    const fn since(mut self, added: Version) -> Self {
        self.added = added;
        self
    }

    const fn until(mut self, removed: Version) -> Self {
        self.removed = Some(removed);
        self
    }

    const fn fading(mut self, deprecated: Version) -> Self {
        self.deprecated = Some(deprecated);
        self
    }

    const fn takes(mut self, min: u8, max: u8) -> Self {
        self.min_args = min;
        self.max_args = Some(max);
        self
    }

    const fn at_least(mut self, min: u8) -> Self {
        self.min_args = min;
        self
    }

    const fn once(mut self) -> Self {
        self.once = Some((Version::OLDEST, None));
        self
    }

    const fn once_until(mut self, until: Version) -> Self {
        self.once = Some((Version::OLDEST, Some(until)));
        self
    }

    const fn with(mut self, properties: &'static [Property]) -> Self {
        self.properties = properties;
        self
    }

    const fn declines(mut self, no_answer: &'static str) -> Self {
        self.no_answer = no_answer;
        self
    }

    const fn in_node_cache(mut self) -> Self {
        self.node_cache = true;
        self
    }
}

/// A property that was always there.
const fn p(name: &'static str, args: &'static str) -> Property {
    Property {
        name,
        args,
        added: Version::OLDEST,
        removed: None,
        ignored: None,
        deprecated: None,
        instead: "",
    }
}

impl Property {
    const fn since(mut self, minor: u16, patch: u16) -> Self {
        self.added = v(minor, patch);
        self
    }

    const fn until(mut self, minor: u16, patch: u16) -> Self {
        self.removed = Some(v(minor, patch));
        self
    }

    const fn ignored(mut self, minor: u16, patch: u16) -> Self {
        self.ignored = Some(v(minor, patch));
        self
    }

    const fn deprecated(mut self, minor: u16, patch: u16) -> Self {
        self.deprecated = Some(v(minor, patch));
        self
    }

    const fn instead(mut self, instead: &'static str) -> Self {
        self.instead = instead;
        self
    }
}
