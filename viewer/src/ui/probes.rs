//! The probe matrix: from where, whom, what they said.

use std::sync::Arc;

use leptos::prelude::*;

use super::badge::Outcome;
use super::glance;
use crate::app::Opened;
use crate::matrix::{self, Cell, Table, Tone};
use crate::route::{self, Route, Spot};

/// The tables of all names.
#[component]
pub(super) fn ProbesView(opened: Arc<Opened>) -> impl IntoView {
    let report = &opened.report;
    let tables = matrix::tables(report);
    let none = tables.is_empty();
    let tables: Vec<_> = tables
        .into_iter()
        .map(|table| view! { <section class="card"><MatrixTable table id="m" level=2/></section> })
        .collect();
    view! {
        <div class="head"><h1>"Probes"</h1></div>
        {none.then(|| view! {
            <p class="lead quiet">"There are no answers of probes in this bundle, so nobody was asked. \u{201C}Not seen\u{201D} says why."</p>
        })}
        {(!none).then(|| view! {
            <p class="quiet">"Each cell: outcome, how many of the tries, the answer and its median time. It leads to the records."</p>
            <ul class="legend" aria-label="Symbols">
                <li><Outcome tone=Tone::Good/>"as it should be"</li>
                <li><Outcome tone=Tone::Mixed/>"now so, now otherwise"</li>
                <li><Outcome tone=Tone::Bad/>"a wrong answer"</li>
                <li><Outcome tone=Tone::Silent/>"no answer"</li>
                <li><Outcome tone=Tone::Plain/>"no such record"</li>
            </ul>
        })}
        {glance::glance(report)}
        {tables}
        {glance::beside(report)}
    }
}

/// The table of one name.
#[component]
pub(super) fn MatrixTable(table: Table, id: &'static str, level: u8) -> impl IntoView {
    let Table {
        name,
        about,
        servers,
        vantages,
        ..
    } = table;
    let anchor = format!("{id}-{name}");
    let title = if level == 2 {
        view! { <h2 class="name">{name.clone()}</h2> }.into_any()
    } else {
        view! { <h3 class="name">{name.clone()}</h3> }.into_any()
    };
    let labels: Vec<String> = servers
        .iter()
        .map(|it| format!("{} {}", it.role, it.address))
        .collect();
    let head = servers
        .into_iter()
        .map(|server| view! {
            <th scope="col" role="columnheader"><span class="role">{server.role}</span><span class="address">{server.address}</span></th>
        })
        .collect_view();
    let groups = vantages
        .into_iter()
        .map(|vantage| {
            let rows = vantage.questions.len().to_string();
            let mut from = Some(view! {
                <th scope="rowgroup" role="rowheader" rowspan=rows class="vantage">{vantage.id.clone()}<span class="what">{vantage.words}</span></th>
            });
            let lines = vantage
                .questions
                .into_iter()
                .enumerate()
                .map(|(row, question)| {
                    let place = format!("{anchor}-{}-{row}", vantage.id);
                    let cells = question
                        .cells
                        .into_iter()
                        .zip(&labels)
                        .enumerate()
                        .map(|(column, (cell, label))| {
                            cell_view(format!("{place}-{column}"), label.clone(), cell)
                        })
                        .collect_view();
                    view! { <tr role="row">{from.take()}<th scope="row" role="rowheader" class="question">{question.words}</th>{cells}</tr> }
                })
                .collect_view();
            view! { <tbody role="rowgroup">{lines}</tbody> }
        })
        .collect_view();
    view! {
        <div class="table-head">{title}<p class="quiet">{about}</p></div>
        <div class="scroll" tabindex="0" role="region" aria-label=format!("Answers about {name}")>
            <table class="matrix" role="table">
                <thead role="rowgroup"><tr role="row"><th scope="col" role="columnheader" class="vantage">"From"</th><th scope="col" role="columnheader">"Question"</th>{head}</tr></thead>
                {groups}
            </table>
        </div>
    }
}

/// A cell, which leads to its records.
pub(super) fn cell_view(id: String, label: String, cell: Option<Cell>) -> impl IntoView {
    let Some(cell) = cell else {
        return view! { <td role="cell" class="cell none" data-server=label><span aria-label="not asked">"\u{2013}"</span></td> }.into_any();
    };
    let (entry, pointer) = &cell.record;
    let to = route::hash(&Route::File(Spot::pointer(entry, pointer)));
    let mixed =
        (cell.tone == Tone::Mixed).then(|| view! { <span class="mixed-word">"mixed"</span> });
    let outcomes = cell
        .outcomes
        .into_iter()
        .map(|(tone, word, count)| view! {
            <span class="outcome"><Outcome tone/><b>{word}</b>" "<span class="times">{count}</span></span>
        })
        .collect_view();
    let detail = [cell.answers, cell.latency];
    let detail: Vec<_> = detail
        .into_iter()
        .filter(|it| !it.is_empty())
        .map(|it| view! { <span>{it}</span> })
        .collect();
    view! {
        <td role="cell" class=format!("cell {}", cell.tone.class()) data-server=label>
            <a id=id href=to>
                {mixed}
                {outcomes}
                {(!detail.is_empty()).then(|| view! { <span class="detail">{detail}</span> })}
            </a>
        </td>
    }
    .into_any()
}
