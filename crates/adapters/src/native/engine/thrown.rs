//! What JavaScript threw, in words for whoever wrote it: what was said, and the place in their files. The stack behind it
//! is of the platform's making and helps nobody.

use deno_core::error::{CoreError, CoreErrorKind, JsError};
use deno_core::url::Url;

/// What a call of JavaScript ended with.
pub(super) fn describe_error(error: &CoreError) -> String {
    match &*error.0 {
        CoreErrorKind::Js(thrown) => describe(thrown),
        other => other.to_string(),
    }
}

/// `Error: cannot decide (/app/next.config.js:3:9)`.
pub(super) fn describe(thrown: &JsError) -> String {
    let said = match (&thrown.name, &thrown.message) {
        (Some(name), Some(message)) if !name.is_empty() && !message.is_empty() => format!("{name}: {message}"),
        // Anything can be thrown.
        _ => ["Uncaught ", "(in promise) "]
            .into_iter()
            .fold(thrown.exception_message.as_str(), |text, prefix| text.strip_prefix(prefix).unwrap_or(text))
            .to_owned(),
    };
    match place(thrown) {
        Some(place) => format!("{said} ({place})"),
        None => said,
    }
}

/// The innermost frame that is in a file on disk; the platform's own are `node:` and `ext:`.
fn place(thrown: &JsError) -> Option<String> {
    thrown.frames.iter().find_map(|frame| {
        let name = frame.file_name.as_deref()?;
        let file = if name.starts_with("file:") {
            Url::parse(name).ok()?.to_file_path().ok()?.to_string_lossy().into_owned()
        } else if name.starts_with('/') {
            name.to_owned()
        } else {
            return None;
        };
        Some(format!("{file}:{}:{}", frame.line_number?, frame.column_number?))
    })
}

#[cfg(test)]
mod tests {
    use deno_core::error::JsStackFrame;

    use super::*;

    fn thrown(name: Option<&str>, message: Option<&str>, said: &str, frames: &[&str]) -> JsError {
        let frame = |file: &&str| JsStackFrame::from_location(Some((*file).to_owned()), Some(3), Some(9));
        JsError {
            name: name.map(str::to_owned),
            message: message.map(str::to_owned),
            stack: Some(format!("{said}\n    at somewhere:1:1")),
            cause: None,
            exception_message: said.to_owned(),
            frames: frames.iter().map(frame).collect(),
            source_line: None,
            source_line_frame_index: None,
            aggregated: None,
            additional_properties: Vec::new(),
            stack_is_custom: false,
        }
    }

    #[test]
    fn an_error_is_what_it_says_and_where_the_app_threw_it() {
        let error = thrown(
            Some("Error"),
            Some("cannot decide"),
            "Uncaught (in promise) Error: cannot decide",
            &["node:module", "file:///app/next%20config.js", "ext:core/01_core.js"],
        );
        assert_eq!(describe(&error), "Error: cannot decide (/app/next config.js:3:9)");
    }

    #[test]
    fn what_is_no_error_is_named_as_it_is() {
        assert_eq!(describe(&thrown(None, None, "Uncaught (in promise) 'no'", &[])), "'no'");
        assert_eq!(describe(&thrown(None, None, "Uncaught 5", &["node:module"])), "5");
    }
}
