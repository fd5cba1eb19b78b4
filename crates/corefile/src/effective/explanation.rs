//! The way of a query through the configuration, step by step.

use super::block::{self, Choice};
use super::chain;
use super::end::End;
use super::query::Query;
use crate::plugin::Version;
use crate::tree::{Corefile, Span};

/// What a plugin does with the query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It passes it on untouched; why.
    Passes(String),
    /// It asks under another name from here on.
    Renames {
        /// The new name.
        to: String,
        /// Whether the answer gets the old name back.
        restored: bool,
    },
    /// It asks for another type from here on.
    Retypes(String),
    /// It asks in another class from here on.
    Reclasses(String),
    /// It changes something else of the query, or of the answer on its way back; what.
    Alters(String),
    /// It may end the way, which cannot be known from the configuration; otherwise the query goes
    /// on.
    MayEnd {
        /// Upon what that depends.
        depends: String,
        /// How it then ends.
        end: End,
    },
    /// It may change the query, which cannot be known from the configuration; what is said of the
    /// steps behind it holds if it does not.
    MayChange(String),
    /// It ends the way.
    Ends(End),
}

/// What one directive does with the query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The plugin.
    pub plugin: &'static str,
    /// The directive or property that decides.
    pub span: Span,
    /// The name that is asked for when the query arrives there.
    pub name: String,
    /// What it does.
    pub effect: Effect,
}

impl Step {
    /// One sentence: `cache: may answer from what it kept, for at most 30 s; otherwise the query goes
    /// on`.
    pub fn sentence(&self) -> String {
        let plugin = self.plugin;
        match &self.effect {
            Effect::Passes(why) => format!("{plugin}: passes on: {why}"),
            Effect::Renames { to, restored: true } => {
                format!("{plugin}: asks for {to} instead, and gives the answer the old name")
            }
            Effect::Renames { to, .. } => format!("{plugin}: asks for {to} instead"),
            Effect::Retypes(to) => format!("{plugin}: asks for type {to} instead"),
            Effect::Reclasses(to) => format!("{plugin}: asks in class {to} instead"),
            Effect::MayEnd { depends, end } => {
                let end = end.sentence();
                format!("{plugin}: depends on {depends}: if so, {end}; otherwise the query goes on")
            }
            Effect::Alters(what) | Effect::MayChange(what) => format!("{plugin}: {what}"),
            Effect::Ends(end) => format!("{plugin}: {}", end.sentence()),
        }
    }
}

/// The way of a query through the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The query.
    pub query: Query,
    /// The server block that takes it, and why; `None` if none does.
    pub choice: Option<Choice>,
    /// What each plugin does, in the order in which they are asked.
    pub steps: Vec<Step>,
    /// How it ends if no earlier step that may end it does.
    pub end: End,
}

impl Explanation {
    /// Whether the end is certain: no step before it depends on what the configuration does not say.
    pub fn is_certain(&self) -> bool {
        let sure = self
            .choice
            .as_ref()
            .is_none_or(|choice| choice.depends.is_none());
        sure && !self
            .steps
            .iter()
            .any(|step| matches!(step.effect, Effect::MayEnd { .. } | Effect::MayChange(_)))
    }

    /// One sentence for each thing that happens, the end last.
    pub fn sentences(&self) -> Vec<String> {
        let mut sentences = Vec::new();
        if let Some(choice) = &self.choice {
            sentences.push(choice.sentence());
        }
        sentences.extend(self.steps.iter().map(Step::sentence));
        // The last step says how it ends, unless the way just stops.
        let said = self
            .steps
            .last()
            .is_some_and(|step| matches!(step.effect, Effect::Ends(_)));
        if !said {
            sentences.push(self.end.sentence());
        }
        sentences
    }
}

/// Follows a query: which block takes it, what each plugin does with it, and how that ends.
///
/// ```
/// use digpod_corefile::plugin::Version;
/// use digpod_corefile::{End, Query, Source, explain, parse};
///
/// let text = ".:53 {\n    cache 30\n    forward . 10.1.0.4 10.1.0.5\n}\n";
/// let corefile = parse(Source::new("Corefile", text), Vec::new());
/// let way = explain(&corefile, Version::new(1, 11, 3), &Query::new("app.example.org", "A"));
/// assert!(matches!(way.end, End::Forwarded { ref hops, .. } if hops.len() == 2));
/// assert_eq!(
///     way.sentences().last().map(String::as_str),
///     Some("forward: asks in random order 10.1.0.4, 10.1.0.5; the first answer counts, whatever its response code"),
/// );
/// ```
pub fn explain(corefile: &Corefile, version: Version, query: &Query) -> Explanation {
    let mut explanation = Explanation {
        query: query.clone(),
        choice: None,
        steps: Vec::new(),
        end: End::NoBlock,
    };
    if query.class != "IN" && !block::takes_classes(corefile, query) {
        explanation.end = End::Class;
        return explanation;
    }
    let Some(choice) = block::choose(corefile, version, query) else {
        return explanation;
    };
    if let Some(block) = corefile.blocks.get(choice.block) {
        let (steps, end) = chain::walk(block, version, query);
        explanation.steps = steps;
        explanation.end = end;
    }
    explanation.choice = Some(choice);
    explanation
}
