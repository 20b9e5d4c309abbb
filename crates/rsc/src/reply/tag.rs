//! Text with a meaning: what React writes for all that JSON has no word for.

/// A field's number.
pub(super) type FieldId = u32;

/// What a text that starts with `$` means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tag {
    /// `$$…`: text that starts with a dollar.
    Escaped,
    /// `$undefined`, `$NaN`, `$Infinity`, `$-Infinity`, `$-0`, `$D…`.
    Primitive,
    /// `$n…`: so many digits.
    BigInt { digits: usize },
    /// `$T`: something that the server can only give back.
    Temporary,
    /// `$1`, `$1:a:b`: the value of a field, or one in it, by the path that starts there in the text.
    Reference { field: FieldId, path: Option<usize> },
    /// `$@1`: a promise for the value of a field.
    Promise(FieldId),
    /// `$h1`: a server function.
    ServerFunction(FieldId),
    /// `$Q1`.
    Map(FieldId),
    /// `$W1`.
    Set(FieldId),
    /// `$i1`: an iterator that is not async.
    Iterator(FieldId),
    /// `$K1`: a form, in fields of its own.
    FormData(FieldId),
    /// `$B1`.
    Blob(FieldId),
    /// `$A1`, `$o1` and so on: a file, read as elements of so many bytes.
    Buffer { field: FieldId, element: usize, is_bytes: bool },
    /// `$R1`, `$r1`, `$X1`, `$x1`: a stream or an async iterable.
    Stream { field: FieldId, kind: Stream },
}

/// What streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stream {
    /// A `ReadableStream` of values.
    Values,
    /// A `ReadableStream` of bytes.
    Bytes,
    /// An async iterable or iterator: its end may have a value.
    Iterable,
}

impl Tag {
    /// What a text means; `None` if it means itself, or starts with `$` and means nothing.
    pub(super) fn read(text: &[u8]) -> Option<Self> {
        let rest = text.strip_prefix(b"$")?;
        let (&first, after) = rest.split_first()?;
        let buffer = |element| Some(Self::Buffer { field: field_id(after)?, element, is_bytes: first == b'o' });
        let stream = |kind| Some(Self::Stream { field: field_id(after)?, kind });
        match first {
            b'$' => Some(Self::Escaped),
            b'u' | b'N' | b'I' | b'-' => {
                matches!(rest, b"undefined" | b"NaN" | b"Infinity" | b"-Infinity" | b"-0").then_some(Self::Primitive)
            }
            b'D' => is_date(after).then_some(Self::Primitive),
            b'n' => {
                let digits = after.strip_prefix(b"-").unwrap_or(after);
                let are_digits = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
                are_digits.then_some(Self::BigInt { digits: digits.len() })
            }
            b'T' => after.is_empty().then_some(Self::Temporary),
            b'@' => field_id(after).map(Self::Promise),
            b'h' => field_id(after).map(Self::ServerFunction),
            b'Q' => field_id(after).map(Self::Map),
            b'W' => field_id(after).map(Self::Set),
            b'i' => field_id(after).map(Self::Iterator),
            b'K' => field_id(after).map(Self::FormData),
            b'B' => field_id(after).map(Self::Blob),
            b'A' | b'O' | b'o' | b'U' | b'V' => buffer(1),
            b'S' | b's' => buffer(2),
            b'L' | b'l' | b'G' => buffer(4),
            b'g' | b'M' | b'm' => buffer(8),
            b'R' => stream(Stream::Values),
            b'r' => stream(Stream::Bytes),
            b'X' | b'x' => stream(Stream::Iterable),
            _ => {
                let colon = rest.iter().position(|&byte| byte == b':');
                let field = field_id(&rest[..colon.unwrap_or(rest.len())])?;
                Some(Self::Reference { field, path: colon.map(|colon| colon + 2) })
            }
        }
    }
}

/// A number as React writes it: hexadecimal, lower case, nothing in front. React's reader takes much else for numbers.
fn field_id(digits: &[u8]) -> Option<FieldId> {
    number(digits, 16)
}

/// A number without anything that it could be written without.
pub(super) fn number(digits: &[u8], radix: u32) -> Option<u32> {
    let canonical = digits.first()? != &b'0' || digits.len() == 1;
    let plain = digits.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let text = std::str::from_utf8(digits).ok().filter(|_| canonical && plain)?;
    // What JavaScript's numbers hold exactly, and more than any form has fields.
    u32::from_str_radix(text, radix).ok()
}

/// `2026-01-31T12:00:00.000Z`, with a sign and six digits for years that four do not hold.
fn is_date(text: &[u8]) -> bool {
    let year = match text.first() {
        Some(b'+' | b'-') => 7,
        _ => 4,
    };
    let form: &[u8] = b"-00-00T00:00:00.000Z";
    text.len() == year + form.len()
        && text[year - 4..year].iter().all(u8::is_ascii_digit)
        && (year == 4 || text[1..3].iter().all(u8::is_ascii_digit))
        && text[year..].iter().zip(form).all(|(byte, form)| match form {
            b'0' => byte.is_ascii_digit(),
            _ => byte == form,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_as_react_writes_them() {
        for (text, tag) in [
            ("$$5", Tag::Escaped),
            ("$-0", Tag::Primitive),
            ("$D2026-01-31T12:00:00.000Z", Tag::Primitive),
            ("$D+275760-09-13T00:00:00.000Z", Tag::Primitive),
            ("$n-12", Tag::BigInt { digits: 2 }),
            ("$T", Tag::Temporary),
            ("$0", Tag::Reference { field: 0, path: None }),
            ("$1f:a:0", Tag::Reference { field: 31, path: Some(4) }),
            ("$a", Tag::Reference { field: 10, path: None }),
            ("$@a", Tag::Promise(10)),
            ("$S1", Tag::Buffer { field: 1, element: 2, is_bytes: false }),
            ("$x2", Tag::Stream { field: 2, kind: Stream::Iterable }),
        ] {
            assert_eq!(Tag::read(text.as_bytes()), Some(tag), "{text}");
        }
        assert_eq!(Tag::read(b"text"), None);
    }

    #[test]
    fn what_react_would_merely_tolerate_means_nothing() {
        for text in [
            "$",
            "$@",
            "$@ 1",
            "$@0x1",
            "$@1g",
            "$@-1",
            "$@A",
            "$@01",
            "$@1ffffffff",
            "$h1:a",
            "$h",
            "$Q",
            "$T1",
            "$E1",
            "$F1",
            "$L",
            "$:a",
            "$n",
            "$n-",
            "$n1.5",
            "$n0x1",
            "$n 1",
            "$NaNa",
            "$un",
            "$-1",
            "$D",
            "$D1",
            "$Dnow",
            "$D2026-01-31T12:00:00.000",
            "$D+02026-01-31T12:00:00.000Z",
            "$ 1",
            "$1 :a",
            "$P1",
            "$Z",
        ] {
            assert_eq!(Tag::read(text.as_bytes()), None, "{text}");
        }
    }
}
