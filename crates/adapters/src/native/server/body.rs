//! The bodies of responses and requests.

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Empty, Full, Limited};
use hyper::body::Incoming;

use crate::engine::{BodyError, RequestBody};

/// The body of every response.
pub(super) type Body = UnsyncBoxBody<Bytes, BodyError>;

/// A body that is there.
pub(super) fn full(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).map_err(|never| match never {}).boxed_unsync()
}

/// No body.
pub(super) fn empty() -> Body {
    Empty::new().map_err(|never| match never {}).boxed_unsync()
}

/// A request's body, up to `limit` bytes.
pub(super) fn limited(incoming: Incoming, limit: usize) -> RequestBody {
    Limited::new(incoming, limit)
        .map_err(move |error| match error.downcast::<http_body_util::LengthLimitError>() {
            Ok(_) => BodyError::TooLarge { limit },
            Err(error) => BodyError::Connection(error.to_string()),
        })
        .boxed_unsync()
}
