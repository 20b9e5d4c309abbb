//! Calls of server functions: their bodies are read whole and checked before JavaScript sees them.
//!
//! React's own reader trusts what it reads. What it would be made to trust wrongly does not get there.

use bytes::Bytes;
use futures_util::stream;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderValue, Method, Response, StatusCode};
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use thiserror::Error;
use vinext_rsc::multipart::{self, FormError, FormLimits};
use vinext_rsc::reply::{self, ReplyError, ReplyFacts, ReplyLimits};

use super::body::{self, Body};
use crate::engine::{BodyError, RequestBody};

const FORM: &[u8] = b"multipart/form-data";

/// Why a call is refused.
#[derive(Debug, Error)]
pub(super) enum Refused {
    /// Its body is no form.
    #[error(transparent)]
    Form(#[from] FormError),
    /// Its arguments are nothing that React writes.
    #[error(transparent)]
    Reply(#[from] ReplyError),
    /// Its body is no text.
    #[error("the body is not UTF-8")]
    Text,
}

/// The answer to a call that is refused, as to an id that is none: why is nobody's business.
pub(super) fn refusal() -> Response<Body> {
    let mut response = Response::new(body::full("Invalid Server Action request."));
    *response.status_mut() = StatusCode::BAD_REQUEST;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache, no-store, max-age=0, must-revalidate"));
    headers.insert("x-nextjs-action-not-found", HeaderValue::from_static("1"));
    response
}

/// The answer to a call of a function that is not the caller's: as to one that this build does not have.
pub(super) fn unavailable() -> Response<Body> {
    let mut response = refusal();
    *response.body_mut() = body::full("Server Action unavailable.");
    *response.status_mut() = StatusCode::CONFLICT;
    response
}

/// Whether a request to a page calls a server function.
pub(super) fn is_call(parts: &Parts) -> bool {
    parts.method == Method::POST && (is_form(parts) || parts.headers.contains_key("next-action"))
}

fn is_form(parts: &Parts) -> bool {
    let kind = parts.headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    kind.get(..FORM.len()).is_some_and(|start| start.eq_ignore_ascii_case(FORM))
}

/// A call of a server function whose body has been read and checked. Nothing but the check makes one:
///
/// ```compile_fail,E0451
/// use vinext_adapters::engine::RequestBody;
/// use vinext_adapters::native::server::Call;
///
/// fn unchecked(body: RequestBody) -> Call {
///     Call { body, functions: Vec::new() }
/// }
/// ```
#[derive(Debug)]
pub struct Call {
    body: RequestBody,
    functions: Vec<String>,
}

impl Call {
    /// The functions that it names: the one that it calls, and those among the arguments.
    pub(super) fn functions(&self) -> &[String] {
        &self.functions
    }

    pub(crate) fn into_body(self) -> RequestBody {
        self.body
    }
}

/// Reads the body of a call and checks it. A body that is too long, or that ends early, is passed on as it is: JavaScript
/// answers in the way that the caller understands.
pub(super) async fn checked(parts: &Parts, body: RequestBody, limit: usize) -> Result<Call, Refused> {
    let bytes = match body.collect().await {
        Ok(collected) => collected.to_bytes(),
        Err(error) => return Ok(Call { body: failing(error), functions: called(parts).collect() }),
    };
    let functions = check(parts, &bytes, limit)?;
    Ok(Call { body: body::full(bytes), functions })
}

/// The function that the client's router calls.
fn called(parts: &Parts) -> impl Iterator<Item = String> {
    parts.headers.get("next-action").and_then(|id| id.to_str().ok()).map(str::to_owned).into_iter()
}

fn failing(error: BodyError) -> RequestBody {
    StreamBody::new(stream::once(async { Err::<Frame<Bytes>, _>(error) })).boxed_unsync()
}

fn check(parts: &Parts, bytes: &Bytes, limit: usize) -> Result<Vec<String>, Refused> {
    let limits = ReplyLimits::default().max_bytes(limit);
    let by_router = parts.headers.contains_key("next-action");
    if is_form(parts) {
        let kind = parts.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let form = multipart::read(kind, bytes.clone(), &FormLimits::default().max_bytes(limit))?;
        if !by_router {
            // What calls nothing is refused by JavaScript, which knows what there is.
            let form = reply::action_form(&form, &limits)?;
            let named = form.into_iter().flat_map(|form| std::iter::once(form.action.id).chain(form.others));
            return Ok(named.map(|id| id.to_string()).collect());
        }
        return Ok(with_arguments(parts, &reply::check(&form, &limits)?));
    }
    let facts = reply::check(std::str::from_utf8(bytes).map_err(|_| Refused::Text)?, &limits)?;
    Ok(with_arguments(parts, &facts))
}

fn with_arguments(parts: &Parts, facts: &ReplyFacts) -> Vec<String> {
    called(parts).chain(facts.server_functions.iter().map(ToString::to_string)).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn parts(kind: &str, action: bool) -> Parts {
        let mut request = http::Request::post("/").header(CONTENT_TYPE, kind);
        if action {
            request = request.header("next-action", "00".repeat(21));
        }
        request.body(()).unwrap().into_parts().0
    }

    fn verdict(kind: &str, action: bool, body: &'static str) -> bool {
        check(&parts(kind, action), &Bytes::from_static(body.as_bytes()), 4096).is_ok()
    }

    #[test]
    fn what_react_writes_passes_and_what_walks_up_prototypes_does_not() {
        assert!(verdict("text/plain;charset=UTF-8", true, "[1,{\"a\":[]},\"$0:1:a\"]"));
        assert!(!verdict("text/plain;charset=UTF-8", true, "[{},\"$0:0:constructor:constructor\"]"));
        assert!(!verdict("text/plain;charset=UTF-8", true, "[{\"__proto__\":1}]"));
        assert!(!verdict("text/plain;charset=UTF-8", true, "not json"));
    }

    #[test]
    fn a_form_is_one_with_the_boundary_that_it_names() {
        let form = "--b\r\nContent-Disposition: form-data; name=\"0\"\r\n\r\n[1]\r\n--b--\r\n";
        assert!(verdict("multipart/form-data; boundary=b", true, form));
        assert!(!verdict("multipart/form-data; boundary=c", true, form));
        assert!(!verdict("multipart/form-data", true, form));
        assert!(verdict("Multipart/Form-Data; boundary=b", false, form));
    }

    #[test]
    fn calls_are_posts_with_a_form_or_an_id() {
        assert!(is_call(&parts("multipart/form-data; boundary=b", false)));
        assert!(is_call(&parts("text/plain", true)));
        assert!(!is_call(&parts("application/x-www-form-urlencoded", false)));
    }
}
