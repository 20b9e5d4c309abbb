//! The only way to put text in a script element.

use super::{Sink, escape};

/// Text that is safe inside a script element, whatever it was made from.
///
/// A script ends at the first `</script`, even in a string literal, and `<!--` changes how the rest is read. So a value
/// only gets there through one of these constructors, none of which lets a `<` pass.
///
/// ```
/// use vinext_rsc::embed::ScriptText;
///
/// let mut script = Vec::new();
/// ScriptText::string("</script>").write_to(&mut script);
/// assert_eq!(script, br#""\u003c/script\u003e""#);
/// ```
///
/// What is not escaped is code of this crate:
///
/// ```compile_fail,E0624
/// use vinext_rsc::embed::ScriptText;
///
/// let script = ScriptText::code("</script><script>alert(1)</script>");
/// ```
///
/// No other text becomes one:
///
/// ```compile_fail,E0423
/// use vinext_rsc::embed::ScriptText;
///
/// let script = ScriptText("</script>");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct ScriptText<'a>(Kind<'a>);

#[derive(Debug, Clone, Copy)]
enum Kind<'a> {
    Code(&'static str),
    String(&'a str),
    Base64(&'a [u8]),
}

impl<'a> ScriptText<'a> {
    /// A string literal of JavaScript and JSON.
    #[must_use]
    pub const fn string(text: &'a str) -> Self {
        Self(Kind::String(text))
    }

    /// A string literal that holds `bytes` as base64.
    #[must_use]
    pub const fn base64(bytes: &'a [u8]) -> Self {
        Self(Kind::Base64(bytes))
    }

    /// Code of this crate. Does not compile, as it is only called for constants, if it has a `<`.
    pub(super) const fn code(code: &'static str) -> Self {
        let bytes = code.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            assert!(bytes[at] != b'<', "code that could end its script");
            at += 1;
        }
        Self(Kind::Code(code))
    }

    /// Writes the text.
    pub fn write_to(&self, out: &mut impl Sink) {
        match self.0 {
            Kind::Code(code) => out.put(code.as_bytes()),
            Kind::String(text) => escape::write_string(text, out),
            Kind::Base64(bytes) => escape::write_base64(bytes, out),
        }
    }
}
