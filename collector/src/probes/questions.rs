//! What each vantage asks.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use digpod_probe::{NameClass, Pair, Plan, Question, ServerRole, Target, Transport};

use super::repeat::repeat;
use super::servers::Servers;
use crate::meant::full_name;

/// What the user wants to know.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// Failing names, as they were typed.
    pub(crate) names: Vec<String>,
    /// Namespace of the failing pod, which a name without a dot is looked for in.
    pub(crate) namespace: String,
    /// A public name.
    pub(crate) public_name: String,
    /// A label that nobody has.
    pub(crate) random_label: String,
    /// One try a question.
    pub(crate) quick: bool,
    /// Plans of an earlier run, by vantage, to be repeated.
    pub(crate) like: Arc<BTreeMap<String, Plan>>,
}

const TIMEOUT_MS: u32 = 2_000;
const BUDGET_MS: u32 = 15_000;
const QUICK_BUDGET_MS: u32 = 6_000;
const RATE: u32 = 40;

/// Tries of a pair: a race in the connection tracking loses few of them.
const PAIRS: u32 = 10;
/// Larger than a path passes in one piece: what comes back shows whether pieces arrive.
const LARGE: u16 = 4096;

impl Asked {
    /// Tries that one upstream gets from one probe.
    pub(crate) fn tries_of_an_upstream(&self, domain: &str) -> u32 {
        let one = Servers {
            upstreams: vec![SocketAddr::new(std::net::Ipv4Addr::UNSPECIFIED.into(), 53)],
            domain: domain.to_owned(),
            ..Servers::default()
        };
        let mut draft = self.draft();
        draft.upstreams(&one);
        draft.questions.iter().map(|it| it.tries).sum()
    }

    /// Beside CoreDNS: each server of the list it would get today.
    pub(crate) fn beside_coredns(&self, vantage: &str, domain: &str) -> Plan {
        let mut draft = self.draft();
        for name in self.outside(domain) {
            draft.ask(Target::OwnEach, &name, NameClass::Custom, 3);
            draft.tcp(Target::OwnEach, &name, NameClass::Custom, 2);
        }
        draft.ask(Target::OwnEach, &self.public_name, NameClass::Public, 2);
        draft.tcp(Target::OwnEach, &self.public_name, NameClass::Public, 1);
        self.plan(vantage, draft)
    }

    /// Nothing: a probe that only reads files.
    pub(crate) fn nothing(&self, vantage: &str) -> Plan {
        self.plan(vantage, self.draft())
    }

    /// From a pod: the Service, each CoreDNS pod, each upstream, and what its resolv.conf names
    /// beside these: a cache of its node, a server of the pod's own.
    pub(crate) fn in_pod(&self, vantage: &str, servers: &Servers) -> Plan {
        let mut draft = self.draft();
        let cluster = cluster_name(&servers.domain);
        for service in &servers.service {
            let target = server(*service, ServerRole::Service);
            draft.all_names(&target, &servers.domain, 10, 5);
            for name in self.full_names(&servers.domain) {
                draft.ask_for("AAAA", target.clone(), &name, NameClass::Custom, 3);
                draft.tcp(target.clone(), &name, NameClass::Custom, 2);
                draft.sized(&target, &name, 0);
                draft.sized(&target, &name, LARGE);
            }
            draft.tcp(target.clone(), &cluster, NameClass::Cluster, 2);
            // A name that needs no upstream: what is lost was lost on the way.
            draft.pairs(&target, &cluster, Pair::OneSocket);
            draft.pairs(&target, &cluster, Pair::TwoSockets);
        }
        for pod in &servers.pods {
            let target = server(*pod, ServerRole::CorednsPod);
            draft.all_names(&target, &servers.domain, 3, 3);
            draft.tcp(target, &cluster, NameClass::Cluster, 2);
        }
        draft.upstreams(servers);
        draft.all_names(&Target::OwnEach, &servers.domain, 3, 2);
        self.plan(vantage, draft)
    }

    /// The same, and what a resolver makes of the names as they were typed with the pod's search list.
    pub(crate) fn like_the_pod(&self, vantage: &str, servers: &Servers) -> Plan {
        let mut plan = self.in_pod(vantage, servers);
        let mut draft = self.draft();
        for name in &self.names {
            draft.search(name);
        }
        let wanted = draft.questions.into_iter();
        let new: Vec<Question> = wanted.filter(|it| !plan.questions.contains(it)).collect();
        plan.questions.extend(new);
        plan
    }

    /// From the node: its own list in order, as its programs ask, and each upstream.
    pub(crate) fn on_node(&self, vantage: &str, servers: &Servers) -> Plan {
        let mut draft = self.draft();
        for name in self.outside(&servers.domain) {
            draft.ask(Target::OwnWalk, &name, NameClass::Custom, 10);
        }
        draft.ask(Target::OwnWalk, &self.public_name, NameClass::Public, 5);
        draft.upstreams(servers);
        let cluster = cluster_name(&servers.domain);
        for pod in &servers.pods {
            let target = server(*pod, ServerRole::CorednsPod);
            draft.ask(target.clone(), &cluster, NameClass::Cluster, 3);
            draft.tcp(target, &cluster, NameClass::Cluster, 2);
        }
        for service in &servers.service {
            let target = server(*service, ServerRole::Service);
            draft.ask(target, &cluster, NameClass::Cluster, 3);
        }
        self.plan(vantage, draft)
    }

    /// The names as the DNS has them, each once: what has no dot or ends in `svc` is meant with the
    /// cluster's suffixes, and what was typed with and without its last dot is the same.
    fn full_names(&self, domain: &str) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for typed in &self.names {
            let full = full_name(typed, &self.namespace, domain);
            if !names.iter().any(|it| it.eq_ignore_ascii_case(&full)) {
                names.push(full);
            }
        }
        names
    }

    /// Those that an upstream should know.
    fn outside(&self, domain: &str) -> Vec<String> {
        let suffix = format!(".{domain}.").to_ascii_lowercase();
        let mut names = self.full_names(domain);
        names.retain(|name| !name.to_ascii_lowercase().ends_with(&suffix));
        names
    }

    fn draft(&self) -> Draft<'_> {
        Draft {
            asked: self,
            questions: Vec::new(),
        }
    }

    fn plan(&self, vantage: &str, draft: Draft<'_>) -> Plan {
        let mut plan = Plan {
            format: 1,
            vantage: vantage.to_owned(),
            questions: draft.questions,
            timeout_ms: TIMEOUT_MS,
            budget_ms: if self.quick {
                QUICK_BUDGET_MS
            } else {
                BUDGET_MS
            },
            rate_per_server: RATE,
            ..Plan::default()
        };
        // One try each was asked for, whatever it was then.
        if let Some(before) = self.like.get(vantage).filter(|_| !self.quick) {
            repeat(&mut plan, before);
        }
        plan
    }
}

/// The questions of a plan in the making.
struct Draft<'a> {
    asked: &'a Asked,
    questions: Vec<Question>,
}

impl Draft<'_> {
    /// For its IPv4 address over UDP.
    fn ask(&mut self, target: Target, name: &str, class: NameClass, tries: u32) {
        self.ask_for("A", target, name, class, tries);
    }

    fn ask_for(&mut self, kind: &str, target: Target, name: &str, class: NameClass, tries: u32) {
        let quick = self.asked.quick;
        self.questions.push(Question {
            target,
            name: format!("{}.", name.trim_end_matches('.')),
            record_type: kind.to_owned(),
            transport: Transport::Udp,
            class,
            tries: if quick { 1 } else { tries },
            interval_ms: 500,
            pair: None,
            payload: None,
            checking_disabled: false,
            search: false,
        });
    }

    fn tcp(&mut self, target: Target, name: &str, class: NameClass, tries: u32) {
        self.ask(target, name, class, tries);
        self.change_last(|last| last.transport = Transport::Tcp);
    }

    fn pairs(&mut self, target: &Target, name: &str, pair: Pair) {
        self.ask(target.clone(), name, NameClass::Cluster, PAIRS);
        self.change_last(|last| last.pair = Some(pair));
    }

    /// Twice, since one that is lost says nothing of the size; not in a hurry.
    fn sized(&mut self, target: &Target, name: &str, payload: u16) {
        if !self.asked.quick {
            self.ask(target.clone(), name, NameClass::Custom, 2);
            self.change_last(|last| last.payload = Some(payload));
        }
    }

    /// Once, since a signature that does not validate fails each time.
    fn unchecked(&mut self, target: &Target, name: &str) {
        if !self.asked.quick {
            self.ask(target.clone(), name, NameClass::Custom, 1);
            self.change_last(|last| last.checking_disabled = true);
        }
    }

    /// As its pod's resolver would, from the list of its own resolv.conf.
    fn search(&mut self, typed: &str) {
        self.ask(Target::OwnWalk, typed, NameClass::Custom, 2);
        self.change_last(|last| {
            typed.clone_into(&mut last.name);
            last.search = true;
        });
    }

    fn change_last(&mut self, change: impl FnOnce(&mut Question)) {
        if let Some(last) = self.questions.last_mut() {
            change(last);
        }
    }

    fn all_names(&mut self, target: &Target, domain: &str, custom: u32, other: u32) {
        let asked = self.asked;
        for name in asked.full_names(domain) {
            self.ask(target.clone(), &name, NameClass::Custom, custom);
        }
        let cluster = cluster_name(domain);
        self.ask(target.clone(), &cluster, NameClass::Cluster, other);
        self.ask(target.clone(), &asked.public_name, NameClass::Public, other);
        let nobody = format!("{}.{}", asked.random_label, asked.public_name);
        self.ask(target.clone(), &nobody, NameClass::Nonexistent, 1);
    }

    fn upstreams(&mut self, servers: &Servers) {
        let asked = self.asked;
        for upstream in &servers.upstreams {
            let target = server(*upstream, ServerRole::Upstream);
            for name in asked.outside(&servers.domain) {
                self.ask(target.clone(), &name, NameClass::Custom, 3);
                self.tcp(target.clone(), &name, NameClass::Custom, 2);
                self.sized(&target, &name, 0);
                self.unchecked(&target, &name);
            }
            self.ask(target.clone(), &asked.public_name, NameClass::Public, 2);
            self.tcp(target, &asked.public_name, NameClass::Public, 1);
        }
        if let Some(platform) = servers.platform {
            let target = server(platform, ServerRole::Platform);
            for name in asked.outside(&servers.domain) {
                self.ask(target.clone(), &name, NameClass::Custom, 3);
            }
            self.ask(target, &asked.public_name, NameClass::Public, 3);
        }
    }
}

fn server(address: SocketAddr, role: ServerRole) -> Target {
    Target::Server {
        address: address.to_string(),
        role,
    }
}

/// A name that each cluster has, and that needs no upstream.
fn cluster_name(domain: &str) -> String {
    format!("kubernetes.default.svc.{domain}.")
}
