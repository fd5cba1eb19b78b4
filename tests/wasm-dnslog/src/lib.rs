//! The log scanner behind functions that take and give numbers: nothing but a WebAssembly engine is
//! needed to call them (`compare.mjs`).

use std::sync::{Mutex, MutexGuard, PoisonError};

use digpod_dnslog::Scanner;
use wasm_bindgen::prelude::wasm_bindgen;

#[path = "../../../crates/dnslog/examples/report/mod.rs"]
mod report;

static STATE: Mutex<State> = Mutex::new(State {
    scanner: None,
    piece: Vec::new(),
    text: Vec::new(),
});

struct State {
    scanner: Option<Scanner>,
    piece: Vec<u8>,
    text: Vec<u8>,
}

fn state() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Adds four bytes to the piece that is collected, the lowest first.
#[wasm_bindgen]
pub fn push(word: u32) {
    state().piece.extend_from_slice(&word.to_le_bytes());
}

/// Gives what was collected to the scanner, without the last `surplus` bytes.
#[wasm_bindgen]
pub fn feed(surplus: u32) {
    let state = &mut *state();
    let end = state.piece.len().saturating_sub(surplus as usize);
    let scanner = state
        .scanner
        .get_or_insert_with(|| Scanner::new().top(1_000));
    scanner.feed(state.piece.get(..end).unwrap_or_default());
    state.piece.clear();
}

/// Ends the log. How many bytes the report has.
#[wasm_bindgen]
pub fn finish() -> u32 {
    let state = &mut *state();
    let scanner = state.scanner.take().unwrap_or_default();
    state.text = report::text(&scanner.finish(), 1_000).into_bytes();
    u32::try_from(state.text.len()).unwrap_or(u32::MAX)
}

/// Four bytes of the report from `at`, the lowest first, zeros behind its end.
#[wasm_bindgen]
pub fn text(at: u32) -> u32 {
    let state = state();
    let byte = |offset| state.text.get(at as usize + offset).copied().unwrap_or(0);
    u32::from_le_bytes([byte(0), byte(1), byte(2), byte(3)])
}
