//! `multipart/form-data` bodies that are in memory as a whole, read within limits.
//!
//! Hand on the [`Form`], or the body that [`Form::write`] makes of it, not the body that came: a second reader of the same
//! bytes may read them differently, and then what was checked is not what is run.
//!
//! Names are read as browsers write them, see
//! <https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data>.
//!
//! ```
//! use bytes::Bytes;
//! use vinext_rsc::multipart::{FormLimits, read};
//!
//! let body = "--b\r\nContent-Disposition: form-data; name=\"a%22b\"\r\n\r\n1\r\n--b--\r\n";
//! let form = read("multipart/form-data; boundary=b", Bytes::from(body), &FormLimits::default())?;
//! assert_eq!((form.fields[0].name.as_str(), &form.fields[0].value[..]), ("a\"b", &b"1"[..]));
//! # Ok::<(), vinext_rsc::multipart::FormError>(())
//! ```

mod disposition;
mod write;

use std::convert::Infallible;

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::ready;
use futures_util::stream::once;
use multer::Multipart;
use thiserror::Error;

use disposition::Disposition;

pub use write::Written;
use write::in_one_line;

/// What was sent: fields, in their order. A name may occur more than once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form {
    /// The fields.
    pub fields: Vec<Field>,
}

/// One part of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// The name of a file; what has one, even an empty one, is a file, and anything else is text.
    pub filename: Option<String>,
    /// What the client says that it is.
    pub content_type: Option<String>,
    /// Its content.
    pub value: Bytes,
}

impl Field {
    /// A field of text.
    #[must_use]
    pub fn text(name: impl Into<String>, value: impl Into<Bytes>) -> Self {
        Self { name: name.into(), filename: None, content_type: None, value: value.into() }
    }

    /// A file.
    #[must_use]
    pub fn file(name: impl Into<String>, filename: impl Into<String>, value: impl Into<Bytes>) -> Self {
        Self { filename: Some(filename.into()), ..Self::text(name, value) }
    }

    /// Whether it is a file.
    #[must_use]
    pub const fn is_file(&self) -> bool {
        self.filename.is_some()
    }
}

/// What a reader of forms accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FormLimits {
    /// Bytes of the body with everything in it: 1 MiB, what Next.js takes for an action.
    pub max_bytes: usize,
    /// Fields: 10,000.
    pub max_fields: usize,
    /// Bytes of a field's name, and of a file's: 1,024.
    pub max_name_bytes: usize,
    /// Bytes of the headers of a field: 8 KiB.
    pub max_header_bytes: usize,
}

impl Default for FormLimits {
    fn default() -> Self {
        Self { max_bytes: 1024 * 1024, max_fields: 10_000, max_name_bytes: 1024, max_header_bytes: 8 * 1024 }
    }
}

impl FormLimits {
    /// With this many bytes at most.
    #[must_use]
    pub const fn max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// With this many fields at most.
    #[must_use]
    pub const fn max_fields(mut self, fields: usize) -> Self {
        self.max_fields = fields;
        self
    }
}

/// A body that is no form, or too much of one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FormError {
    /// The content type is not `multipart/form-data` with a boundary.
    #[error("content type {content_type:?} is not \"multipart/form-data\" with a boundary")]
    NotAForm {
        /// What it is.
        content_type: String,
    },
    /// The body is larger than allowed.
    #[error("the form is larger than {limit} bytes")]
    TooLarge {
        /// The limit.
        limit: usize,
    },
    /// There are more fields than allowed.
    #[error("the form has more than {limit} fields")]
    TooManyFields {
        /// The limit.
        limit: usize,
    },
    /// A name is longer than allowed.
    #[error("field {index} has a name of more than {limit} bytes")]
    NameTooLong {
        /// Which field, from 0.
        index: usize,
        /// The limit.
        limit: usize,
    },
    /// The headers of a field are larger than allowed.
    #[error("field {index} has headers of more than {limit} bytes")]
    HeadersTooLarge {
        /// Which field, from 0.
        index: usize,
        /// The limit.
        limit: usize,
    },
    /// The field does not say its name, or not in a way that can be read.
    #[error("field {index} has a malformed \"content-disposition\"")]
    Disposition {
        /// Which field, from 0.
        index: usize,
    },
    /// The parts are not framed as they should be.
    #[error("field {index} is malformed: {problem}")]
    Malformed {
        /// Which field, from 0.
        index: usize,
        /// What is wrong with it.
        problem: String,
    },
}

/// Reads a whole body by its content type.
pub fn read(content_type: &str, body: Bytes, limits: &FormLimits) -> Result<Form, FormError> {
    if body.len() > limits.max_bytes {
        return Err(FormError::TooLarge { limit: limits.max_bytes });
    }
    let boundary = multer::parse_boundary(content_type).ok().filter(|boundary| !boundary.is_empty());
    let boundary = boundary.ok_or_else(|| FormError::NotAForm { content_type: content_type.to_owned() })?;
    let mut parts = Multipart::new(once(ready(Ok::<_, Infallible>(body))), boundary);
    let mut fields = Vec::new();
    loop {
        let index = fields.len();
        let Some(part) = at_once(index, parts.next_field())? else { return Ok(Form { fields }) };
        if index >= limits.max_fields {
            return Err(FormError::TooManyFields { limit: limits.max_fields });
        }
        let field = field(index, part, limits)?;
        fields.push(field);
    }
}

fn field(index: usize, part: multer::Field<'_>, limits: &FormLimits) -> Result<Field, FormError> {
    let headers = part.headers();
    let header_bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if header_bytes > limits.max_header_bytes {
        return Err(FormError::HeadersTooLarge { index, limit: limits.max_header_bytes });
    }
    let disposition = headers.get("content-disposition").and_then(|value| Disposition::read(value.as_bytes()));
    let Disposition { name, filename } = disposition.ok_or(FormError::Disposition { index })?;
    if name.len().max(filename.as_ref().map_or(0, String::len)) > limits.max_name_bytes {
        return Err(FormError::NameTooLong { index, limit: limits.max_name_bytes });
    }
    let content_type = headers.get("content-type").map(|value| in_one_line(&String::from_utf8_lossy(value.as_bytes())));
    let value = at_once(index, part.bytes())?;
    Ok(Field { name, filename, content_type, value })
}

/// The body is there as a whole, so what still waits would wait for ever.
fn at_once<T>(index: usize, reading: impl Future<Output = Result<T, multer::Error>>) -> Result<T, FormError> {
    match reading.now_or_never() {
        Some(Ok(read)) => Ok(read),
        Some(Err(error)) => Err(FormError::Malformed { index, problem: error.to_string() }),
        None => Err(FormError::Malformed { index, problem: "it has no end".to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn form(body: &str) -> Result<Form, FormError> {
        read("multipart/form-data; boundary=b", Bytes::from(body.to_owned()), &FormLimits::default())
    }

    fn part(disposition: &str, value: &str) -> String {
        format!("--b\r\nContent-Disposition: form-data; {disposition}\r\n\r\n{value}\r\n")
    }

    #[test]
    fn fields_and_files_are_read_in_their_order() {
        let body = part("name=\"0\"", "[\"$o1\"]")
            + "--b\r\nContent-Disposition: form-data; name=\"1\"; filename=\"blob\"\r\nContent-Type: image/png\r\n\r\n\r\n--\r\n"
            + &part("name=\"0\"", "")
            + "--b--\r\n";
        let fields = form(&body).unwrap().fields;
        let file = Field { content_type: Some("image/png".to_owned()), ..Field::file("1", "blob", "\r\n--") };
        assert_eq!(fields, [Field::text("0", "[\"$o1\"]"), file, Field::text("0", "")]);
    }

    #[test]
    fn an_empty_form_has_no_fields() {
        assert_eq!(form("--b--\r\n").unwrap(), Form::default());
    }

    #[test]
    fn a_body_that_is_cut_off_is_refused_wherever_it_is_cut() {
        let body = part("name=\"a\"", "1") + &part("name=\"f\"; filename=\"\"", "2") + "--b--";
        assert_eq!(form(&body).unwrap().fields.len(), 2);
        for end in 0..body.len() {
            assert!(form(&body[..end]).is_err(), "{:?}", &body[..end]);
        }
    }

    #[test]
    fn what_is_no_form_is_refused_by_its_content_type() {
        for content_type in [
            "",
            "text/plain",
            "multipart/form-data",
            "multipart/form-data; boundary=\"\"",
            "multipart/mixed; boundary=b",
            "\u{e9}",
        ] {
            let error = read(content_type, Bytes::new(), &FormLimits::default()).unwrap_err();
            assert_eq!(error, FormError::NotAForm { content_type: content_type.to_owned() });
        }
    }

    #[test]
    fn limits_hold() {
        let limits = FormLimits { max_fields: 2, max_name_bytes: 3, max_header_bytes: 100, max_bytes: 400 };
        let read = |body: String| read("multipart/form-data; boundary=b", Bytes::from(body + "--b--"), &limits);
        let abc = part("name=\"abc\"", "");
        assert_eq!(read(abc.repeat(2)).unwrap().fields.len(), 2);
        assert_eq!(read(abc.repeat(3)), Err(FormError::TooManyFields { limit: 2 }));
        assert_eq!(read(part("name=\"abcd\"", "")), Err(FormError::NameTooLong { index: 0, limit: 3 }));
        assert_eq!(read(part("name=a; filename=abcd", "")), Err(FormError::NameTooLong { index: 0, limit: 3 }));
        assert_eq!(
            read(part(&format!("name=a; x={}", "y".repeat(80)), "")),
            Err(FormError::HeadersTooLarge { index: 0, limit: 100 })
        );
        assert_eq!(read(part("name=\"abc\"", &"v".repeat(400))), Err(FormError::TooLarge { limit: 400 }));
    }

    #[test]
    fn a_type_is_read_as_it_is_written_again() {
        for (sent, read_as) in [("text/plain", "text/plain"), ("image/\u{e9}\tx", "image/\u{e9}x"), ("a \u{85}", "a")] {
            let body =
                format!("--b\r\nContent-Disposition: form-data; name=f\r\nContent-Type: {sent}\r\n\r\n1\r\n--b--");
            let first = form(&body).unwrap();
            assert_eq!(first.fields[0].content_type.as_deref(), Some(read_as));
            let again = first.write();
            assert_eq!(read(&again.content_type, again.body, &FormLimits::default()), Ok(first));
        }
    }

    #[test]
    fn a_field_without_a_name_is_refused() {
        for disposition in ["x=1", "name=\"a", "name=a; name=b"] {
            assert_eq!(
                form(&(part(disposition, "") + "--b--")),
                Err(FormError::Disposition { index: 0 }),
                "{disposition}"
            );
        }
        assert!(matches!(
            form("--b\r\n\r\n\r\n--b--"),
            Err(FormError::Malformed { .. } | FormError::Disposition { .. })
        ));
    }
}
