//! The page's frame: header, menu, the view that is shown, and the keys.

#![expect(unreachable_pub, reason = "the component macro makes its items `pub`")]
#![expect(
    clippy::needless_pass_by_value,
    reason = "a component owns its properties"
)]

mod badge;
mod cause;
mod evidence;
mod file;
mod files;
mod findings;
mod gaps;
mod glance;
mod header;
mod help;
mod probes;
mod prose;
mod start;
mod steps;
mod theme;

use std::sync::Arc;

use leptos::prelude::*;
use web_sys::{HtmlInputElement, KeyboardEvent};

use crate::app::{App, Opened, State, app};
use crate::route::{self, Route};
use crate::{dom, model};

/// Id of the field that `/` goes to; only one is on the page at a time.
pub(crate) const FILTERS: [(&str, &str); 3] = [
    ("filter-findings", "findings"),
    ("filter-files", "files"),
    ("find-in-file", "file"),
];

/// The whole page.
#[component]
pub(crate) fn Page() -> impl IntoView {
    let app = app();
    view! {
        <a class="skip" href="#main" on:click=|event| { event.prevent_default(); dom::focus("main"); }>
            "Skip to the content"
        </a>
        <header::Header/>
        {move || match app.state.get() {
            State::Empty => view! { <main id="main" tabindex="-1"><start::Empty/></main> }.into_any(),
            State::Reading(name) => view! {
                <main id="main" tabindex="-1"><start::Reading name/></main>
            }.into_any(),
            State::Failed { name, message, help } => view! {
                <main id="main" tabindex="-1"><start::Failed name message help/></main>
            }.into_any(),
            State::Open(opened) => view! { <Views opened/> }.into_any(),
        }}
        <footer>
            <p>
                "Everything happened in this page: its Content-Security-Policy forbids every connection, so nothing of the bundle can leave it."
            </p>
        </footer>
        <help::Help/>
        <div class="notice" role="status" aria-live="polite" class:shown=move || !app.notice.get().is_empty()>
            {move || app.notice.get()}
        </div>
    }
}

/// All views of a report; those that are not shown keep what was opened in them, and print.
#[component]
fn Views(opened: Arc<Opened>) -> impl IntoView {
    let app = app();
    let hidden = move |view: fn(&Route) -> bool| move || !app.route.with(view);
    let report = &opened.report;
    let file = move || match app.route.get() {
        Route::File(spot) => Some(view! { <file::FileView spot/> }),
        _ => None,
    };
    view! {
        <Menu
            findings=report.findings.len()
            gaps=report.gaps.len()
            files=report.inputs.len()
        />
        <main id="main" tabindex="-1">
            <section class="view" aria-label="Cause" hidden=hidden(|route| matches!(route, Route::Cause))>
                <cause::CauseView opened=opened.clone()/>
            </section>
            <section class="view" aria-label="Findings" hidden=hidden(|route| matches!(route, Route::Findings(_)))>
                <findings::FindingsView opened=opened.clone()/>
            </section>
            <section class="view" aria-label="Probes" hidden=hidden(|route| matches!(route, Route::Probes))>
                <probes::ProbesView opened=opened.clone()/>
            </section>
            <section class="view" aria-label="Not seen" hidden=hidden(|route| matches!(route, Route::Gaps))>
                <gaps::GapsView opened=opened.clone()/>
            </section>
            <section class="view" aria-label="Files" hidden=hidden(|route| matches!(route, Route::Files))>
                <files::FilesView opened=opened.clone()/>
            </section>
            {file}
        </main>
    }
}

#[component]
fn Menu(findings: usize, gaps: usize, files: usize) -> impl IntoView {
    let app = app();
    let link = move |view: Route, words: &'static str, count: Option<usize>| {
        let to = route::hash(&view);
        let here = move || {
            let now = app.route.get();
            let same = std::mem::discriminant(&now) == std::mem::discriminant(&view)
                || (view == Route::Files && matches!(now, Route::File(_)));
            same.then_some("page")
        };
        view! {
            <li><a href=to aria-current=here>
                {words}
                {count.map(|count| view! { <span class="count">{count}</span> })}
            </a></li>
        }
    };
    view! {
        <nav class="menu" aria-label="Views"><ul>
            {link(Route::Cause, "Cause", None)}
            {link(Route::Findings(None), "Findings", Some(findings))}
            {link(Route::Probes, "Probes", None)}
            {link(Route::Gaps, "Not seen", Some(gaps))}
            {link(Route::Files, "Files", Some(files))}
        </ul></nav>
    }
}

/// What keys do; the sheet of [`help`] names them.
pub(crate) fn keys(app: App, event: &KeyboardEvent) {
    if event.ctrl_key() || event.meta_key() || event.alt_key() || event.default_prevented() {
        return;
    }
    let key = event.key();
    if key == "Escape" {
        return escape(app);
    }
    if dom::is_writing() || help::is_open() {
        return;
    }
    match key.as_str() {
        "?" => help::open(),
        "/" => {
            event.prevent_default();
            if !FILTERS.iter().any(|(id, _)| visible(id) && dom::focus(id)) {
                App::show_view(1);
                dom::after_drawing(|| {
                    dom::focus("filter-findings");
                });
            }
        }
        "t" => theme::toggle(),
        "1" | "2" | "3" | "4" | "5" if app.opened_untracked() => {
            App::show_view(key.parse().map_or(0, |view: usize| view - 1));
        }
        _ => {}
    }
}

fn escape(app: App) {
    app.notice.set(String::new());
    let Some(id) = dom::focused_id() else {
        return back_from_file(app);
    };
    let field = dom::document().get_element_by_id(&id);
    let Some(field) =
        field.and_then(|it| wasm_bindgen::JsCast::dyn_into::<HtmlInputElement>(it).ok())
    else {
        return back_from_file(app);
    };
    // First Esc empties a filter, the next leaves it.
    if field.value().is_empty() {
        dom::focus("main");
    } else {
        field.set_value("");
        if let Ok(event) = web_sys::Event::new("input") {
            let _ = field.dispatch_event(&event);
        }
    }
}

fn back_from_file(app: App) {
    if !help::is_open()
        && app
            .route
            .with_untracked(|route| matches!(route, Route::File(_)))
    {
        // There is always an entry before: at worst the page as it was opened.
        let _ = dom::window().history().and_then(|history| {
            if history.length()? > 1 {
                return history.back();
            }
            dom::go("#/files");
            Ok(())
        });
    }
}

fn visible(id: &str) -> bool {
    dom::document()
        .get_element_by_id(id)
        .and_then(|it| it.closest("[hidden]").ok())
        .is_some_and(|hidden| hidden.is_none())
}

/// One line about what was analysed.
fn subject_line(opened: &Opened) -> String {
    let subject = &opened.report.subject;
    let mut words = Vec::new();
    if !subject.names.is_empty() {
        words.push(subject.names.join(", "));
    }
    match (&subject.namespace, &subject.pod) {
        (Some(namespace), Some(pod)) => words.push(format!("from pod {namespace}/{pod}")),
        (Some(namespace), None) => words.push(format!("from namespace {namespace}")),
        (None, Some(pod)) => words.push(format!("from pod {pod}")),
        (None, None) => {}
    }
    if let Some(context) = &subject.context {
        words.push(format!("in {context}"));
    }
    if !subject.collected.is_empty() {
        words.push(format!("collected {}", model::time(&subject.collected)));
    }
    words.join(" \u{00B7} ")
}
