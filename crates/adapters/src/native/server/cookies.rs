//! The cookies of a request, as those change that an answer on the way sets.

use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};

/// HTTP/2 sends cookies in as many headers as it likes; everybody else knows one (RFC 9113, section 8.2.3).
pub(super) fn join(headers: &mut HeaderMap) {
    let all: Vec<&[u8]> = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes).collect();
    if all.len() > 1
        && let Ok(joined) = HeaderValue::from_bytes(&all.join(b"; ".as_slice()))
    {
        headers.insert(COOKIE, joined);
    }
}

/// Changes the cookies as a browser would that gets these `set-cookie` lines: each in the place of the one of its name, or
/// behind them; one whose time is over is gone.
pub(super) fn set<'a>(headers: &mut HeaderMap, lines: impl Iterator<Item = &'a [u8]>) {
    let mut lines = lines.peekable();
    if lines.peek().is_none() {
        return;
    }
    let sent = headers.get(COOKIE).map(|value| value.as_bytes().to_vec()).unwrap_or_default();
    let mut jar: Vec<(&[u8], &[u8])> = vinext_router::cookies(&sent).collect();
    for line in lines {
        let Some((name, value)) = vinext_router::cookies(line).next() else { continue };
        if is_deleted(line) {
            jar.retain(|(known, _)| *known != name);
        } else if let Some(known) = jar.iter_mut().find(|(known, _)| *known == name) {
            known.1 = value;
        } else {
            jar.push((name, value));
        }
    }
    let pairs: Vec<Vec<u8>> = jar.into_iter().map(|(name, value)| [name, value].join(&b'=')).collect();
    headers.remove(COOKIE);
    if !pairs.is_empty()
        && let Ok(value) = HeaderValue::from_bytes(&pairs.join(b"; ".as_slice()))
    {
        headers.insert(COOKIE, value);
    }
}

/// Whether a `set-cookie` takes a cookie away: its time is over.
fn is_deleted(line: &[u8]) -> bool {
    vinext_router::cookies(line).skip(1).any(|(name, value)| {
        (name.eq_ignore_ascii_case(b"max-age") && (value == b"0" || value.starts_with(b"-")))
            || (name.eq_ignore_ascii_case(b"expires") && value.ends_with(b"1970 00:00:00 GMT"))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn after(sent: &[&str], lines: &[&str]) -> Vec<String> {
        let mut headers = HeaderMap::new();
        for cookie in sent {
            headers.append(COOKIE, cookie.parse().unwrap());
        }
        join(&mut headers);
        set(&mut headers, lines.iter().map(|line| line.as_bytes()));
        headers.get_all(COOKIE).iter().map(|value| value.to_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn cookies_in_several_headers_are_one_list() {
        assert_eq!(after(&["a=1", "b=2; c=3"], &[]), ["a=1; b=2; c=3"]);
    }

    #[test]
    fn what_is_set_is_in_its_place_and_what_is_over_is_gone() {
        let lines = [
            "changed=2; Path=/",
            "gone=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
            "over=1; Max-Age=0",
            "new=a%20b; HttpOnly",
        ];
        assert_eq!(after(&["gone=1; changed=1; kept=1; over=1"], &lines), ["changed=2; kept=1; new=a%20b"]);
        assert_eq!(after(&["gone=1"], &lines[1..2]), Vec::<String>::new());
    }
}
