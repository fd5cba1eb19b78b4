//! The first page: what is wrong, how sure that is, what speaks for and against it, what to do.

use std::sync::Arc;

use digpod_report::v1::{Cause, Report};
use leptos::prelude::*;

use super::badge::{Confidence, Severity};
use super::evidence::EvidenceList;
use super::probes::MatrixTable;
use super::prose::Prose;
use super::steps::{One, Steps};
use crate::app::Opened;
use crate::matrix;
use crate::model::{self, count, sentence};
use crate::route::{self, Route, Spot};

/// Places shown at once; the others are one click away.
const MOST_PLACES: usize = 4;

/// The first page.
#[component]
pub(super) fn CauseView(opened: Arc<Opened>) -> impl IntoView {
    let report = &opened.report;
    let eyebrow = match report.verdict.as_str() {
        "cause" => "The cause",
        "healthy" => "No fault found",
        "no-fault-seen" => "No fault seen",
        _ => "No cause found yet",
    };
    let first = report.causes.first();
    let confidence = first.map(|cause| view! { <Confidence level=cause.confidence.clone()/> });
    let explanation = first
        .map(|cause| cause.explanation.clone())
        .filter(|it| !it.is_empty());
    view! {
        <div class=format!("verdict {}", report.verdict)>
            <p class="eyebrow"><span>{eyebrow}</span>{confidence}</p>
            <h1><Prose text=sentence(&report.headline)/></h1>
            {explanation.map(|text| view! { <p class="lead"><Prose text/></p> })}
            {interrupted(report)}
            {symptoms(report)}
            {unexplained(report)}
            {watch(report)}
        </div>
        {in_question(report)}
        {first.map(|cause| view! { <Body report=report.clone() cause=cause.clone() prefix="c0"/> })}
        {first.is_none().then(|| view! { <Unexplained report=report.clone()/> })}
        {others(report)}
        {unseen(report)}
    }
}

fn unexplained(report: &Report) -> Option<impl IntoView + use<>> {
    let names = report.unexplained.join("; ");
    (!names.is_empty())
        .then(|| view! { <p class="warning">"Not explained by what was found: "{names}"."</p> })
}

fn interrupted(report: &Report) -> Option<impl IntoView + use<>> {
    let why = report.subject.interrupted.clone()?;
    Some(
        view! { <p class="warning">"Collecting ended early ("{why}"): what is missing may matter."</p> },
    )
}

/// What came of asking until it fails; leads to its record.
fn watch(report: &Report) -> Option<impl IntoView + use<>> {
    let watch = report.watch.as_ref()?;
    let to = route::hash(&Route::File(Spot::pointer(&watch.entry, &watch.pointer)));
    let told = sentence(&watch.told);
    Some(view! {
        <div class="observed">
            <h2 class="minor">"Asked until it fails"</h2>
            <p><a id="watch" href=to>{told}</a></p>
        </div>
    })
}

fn symptoms(report: &Report) -> Option<impl IntoView + use<>> {
    let observed = report
        .symptoms
        .iter()
        .map(|it| view! { <li>{sentence(it)}</li> })
        .collect_view();
    (!report.symptoms.is_empty()).then(|| {
        view! {
            <div class="observed">
                <h2 class="minor">"What was observed"</h2>
                <ul>{observed}</ul>
            </div>
        }
    })
}

/// What there is to say of one cause below its sentence.
#[component]
fn Body(report: Report, cause: Cause, prefix: &'static str) -> impl IntoView {
    let support = model::support(&report, &cause);
    let root = support
        .first()
        .map(|(_, finding)| finding.evidence.clone())
        .unwrap_or_default();
    let rest: Vec<_> = support
        .iter()
        .skip(1)
        .map(|(index, finding)| {
            let to = route::hash(&Route::Findings(u32::try_from(*index).ok()));
            let text = finding.message.clone();
            view! {
                <li class="also">
                    <Severity level=finding.severity.clone()/>
                    <a id=format!("{prefix}-f{index}") href=to><Prose text/></a>
                </li>
            }
        })
        .collect();
    let also = (!rest.is_empty()).then(|| {
        view! {
            <h3>"It also explains"</h3>
            <ul class="plain">{rest}</ul>
        }
    });
    let against = cause.contradicted_by.clone();
    view! {
        {(!cause.fix.is_empty()).then(|| view! {
            <section class="card fix">
                <h2>"What to do"</h2>
                <Steps steps=cause.fix.clone()/>
            </section>
        })}
        <div class="sides">
            <section class="card supports">
                <h2>"What supports it"</h2>
                <EvidenceList id=format!("{prefix}-s") evidence=root most=MOST_PLACES/>
                {also}
            </section>
            <section class="card contradicts">
                <h2>"What contradicts it"</h2>
                {if against.is_empty() {
                    view! { <p class="quiet">"Nothing in this bundle."</p> }.into_any()
                } else {
                    view! { <EvidenceList id=format!("{prefix}-a") evidence=against/> }.into_any()
                }}
                {cause.decide.map(|step| view! {
                    <div class="decide">
                        <h3>{if cause.confidence == "proven" { "To see it once more" } else { "What would decide" }}</h3>
                        <One step/>
                    </div>
                })}
            </section>
        </div>
        <p class="quiet rule">"Rule "<code>{cause.id}</code></p>
    }
}

/// No cause: what there is to look at all the same.
#[component]
fn Unexplained(report: Report) -> impl IntoView {
    let serious: Vec<_> = report
        .findings
        .iter()
        .enumerate()
        .filter(|(_, finding)| finding.severity != "info")
        .map(|(index, finding)| {
            let to = route::hash(&Route::Findings(u32::try_from(index).ok()));
            view! {
                <li class="also">
                    <Severity level=finding.severity.clone()/>
                    <a href=to id=format!("u-{index}")><Prose text=finding.message.clone()/></a>
                </li>
            }
        })
        .collect();
    (!serious.is_empty()).then(|| {
        view! {
            <section class="card">
                <h2>"What stands out all the same"</h2>
                <ul class="plain">{serious}</ul>
            </section>
        }
    })
}

/// What the servers say of the names in question.
fn in_question(report: &Report) -> Option<impl IntoView + use<>> {
    let tables: Vec<_> = matrix::tables(report)
        .into_iter()
        .filter(|table| table.class == "custom")
        .take(2)
        .map(|table| view! { <MatrixTable table id="q" level=3/> })
        .collect();
    (!tables.is_empty()).then(|| {
        view! {
            <section class="card">
                <h2>"Who says what"</h2>
                {tables}
                <p><a href="#/probes">"All probes"</a></p>
            </section>
        }
    })
}

fn others(report: &Report) -> Option<impl IntoView + use<>> {
    let others: Vec<_> = report
        .causes
        .iter()
        .skip(1)
        .zip(["c1", "c2", "c3", "c4", "c5", "c6", "c7"])
        .map(|(cause, prefix)| {
            let explanation = cause.explanation.clone();
            view! {
                <details class="finding">
                    <summary>
                        <Confidence level=cause.confidence.clone()/>
                        <span class="message">{cause.summary.clone()}</span>
                    </summary>
                    <div class="inside">
                        {(!explanation.is_empty()).then(|| view! { <p><Prose text=explanation/></p> })}
                        <Body report=report.clone() cause=cause.clone() prefix/>
                    </div>
                </details>
            }
        })
        .collect();
    (!others.is_empty()).then(|| {
        view! {
            <section>
                <h2>"Other causes, less likely"</h2>
                {others}
            </section>
        }
    })
}

fn unseen(report: &Report) -> Option<impl IntoView + use<>> {
    let gaps = report.gaps.len();
    (gaps > 0).then(|| {
        view! {
            <p class="quiet">
                <a href="#/gaps">{count(gaps, "thing", "things")}" could not be seen"</a>
                "; what is said above rests on the rest."
            </p>
        }
    })
}
