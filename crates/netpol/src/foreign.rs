//! Policies of other kinds: present, not evaluated.

/// A kind of policy that this crate does not evaluate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ForeignPolicy {
    /// API group.
    pub group: &'static str,
    /// Kind.
    pub kind: &'static str,
    /// What it can change about a verdict.
    pub effect: Effect,
}

/// What a policy of another kind can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Goes before every NetworkPolicy: can deny what it allows, and allow what it denies.
    Precedes,
    /// Counts where no NetworkPolicy selects the pod: can deny what would pass.
    FillsIn,
    /// Stands beside NetworkPolicy: can deny what that allows; what it allows may pass in addition.
    StandsBeside,
    /// Works on connections that passed: can refuse them.
    Follows,
}

const KINDS: [(&str, &str, Effect); 17] = [
    (
        "policy.networking.k8s.io",
        "AdminNetworkPolicy",
        Effect::Precedes,
    ),
    (
        "policy.networking.k8s.io",
        "ClusterNetworkPolicy",
        Effect::Precedes,
    ),
    (
        "policy.networking.k8s.io",
        "BaselineAdminNetworkPolicy",
        Effect::FillsIn,
    ),
    ("cilium.io", "CiliumNetworkPolicy", Effect::StandsBeside),
    (
        "cilium.io",
        "CiliumClusterwideNetworkPolicy",
        Effect::StandsBeside,
    ),
    (
        "crd.projectcalico.org",
        "NetworkPolicy",
        Effect::StandsBeside,
    ),
    (
        "crd.projectcalico.org",
        "GlobalNetworkPolicy",
        Effect::StandsBeside,
    ),
    (
        "crd.projectcalico.org",
        "StagedGlobalNetworkPolicy",
        Effect::StandsBeside,
    ),
    ("projectcalico.org", "NetworkPolicy", Effect::StandsBeside),
    (
        "projectcalico.org",
        "GlobalNetworkPolicy",
        Effect::StandsBeside,
    ),
    ("crd.antrea.io", "NetworkPolicy", Effect::Precedes),
    ("crd.antrea.io", "ClusterNetworkPolicy", Effect::Precedes),
    (
        "networking.k8s.aws",
        "ApplicationNetworkPolicy",
        Effect::StandsBeside,
    ),
    (
        "networking.k8s.aws",
        "ClusterNetworkPolicy",
        Effect::Precedes,
    ),
    (
        "networking.gke.io",
        "FQDNNetworkPolicy",
        Effect::StandsBeside,
    ),
    ("k8s.ovn.org", "EgressFirewall", Effect::StandsBeside),
    ("security.istio.io", "AuthorizationPolicy", Effect::Follows),
];

impl ForeignPolicy {
    /// Recognises a kind of policy by its `apiVersion` (or group) and `kind`.
    ///
    /// Where such a policy selects the client or the target, a verdict of this crate is at most a
    /// strong hint.
    pub fn recognize(api_version: &str, kind: &str) -> Option<Self> {
        let group = api_version.split('/').next().unwrap_or_default();
        KINDS
            .iter()
            .find(|(its_group, its_kind, _)| *its_group == group && *its_kind == kind)
            .map(|(group, kind, effect)| Self {
                group,
                kind,
                effect: *effect,
            })
    }

    /// What it can change, in a sentence.
    pub const fn sentence(&self) -> &'static str {
        match self.effect {
            Effect::Precedes => {
                "goes before NetworkPolicies and can deny or allow whatever they say; it was not evaluated"
            }
            Effect::FillsIn => {
                "counts where no NetworkPolicy selects the pod and can deny there; it was not evaluated"
            }
            Effect::StandsBeside => {
                "is applied beside NetworkPolicies and can deny what they allow; it was not evaluated"
            }
            Effect::Follows => {
                "can refuse connections that NetworkPolicies allow; it was not evaluated"
            }
        }
    }
}
