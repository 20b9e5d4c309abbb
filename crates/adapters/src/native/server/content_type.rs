//! Media types by file extension, and which of them shrink.

use camino::Utf8Path;

/// The value of `content-type` for a file.
pub(super) fn content_type(path: &Utf8Path) -> String {
    let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
    let essence = match extension.as_str() {
        // What Next sends; browsers treat it as they treat `text/javascript`.
        "js" | "mjs" | "cjs" => "application/javascript".to_owned(),
        "map" => "application/json".to_owned(),
        "avif" => "image/avif".to_owned(),
        extension => mime_guess::from_ext(extension).first_or_octet_stream().essence_str().to_owned(),
    };
    let text = essence.starts_with("text/")
        || matches!(essence.as_str(), "application/javascript" | "application/json" | "application/manifest+json");
    if text { format!("{essence}; charset=utf-8") } else { essence }
}

/// Whether content of this type is worth compressing: text, and formats that are not compressed themselves.
pub(super) fn is_compressible(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    // Events must arrive one by one, and proxies that recompress them hold them back.
    if essence == "text/event-stream" {
        return false;
    }
    essence.starts_with("text/")
        || essence.ends_with("+json")
        || essence.ends_with("+xml")
        || matches!(
            essence.as_str(),
            "application/javascript"
                | "application/json"
                | "application/xml"
                | "application/wasm"
                | "application/x-ndjson"
                | "application/vnd.ms-fontobject"
                | "font/ttf"
                | "font/otf"
                | "image/bmp"
                | "image/x-icon"
                | "image/vnd.microsoft.icon"
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_follow_extensions() {
        for (path, expected) in [
            ("a.js", "application/javascript; charset=utf-8"),
            ("a.CSS", "text/css; charset=utf-8"),
            ("a.html", "text/html; charset=utf-8"),
            ("a.json", "application/json; charset=utf-8"),
            ("site.webmanifest", "application/manifest+json; charset=utf-8"),
            ("a.svg", "image/svg+xml"),
            ("a.woff2", "font/woff2"),
            ("a.png", "image/png"),
            ("LICENSE", "application/octet-stream"),
        ] {
            assert_eq!(content_type(Utf8Path::new(path)), expected);
        }
    }

    #[test]
    fn text_shrinks_and_pictures_do_not() {
        for yes in ["text/html; charset=utf-8", "image/svg+xml", "text/x-component", "application/wasm", "Application/JSON"] {
            assert!(is_compressible(yes), "{yes}");
        }
        for no in ["image/png", "font/woff2", "application/octet-stream", "video/mp4", "text/event-stream", ""] {
            assert!(!is_compressible(no), "{no}");
        }
    }
}
