//! Pages that lead elsewhere: what stands for a status and a `location`, which a host of files does not send.

use serde_json::json;

/// A document that leads to `location` at once, also where no script runs.
#[must_use]
pub fn redirect_document(location: &str) -> String {
    let url = escape(location);
    format!(
        "<!DOCTYPE html><html><head><meta charset=\"utf-8\"/><title>{url}</title><link rel=\"canonical\" href=\"{url}\"/>\
         <meta http-equiv=\"refresh\" content=\"0;url={url}\"/></head><body><a href=\"{url}\">{url}</a></body></html>"
    )
}

/// A payload that leads the router in the browser to `url`, which has no base path.
#[must_use]
pub fn redirect_payload(url: &str, status: u16) -> String {
    format!("0:E{}\n", json!({ "digest": format!("NEXT_REDIRECT;replace;{url};{status};") }))
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_is_text_whatever_it_has() {
        let document = redirect_document("/a?b=1&c=\"><script>");
        assert!(document.contains("content=\"0;url=/a?b=1&amp;c=&quot;&gt;&lt;script&gt;\""), "{document}");
    }

    #[test]
    fn a_payload_is_one_row_with_the_digest_of_a_redirect() {
        assert_eq!(redirect_payload("/a?b=\"", 307), "0:E{\"digest\":\"NEXT_REDIRECT;replace;/a?b=\\\";307;\"}\n");
    }
}
