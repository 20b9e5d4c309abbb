//! Flight bytes inside an HTML document.
//!
//! A document carries its Flight stream in scripts between its elements:
//!
//! ```html
//! <script>(self.__next_f=self.__next_f||[]).push([0])</script>
//! <script>self.__next_f.push([1,"0:{\"a\":1}\n"])</script>
//! <script>self.__next_f.push([3,"/9j/4AAQ"])</script>
//! ```
//! `[0]` starts the stream, `[1, text]` is UTF-8 text, `[3, base64]` is bytes that are not. Text is a JSON string in which
//! `<`, `>` and `&` are escaped as well, so that nothing in it can end the script or open a comment, see
//! <https://html.spec.whatwg.org/multipage/scripting.html#restrictions-for-contents-of-script-elements>.

mod escape;
mod extract;
mod script;

use bytes::BytesMut;
use thiserror::Error;

pub use extract::{ExtractError, extract_embedded};
pub use script::ScriptText;

const START: &str = "(self.__next_f=self.__next_f||[]).push([0])";
const TEXT: &str = "self.__next_f.push([1,";
const BINARY: &str = "self.__next_f.push([3,";
const PUSH_END: &str = "])";
const SCRIPT_END: &[u8] = b"</script>";

/// The code around the data, known to be safe when this is compiled.
mod code {
    use super::ScriptText;

    pub(super) const START: ScriptText<'_> = ScriptText::code(super::START);
    pub(super) const TEXT: ScriptText<'_> = ScriptText::code(super::TEXT);
    pub(super) const BINARY: ScriptText<'_> = ScriptText::code(super::BINARY);
    pub(super) const PUSH_END: ScriptText<'_> = ScriptText::code(super::PUSH_END);
}

/// Where embedded bytes are written.
pub trait Sink {
    /// Adds `bytes`.
    fn put(&mut self, bytes: &[u8]);
}

impl Sink for Vec<u8> {
    fn put(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}

impl Sink for BytesMut {
    fn put(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}

/// The `nonce` of a Content Security Policy: base64 text, and nothing that could leave the attribute.
///
/// ```
/// use vinext_rsc::Nonce;
/// assert!(Nonce::new("dGhlIG5vbmNl").is_ok());
/// assert!(Nonce::new("\"><script>").is_err());
/// ```
///
/// No text becomes one unread:
///
/// ```compile_fail,E0423
/// use vinext_rsc::Nonce;
///
/// let unread = Nonce("\"><script>".to_owned());
/// ```
///
/// And none is written that is no nonce:
///
/// ```compile_fail,E0308
/// use vinext_rsc::HtmlEmbedder;
///
/// fn of_a_header(policy: String) -> HtmlEmbedder {
///     HtmlEmbedder::new(Some(policy))
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nonce(String);

/// A nonce with characters that no nonce has.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("a nonce is base64 text: letters, digits and `+ / - _ =`")]
pub struct NonceError;

impl Nonce {
    /// Takes a nonce, see <https://www.w3.org/TR/CSP3/#grammardef-nonce-source>.
    pub fn new(text: impl Into<String>) -> Result<Self, NonceError> {
        let text = text.into();
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'=');
        if text.is_empty() || !text.bytes().all(allowed) { Err(NonceError) } else { Ok(Self(text)) }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Turns a Flight stream, cut anywhere, into scripts.
#[derive(Debug)]
pub struct HtmlEmbedder {
    open: Vec<u8>,
    started: bool,
    /// The beginning of a character whose end is in the next chunk.
    carried: Vec<u8>,
}

impl HtmlEmbedder {
    /// An embedder whose scripts carry `nonce`.
    #[must_use]
    pub fn new(nonce: Option<Nonce>) -> Self {
        let open = match nonce {
            None => b"<script>".to_vec(),
            Some(nonce) => format!("<script nonce=\"{}\">", nonce.as_str()).into_bytes(),
        };
        Self { open, started: false, carried: Vec::new() }
    }

    /// Embeds `chunk`. What is written is whole elements; an unfinished character waits for the next chunk.
    pub fn push(&mut self, chunk: &[u8], out: &mut impl Sink) {
        self.start(out);
        if self.carried.is_empty() {
            let rest = self.embed(chunk, out);
            self.carried.extend_from_slice(rest);
        } else {
            self.carried.extend_from_slice(chunk);
            let joined = std::mem::take(&mut self.carried);
            let rest = self.embed(&joined, out).to_vec();
            self.carried = rest;
        }
    }

    /// Embeds what still waits. The stream is over.
    pub fn finish(&mut self, out: &mut impl Sink) {
        if !self.carried.is_empty() {
            let rest = std::mem::take(&mut self.carried);
            self.binary(&rest, out);
        }
    }

    fn start(&mut self, out: &mut impl Sink) {
        if !self.started {
            self.started = true;
            self.script(&[code::START], out);
        }
    }

    /// Embeds all but an unfinished character at the end, and gives that back.
    fn embed<'c>(&self, mut chunk: &'c [u8], out: &mut impl Sink) -> &'c [u8] {
        while !chunk.is_empty() {
            match std::str::from_utf8(chunk) {
                Ok(text) => {
                    self.text(text, out);
                    return &[];
                }
                Err(error) => {
                    let (valid, rest) = chunk.split_at(error.valid_up_to());
                    if let Ok(text) = std::str::from_utf8(valid)
                        && !text.is_empty()
                    {
                        self.text(text, out);
                    }
                    let Some(bad) = error.error_len() else { return rest };
                    // Binary rows are binary for a while: one script for the whole run, up to text that is worth one.
                    let length = binary_run(rest, bad);
                    self.binary(&rest[..length], out);
                    chunk = &rest[length..];
                }
            }
        }
        &[]
    }

    fn text(&self, text: &str, out: &mut impl Sink) {
        self.script(&[code::TEXT, ScriptText::string(text), code::PUSH_END], out);
    }

    fn binary(&self, bytes: &[u8], out: &mut impl Sink) {
        self.script(&[code::BINARY, ScriptText::base64(bytes), code::PUSH_END], out);
    }

    fn script(&self, content: &[ScriptText<'_>], out: &mut impl Sink) {
        out.put(&self.open);
        for text in content {
            text.write_to(out);
        }
        out.put(SCRIPT_END);
    }
}

/// How many bytes from the start are best sent as base64: up to 64 bytes of clean text in a row.
fn binary_run(bytes: &[u8], bad: usize) -> usize {
    const WORTH: usize = 64;
    let mut end = bad;
    loop {
        match std::str::from_utf8(&bytes[end..]) {
            Ok(text) if text.len() < WORTH => return bytes.len(),
            Ok(_) => return end,
            Err(error) if error.valid_up_to() >= WORTH => return end,
            Err(error) => match error.error_len() {
                // The unfinished character may yet become text.
                None => return end + error.valid_up_to(),
                Some(length) => end += error.valid_up_to() + length,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn embed(chunks: &[&[u8]], nonce: Option<Nonce>) -> String {
        let mut out = Vec::new();
        let mut embedder = HtmlEmbedder::new(nonce);
        for chunk in chunks {
            embedder.push(chunk, &mut out);
        }
        embedder.finish(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_stream_starts_once_and_text_goes_in_one_script_per_chunk() {
        assert_eq!(
            embed(&[b"0:1\n", b"1:2\n"], None),
            "<script>(self.__next_f=self.__next_f||[]).push([0])</script>\
             <script>self.__next_f.push([1,\"0:1\\n\"])</script>\
             <script>self.__next_f.push([1,\"1:2\\n\"])</script>"
        );
    }

    #[test]
    fn nothing_in_the_text_can_end_the_script() {
        let html = embed(&[b"</script><!--<script>\xe2\x80\xa8&\\\"\x00"], None);
        let text = html.strip_prefix("<script>(self.__next_f=self.__next_f||[]).push([0])</script>").unwrap();
        assert_eq!(
            text,
            "<script>self.__next_f.push([1,\"\\u003c/script\\u003e\\u003c!--\\u003cscript\\u003e\\u2028\\u0026\\\\\\\"\\u0000\"])</script>"
        );
    }

    #[test]
    fn a_character_that_is_cut_in_two_arrives_whole() {
        let html = embed(&["é".as_bytes().split_at(1).0, "é".as_bytes().split_at(1).1], None);
        assert!(html.ends_with("<script>self.__next_f.push([1,\"é\"])</script>"), "{html}");
    }

    #[test]
    fn bytes_that_are_no_text_go_as_base64() {
        let html = embed(&[b"ok\xff\xfe"], None);
        assert!(html.contains("[1,\"ok\"]") && html.contains("[3,\"//4=\"]"), "{html}");
    }

    #[test]
    fn every_script_carries_the_nonce() {
        let html = embed(&[b"a", b"b"], Some(Nonce::new("abc+/=").unwrap()));
        assert_eq!(html.matches("<script nonce=\"abc+/=\">").count(), 3);
    }
}
