//! The operations that `host.js` has: take a request, write its response.
#![allow(unsafe_code, reason = "written by deno_core's op2 macro, which binds these functions to V8")]
#![allow(clippy::needless_pass_by_value, reason = "what comes from JavaScript is made for the call")]

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use deno_core::{JsBuffer, OpState, op2};
use deno_error::JsErrorBox;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use http_body_util::BodyExt as _;
use serde::Serialize;

use super::data::{State, Terms};
use super::handlers::ask;
use super::isolate::Shared;
use crate::engine::{EngineError, PagePolicy};

deno_core::extension!(
    vinext_host,
    ops = [
        op_vinext_accept,
        op_vinext_begin,
        op_vinext_decide,
        op_vinext_write,
        op_vinext_flight,
        op_vinext_nonce,
        op_vinext_flush,
        op_vinext_drain,
        op_vinext_closed,
        op_vinext_policy,
        op_vinext_unfinished,
        op_vinext_end,
        op_vinext_fail,
        op_vinext_read,
        op_vinext_ready,
        op_vinext_task,
        op_vinext_log,
        op_vinext_invalidate,
        op_vinext_data_look,
        op_vinext_data_fill,
        op_vinext_data_fail,
        op_vinext_ask_handlers,
    ]
);

/// A request as `host.js` gets it.
#[derive(Serialize)]
struct Accepted {
    id: u32,
    method: String,
    url: String,
    /// Names and values in turn.
    headers: Vec<String>,
    matched: String,
    body: bool,
    rest: Option<deno_core::ToJsBuffer>,
}

fn shared(state: &OpState) -> Rc<Shared> {
    Rc::clone(state.borrow::<Rc<Shared>>())
}

/// The next request; `null` when there will be none.
#[op2]
#[serde]
async fn op_vinext_accept(state: Rc<RefCell<OpState>>) -> Option<Accepted> {
    let shared = shared(&state.borrow());
    let (id, mut request) = shared.accept().await?;
    let mut headers = Vec::with_capacity(request.headers.len() * 2);
    for (name, value) in &request.headers {
        headers.push(name.as_str().to_owned());
        headers.push(String::from_utf8_lossy(value.as_bytes()).into_owned());
    }
    let body = shared.has_body(id);
    Some(Accepted {
        id,
        method: request.method.as_str().to_owned(),
        url: std::mem::take(&mut request.url),
        headers,
        matched: request.matched.as_str().to_owned(),
        body,
        rest: request.rest.take().map(|bytes| bytes.to_vec().into()),
    })
}

/// Says what a proxy has decided, before the head of its response.
#[op2(fast)]
fn op_vinext_decide(state: &OpState, #[smi] id: u32, #[string] decision: &str) {
    shared(state).with(id, |exchange| exchange.proxied(decision.to_owned()));
}

/// Sends the head of the response.
#[op2]
fn op_vinext_begin(
    state: &OpState,
    #[smi] id: u32,
    #[smi] status: u16,
    #[serde] headers: Vec<(String, String)>,
    shared_by_all: bool,
) -> Result<bool, JsErrorBox> {
    let status = StatusCode::from_u16(status).map_err(|error| JsErrorBox::range_error(error.to_string()))?;
    let mut map = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers {
        let name =
            HeaderName::try_from(&name).map_err(|_| JsErrorBox::type_error(format!("invalid header name {name:?}")))?;
        let value = HeaderValue::from_bytes(value.as_bytes())
            .map_err(|_| JsErrorBox::type_error(format!("invalid value of the header {name}")))?;
        map.append(name, value);
    }
    Ok(shared(state).with(id, |exchange| exchange.begin(status, map, shared_by_all)).unwrap_or(false))
}

/// Adds bytes of the body.
#[op2(fast)]
fn op_vinext_write(state: &OpState, #[smi] id: u32, #[buffer] bytes: &[u8]) -> bool {
    shared(state).with(id, |exchange| exchange.write(bytes)).unwrap_or(true)
}

/// Adds Flight bytes to embed.
#[op2(fast)]
fn op_vinext_flight(state: &OpState, #[smi] id: u32, #[buffer] bytes: &[u8]) -> bool {
    shared(state).with(id, |exchange| exchange.flight(bytes)).unwrap_or(true)
}

/// Says what the scripts that embed Flight carry.
#[op2(fast)]
fn op_vinext_nonce(state: &OpState, #[smi] id: u32, #[string] nonce: &str) {
    shared(state).with(id, |exchange| exchange.nonce(nonce));
}

/// Says what a document that differs by request has beside it when it is stored.
#[op2(fast)]
fn op_vinext_unfinished(state: &OpState, #[smi] id: u32, #[buffer] payload: &[u8], #[buffer] rest: &[u8]) {
    let rest = Bytes::copy_from_slice(rest);
    shared(state).with(id, |exchange| exchange.unfinished(payload, rest));
}

/// Marks the end of an element.
#[op2(fast)]
fn op_vinext_flush(state: &OpState, #[smi] id: u32) {
    shared(state).with(id, super::exchange::Exchange::flush);
}

/// Waits until there is room. `false`: the client has gone.
#[op2]
async fn op_vinext_drain(state: Rc<RefCell<OpState>>, #[smi] id: u32) -> bool {
    let shared = shared(&state.borrow());
    match shared.with(id, super::exchange::Exchange::backlog).flatten() {
        Some((sender, bytes)) => sender.send(Ok(bytes)).await.is_ok(),
        None => true,
    }
}

/// Resolves when the client has gone, or when the request is over.
#[op2]
async fn op_vinext_closed(state: Rc<RefCell<OpState>>, #[smi] id: u32) -> bool {
    let shared = shared(&state.borrow());
    shared.closed(id).await
}

/// Says whether the body that has just ended may be stored, and for how many seconds: negative is for ever.
#[op2]
fn op_vinext_policy(
    state: &OpState,
    #[smi] id: u32,
    store: bool,
    revalidate: f64,
    expire: f64,
    #[serde] tags: Vec<String>,
) {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be in range")]
    let seconds = |seconds: f64| (0.0..1e12).contains(&seconds).then_some(seconds as u64);
    let policy = store.then(|| PagePolicy {
        revalidate: seconds(revalidate),
        expire: seconds(expire),
        tags,
        payload: None,
        rest: None,
    });
    shared(state).with(id, |exchange| exchange.decide(policy));
}

/// Ends the response.
#[op2(fast)]
fn op_vinext_end(state: &OpState, #[smi] id: u32) {
    if let Some(exchange) = shared(state).take(id)
        && let Some((sender, bytes)) = exchange.finish()
        && let Err(tokio::sync::mpsc::error::TrySendError::Full(chunk)) = sender.try_send(Ok(bytes))
    {
        // The isolate's own loop, not JavaScript, waits for a slow client.
        tokio::task::spawn_local(async move { sender.send(chunk).await });
    }
}

/// Ends the request with an error.
#[op2(fast)]
fn op_vinext_fail(state: &OpState, #[smi] id: u32, #[string] message: &str) {
    if let Some(exchange) = shared(state).take(id) {
        exchange.fail(EngineError::Render(message.to_owned()));
    }
}

/// The next chunk of the request's body; `null` at its end.
#[op2]
#[serde]
async fn op_vinext_read(
    state: Rc<RefCell<OpState>>,
    #[smi] id: u32,
) -> Result<Option<deno_core::ToJsBuffer>, JsErrorBox> {
    let shared = shared(&state.borrow());
    let Some(mut body) = shared.with(id, |exchange| exchange.request_body.take()).flatten() else { return Ok(None) };
    loop {
        match body.frame().await {
            None => return Ok(None),
            Some(Err(error)) => return Err(JsErrorBox::generic(error.to_string())),
            Some(Ok(frame)) => {
                if let Ok(data) = frame.into_data() {
                    shared.with(id, |exchange| exchange.request_body = Some(body));
                    return Ok(Some(data.to_vec().into()));
                }
            }
        }
    }
}

/// The server module is loaded: `error` is empty, or says why not.
#[op2(fast)]
fn op_vinext_ready(state: &OpState, #[string] error: &str) {
    shared(state).ready(error);
}

/// Something that outlives its response begins (`true`) or ends.
#[op2(fast)]
fn op_vinext_task(state: &OpState, begins: bool) {
    shared(state).task(begins);
}

/// A line for the log: level 0 is debug, 3 an error.
#[op2(fast)]
fn op_vinext_log(state: &OpState, #[smi] level: u8, #[string] message: &str) {
    shared(state).log(level, message);
}

/// Makes what is stored under any of these tags outdated: it is gone after `expire` seconds, negative for when it has been
/// made anew.
#[op2]
fn op_vinext_invalidate(state: &OpState, #[serde] tags: Vec<String>, expire: f64) {
    shared(state).invalidate(&tags, Duration::try_from_secs_f64(expire).ok());
}

/// What is stored, as `host.js` gets it.
#[derive(Serialize)]
struct Stored {
    state: State,
    value: Option<deno_core::ToJsBuffer>,
    ticket: Option<u32>,
}

/// What the data cache has under `key`, which is of `"use cache"` or of other data. `tags` can outdate it besides its own; `revalidate` is in seconds, negative for
/// never.
#[op2]
#[serde]
async fn op_vinext_data_look(
    state: Rc<RefCell<OpState>>,
    #[string] key: String,
    of_functions: bool,
    #[serde] tags: Vec<String>,
    revalidate: f64,
) -> Stored {
    let shared = shared(&state.borrow());
    let looked = shared.data.look(&key, of_functions, &tags, revalidate).await;
    Stored { state: looked.state, value: looked.value.map(|bytes| bytes.to_vec().into()), ticket: looked.ticket }
}

/// Stores what a ticket was given for.
#[op2]
fn op_vinext_data_fill(state: &OpState, #[smi] ticket: u32, #[buffer] value: &[u8], #[serde] terms: Terms) {
    shared(state).data.fill(ticket, Bytes::copy_from_slice(value), terms);
}

/// Gives a ticket back.
#[op2(fast)]
fn op_vinext_data_fail(state: &OpState, #[smi] ticket: u32) {
    shared(state).data.fail(ticket);
}

/// Asks the app's `cacheHandlers`: `null` is no answer.
#[op2]
#[serde]
async fn op_vinext_ask_handlers(
    state: Rc<RefCell<OpState>>,
    #[string] question: String,
    #[buffer] body: JsBuffer,
) -> Result<Option<deno_core::ToJsBuffer>, JsErrorBox> {
    let shared = shared(&state.borrow());
    let Some(engine) = shared.handlers.clone() else {
        return Err(JsErrorBox::generic("the app has no cacheHandlers"));
    };
    let failed = |error: String| JsErrorBox::generic(format!("the cacheHandlers do not answer: {error}"));
    let question = serde_json::from_str(&question).map_err(|error| failed(error.to_string()))?;
    let answer = ask(&*engine, &question, Bytes::copy_from_slice(&body)).await.map_err(failed)?;
    Ok(answer.map(|bytes| bytes.to_vec().into()))
}
