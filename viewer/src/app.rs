//! The page: its state, its worker, and what events do to them.

use std::collections::BTreeMap;
use std::sync::Arc;

use digpod_report::v1::Report;
use js_sys::{Array, Function, Reflect, Uint8Array};
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::{File, MessageEvent, Worker};

use crate::protocol::{Piece, Reply, Request, Source};
use crate::route::{self, Route, VIEWS};
use crate::{bug, dom, ui};

/// What the page shows.
#[derive(Clone)]
pub(crate) enum State {
    /// No bundle yet.
    Empty,
    /// The worker reads and analyses.
    Reading(String),
    /// The bundle cannot be opened.
    Failed {
        name: String,
        message: String,
        help: Option<String>,
    },
    /// A report.
    Open(Arc<Opened>),
}

/// An opened bundle.
pub(crate) struct Opened {
    /// Name of the file.
    pub(crate) name: String,
    /// The report.
    pub(crate) report: Report,
    /// The same as JSON, as the worker wrote it.
    pub(crate) json: Vec<u8>,
    /// The same for a ticket.
    pub(crate) markdown: String,
}

/// Lines of a text, when they are there.
#[derive(Clone, Default, PartialEq)]
pub(crate) enum Text {
    /// The worker has been asked.
    #[default]
    Asked,
    /// There is no such text.
    Missing,
    /// Some of its lines.
    Here(Piece),
}

impl Text {
    /// The lines, if they are there.
    pub(crate) fn piece(&self) -> Option<&Piece> {
        match self {
            Self::Here(piece) => Some(piece),
            Self::Asked | Self::Missing => None,
        }
    }
}

/// Lines found in a text.
#[derive(Clone, Default, PartialEq)]
pub(crate) struct Hits {
    /// Their numbers.
    pub(crate) lines: Vec<u32>,
    /// Whether there are more.
    pub(crate) more: bool,
}

/// Handles to everything that changes.
#[derive(Clone, Copy)]
pub(crate) struct App {
    pub(crate) state: RwSignal<State>,
    pub(crate) route: RwSignal<Route>,
    /// The text that is shown.
    pub(crate) text: RwSignal<Text>,
    pub(crate) hits: RwSignal<Option<Hits>>,
    /// What is said to people who listen to the page, and shown for a moment.
    pub(crate) notice: RwSignal<String>,
    worker: StoredValue<Option<Worker>, LocalStorage>,
    asked: StoredValue<u32>,
    /// Where each view was left: scroll position and focus.
    left: StoredValue<BTreeMap<String, (f64, Option<String>)>>,
}

/// Begins.
pub(crate) fn start() {
    bug::report_to(|text| bug::show(&text));
    mount_to_body(|| {
        let app = App::new();
        provide_context(app);
        app.listen();
        app.open_embedded();
        ui::Page()
    });
}

/// The app of this page.
pub(crate) fn app() -> App {
    expect_context()
}

impl App {
    fn new() -> Self {
        Self {
            state: RwSignal::new(State::Empty),
            route: RwSignal::new(route::parse(&dom::hash())),
            text: RwSignal::new(Text::Asked),
            hits: RwSignal::new(None),
            notice: RwSignal::new(String::new()),
            worker: StoredValue::new_local(None),
            asked: StoredValue::new(0),
            left: StoredValue::new(BTreeMap::new()),
        }
    }

    fn listen(self) {
        let handle = window_event_listener(leptos::ev::hashchange, move |_| self.follow_hash());
        std::mem::forget(handle);
        let handle = window_event_listener(leptos::ev::dragover, |event| event.prevent_default());
        std::mem::forget(handle);
        let handle = window_event_listener(leptos::ev::drop, move |event| {
            event.prevent_default();
            let files = event.data_transfer().and_then(|data| data.files());
            match files.as_ref().map(|files| (files.length(), files.get(0))) {
                Some((1, Some(file))) => self.open_file(&file),
                Some((0, _)) | None => {}
                _ => self.fail("several files", "one bundle at a time, please", "drop a single .zip or JSON document; loose files are for `digpod analyze FILE…`"),
            }
        });
        std::mem::forget(handle);
        let handle =
            window_event_listener(leptos::ev::keydown, move |event| ui::keys(self, &event));
        std::mem::forget(handle);
    }

    /// Takes the view from the address; puts the reader where they left it.
    fn follow_hash(self) {
        let before = self.route.get_untracked();
        let now = route::parse(&dom::hash());
        if before == now {
            return;
        }
        let scroll = dom::window().scroll_y().unwrap_or(0.0);
        let left = (scroll, dom::focused_id());
        self.left.update_value(|all| {
            all.insert(route::hash(&before), left);
        });
        let back = self
            .left
            .with_value(|all| all.get(&route::hash(&now)).cloned());
        let opens_finding = matches!(now, Route::Findings(Some(_)));
        self.route.set(now);
        dom::after_drawing(move || {
            let (scroll, focus) = back.unwrap_or((0.0, None));
            if dom::is_writing() {
                // Somebody was quicker: the filter has the focus already.
                return;
            }
            if !opens_finding || scroll > 0.0 {
                dom::window().scroll_to_with_x_and_y(0.0, scroll);
            }
            if !focus.is_some_and(|id| dom::focus_in_place(&id)) && !opens_finding {
                dom::focus_in_place("main");
            }
        });
    }

    /// Opens the bundle inside the page, if there is one.
    fn open_embedded(self) {
        let script = dom::document().get_element_by_id("digpod-bundle");
        if let Some(text) = script.and_then(|script| script.text_content()) {
            self.open("the bundle in this page", &text.into());
        }
    }

    /// Opens a file that the reader gave.
    pub(crate) fn open_file(self, file: &File) {
        dom::go("#/");
        self.open(&file.name(), file);
    }

    fn open(self, name: &str, attached: &JsValue) {
        self.state.set(State::Reading(name.to_owned()));
        self.text.set(Text::Asked);
        self.left.set_value(BTreeMap::new());
        if let Some(old) = self.worker.try_update_value(Option::take).flatten() {
            old.terminate();
        }
        match self.new_worker() {
            Ok(worker) => self.worker.set_value(Some(worker)),
            Err(error) => return bug::show(&format!("the worker does not start: {error:?}")),
        }
        self.send(
            &Request::Open {
                name: name.to_owned(),
            },
            attached,
        );
    }

    /// A worker for each bundle: its memory goes with it.
    fn new_worker(self) -> Result<Worker, JsValue> {
        let make: Function = Reflect::get(&js_sys::global(), &"digpodWorker".into())?.dyn_into()?;
        let worker: Worker = make.call0(&JsValue::NULL)?.dyn_into()?;
        let listen = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let message: Array = event.data().unchecked_into();
            let reply = message.get(0).as_string();
            if let Some(reply) = reply.and_then(|text| serde_json::from_str(&text).ok()) {
                self.take(reply, &message.get(1));
            }
        });
        worker.set_onmessage(Some(listen.as_ref().unchecked_ref()));
        listen.forget();
        let listen =
            Closure::<dyn FnMut(web_sys::ErrorEvent)>::new(|event: web_sys::ErrorEvent| {
                // A panic was told already, in its own words; running out of memory is only seen here.
                if dom::document().get_element_by_id("bug").is_none() {
                    bug::show(&format!("the worker stopped: {}", event.message()));
                }
            });
        worker.set_onerror(Some(listen.as_ref().unchecked_ref()));
        listen.forget();
        Ok(worker)
    }

    fn send(self, request: &Request, attached: &JsValue) {
        let Ok(text) = serde_json::to_string(request) else {
            return;
        };
        let message = Array::of2(&text.into(), attached);
        let sent = self
            .worker
            .with_value(|worker| worker.as_ref().map(|worker| worker.post_message(&message)));
        if let Some(Err(error)) = sent {
            bug::show(&format!("the worker cannot be asked: {error:?}"));
        }
    }

    fn take(self, reply: Reply, attached: &JsValue) {
        let current = |id: u32| id == self.asked.get_value();
        match reply {
            Reply::Opened { name, markdown } => {
                let json = attached.dyn_ref::<Uint8Array>().map(Uint8Array::to_vec);
                let json = json.unwrap_or_default();
                match serde_json::from_slice::<Report>(&json) {
                    Ok(report) => {
                        dom::document().set_title(&format!("{} \u{2013} digpod", report.headline));
                        let opened = Opened {
                            name,
                            report,
                            json,
                            markdown,
                        };
                        self.state.set(State::Open(Arc::new(opened)));
                    }
                    Err(error) => bug::show(&format!("the report does not parse: {error}")),
                }
            }
            Reply::Failed {
                name,
                message,
                help,
            } => {
                self.state.set(State::Failed {
                    name,
                    message,
                    help,
                });
            }
            Reply::Lines(piece) if current(piece.id) => {
                // A later piece of the same text no longer says what was meant in it.
                let place = piece
                    .place
                    .or_else(|| self.text.with_untracked(|before| before.piece()?.place));
                self.text.set(Text::Here(Piece { place, ..piece }));
            }
            Reply::Missing { id } if current(id) => self.text.set(Text::Missing),
            Reply::Found { id, lines, more } if current(id) => {
                self.hits.set(Some(Hits { lines, more }));
            }
            Reply::Lines(_) | Reply::Missing { .. } | Reply::Found { .. } => {}
            Reply::Bug { text } => bug::show(&text),
        }
    }

    fn fail(self, name: &str, message: &str, help: &str) {
        self.state.set(State::Failed {
            name: name.to_owned(),
            message: message.to_owned(),
            help: Some(help.to_owned()),
        });
    }

    /// Asking for another text makes answers about the one before stale. Answers come in the
    /// order of the questions, so within one text the last is right.
    fn next_id(self) -> u32 {
        self.asked
            .try_update_value(|id| {
                *id = id.wrapping_add(1);
                *id
            })
            .unwrap_or_default()
    }

    /// Asks for the lines around a place.
    pub(crate) fn ask_place(self, source: Source, pointer: Option<String>, line: u32) {
        self.text.set(Text::Asked);
        self.hits.set(None);
        let id = self.next_id();
        self.send(
            &Request::Place {
                id,
                source,
                pointer,
                line,
            },
            &JsValue::UNDEFINED,
        );
    }

    /// Asks for further lines.
    pub(crate) fn ask_lines(self, source: Source, first: u32, count: u32) {
        let id = self.asked.get_value();
        self.send(
            &Request::Lines {
                id,
                source,
                first,
                count,
            },
            &JsValue::UNDEFINED,
        );
    }

    /// Asks where some words are.
    pub(crate) fn ask_find(self, source: Source, words: String) {
        let id = self.asked.get_value();
        self.send(&Request::Find { id, source, words }, &JsValue::UNDEFINED);
    }

    /// The opened bundle.
    pub(crate) fn opened(self) -> Option<Arc<Opened>> {
        match self.state.get() {
            State::Open(opened) => Some(opened),
            _ => None,
        }
    }

    /// Whether a bundle is open.
    pub(crate) fn opened_untracked(self) -> bool {
        self.state
            .with_untracked(|state| matches!(state, State::Open(_)))
    }

    /// Shows a view by its number, counted from 0.
    pub(crate) fn show_view(view: usize) {
        if let Some(route) = VIEWS.get(view) {
            dom::go(&route::hash(route));
        }
    }

    /// Puts text on the clipboard and says so.
    pub(crate) fn copy(self, text: &str, done: &'static str) {
        let promise = dom::window().navigator().clipboard().write_text(text);
        let notice = self.notice;
        let then = Closure::once(move |_: JsValue| notice.set(done.to_owned()));
        let failed = Closure::once(move |_: JsValue| {
            notice.set("The browser did not allow copying: select the text instead".to_owned());
        });
        let _ = promise.then2(&then, &failed);
        then.forget();
        failed.forget();
    }
}
