//! Writes a form, so that who reads the body after us reads the fields that we read.

use std::collections::HashSet;

use bytes::Bytes;
use memchr::memmem;

use super::Form;

/// What a boundary is made of: this, a number, and [`END`], as a number alone would be the beginning of another.
const START: &str = "vinext-form-";
const END: &str = "x";

/// A form as a body.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Written {
    /// The content type, which names the boundary.
    pub content_type: String,
    /// The body.
    pub body: Bytes,
}

impl Form {
    /// Writes the form as browsers do, in the one way in which every reader of forms reads it alike.
    ///
    /// ```
    /// use vinext_rsc::multipart::{Field, Form, FormLimits, read};
    ///
    /// let form = Form { fields: vec![Field::text("a\"b", "1"), Field::file("f", "é.txt", "2")] };
    /// let written = form.write();
    /// assert_eq!(read(&written.content_type, written.body, &FormLimits::default())?, form);
    /// # Ok::<(), vinext_rsc::multipart::FormError>(())
    /// ```
    #[must_use]
    pub fn write(&self) -> Written {
        let boundary = format!("{START}{}{END}", self.free_number());
        let mut body = Vec::new();
        for field in &self.fields {
            body.extend(
                format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"", escape(&field.name)).bytes(),
            );
            if let Some(filename) = &field.filename {
                body.extend(format!("; filename=\"{}\"", escape(filename)).bytes());
            }
            if let Some(content_type) = &field.content_type {
                body.extend(format!("\r\nContent-Type: {}", in_one_line(content_type)).bytes());
            }
            body.extend_from_slice(b"\r\n\r\n");
            body.extend_from_slice(&field.value);
            body.extend_from_slice(b"\r\n");
        }
        body.extend(format!("--{boundary}--\r\n").bytes());
        Written { content_type: format!("multipart/form-data; boundary={boundary}"), body: body.into() }
    }

    /// The first number whose boundary is in none of the values, found by looking through them once.
    fn free_number(&self) -> usize {
        let mut taken = HashSet::new();
        for field in &self.fields {
            for at in memmem::find_iter(&field.value, START) {
                let rest = &field.value[at + START.len()..];
                let digits = rest.iter().take(20).take_while(|byte| byte.is_ascii_digit()).count();
                if let Ok(number) = String::from_utf8_lossy(&rest[..digits]).parse::<usize>() {
                    taken.insert(number);
                }
            }
        }
        (0..=taken.len()).find(|number| !taken.contains(number)).unwrap_or_default()
    }
}

/// A header's value that no reader takes for more than it is, or cuts.
pub(super) fn in_one_line(value: &str) -> String {
    let plain: String = value.chars().filter(|character| !character.is_control()).collect();
    plain.trim_matches(' ').to_owned()
}

fn escape(name: &str) -> String {
    name.replace('\r', "%0D").replace('\n', "%0A").replace('"', "%22")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::{Field, FormLimits, read};
    use super::*;

    #[test]
    fn no_value_can_hold_the_boundary() {
        let value = "\r\n--vinext-form-0x\r\n\r\n--vinext-form-1x--\r\n\r\n--vinext-form-3x";
        let form = Form { fields: vec![Field::text("vinext-form-2x", value), Field::text("b", "--vinext-form-2")] };
        let written = form.write();
        assert!(written.content_type.ends_with("boundary=vinext-form-4x"), "{}", written.content_type);
        assert_eq!(read(&written.content_type, written.body, &FormLimits::default()).unwrap(), form);
    }

    #[test]
    fn no_name_or_type_can_add_a_header() {
        let mut field = Field::file("a\r\nX: 1", "b\"; name=\"c", "");
        field.content_type = Some("text/plain\r\nX: 1".to_owned());
        let written = Form { fields: vec![field] }.write();
        assert_eq!(
            written.body,
            "--vinext-form-0x\r\nContent-Disposition: form-data; name=\"a%0D%0AX: 1\"; filename=\"b%22; name=%22c\"\r\n\
             Content-Type: text/plainX: 1\r\n\r\n\r\n--vinext-form-0x--\r\n"
        );
    }
}
