//! One file, with line numbers, at the line that is meant. Only a window of it is in the page.

use leptos::html::Div;
use leptos::prelude::*;

use crate::app::{Hits, Text, app};
use crate::dom;
use crate::model::{self, Marked, count};
use crate::protocol::{Piece, Source};
use crate::route::{self, Route, Spot};
use crate::window::{ROW, Window};

#[derive(Clone, Copy, PartialEq)]
enum Stage {
    Asked,
    Missing,
    Here,
}

/// The text of an entry, or of a string in it.
#[component]
pub(super) fn FileView(spot: Spot) -> impl IntoView {
    let app = app();
    let source = Source {
        entry: spot.entry.clone(),
        value_at: spot.pointer.clone().filter(|_| spot.in_value),
    };
    let at = spot
        .pointer
        .clone()
        .filter(|_| spot.line == 0 && !spot.in_value);
    app.ask_place(source.clone(), at, spot.line);
    let title = spot.entry.clone();
    let within = spot.pointer.clone().filter(|_| spot.in_value).map(|pointer| {
        let whole = route::hash(&Route::File(Spot::pointer(&spot.entry, &pointer)));
        view! {
            <p class="quiet">
                "The decoded text at "<code>{pointer}</code>". "<a href=whole>"Show it in the whole file"</a>
            </p>
        }
    });
    let current = RwSignal::new(0_usize);
    // Further lines of the same text must not draw the list anew.
    let state = Memo::new(move |_| {
        app.text.with(|text| match text {
            Text::Asked => Stage::Asked,
            Text::Missing => Stage::Missing,
            Text::Here(_) => Stage::Here,
        })
    });
    view! {
        <section class="view file-view" aria-label="File">
            <div class="head">
                <p class="crumb">
                    <a href="#/files">"Files"</a>
                    <button type="button" class="small" on:click=|_| {
                        // Without a page before, "Files" stands beside this button.
                        let _ = dom::window().history().and_then(|history| history.back());
                    }>"Back"</button>
                </p>
                <h1 class="path">{title}</h1>
                {within}
                <Search source=source.clone() current/>
            </div>
            {move || match (state.get(), &spot, &source) {
                (Stage::Asked, ..) => view! { <p class="quiet">"Reading…"</p> }.into_any(),
                (Stage::Missing, ..) => view! { <p class="warning" role="alert">"There is no such text in this bundle."</p> }.into_any(),
                (Stage::Here, spot, source) => view! { <Lines spot=spot.clone() source=source.clone() current/> }.into_any(),
            }}
        </section>
    }
}

/// The field that searches, and the way from hit to hit.
#[component]
fn Search(source: Source, current: RwSignal<usize>) -> impl IntoView {
    let app = app();
    let words = RwSignal::new(String::new());
    let step = move |by: usize| {
        let total = app
            .hits
            .with(|hits| hits.as_ref().map_or(0, |hits| hits.lines.len()));
        if total > 0 {
            current.update(|at| *at = (*at + by) % total);
        }
    };
    let back = move || {
        let total = app
            .hits
            .with(|hits| hits.as_ref().map_or(0, |hits| hits.lines.len()));
        step(total.saturating_sub(1));
    };
    let search = {
        let source = source.clone();
        move |text: String| {
            current.set(0);
            words.set(text.clone());
            if text.is_empty() {
                app.hits.set(None);
            } else {
                app.ask_find(source.clone(), text);
            }
        }
    };
    let info = move || {
        let piece = app.text.with(|text| {
            text.piece().map(|piece| {
                let lines = count(piece.total as usize, "line", "lines");
                format!("{lines}, {}", model::size(u64::from(piece.bytes)))
            })
        });
        match app.hits.get() {
            None => piece.unwrap_or_default(),
            Some(Hits { lines, .. }) if lines.is_empty() => "no line has this".to_owned(),
            Some(Hits { lines, more }) => {
                let more = if more { "more than " } else { "" };
                format!("hit {} of {more}{}", current.get() + 1, lines.len())
            }
        }
    };
    let none = move || {
        app.hits
            .with(|hits| hits.as_ref().is_none_or(|hits| hits.lines.is_empty()))
    };
    view! {
        <div class="search">
            <label class="filter">
                <span class="unseen">"Search in this file"</span>
                <svg viewBox="0 0 16 16" aria-hidden="true"><circle class="line" cx="7" cy="7" r="4.5"/><path class="line" d="M10.5 10.5L14 14"/></svg>
                <input
                    id="find-in-file" type="search" placeholder="Search in this file"
                    autocomplete="off" spellcheck="false"
                    prop:value=move || words.get()
                    on:input=move |event| search(event_target_value(&event))
                    on:keydown=move |event| if event.key() == "Enter" {
                        if event.shift_key() { back() } else { step(1) }
                    }
                />
                <kbd aria-hidden="true">"/"</kbd>
            </label>
            <button type="button" class="small" disabled=none on:click=move |_| back()>"Previous"</button>
            <button type="button" class="small" disabled=none on:click=move |_| step(1)>"Next"</button>
            <p class="quiet" role="status">{info}</p>
        </div>
    }
}

/// The window of lines.
#[component]
fn Lines(spot: Spot, source: Source, current: RwSignal<usize>) -> impl IntoView {
    let app = app();
    let list = NodeRef::<Div>::new();
    let scroll = RwSignal::new(0.0_f64);
    let viewport = RwSignal::new(600.0_f64);
    let total = Memo::new(move |_| piece_or(&app.text.read(), |piece| piece.total));
    let first = Memo::new(move |_| piece_or(&app.text.read(), |piece| piece.first));
    let window = move || Window {
        total: total.get(),
        viewport: viewport.get(),
    };
    let place = piece_or(&app.text.read_untracked(), |piece| piece.place);
    let go_to = move |row: u32| {
        if let Some(list) = list.get_untracked() {
            viewport.set(f64::from(list.client_height()));
            let to = untrack(window).scroll_to(row);
            list.set_scroll_top(pixels(to));
        }
    };
    let moved = move || {
        let Some(list) = list.get_untracked() else {
            return;
        };
        viewport.set(f64::from(list.client_height()));
        scroll.set(f64::from(list.scroll_top()));
        let window = untrack(window);
        let (visible_first, visible_last) = window.visible(scroll.get_untracked());
        let here = piece_or(&app.text.read_untracked(), |piece| {
            (
                piece.first,
                piece
                    .first
                    .saturating_add(u32::try_from(piece.lines.len()).unwrap_or(0)),
            )
        });
        if visible_first < here.0 || visible_last > here.1 {
            let (from, to) = window.rows(scroll.get_untracked());
            app.ask_lines(source.clone(), from, to - from);
        }
    };
    // Once drawn, go to the line that is meant.
    let start = moved.clone();
    Effect::new(move |_| {
        if list.get().is_some() {
            let start = start.clone();
            dom::after_drawing(move || {
                if let Some((line, _)) = place {
                    go_to(line - 1);
                }
                start();
            });
        }
    });
    Effect::new(move |_| {
        let at = current.get();
        if let Some(line) = app.hits.with(|hits| hits.as_ref()?.lines.get(at).copied()) {
            go_to(line - 1);
        }
    });
    let hit = move |number: u32| {
        app.hits.with(|hits| {
            hits.as_ref()
                .is_some_and(|hits| hits.lines.binary_search(&number).is_ok())
        })
    };
    let here = move |number: u32| {
        app.hits
            .with(|hits| hits.as_ref()?.lines.get(current.get()).copied())
            == Some(number)
    };
    let rows = move || {
        let piece = app
            .text
            .with(|text| text.piece().cloned())
            .unwrap_or_default();
        let (first, total) = (piece.first, piece.total);
        let marks = Spot {
            line: place.map_or(0, |(line, _)| line),
            ..spot.clone()
        };
        let end = spot.end_line.max(place.map_or(0, |(_, line)| line));
        (first + 1..).zip(piece.lines).map(|(number, text)| {
            let within = marks.line > 0 && (marks.line..=end).contains(&number);
            let Marked { before, marked, after } = model::mark(&text, number, &marks);
            view! {
                <div class="row" class:within=within class:hit=move || hit(number) class:here=move || here(number)
                    role="listitem" aria-setsize=total.to_string() aria-posinset=number.to_string()>
                    <span class="number">{number}</span>
                    <span class="text">{before}{(!marked.is_empty()).then(|| view! { <mark>{marked}</mark> })}{after}</span>
                </div>
            }
        }).collect_view()
    };
    view! {
        <div class="lines" node_ref=list tabindex="0" role="region" aria-label="Lines of the file" on:scroll=move |_| moved()>
            <div class="space" style:height=move || format!("{}px", window().height())>
                <div class="rows" role="list" style:transform=move || {
                    format!("translateY({}px)", window().offset(scroll.get(), first.get()))
                }>
                    {rows}
                </div>
            </div>
        </div>
    }
}

fn piece_or<T: Default>(text: &Text, get: impl Fn(&Piece) -> T) -> T {
    text.piece().map(get).unwrap_or_default()
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a list is never taller than 2^31 pixels"
)]
fn pixels(number: f64) -> i32 {
    number.round() as i32
}

const _: () = assert!(
    ROW == 20,
    "page/style.css gives .lines .row the same height"
);
