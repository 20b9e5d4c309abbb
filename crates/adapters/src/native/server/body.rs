//! The bodies of responses and requests.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Empty, Full, Limited};
use hyper::body::Incoming;

use crate::engine::{BodyError, RequestBody};
use crate::native::outbound::idle::{Activity, Patience, Watched};

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

/// A request's body, up to `limit` bytes, whose sender may be silent for `patience`.
pub(super) fn limited(incoming: Incoming, limit: usize, patience: Duration) -> RequestBody {
    let patience = Patience::new(Arc::new(Activity::new()), Some(patience));
    Limited::new(Watched::new(incoming, patience), limit)
        .map_err(move |error| match error.downcast::<http_body_util::LengthLimitError>() {
            Ok(_) => BodyError::TooLarge { limit },
            Err(error) => BodyError::Connection(error.to_string()),
        })
        .boxed_unsync()
}
