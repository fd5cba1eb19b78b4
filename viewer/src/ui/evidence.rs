//! Evidence: its excerpt, and the link to its line.

use digpod_report::v1::Evidence;
use leptos::prelude::*;

use super::prose::Prose;
use crate::model;
use crate::route::{self, Route};

/// A list of places, the first `most` of them at once; `id` makes the ids of their links, so that
/// "back" finds the one that was followed.
#[component]
pub(super) fn EvidenceList(
    id: String,
    evidence: Vec<Evidence>,
    #[prop(default = usize::MAX)] most: usize,
) -> impl IntoView {
    let one = |(index, evidence): (usize, Evidence)| {
        view! { <li><Place id=format!("{id}-{index}") evidence/></li> }
    };
    let mut all = evidence.into_iter().enumerate();
    let first = all.by_ref().take(most).map(one).collect_view();
    let rest: Vec<_> = all.map(one).collect();
    let number = rest.len();
    view! {
        <ul class="evidence">{first}</ul>
        {(number > 0).then(|| view! {
            <details class="more">
                <summary>{model::count(number, "more place", "more places")}</summary>
                <ul class="evidence">{rest}</ul>
            </details>
        })}
    }
}

/// A place with what to notice and the lines themselves.
#[component]
pub(super) fn Place(id: String, evidence: Evidence) -> impl IntoView {
    let spot = model::spot(&evidence);
    let to = route::hash(&Route::File(spot.clone()));
    let lines = (evidence.excerpt.first_line..)
        .zip(evidence.excerpt.lines.clone())
        .map(|(number, text)| {
            let within = (evidence.line..=evidence.end_line).contains(&number);
            view! { <Line number text spot=spot.clone() within/> }
        });
    let lines = lines.collect_view();
    view! {
        {(!evidence.note.is_empty()).then(|| view! { <p class="note"><Prose text=model::sentence(&evidence.note)/></p> })}
        <a class="place" id=id href=to>
            <svg viewBox="0 0 16 16" aria-hidden="true"><path class="line" d="M9.5 1.5h-6v13h9v-10zM9.5 1.5v3h3"/></svg>
            <span>{model::place_words(&evidence)}</span>
        </a>
        {(!evidence.excerpt.lines.is_empty()).then(|| view! {
            <pre class="excerpt" tabindex="0"><code>{lines}</code></pre>
        })}
    }
}

/// A numbered line, with the part that is meant marked.
#[component]
fn Line(number: u32, text: String, spot: route::Spot, within: bool) -> impl IntoView {
    let parts = model::mark(&text, number, &spot);
    view! {
        <span class="row" class:within=within>
            <span class="number" aria-hidden="true">{number}</span>
            <span class="text">
                {parts.before}
                {(!parts.marked.is_empty()).then(|| view! { <mark>{parts.marked}</mark> })}
                {parts.after}
                "\n"
            </span>
        </span>
    }
}
