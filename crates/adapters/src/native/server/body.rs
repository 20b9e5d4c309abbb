//! The bodies of responses and requests.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{FutureExt as _, StreamExt as _, TryStreamExt as _, stream};
use http_body::Frame;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Empty, Full, Limited, StreamBody};
use hyper::body::Incoming;

use crate::engine::{BodyError, RequestBody, ResponseBody};
use crate::native::outbound::idle::{Activity, Patience, Watched};

/// The body of every response.
pub(super) type Body = UnsyncBoxBody<Bytes, BodyError>;

/// A body that is there.
pub(super) fn full(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).map_err(|never| match never {}).boxed_unsync()
}

/// A body whose beginning is there, and whose rest is asked for while that goes out.
pub(super) fn followed(
    beginning: Bytes,
    rest: impl Future<Output = Result<ResponseBody, BodyError>> + Send + 'static,
) -> Body {
    let rest = rest.map(|body| match body {
        Ok(body) => body.into_data_stream().boxed(),
        Err(error) => stream::iter([Err(error)]).boxed(),
    });
    let chunks = stream::iter([Ok(beginning)]).chain(rest.flatten_stream());
    StreamBody::new(chunks.map_ok(Frame::data)).boxed_unsync()
}

/// No body.
pub(super) fn empty() -> Body {
    Empty::new().map_err(|never| match never {}).boxed_unsync()
}

/// A request's body, whose sender may be silent for `patience`.
pub(super) fn watched(incoming: Incoming, patience: Duration) -> RequestBody {
    Watched::new(incoming, Patience::new(Arc::new(Activity::new()), Some(patience))).boxed_unsync()
}

/// A body, up to `limit` bytes.
pub(super) fn limited(body: RequestBody, limit: usize) -> RequestBody {
    Limited::new(body, limit)
        .map_err(move |error| match error.downcast::<BodyError>() {
            Ok(own) => *own,
            // Only the limit itself has another error.
            Err(_) => BodyError::TooLarge { limit },
        })
        .boxed_unsync()
}
