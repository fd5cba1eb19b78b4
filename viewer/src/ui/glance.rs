//! One table of who fails where, and what was asked beside it.

use digpod_report::reading;
use digpod_report::v1::Report;
use leptos::prelude::*;

use super::probes::cell_view;
use crate::matrix;
use crate::model::sentence;
use crate::route::{self, Route, Spot};

/// Each name that fails somewhere as rows; the others as a line each.
pub(super) fn glance(report: &Report) -> Option<impl IntoView + use<>> {
    let contrast = &report.contrast;
    let failing: Vec<_> = contrast.names.iter().filter(|it| it.fails).collect();
    let rows = || failing.iter().flat_map(|it| &it.from);
    let asked = |at: usize| rows().any(|row| row.cells.get(at).is_some_and(Option::is_some));
    let columns = contrast.servers.iter().enumerate();
    let columns: Vec<_> = columns.filter(|(at, _)| asked(*at)).collect();
    let head = columns
        .iter()
        .map(|(_, server)| {
            let detail = reading::detail(server).join(" ");
            view! {
                <th scope="col" role="columnheader"><span class="address">{reading::server(server)}</span><span class="role">{detail}</span></th>
            }
        })
        .collect_view();
    let parts = failing
        .iter()
        .enumerate()
        .map(|(part, names)| {
            let lines = names
                .from
                .iter()
                .map(|row| {
                    let cells = columns
                        .iter()
                        .map(|(at, server)| {
                            let cell = row.cells.get(*at).and_then(Option::as_ref);
                            let id = format!("g-{part}-{}-{at}", row.vantage);
                            cell_view(id, reading::server(server), cell.map(matrix::glance))
                        })
                        .collect_view();
                    view! {
                        <tr role="row"><th scope="row" role="rowheader" class="vantage">{reading::place(row)}<span class="what">{reading::stands(row)}</span></th>{cells}</tr>
                    }
                })
                .collect_view();
            let span = (columns.len() + 1).to_string();
            view! {
                <tbody role="rowgroup">
                    <tr role="row"><th scope="rowgroup" role="rowheader" colspan=span class="about">{reading::about(names)}<span class="what">{names.reading.clone()}</span></th></tr>
                    {lines}
                </tbody>
            }
        })
        .collect_view();
    let well = contrast
        .names
        .iter()
        .filter(|it| !it.fails)
        .map(|it| view! { <li>{format!("{}: {}", sentence(&reading::about(it)), reading::all_well(contrast, it))}</li> })
        .collect_view();
    (!contrast.names.is_empty()).then(|| {
        view! {
            <section class="card">
                <h2>"At a glance: who fails, asked from where"</h2>
                {(!failing.is_empty()).then(|| view! {
                    <p class="quiet">"Each cell: A over UDP, in n of m tries. + is AAAA or TCP, where that came out otherwise."</p>
                    <div class="scroll" tabindex="0" role="region" aria-label="Who fails, asked from where">
                        <table class="matrix glance" role="table">
                            <thead role="rowgroup"><tr role="row"><th scope="col" role="columnheader" class="vantage">"From"</th>{head}</tr></thead>
                            {parts}
                        </table>
                    </div>
                })}
                <p class="quiet">{reading::bounds(contrast, "OK")}</p>
                <ul class="plain">{well}</ul>
            </section>
        }
    })
}

/// The search list, pairs and sizes.
pub(super) fn beside(report: &Report) -> Option<impl IntoView + use<>> {
    let notes = digpod_report::notes(report);
    let some = !notes.is_empty();
    let notes = notes
        .into_iter()
        .enumerate()
        .map(|(at, note)| {
            let text = sentence(&note.text);
            let text = match note.record {
                Some((entry, pointer)) => {
                    let to = route::hash(&Route::File(Spot::pointer(&entry, &pointer)));
                    view! { <a id=format!("beside-{at}") href=to>{text}</a> }.into_any()
                }
                None => text.into_any(),
            };
            view! { <li>{text}</li> }
        })
        .collect_view();
    some.then(|| view! { <section class="card"><h2>"Asked beside"</h2><ul>{notes}</ul></section> })
}
