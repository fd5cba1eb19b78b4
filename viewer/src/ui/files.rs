//! Every entry: what it was taken for and why.

use std::sync::Arc;

use leptos::prelude::*;

use super::findings::Filter;
use crate::app::Opened;
use crate::model::{count, filter_words, holds, size};
use crate::route::{self, Route, Spot};

/// Rows shown at once; more are a filter away.
const MAX_ROWS: usize = 500;

/// The entries.
#[component]
pub(super) fn FilesView(opened: Arc<Opened>) -> impl IntoView {
    let filter = RwSignal::new(String::new());
    let total = opened.report.inputs.len();
    let matching = Memo::new(move |_| {
        let words = filter_words(&filter.get());
        let inputs = opened.report.inputs.iter();
        inputs
            .filter(|it| {
                holds(
                    &format!("{}\n{}\n{}\n{}", it.entry, it.taken_for, it.why, it.status),
                    &words,
                )
            })
            .cloned()
            .collect::<Vec<_>>()
    });
    let shown = move || matching.with(Vec::len);
    view! {
        <div class="head">
            <h1>"Files"</h1>
            <Filter id="filter-files" label="Filter files" filter/>
            <p class="quiet" role="status">
                {move || if filter.with(String::is_empty) {
                    count(total, "file", "files")
                } else {
                    format!("{} of {}", shown(), count(total, "file", "files"))
                }}
                {move || (shown() > MAX_ROWS).then(|| format!(", the first {MAX_ROWS} are shown"))}
            </p>
        </div>
        <div class="scroll" tabindex="0" role="region" aria-label="Files">
            <table class="list files">
                <thead><tr>
                    <th scope="col">"File"</th><th scope="col">"Taken for"</th><th scope="col">"Why"</th>
                    <th scope="col">"Status"</th><th scope="col" class="right">"Size"</th>
                </tr></thead>
                <tbody>
                    <tr>
                        <th scope="row"><a id="file-manifest" href="#/files/manifest.json">"manifest.json"</a></th>
                        <td>"manifest"</td><td class="quiet">"what was collected, when and how"</td><td></td><td></td>
                    </tr>
                    {move || matching.get().into_iter().take(MAX_ROWS).map(|input| {
                        let to = route::hash(&Route::File(Spot::entry(&input.entry)));
                        view! {
                            <tr>
                                <th scope="row"><a id=format!("file-{}", input.entry) href=to>{input.entry.clone()}</a></th>
                                <td>{input.taken_for}</td>
                                <td class="quiet">{input.why}</td>
                                <td><span class="status">{input.status}</span></td>
                                <td class="right">{size(input.bytes)}</td>
                            </tr>
                        }
                    }).collect_view()}
                </tbody>
            </table>
        </div>
    }
}
