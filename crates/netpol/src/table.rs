//! Namespaces and selectors by number: each selector is kept once, however many rules use it.

use std::collections::BTreeMap;

use crate::endpoint::{Labels, Namespace};
use crate::policy::LabelSelector;
use crate::selector::Selector;

/// A namespace that somebody named: in the list of namespaces, or as the home of a policy.
#[derive(Clone, Debug, Default)]
pub(crate) struct NamespaceEntry {
    pub(crate) name: String,
    /// None: the namespace itself was not seen.
    pub(crate) labels: Option<Labels>,
    /// Policies with rules of that direction, in their order.
    pub(crate) egress: Vec<usize>,
    pub(crate) ingress: Vec<usize>,
}

/// A selector of namespaces, matched with every one in the table.
#[derive(Clone, Debug)]
pub(crate) struct NamespaceSelector {
    selector: Selector,
    /// By number of the namespace; tests of labels that were not seen fail.
    plain: Vec<bool>,
    /// The same, when those tests hold.
    open: Vec<bool>,
}

/// Everything by number.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tables {
    pub(crate) namespaces: Vec<NamespaceEntry>,
    by_name: BTreeMap<String, usize>,
    pub(crate) pod_selectors: Vec<Selector>,
    pod_numbers: BTreeMap<Selector, usize>,
    pub(crate) namespace_selectors: Vec<NamespaceSelector>,
    namespace_numbers: BTreeMap<Selector, usize>,
}

impl Tables {
    pub(crate) fn new(namespaces: impl IntoIterator<Item = Namespace>) -> Self {
        let mut tables = Self::default();
        for namespace in namespaces {
            let number = tables.add(&namespace.name);
            if let Some(entry) = tables.namespaces.get_mut(number) {
                entry.labels = Some(namespace.labels);
            }
        }
        tables
    }

    /// The number of the namespace, which it gets if it has none.
    pub(crate) fn add(&mut self, name: &str) -> usize {
        if let Some(number) = self.by_name.get(name) {
            return *number;
        }
        let number = self.namespaces.len();
        self.namespaces.push(NamespaceEntry {
            name: name.to_owned(),
            ..NamespaceEntry::default()
        });
        self.by_name.insert(name.to_owned(), number);
        number
    }

    pub(crate) fn number(&self, namespace: &str) -> Option<usize> {
        self.by_name.get(namespace).copied()
    }

    pub(crate) fn entry(&self, namespace: usize) -> Option<&NamespaceEntry> {
        self.namespaces.get(namespace)
    }

    /// Whether the labels of the namespace were seen.
    pub(crate) fn seen(&self, namespace: Option<usize>) -> bool {
        namespace
            .and_then(|number| self.entry(number))
            .is_some_and(|entry| entry.labels.is_some())
    }

    pub(crate) fn pods_of(&mut self, selector: &LabelSelector) -> usize {
        let selector = Selector::new(selector);
        if let Some(number) = self.pod_numbers.get(&selector) {
            return *number;
        }
        let number = self.pod_selectors.len();
        self.pod_selectors.push(selector.clone());
        self.pod_numbers.insert(selector, number);
        number
    }

    pub(crate) fn namespaces_of(&mut self, selector: &LabelSelector) -> usize {
        let selector = Selector::new(selector);
        if let Some(number) = self.namespace_numbers.get(&selector) {
            return *number;
        }
        let number = self.namespace_selectors.len();
        let matched = |unseen| {
            let namespaces = self.namespaces.iter();
            namespaces
                .map(|entry| match &entry.labels {
                    Some(labels) => selector.matches(labels),
                    None => selector.matches_name(&entry.name, unseen),
                })
                .collect()
        };
        let entry = NamespaceSelector {
            plain: matched(false),
            open: matched(true),
            selector: selector.clone(),
        };
        self.namespace_selectors.push(entry);
        self.namespace_numbers.insert(selector, number);
        number
    }

    /// Whether the selector selects the namespace; `unseen` says how tests of labels that were not
    /// seen turn out.
    pub(crate) fn selects(
        &self,
        selector: usize,
        namespace: Option<usize>,
        name: &str,
        unseen: bool,
    ) -> bool {
        let Some(entry) = self.namespace_selectors.get(selector) else {
            return false;
        };
        let known = if unseen { &entry.open } else { &entry.plain };
        match namespace.and_then(|number| known.get(number)) {
            Some(matched) => *matched,
            None => entry.selector.matches_name(name, unseen),
        }
    }
}
