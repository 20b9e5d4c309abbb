//! One request inside an isolate: what has been read of it, and what has been written for it.

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode};
use tokio::sync::{mpsc, oneshot};
use vinext_rsc::{HtmlEmbedder, Nonce};

use crate::engine::{BodyError, EngineError, EngineResponse, PagePolicy, RequestBody, ResponseBody};

/// How many chunks may wait for the client before JavaScript is told to pause.
const QUEUED_CHUNKS: usize = 8;
/// How many bytes may wait behind those.
const HIGH_WATER: usize = 64 * 1024;
/// What a document ends with; everything else has to come before.
const DOCUMENT_END: &[u8] = b"</body></html>";

/// Where the head of the response goes.
pub(super) type Reply = oneshot::Sender<Result<EngineResponse, EngineError>>;

/// The state of one request.
pub(super) struct Exchange {
    reply: Option<Reply>,
    /// The request's body, until JavaScript takes it.
    pub(super) request_body: Option<RequestBody>,
    chunks: Option<mpsc::Sender<Result<Bytes, BodyError>>>,
    policy: Option<oneshot::Sender<Option<PagePolicy>>>,
    decision: Option<String>,
    /// The Flight payload of a document that is everybody's.
    payload: Option<BytesMut>,
    /// What is left to do of it.
    rest: Option<Bytes>,
    framer: Framer,
    /// Framed bytes that did not fit into the channel.
    pending: BytesMut,
}

impl Exchange {
    pub(super) fn new(reply: Reply, request_body: Option<RequestBody>) -> Self {
        Self {
            reply: Some(reply),
            request_body,
            chunks: None,
            policy: None,
            decision: None,
            payload: None,
            rest: None,
            framer: Framer::default(),
            pending: BytesMut::new(),
        }
    }

    /// Sends the head. `false`: nobody waits for it any more.
    pub(super) fn begin(&mut self, status: StatusCode, headers: HeaderMap, shared: bool) -> bool {
        let Some(reply) = self.reply.take() else { return false };
        let (sender, body) = ResponseBody::channel(QUEUED_CHUNKS);
        let (policy, cache) = oneshot::channel();
        self.chunks = Some(sender);
        self.policy = Some(policy);
        self.payload = shared.then(BytesMut::new);
        reply.send(Ok(EngineResponse { status, headers, decision: self.decision.take(), shared, body, cache })).is_ok()
    }

    /// Says what a proxy has decided. The head follows.
    pub(super) fn proxied(&mut self, decision: String) {
        self.decision = Some(decision);
    }

    /// Adds bytes of the body. `false`: pause until [`Self::drain`].
    pub(super) fn write(&mut self, bytes: &[u8]) -> bool {
        self.framer.write(bytes);
        self.pending.len() + self.framer.len() < HIGH_WATER
    }

    /// Gives the scripts that embed Flight a nonce; what is none is left out.
    pub(super) fn nonce(&mut self, nonce: &str) {
        self.framer.embedder = Some(HtmlEmbedder::new(Nonce::new(nonce).ok()));
    }

    /// Adds Flight bytes to embed at the next element boundary.
    pub(super) fn flight(&mut self, bytes: &[u8]) -> bool {
        self.framer.flight(bytes);
        if let Some(payload) = &mut self.payload {
            payload.extend_from_slice(bytes);
        }
        self.pending.len() + self.framer.len() < HIGH_WATER
    }

    /// The document is everybody's as far as it goes: so is this payload, and the rest is told by these bytes.
    pub(super) fn unfinished(&mut self, payload: &[u8], rest: Bytes) {
        self.payload = Some(BytesMut::from(payload));
        self.rest = Some(rest);
    }

    /// The bytes written so far may go out.
    pub(super) fn flush(&mut self) {
        self.framer.flush(&mut self.pending);
        self.try_send();
    }

    fn try_send(&mut self) {
        if self.pending.is_empty() {
            return;
        }
        if let Some(Ok(permit)) = self.chunks.as_ref().map(mpsc::Sender::try_reserve) {
            permit.send(Ok(self.pending.split().freeze()));
        }
    }

    /// What has to be awaited before more may be written.
    pub(super) fn backlog(&mut self) -> Option<(mpsc::Sender<Result<Bytes, BodyError>>, Bytes)> {
        self.framer.flush(&mut self.pending);
        let sender = self.chunks.clone()?;
        (!self.pending.is_empty()).then(|| (sender, self.pending.split().freeze()))
    }

    /// Says whether the finished body may be stored.
    pub(super) fn decide(&mut self, policy: Option<PagePolicy>) {
        if let Some(sender) = self.policy.take() {
            let payload = self.payload.take().filter(|payload| !payload.is_empty()).map(BytesMut::freeze);
            let rest = self.rest.take();
            let _ = sender.send(policy.map(|policy| PagePolicy { payload, rest, ..policy }));
        }
    }

    /// Ends the body; gives what is left to send.
    pub(super) fn finish(mut self) -> Option<(mpsc::Sender<Result<Bytes, BodyError>>, Bytes)> {
        self.framer.finish(&mut self.pending);
        let sender = self.chunks.take()?;
        (!self.pending.is_empty()).then(|| (sender, self.pending.split().freeze()))
    }

    /// Ends the request with an error, wherever it is.
    pub(super) fn fail(mut self, error: EngineError) {
        match self.reply.take() {
            Some(reply) => {
                let _ = reply.send(Err(error));
            }
            None => {
                if let Some(chunks) = self.chunks.take() {
                    let _ = chunks.try_send(Err(BodyError::Render(error.to_string())));
                }
            }
        }
    }
}

/// Puts Flight scripts between the elements of a document.
#[derive(Default)]
struct Framer {
    html: BytesMut,
    scripts: BytesMut,
    /// Whether the end of the document has been written and is held back.
    held: bool,
    embedder: Option<HtmlEmbedder>,
}

impl Framer {
    fn len(&self) -> usize {
        self.html.len() + self.scripts.len()
    }

    fn write(&mut self, bytes: &[u8]) {
        self.html.extend_from_slice(bytes);
    }

    fn flight(&mut self, bytes: &[u8]) {
        self.embedder.get_or_insert_with(|| HtmlEmbedder::new(None)).push(bytes, &mut self.scripts);
    }

    fn flush(&mut self, out: &mut BytesMut) {
        if self.embedder.is_some() && self.html.ends_with(DOCUMENT_END) {
            self.html.truncate(self.html.len() - DOCUMENT_END.len());
            self.held = true;
        }
        out.unsplit(self.html.split());
        out.unsplit(self.scripts.split());
    }

    fn finish(&mut self, out: &mut BytesMut) {
        self.flush(out);
        if let Some(mut embedder) = self.embedder.take() {
            embedder.finish(&mut self.scripts);
            out.unsplit(self.scripts.split());
        }
        if self.held {
            out.extend_from_slice(DOCUMENT_END);
        }
    }
}
