//! What may be stored, and what a stored response gives.

use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use vinext_cache::{NotStorable, StorableResponse};

use crate::support::response;

#[test]
fn responses_for_one_visitor_are_refused() {
    let make = |status, headers: &[(&str, &str)], body: &'static str| {
        StorableResponse::new(status, headers.iter().copied(), Bytes::from(body)).map(|_| ())
    };
    assert_eq!(make(200, &[("Set-Cookie", "a=1")], "x"), Err(NotStorable::SetCookie));
    assert_eq!(make(200, &[("Date", "now")], "x"), Err(NotStorable::PerRequestHeader("date".to_owned())));
    assert_eq!(make(200, &[("Connection", "close")], "x"), Err(NotStorable::PerRequestHeader("connection".to_owned())));
    for status in [100, 206, 304, 500, 503] {
        assert_eq!(make(status, &[], "x"), Err(NotStorable::Status(status)));
    }
    for (name, value) in [("x-a", "1\r\nset-cookie: a=1"), ("x-a", "\0")] {
        assert_eq!(make(200, &[(name, value)], "x"), Err(NotStorable::MalformedHeader(name.to_owned())));
    }
    assert_eq!(make(200, &[("set-cookie ", "a=1")], "x"), Err(NotStorable::MalformedHeader("set-cookie ".to_owned())));
    assert_eq!(make(200, &[], ""), Err(NotStorable::Empty));
    assert_eq!(make(404, &[("x-a", "1")], "x"), Ok(()));
}

#[test]
fn an_encoding_is_made_once() {
    let response = response("text");
    let made = AtomicUsize::new(0);
    for _ in 0..3 {
        let encoded = response.encoded(0, |body| {
            made.fetch_add(1, Ordering::SeqCst);
            Bytes::from([&body[..], b"!"].concat())
        });
        assert_eq!(encoded.unwrap(), "text!");
    }
    assert_eq!(made.load(Ordering::SeqCst), 1);
}

#[test]
fn parts_belong_to_a_response_and_have_one_value_each() {
    let response = response("page")
        .with_part("rsc", Bytes::from("old"))
        .with_part("postponed", Bytes::from("state"))
        .with_part("rsc", Bytes::from("payload"));
    assert_eq!(response.part("rsc").unwrap(), "payload");
    assert_eq!(response.part("segment"), None);
    let names: Vec<_> = response.parts().iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["rsc", "postponed"]);
}
