//! Responses that need no application.

use http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use http::{HeaderValue, Response, StatusCode};
use vinext_router::Redirect;

use super::body::{self, Body};

/// What is never stored anywhere.
pub(super) const NO_STORE: HeaderValue =
    HeaderValue::from_static("private, no-cache, no-store, max-age=0, must-revalidate");

/// Plain text.
pub(super) fn plain(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = Response::new(body::full(text));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(CACHE_CONTROL, NO_STORE);
    response
}

/// A status and nothing else.
pub(super) fn empty(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(body::empty());
    *response.status_mut() = status;
    response
}

/// The request cannot be read.
pub(super) fn bad_request() -> Response<Body> {
    plain(StatusCode::BAD_REQUEST, "Bad Request")
}

/// Nothing can be rendered.
pub(super) fn internal_error() -> Response<Body> {
    plain(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
}

/// The proxy has failed: nothing is said of why.
pub(super) fn proxy_failed() -> Response<Body> {
    let mut response = internal_error();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    response
}

/// The client is sent elsewhere. Who asks for a payload reads no text.
pub(super) fn redirect(redirect: &Redirect, text: &str) -> Response<Body> {
    let status = StatusCode::from_u16(redirect.status).unwrap_or(StatusCode::PERMANENT_REDIRECT);
    let mut response = Response::new(body::full(text.to_owned()));
    *response.status_mut() = status;
    match HeaderValue::try_from(&redirect.location) {
        Ok(location) => response.headers_mut().insert(LOCATION, location),
        // A canonical path is ASCII; what is not is not redirected to.
        Err(_) => return bad_request(),
    };
    response
}
