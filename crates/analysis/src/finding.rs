//! Findings: what a rule saw, how bad and how sure, and where it can be checked.

use digpod_bundle::Place;

use crate::rule::Rule;
use crate::symptom::Symptom;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Context that changes how other findings are read.
    Info,
    /// Hygiene.
    Low,
    /// Degradation, or a latent fault that needs another event to bite.
    Medium,
    /// Explains failures for some pods, nodes, zones or a fraction of queries.
    High,
    /// DNS is down for the whole cluster or will be at the next restart.
    Critical,
}

impl Severity {
    /// The word in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// How sure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// One indirect fact (the catalogue's "circumstantial").
    Possible,
    /// Two independent indirect facts (the catalogue's "strong").
    Likely,
    /// The fault itself was observed.
    Proven,
}

impl Confidence {
    /// The word in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Possible => "possible",
            Self::Likely => "likely",
            Self::Proven => "proven",
        }
    }
}

/// What a finding is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// The whole cluster.
    Cluster,
    /// One namespace.
    Namespace(String),
    /// One node.
    Node(String),
    /// One pod, `namespace/name`.
    Pod(String),
    /// One name or zone, with its final dot.
    Name(String),
}

/// A place and what to notice there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Where.
    pub place: Place,
    /// What to notice, a clause without a full stop.
    pub note: String,
}

/// One step of a fix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixStep {
    /// What to do, one sentence.
    pub text: String,
    /// The command that does it, ready to paste.
    pub command: Option<String>,
}

/// Something a rule saw.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule that saw it.
    pub rule: &'static Rule,
    /// How bad; the rule's own severity unless the finding says otherwise.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// What it is about.
    pub scope: Scope,
    /// One sentence without a full stop: what is wrong.
    pub message: String,
    /// Why this matters here, with numbers (the odds), a few sentences; may be empty.
    pub explanation: String,
    /// The evidence; the first is the primary one.
    pub evidence: Vec<Evidence>,
    /// Observed symptoms that it explains.
    pub explains: Vec<Symptom>,
    /// Observed facts that speak against it, each a clause with its place.
    pub contradicted_by: Vec<Evidence>,
    /// What to do about it, in order.
    pub fix: Vec<FixStep>,
    /// The check that would decide whether it is the cause: what, and its command.
    pub decide: Option<FixStep>,
}

impl Finding {
    /// A finding needs its primary evidence and its confidence; nothing else is certain at birth.
    pub fn new(
        rule: &'static Rule,
        confidence: Confidence,
        scope: Scope,
        message: impl Into<String>,
        primary: Evidence,
    ) -> Self {
        Self {
            rule,
            severity: rule.severity,
            confidence,
            scope,
            message: message.into(),
            explanation: String::new(),
            evidence: vec![primary],
            explains: Vec::new(),
            contradicted_by: Vec::new(),
            fix: Vec::new(),
            decide: None,
        }
    }

    /// Replaces the rule's severity.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// Adds further evidence.
    #[must_use]
    pub fn because(mut self, evidence: Evidence) -> Self {
        self.evidence.push(evidence);
        self
    }

    /// Says why it matters here.
    #[must_use]
    pub fn explain(mut self, explanation: impl Into<String>) -> Self {
        self.explanation = explanation.into();
        self
    }

    /// Names the observed symptoms that it explains.
    #[must_use]
    pub fn explaining(mut self, symptoms: impl IntoIterator<Item = Symptom>) -> Self {
        self.explains.extend(symptoms);
        self
    }

    /// Adds an observed fact that speaks against it.
    #[must_use]
    pub fn contradicted(mut self, evidence: Evidence) -> Self {
        self.contradicted_by.push(evidence);
        self
    }

    /// Adds a step of the fix.
    #[must_use]
    pub fn fix(mut self, text: impl Into<String>, command: Option<String>) -> Self {
        self.fix.push(FixStep {
            text: text.into(),
            command,
        });
        self
    }

    /// Names the check that would decide.
    #[must_use]
    pub fn decide(mut self, text: impl Into<String>, command: Option<String>) -> Self {
        self.decide = Some(FixStep {
            text: text.into(),
            command,
        });
        self
    }
}

/// The findings of one run, in the order they were made.
#[derive(Debug, Default)]
pub struct Findings(Vec<Finding>);

impl Findings {
    /// Adds one.
    pub fn push(&mut self, finding: Finding) {
        self.0.push(finding);
    }

    /// Gives them all.
    pub fn into_vec(self) -> Vec<Finding> {
        self.0
    }
}
