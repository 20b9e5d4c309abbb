//! How the engine is asked that runs the app's own cache handlers (contract 9).

use bytes::Bytes;
use http::{Method, StatusCode};
use http_body_util::{BodyExt as _, Full};

use crate::engine::{Content, EngineRequest, JsEngine, Matched};

/// Asks, and gives the bytes of the answer if there is one. An error says what is wrong with the engine: what a handler
/// has thrown is part of an answer.
pub(in crate::native) async fn ask(
    engine: &dyn JsEngine,
    question: &serde_json::Value,
    body: Bytes,
) -> Result<Option<Bytes>, String> {
    let mut request = EngineRequest::internal(Matched::cache(question));
    request.method = Method::POST;
    request.body = Content::Bytes(Full::new(body).map_err(|never| match never {}).boxed_unsync());
    let response = engine.handle(request).await.map_err(|error| error.to_string())?;
    if response.status == StatusCode::NO_CONTENT {
        return Ok(None);
    }
    response.bytes().await.map(Some).map_err(|error| error.to_string())
}
