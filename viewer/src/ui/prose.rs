//! Text with code in it.

use leptos::prelude::*;

use crate::model;

/// What stands between backticks is shown as code.
#[component]
pub(super) fn Prose(text: String) -> impl IntoView {
    let part = |(part, code): (String, bool)| {
        if code {
            view! { <code>{part}</code> }.into_any()
        } else {
            part.into_any()
        }
    };
    model::prose(&text).into_iter().map(part).collect_view()
}
