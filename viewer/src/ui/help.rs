//! The sheet of keys.

use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::HtmlDialogElement;

use crate::dom;

const KEYS: [(&str, &str); 8] = [
    ("1", "the cause"),
    ("2", "findings"),
    ("3", "probes"),
    ("4", "what could not be seen"),
    ("5", "files"),
    ("/", "filter findings or files, search in a file"),
    ("t", "light or dark"),
    ("Esc", "empty or leave a filter, back from a file"),
];

fn sheet() -> Option<HtmlDialogElement> {
    dom::document().get_element_by_id("keys")?.dyn_into().ok()
}

/// Whether the sheet covers the page.
pub(super) fn is_open() -> bool {
    sheet().is_some_and(|sheet| sheet.open())
}

/// Shows it; the browser keeps the focus inside and closes it on Esc.
pub(super) fn open() {
    if let Some(sheet) = sheet() {
        // Only fails where it is open already.
        let _ = sheet.show_modal();
    }
}

/// The sheet.
#[component]
pub(super) fn Help() -> impl IntoView {
    let rows =
        KEYS.map(|(key, words)| view! { <div><dt><kbd>{key}</kbd></dt><dd>{words}</dd></div> });
    view! {
        <dialog id="keys" aria-labelledby="keys-title">
            <h2 id="keys-title">"Keys"</h2>
            <dl class="keys">{rows.collect_view()}</dl>
            <button type="button" on:click=|_| if let Some(sheet) = sheet() { sheet.close() }>"Close"</button>
        </dialog>
    }
}
