//! Label selectors, made ready to be matched often.

use crate::endpoint::{Labels, NAMESPACE_NAME_LABEL};
use crate::policy::{LabelSelector, Requirement};

/// A selector that is ready to be matched.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Selector {
    /// All of these must hold; none: everything matches.
    All(Vec<Test>),
    /// Invalid: what the API server refuses selects nothing.
    Nothing,
}

/// One test of one label.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Test {
    pub(crate) key: String,
    pub(crate) kind: TestKind,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum TestKind {
    Is(String),
    In(Vec<String>),
    NotIn(Vec<String>),
    Exists,
    DoesNotExist,
}

impl Selector {
    pub(crate) fn new(selector: &LabelSelector) -> Self {
        let labels = selector.match_labels.iter().flatten();
        let expressions = selector.match_expressions.iter().flatten();
        let mut tests: Vec<Test> = labels
            .map(|(key, value)| Test {
                key: key.clone(),
                kind: TestKind::Is(value.clone()),
            })
            .collect();
        for expression in expressions {
            let Some(kind) = kind(expression) else {
                return Self::Nothing;
            };
            tests.push(Test {
                key: expression.key.clone(),
                kind,
            });
        }
        Self::All(tests)
    }

    pub(crate) fn matches(&self, labels: &Labels) -> bool {
        match self {
            Self::All(tests) => tests
                .iter()
                .all(|test| test.holds(labels.get(&test.key).map(String::as_str))),
            Self::Nothing => false,
        }
    }

    /// Matches a namespace of which only the name was seen; `unseen` says how tests of other labels
    /// turn out.
    pub(crate) fn matches_name(&self, name: &str, unseen: bool) -> bool {
        match self {
            Self::All(tests) => tests.iter().all(|test| {
                if test.key == NAMESPACE_NAME_LABEL {
                    test.holds(Some(name))
                } else {
                    unseen
                }
            }),
            Self::Nothing => false,
        }
    }

    /// Labels that it looks at.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        let tests = match self {
            Self::All(tests) => tests.as_slice(),
            Self::Nothing => &[],
        };
        tests.iter().map(|test| test.key.as_str())
    }
}

fn kind(requirement: &Requirement) -> Option<TestKind> {
    let values = requirement.values.clone().unwrap_or_default();
    match (requirement.operator.as_str(), values.is_empty()) {
        ("In", false) => Some(TestKind::In(values)),
        ("NotIn", false) => Some(TestKind::NotIn(values)),
        ("Exists", true) => Some(TestKind::Exists),
        ("DoesNotExist", true) => Some(TestKind::DoesNotExist),
        _ => None,
    }
}

impl Test {
    pub(crate) fn holds(&self, value: Option<&str>) -> bool {
        match (&self.kind, value) {
            (TestKind::Is(wanted), value) => value == Some(wanted),
            (TestKind::In(wanted), Some(value)) => wanted.iter().any(|it| it == value),
            (TestKind::NotIn(unwanted), Some(value)) => unwanted.iter().all(|it| it != value),
            (TestKind::Exists, value) => value.is_some(),
            (TestKind::DoesNotExist, value) => value.is_none(),
            (TestKind::In(_), None) => false,
            (TestKind::NotIn(_), None) => true,
        }
    }
}
