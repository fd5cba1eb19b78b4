//! The worker: receives a bundle, answers questions about it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{Blob, DedicatedWorkerGlobalScope, FileReaderSync, MessageEvent};

use crate::bug;
use crate::desk::Desk;
use crate::protocol::{Reply, Request};

/// Largest file that is read: the bundle and what is made of it must fit a browser's memory.
const MAX_FILE: f64 = 1_073_741_824.0;

/// Whether this program runs in a worker.
pub(crate) fn is_here() -> bool {
    js_sys::global().is_instance_of::<DedicatedWorkerGlobalScope>()
}

/// Begins to listen.
pub(crate) fn start() {
    bug::report_to(|text| post(&Reply::Bug { text }, None));
    let mut desk = None;
    let listen = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let message: Array = event.data().unchecked_into();
        let Some(request) = message.get(0).as_string() else {
            return;
        };
        let Ok(request) = serde_json::from_str::<Request>(&request) else {
            return;
        };
        handle(&mut desk, &request, &message.get(1));
    });
    scope().set_onmessage(Some(listen.as_ref().unchecked_ref()));
    listen.forget();
}

fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

fn handle(desk: &mut Option<Desk>, request: &Request, attached: &JsValue) {
    if let Request::Open { name } = request {
        *desk = None;
        match read(name, attached).and_then(|bytes| Desk::open(name, &bytes)) {
            Ok(opened) => {
                *desk = Some(opened.desk);
                let reply = Reply::Opened {
                    name: name.clone(),
                    markdown: opened.markdown,
                };
                post(
                    &reply,
                    Some(Uint8Array::from(opened.json.as_bytes()).into()),
                );
            }
            Err(failed) => post(&failed, None),
        }
    } else if let Some(reply) = desk.as_mut().and_then(|desk| desk.answer(request)) {
        post(&reply, None);
    }
}

fn read(name: &str, attached: &JsValue) -> Result<Vec<u8>, Reply> {
    let failed = |message: &str, help: &str| Reply::Failed {
        name: name.to_owned(),
        message: message.to_owned(),
        help: Some(help.to_owned()),
    };
    if let Some(text) = attached.as_string() {
        let text: String = text.split_ascii_whitespace().collect();
        return STANDARD.decode(text).map_err(|_| {
            failed(
                "the bundle inside this page is damaged",
                "ask for the page or the bundle again",
            )
        });
    }
    let Some(blob) = attached.dyn_ref::<Blob>() else {
        return Err(failed(
            "this is not a file",
            "drop one bundle: a .zip or its JSON document",
        ));
    };
    if blob.size() > MAX_FILE {
        return Err(failed(
            "the file is too large for a browser: more than 1 GiB",
            "analyse it on the command line: digpod analyze BUNDLE",
        ));
    }
    let buffer = FileReaderSync::new().and_then(|reader| reader.read_as_array_buffer(blob));
    let buffer = buffer.map_err(|_| {
        failed(
            "the browser cannot read the file",
            "if it is a folder, drop its .zip or JSON document; otherwise check that it is still there",
        )
    })?;
    Ok(Uint8Array::new(&buffer).to_vec())
}

fn post(reply: &Reply, attached: Option<JsValue>) {
    let Ok(text) = serde_json::to_string(reply) else {
        return;
    };
    let message = Array::of2(&text.into(), &attached.unwrap_or(JsValue::UNDEFINED));
    // Nobody is there to be told if the page is gone.
    let _ = scope().post_message(&message);
}
