//! The header that names a field.
//!
//! Read here and not by `multer`, which looks for `name=` anywhere, in the name of a file too, and leaves in place what
//! browsers escape.

/// What `Content-Disposition: form-data; …` says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Disposition {
    pub(super) name: String,
    pub(super) filename: Option<String>,
}

impl Disposition {
    /// `None` if it is malformed, says something twice or has no name.
    pub(super) fn read(header: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(header).ok()?.trim();
        let kind = text.get(..9).filter(|kind| kind.eq_ignore_ascii_case("form-data"))?;
        let (mut name, mut filename) = (None, None);
        let mut rest = text[kind.len()..].trim_start();
        while !rest.is_empty() {
            let (key, after) = rest.strip_prefix(';')?.split_once('=')?;
            let (value, after) = value(after.trim_start())?;
            let key = key.trim();
            let place = if key.eq_ignore_ascii_case("name") {
                Some(&mut name)
            } else if key.eq_ignore_ascii_case("filename") {
                Some(&mut filename)
            } else {
                None
            };
            if let Some(place) = place
                && place.replace(value).is_some()
            {
                return None;
            }
            rest = after.trim_start();
        }
        Some(Self { name: name?, filename })
    }
}

/// A value and what follows it, in quotes or not. A backslash is one, as in a browser's names.
fn value(text: &str) -> Option<(String, &str)> {
    if let Some(quoted) = text.strip_prefix('"') {
        let end = quoted.find('"')?;
        return Some((unescaped(&quoted[..end]), &quoted[end + 1..]));
    }
    let end = text.find(';').unwrap_or(text.len());
    let token = text[..end].trim_end();
    let allowed = |byte: u8| byte.is_ascii_graphic() && byte != b'"';
    token.bytes().all(allowed).then(|| (unescaped(token), &text[end..]))
}

/// What browsers escape. Whether there are quotes around it or not, it is one name: it is written with them.
fn unescaped(value: &str) -> String {
    value.replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(header: &str) -> Option<(String, Option<String>)> {
        Disposition::read(header.as_bytes()).map(|read| (read.name, read.filename))
    }

    fn read(name: &str, filename: Option<&str>) -> (String, Option<String>) {
        (name.to_owned(), filename.map(str::to_owned))
    }

    #[test]
    fn names_are_read_as_browsers_write_them() {
        assert_eq!(names("form-data; name=\"a\""), Some(read("a", None)));
        assert_eq!(names("FORM-DATA;NAME=a;filename=\"\""), Some(read("a", Some(""))));
        assert_eq!(
            names("form-data; name=\"%22%0D%0A%41%\"; filename=\"é.png\""),
            Some(read("\"\r\n%41%", Some("é.png")))
        );
        assert_eq!(names("form-data; name=%22a%; filename=%0D%0A"), Some(read("\"a%", Some("\r\n"))));
        assert_eq!(names("form-data; name=\"a\\\" ; filename=\"C:\\b\"; x=y"), Some(read("a\\", Some("C:\\b"))));
    }

    #[test]
    fn the_name_of_a_file_cannot_rename_its_field() {
        assert_eq!(names("form-data; filename=\"; name=0; \"; name=\"file\""), Some(read("file", Some("; name=0; "))));
    }

    #[test]
    fn what_is_malformed_or_said_twice_is_refused() {
        for header in [
            "",
            "form-data",
            "form-dat",
            "attachment; name=a",
            "form-data; name",
            "form-data name=a",
            "form-data; name=\"a",
            "form-data; name=\"a\"b",
            "form-data; name=a; name=a",
            "form-data; name=a b",
            "form-data; filename=a",
            "é",
        ] {
            assert_eq!(names(header), None, "{header:?}");
        }
    }
}
