//! The findings, by severity, with a filter.

use std::sync::Arc;

use digpod_report::v1::Finding;
use leptos::prelude::*;

use super::badge::{Confidence, Severity};
use super::evidence::EvidenceList;
use super::prose::Prose;
use super::steps::{One, Steps};
use crate::app::{Opened, app};
use crate::dom;
use crate::model::{count, groups, sentence};
use crate::route::Route;

/// The findings.
#[component]
pub(super) fn FindingsView(opened: Arc<Opened>) -> impl IntoView {
    let app = app();
    let filter = RwSignal::new(String::new());
    let total = opened.report.findings.len();
    let matching = {
        let opened = opened.clone();
        Memo::new(move |_| groups(&opened.report, &filter.get()))
    };
    let shown =
        move || matching.with(|all| all.iter().map(|group| group.findings.len()).sum::<usize>());
    // Coming from a cause: the finding is opened and scrolled to.
    Effect::new(move |_| {
        if let Route::Findings(Some(index)) = app.route.get() {
            filter.set(String::new());
            dom::after_drawing(move || reveal(index));
        }
    });
    view! {
        <div class="head">
            <h1>"Findings"</h1>
            <Filter id="filter-findings" label="Filter findings" filter/>
            <p class="quiet" role="status">
                {move || if filter.with(String::is_empty) {
                    count(total, "finding", "findings")
                } else {
                    format!("{} of {}", shown(), count(total, "finding", "findings"))
                }}
            </p>
        </div>
        {move || matching.get().into_iter().map(|group| {
            let findings = group.findings.iter().filter_map(|&index| {
                let finding = opened.report.findings.get(index)?.clone();
                Some(view! { <FindingCard index finding/> })
            }).collect_view();
            view! {
                <section class="group">
                    <h2>{sentence(group.severity)}<span class="count">{group.findings.len()}</span></h2>
                    {findings}
                </section>
            }
        }).collect_view()}
        {move || (shown() == 0).then(|| view! {
            <p class="lead quiet">{if total == 0 { "Nothing was found." } else { "No finding has all these words." }}</p>
        })}
    }
}

fn reveal(index: u32) {
    let Some(finding) = dom::document().get_element_by_id(&format!("finding-{index}")) else {
        return;
    };
    // Attributes with these names can always be set.
    let _ = finding.set_attribute("open", "");
    finding.scroll_into_view();
    if let Ok(Some(summary)) = finding.query_selector("summary") {
        summary.set_id(&format!("finding-{index}-summary"));
        dom::focus(&format!("finding-{index}-summary"));
    }
}

#[component]
fn FindingCard(index: usize, finding: Finding) -> impl IntoView {
    let Finding {
        rule,
        severity,
        confidence,
        scope,
        message,
        explanation,
        evidence,
        fix,
        decide,
    } = finding;
    view! {
        <details class="finding" id=format!("finding-{index}")>
            <summary>
                <Severity level=severity/>
                <span class="message"><Prose text=message/></span>
                <span class="facts"><span>{scope}</span><code>{rule}</code></span>
            </summary>
            <div class="inside">
                <p><Confidence level=confidence/></p>
                {(!explanation.is_empty()).then(|| view! { <p><Prose text=explanation/></p> })}
                <h3>"Evidence"</h3>
                <EvidenceList id=format!("f{index}") evidence/>
                {(!fix.is_empty()).then(|| view! { <h3>"What to do"</h3><Steps steps=fix/> })}
                {decide.map(|step| view! { <h3>"What would decide"</h3><One step/> })}
            </div>
        </details>
    }
}

/// A field that narrows a list.
#[component]
pub(super) fn Filter(
    id: &'static str,
    label: &'static str,
    filter: RwSignal<String>,
) -> impl IntoView {
    view! {
        <label class="filter">
            <span class="unseen">{label}</span>
            <svg viewBox="0 0 16 16" aria-hidden="true"><circle class="line" cx="7" cy="7" r="4.5"/><path class="line" d="M10.5 10.5L14 14"/></svg>
            <input
                id=id
                type="search"
                placeholder=label
                autocomplete="off"
                spellcheck="false"
                prop:value=move || filter.get()
                on:input=move |event| filter.set(event_target_value(&event))
            />
            <kbd aria-hidden="true">"/"</kbd>
        </label>
    }
}
