//! What the policies say of a flow.

use std::fmt;

use crate::endpoint::Direction;

/// What the policies say of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Both directions let it pass.
    Allowed(Reading),
    /// A direction blocks it.
    Denied(Reading),
    /// It hangs on something that the API leaves to the network plugin, or that was not seen.
    Undetermined {
        /// The fewest assumptions that, turned round, change the result.
        depends_on: Assumptions,
        /// What most plugins do.
        usual: Reading,
        /// The result with `depends_on` turned round.
        other: Reading,
    },
    /// A pod that has ended or has no address yet takes part in no flow.
    NotEvaluated(NotEvaluated),
}

impl Verdict {
    /// Whether the flow passes as most plugins read the policies; none for pods that take no part.
    pub fn usually_allowed(&self) -> Option<bool> {
        self.usual().map(|reading| reading.is_allowed())
    }

    /// The usual reading; none for pods that take no part.
    pub fn usual(&self) -> Option<Reading> {
        match self {
            Self::Allowed(reading) | Self::Denied(reading) => Some(*reading),
            Self::Undetermined { usual, .. } => Some(*usual),
            Self::NotEvaluated(_) => None,
        }
    }
}

/// Both directions under one set of assumptions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Why the sender may send; none: blocked.
    pub egress: Option<Pass>,
    /// Why the receiver may receive; none: blocked.
    pub ingress: Option<Pass>,
}

impl Reading {
    /// Whether both directions let the flow pass.
    pub const fn is_allowed(&self) -> bool {
        self.egress.is_some() && self.ingress.is_some()
    }

    /// Why that direction lets it pass; none: blocked.
    pub const fn pass(&self, direction: Direction) -> Option<Pass> {
        match direction {
            Direction::Egress => self.egress,
            Direction::Ingress => self.ingress,
        }
    }
}

/// Why a direction lets a flow pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// That end is no pod, so that no policy selects it.
    NotAPod,
    /// That end is a pod in its node's network, which policies do not select.
    HostNetwork,
    /// A pod always reaches itself.
    Itself,
    /// A pod and its own node always reach each other.
    OwnNode,
    /// No policy selects the pod for this direction.
    NotIsolated,
    /// A rule allows it.
    Rule(RuleId),
}

/// A rule of a policy, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RuleId {
    /// Number of the policy, in [`crate::PolicySet::policies`].
    pub policy: usize,
    /// Number of the rule in the policy's `egress` or `ingress`.
    pub rule: usize,
    /// In which of the two.
    pub direction: Direction,
}

impl RuleId {
    /// JSON pointer of the rule in its policy, like `/spec/egress/0`.
    pub fn pointer(&self) -> String {
        format!("/spec/{}/{}", self.direction.field(), self.rule)
    }
}

/// Why a flow was not evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotEvaluated {
    /// Whose fault it is: the sender's ([`Direction::Egress`]) or the receiver's.
    pub end: Direction,
    /// Ended, or without an address.
    pub finished: bool,
}

/// Something that decides a verdict without being in the policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Assumption {
    /// The plugin tells pods in their node's network from the node, so that selectors match them and
    /// policies select them. Left open by the API; usual: not.
    HostNetworkIsSelected,
    /// Blocks of addresses match pods that have such an address. The API means them for addresses
    /// outside the cluster; usual: they do. Cilium's do not.
    BlocksMatchPods,
    /// A pod may always send to its own node, and so to a DNS cache that listens there, on a
    /// link-local address for example. The documentation says so; usual: plugins hold the policies
    /// against it all the same.
    OwnNodeIsAlwaysAllowed,
    /// Selectors match the labels of a namespace that was not seen.
    UnseenLabelsMatch,
    /// Policies are applied to the address of the Service, before it is translated to a pod's. Left
    /// open by the API; usual: after.
    BeforeServiceTranslation,
}

impl Assumption {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::HostNetworkIsSelected,
        Self::BlocksMatchPods,
        Self::OwnNodeIsAlwaysAllowed,
        Self::UnseenLabelsMatch,
        Self::BeforeServiceTranslation,
    ];

    /// Whether most plugins behave so.
    pub const fn usual(self) -> bool {
        matches!(self, Self::BlocksMatchPods)
    }

    /// What is open, in a sentence.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::HostNetworkIsSelected => {
                "the API leaves open whether policies see pods in their node's network (hostNetwork) as pods; most network plugins see only the node"
            }
            Self::BlocksMatchPods => {
                "ipBlock is meant for addresses outside the cluster; whether it matches a pod by its address is up to the network plugin (Cilium: no, most others: yes)"
            }
            Self::OwnNodeIsAlwaysAllowed => {
                "traffic between a pod and its own node is always allowed by the documentation, but many network plugins hold egress policies against it; a link-local DNS cache is such a case"
            }
            Self::UnseenLabelsMatch => {
                "the labels of a namespace were not seen, and a namespaceSelector asks for them"
            }
            Self::BeforeServiceTranslation => {
                "the API leaves open whether policies see the address of a Service or the pod behind it; most network plugins see the pod"
            }
        }
    }

    /// Whether it is the API that leaves it open, not something that was not seen.
    pub const fn is_implementation_defined(self) -> bool {
        !matches!(self, Self::UnseenLabelsMatch)
    }

    const fn bit(self) -> u8 {
        match self {
            Self::HostNetworkIsSelected => 1,
            Self::BlocksMatchPods => 2,
            Self::OwnNodeIsAlwaysAllowed => 4,
            Self::UnseenLabelsMatch => 8,
            Self::BeforeServiceTranslation => 16,
        }
    }
}

/// A set of [`Assumption`].
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Assumptions(u8);

impl Assumptions {
    /// None of them.
    pub const NONE: Self = Self(0);
    /// Those that hold for most plugins.
    pub const USUAL: Self = Self(2);

    /// Whether it is among them.
    pub const fn has(self, assumption: Assumption) -> bool {
        self.0 & assumption.bit() != 0
    }

    /// With or without it.
    #[must_use]
    pub const fn with(self, assumption: Assumption, holds: bool) -> Self {
        if holds {
            Self(self.0 | assumption.bit())
        } else {
            Self(self.0 & !assumption.bit())
        }
    }

    /// Those that are in one of the two only.
    #[must_use]
    pub(crate) const fn turned(self, which: Self) -> Self {
        Self(self.0 ^ which.0)
    }

    pub(crate) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(crate) const fn is_within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    pub(crate) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Every combination of what the evaluator turns round, small ones first.
    pub(crate) fn combinations() -> impl Iterator<Item = Self> {
        const BY_SIZE: [u8; 15] = [1, 2, 4, 8, 3, 5, 6, 9, 10, 12, 7, 11, 13, 14, 15];
        BY_SIZE.into_iter().map(Self)
    }

    /// In order.
    pub fn iter(self) -> impl Iterator<Item = Assumption> {
        Assumption::ALL.into_iter().filter(move |it| self.has(*it))
    }
}

impl fmt::Debug for Assumptions {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_set().entries(self.iter()).finish()
    }
}
