//! What could not be seen, and who would have looked.

use std::sync::Arc;

use leptos::prelude::*;

use crate::app::Opened;
use crate::model::sentence;

/// The gaps.
#[component]
pub(super) fn GapsView(opened: Arc<Opened>) -> impl IntoView {
    let none = opened.report.gaps.is_empty();
    let rows = opened
        .report
        .gaps
        .iter()
        .cloned()
        .map(|gap| {
            let rules = gap
                .rules
                .into_iter()
                .map(|rule| view! { <li><code>{rule}</code></li> });
            let rules: Vec<_> = rules.collect();
            view! {
                <tr>
                    <th scope="row"><code>{gap.entry}</code></th>
                    <td><span class="status">{gap.status}</span></td>
                    <td>
                        {sentence(&gap.reason)}
                        {gap.missing_permission.map(|it| view! {
                            <p class="quiet">"Missing permission: "<code>{it}</code></p>
                        })}
                        {gap.means.map(|it| view! { <p>{sentence(&it)}</p> })}
                    </td>
                    <td>{(!rules.is_empty()).then(|| view! { <ul class="plain">{rules}</ul> })}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="head"><h1>"What could not be seen"</h1></div>
        {if none {
            view! { <p class="lead">"Nothing: everything that was asked for is in the bundle, and every rule could look."</p> }.into_any()
        } else {
            view! {
                <p class="quiet">"None of this reads as healthy: a rule that could not look says nothing."</p>
                <div class="scroll" tabindex="0" role="region" aria-label="What could not be seen">
                    <table class="list">
                        <thead><tr>
                            <th scope="col">"What"</th><th scope="col">"Status"</th>
                            <th scope="col">"Why"</th><th scope="col">"Rules that could not look"</th>
                        </tr></thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            }.into_any()
        }}
    }
}
