//! A set of policies, ready to be asked.

use std::collections::BTreeSet;

use crate::endpoint::{Direction, Endpoint, Namespace};
use crate::policy::{LabelSelector, NetworkPolicy, PolicySpec};
use crate::rules::{PeerTest, Rule};
use crate::table::Tables;
use crate::validate::{Problem, validate};
use crate::verdict::{Assumption, Assumptions};

/// Policies of a cluster with the labels of its namespaces, ready to be asked.
///
/// Policies only add permissions: their order and names never change an answer.
#[derive(Clone, Debug)]
pub struct PolicySet {
    pub(crate) policies: Vec<NetworkPolicy>,
    pub(crate) compiled: Vec<Compiled>,
    pub(crate) tables: Tables,
    /// What is taken to be so.
    pub(crate) assumed: Assumptions,
    /// What is known for certain about the cluster's network plugin.
    pub(crate) settled: Assumptions,
}

/// A policy, compiled.
#[derive(Clone, Debug)]
pub(crate) struct Compiled {
    pub(crate) namespace: usize,
    /// Number of the pod selector.
    pub(crate) selector: usize,
    /// None: not of that type.
    pub(crate) egress: Option<Vec<Rule>>,
    pub(crate) ingress: Option<Vec<Rule>>,
}

impl Compiled {
    pub(crate) fn rules(&self, direction: Direction) -> &[Rule] {
        match direction {
            Direction::Egress => self.egress.as_deref(),
            Direction::Ingress => self.ingress.as_deref(),
        }
        .unwrap_or_default()
    }
}

impl PolicySet {
    /// Compiles `policies`. `namespaces` are all that were seen, with their labels; where one is
    /// missing, only its name counts as known and verdicts that hang on its labels are
    /// undetermined.
    ///
    /// Never fails: what the API server would refuse selects or matches nothing, and is listed by
    /// [`PolicySet::problems`].
    pub fn compile(
        policies: impl IntoIterator<Item = NetworkPolicy>,
        namespaces: impl IntoIterator<Item = Namespace>,
    ) -> Self {
        let policies: Vec<NetworkPolicy> = policies.into_iter().collect();
        let mut tables = Tables::new(namespaces);
        // Every namespace has its number before the first selector is matched with them.
        for policy in &policies {
            tables.add(policy.namespace());
        }
        let mut compiled = Vec::with_capacity(policies.len());
        for (number, policy) in policies.iter().enumerate() {
            let policy = compile(policy, &mut tables);
            if let Some(entry) = tables.namespaces.get_mut(policy.namespace) {
                if policy.egress.is_some() {
                    entry.egress.push(number);
                }
                if policy.ingress.is_some() {
                    entry.ingress.push(number);
                }
            }
            compiled.push(policy);
        }
        Self {
            policies,
            compiled,
            tables,
            assumed: Assumptions::USUAL,
            settled: Assumptions::NONE,
        }
    }

    /// Settles what the API leaves open: `assumption` holds, or not, in this cluster. Verdicts no
    /// longer depend on it.
    #[must_use]
    pub fn assuming(mut self, assumption: Assumption, holds: bool) -> Self {
        self.settled = self.settled.with(assumption, true);
        self.assumed = self.assumed.with(assumption, holds);
        self
    }

    /// The policies, in the order in which they were given.
    pub fn policies(&self) -> &[NetworkPolicy] {
        &self.policies
    }

    /// What the API server would refuse or warn of, with the number of the policy.
    pub fn problems(&self) -> Vec<(usize, Problem)> {
        let policies = self.policies.iter().enumerate();
        policies
            .flat_map(|(number, policy)| {
                let problems = validate(policy).into_iter();
                problems.map(move |problem| (number, problem))
            })
            .collect()
    }

    /// Label keys of pods in `namespace` that some policy selects on, whichever end of a flow they
    /// are: a pod with the same values for them is treated alike.
    ///
    /// Addresses and names of ports can still make a difference, as ipBlock peers and named ports do.
    pub fn selected_label_keys(&self, namespace: &str) -> BTreeSet<&str> {
        let number = self.tables.number(namespace);
        let mut selectors = BTreeSet::new();
        for policy in &self.compiled {
            let own = Some(policy.namespace) == number;
            if own && (policy.egress.is_some() || policy.ingress.is_some()) {
                selectors.insert(policy.selector);
            }
            let rules = policy.egress.iter().chain(&policy.ingress).flatten();
            for peer in rules.flat_map(|rule| rule.peers.iter().flatten()) {
                let PeerTest::Pods {
                    namespaces,
                    pods: Some(pods),
                } = peer
                else {
                    continue;
                };
                if namespaces.map_or(own, |it| self.tables.selects(it, number, namespace, true)) {
                    selectors.insert(*pods);
                }
            }
        }
        selectors
            .into_iter()
            .filter_map(|number| self.tables.pod_selectors.get(number))
            .flat_map(crate::selector::Selector::keys)
            .collect()
    }

    /// Numbers of the policies that isolate a pod in that direction: the flow must match one of
    /// their rules. Empty for addresses.
    pub fn isolating(&self, endpoint: &Endpoint, direction: Direction) -> Vec<usize> {
        let prepared = self.prepare_once(endpoint);
        self.selecting(&prepared, direction).collect()
    }
}

fn compile(policy: &NetworkPolicy, tables: &mut Tables) -> Compiled {
    let spec = &policy.spec;
    let everything = LabelSelector::default();
    let selector = tables.pods_of(spec.pod_selector.as_ref().unwrap_or(&everything));
    let egress = is_of_type(spec, Direction::Egress).then(|| {
        let rules = spec.egress.iter().flatten();
        rules
            .map(|rule| Rule::new(rule.ports.as_ref(), rule.to.as_ref(), tables))
            .collect()
    });
    let ingress = is_of_type(spec, Direction::Ingress).then(|| {
        let rules = spec.ingress.iter().flatten();
        rules
            .map(|rule| Rule::new(rule.ports.as_ref(), rule.from.as_ref(), tables))
            .collect()
    });
    Compiled {
        namespace: tables.add(policy.namespace()),
        selector,
        egress,
        ingress,
    }
}

/// Whether the policy isolates pods in that direction: as `policyTypes` says, or by default Ingress
/// always and Egress if there is an egress rule.
pub(crate) fn is_of_type(spec: &PolicySpec, direction: Direction) -> bool {
    let name = match direction {
        Direction::Egress => "Egress",
        Direction::Ingress => "Ingress",
    };
    match spec.policy_types.as_deref() {
        None | Some([]) => {
            direction == Direction::Ingress
                || spec.egress.as_ref().is_some_and(|rules| !rules.is_empty())
        }
        Some(types) => types.iter().any(|it| it == name),
    }
}
