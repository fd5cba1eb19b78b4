//! What could not be seen, and who would have looked.

use std::collections::BTreeSet;
use std::sync::Arc;

use digpod_report::v1::Gap;
use digpod_report::{GapGroup, gap_groups, gap_means};
use leptos::prelude::*;

use crate::app::Opened;
use crate::model::sentence;

/// What they have in common is said once.
fn row(gaps: &[&Gap], first: &Gap, means: &str) -> impl IntoView + use<> {
    let entries: Vec<_> = gaps
        .iter()
        .map(|gap| view! { <li><code>{gap.entry.clone()}</code></li> })
        .collect();
    let rules: BTreeSet<&str> = gaps
        .iter()
        .flat_map(|gap| &gap.rules)
        .map(String::as_str)
        .collect();
    let rules: Vec<_> = rules
        .into_iter()
        .map(|rule| view! { <li><code>{rule.to_owned()}</code></li> })
        .collect();
    view! {
        <tr>
            <th scope="row"><ul class="plain">{entries}</ul></th>
            <td><span class="status">{first.status.clone()}</span></td>
            <td>
                {sentence(&first.reason)}
                {first.missing_permission.clone().map(|it| view! {
                    <p class="quiet">"Missing permission: "<code>{it}</code></p>
                })}
                {(!means.is_empty()).then(|| view! { <p>{sentence(means)}</p> })}
            </td>
            <td>{(!rules.is_empty()).then(|| view! { <ul class="plain">{rules}</ul> })}</td>
        </tr>
    }
}

/// The gaps.
#[component]
pub(super) fn GapsView(opened: Arc<Opened>) -> impl IntoView {
    let none = opened.report.gaps.is_empty();
    let rows = gap_groups(&opened.report.gaps)
        .into_iter()
        .map(|group| match group {
            GapGroup::One(gap) => row(&[gap], gap, gap.means.as_deref().unwrap_or_default()),
            GapGroup::Many(first, all) => row(&all, first, &gap_means(&all)),
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
