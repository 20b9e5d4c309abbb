//! What React writes for server functions is accepted, and what has broken its reader is not.
#![allow(missing_docs, clippy::unwrap_used)]

use bytes::Bytes;
use serde_json::Value;
use vinext_rsc::multipart::{Field, Form, FormLimits, read};
use vinext_rsc::reply::{
    FieldProblem, JsonProblem, Limited, Reply, ReplyError, ReplyFacts, ReplyLimits, ValueProblem, action_form, check,
};

/// Made by `replies/record.mjs` with React 19.
const RECORDED: &str = include_str!("replies/replies.json");

fn base64(text: &str) -> Vec<u8> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0_u32, 0);
    for digit in text.bytes().filter(|byte| *byte != b'=') {
        bits = bits << 6 | u32::try_from(DIGITS.iter().position(|known| *known == digit).unwrap()).unwrap();
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from(bits >> held & 0xff).unwrap());
        }
    }
    bytes
}

/// The recorded fields, and those that are read from the recorded body.
fn forms(recorded: &Value) -> (Form, Form) {
    let fields = recorded["fields"].as_array().unwrap().iter().map(|field| {
        let (name, value) = (field["name"].as_str().unwrap(), field["value"].as_str().unwrap());
        match field["filename"].as_str() {
            Some(filename) => Field::file(name, filename, base64(value)),
            None => Field::text(name, value.to_owned()),
        }
    });
    let body = Bytes::from(base64(recorded["body"].as_str().unwrap()));
    (
        Form { fields: fields.collect() },
        read("multipart/form-data; boundary=recorded", body, &FormLimits::default()).unwrap(),
    )
}

fn without_types(form: &Form) -> Form {
    Form { fields: form.fields.iter().cloned().map(|field| Field { content_type: None, ..field }).collect() }
}

fn recorded_call(name: &str) -> ReplyFacts {
    let recorded: Value = serde_json::from_str(RECORDED).unwrap();
    let call = &recorded["calls"][name];
    match call["text"].as_str() {
        Some(text) => check(text, &ReplyLimits::default()).unwrap(),
        None => check(&forms(call).1, &ReplyLimits::default()).unwrap(),
    }
}

#[test]
fn every_reply_of_react_is_accepted() {
    let recorded: Value = serde_json::from_str(RECORDED).unwrap();
    let calls = recorded["calls"].as_object().unwrap();
    assert!(calls.len() >= 50);
    for (name, call) in calls {
        let facts = match call["text"].as_str() {
            Some(text) => check(text, &ReplyLimits::default()),
            None => check(&forms(call).1, &ReplyLimits::default()),
        };
        let facts = facts.unwrap_or_else(|error| panic!("{name}: {error}"));
        // A promise is no way back: nobody walks through it.
        let is_cyclic = name.contains("cyclic") && name != "cyclic promises";
        assert_eq!(facts.cycles > 0, is_cyclic, "{name}: {facts:?}");
    }
}

#[test]
fn what_react_would_read_for_ever_is_refused() {
    let recorded: Value = serde_json::from_str(RECORDED).unwrap();
    let endless = recorded["endless"].as_object().unwrap();
    assert_eq!(endless.len(), 3);
    for (name, call) in endless {
        let error = check(&forms(call).1, &ReplyLimits::default()).unwrap_err();
        assert!(matches!(error, ReplyError::Value { problem: ValueProblem::Waits, .. }), "{name}: {error}");
    }
    let function = "{\"id\":\"40aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\",\"bound\":\"$@2\"}";
    value(&[("0", "[\"$h1\"]"), ("1", function), ("2", "[\"$h1\"]")], ValueProblem::Waits);
    value(&[("0", "[\"$h1\"]"), ("1", function), ("2", "[\"$3\"]"), ("3", "{\"a\":\"$0\"}")], ValueProblem::Waits);
    let waits = form(&[("0", "[\"$h1\"]"), ("1", function), ("2", "[\"$@3\"]"), ("3", "{\"a\":\"$0\"}")]);
    assert!(check(&waits, &ReplyLimits::default()).is_ok(), "nobody waits for a promise in an argument");
}

#[test]
fn every_form_of_react_is_accepted_and_says_what_it_calls() {
    let recorded: Value = serde_json::from_str(RECORDED).unwrap();
    let called = |name: &str| {
        let form = action_form(&forms(&recorded["forms"][name]).1, &ReplyLimits::default()).unwrap().unwrap();
        assert_eq!(form.state_key.as_deref(), Some("k123"));
        let digit = |id: &vinext_rsc::reply::ActionId| id.as_str().chars().last().unwrap();
        (digit(&form.action.id), form.action.bound, form.others.iter().map(digit).collect::<String>())
    };
    assert_eq!(called("an action"), ('1', 0, String::new()));
    assert_eq!(called("an action with arguments"), ('2', 3, String::new()));
    assert_eq!(called("an action with a form bound"), ('3', 2, String::new()));
    assert_eq!(called("an action with an action bound"), ('4', 1, "5".to_owned()));
    assert_eq!(called("a button's action after its form's"), ('7', 0, "6".to_owned()));
    assert_eq!(called("two with arguments"), ('9', 3, "8".to_owned()));
    assert_eq!(recorded["forms"].as_object().unwrap().len(), 6);
}

#[test]
fn forms_are_read_from_bodies_as_they_were_before_they_were_written() {
    let recorded: Value = serde_json::from_str(RECORDED).unwrap();
    let all = recorded["calls"].as_object().unwrap().iter().chain(recorded["forms"].as_object().unwrap());
    for (name, reply) in all.filter(|(_, reply)| reply["body"].is_string()) {
        let (fields, from_body) = forms(reply);
        // Only in bodies do newlines become those of the network.
        let normalized = |form: &Form| format!("{form:?}").replace("\\r\\n", "\\n");
        assert_eq!(normalized(&without_types(&from_body)), normalized(&fields), "{name}");
    }
}

#[test]
fn facts_are_those_of_the_arguments() {
    let facts = recorded_call("server functions");
    assert_eq!(facts.arguments, Some(5));
    let ids: String = facts.server_functions.iter().map(|id| id.as_str().chars().last().unwrap()).collect();
    assert_eq!(ids, "bbbcb", "each place that names one");
    let facts = recorded_call("buffers");
    // Node's own buffers say what they are by `toJSON`.
    assert_eq!((facts.arguments, facts.files, facts.streams), (Some(15), 14, 0));
    assert_eq!(recorded_call("async iterables").streams, 4);
    assert_eq!(recorded_call("a root that is a promise").arguments, Some(1));
    assert_eq!(recorded_call("a root that is lazy").arguments, Some(2));
    assert_eq!(recorded_call("not a list").arguments, None);
    assert_eq!(recorded_call("deep").depth, 201);
    assert!((120..=240).contains(&recorded_call("deep maps").depth));
}

/// Fields of a form; a name behind `!` is a file's.
fn form(fields: &[(&str, &str)]) -> Form {
    let fields = fields.iter().map(|&(name, value)| match name.strip_prefix('!') {
        Some(name) => Field::file(name, "blob", value.to_owned()),
        None => Field::text(name, value.to_owned()),
    });
    Form { fields: fields.collect() }
}

fn refused(fields: &[(&str, &str)]) -> ReplyError {
    match check(&form(fields), &ReplyLimits::default()) {
        Err(error) => error,
        Ok(facts) => panic!("{fields:?} is accepted: {facts:?}"),
    }
}

#[track_caller]
fn value(fields: &[(&str, &str)], expected: ValueProblem) {
    match refused(fields) {
        ReplyError::Value { problem, .. } => assert_eq!(problem, expected, "{fields:?}"),
        error => panic!("{fields:?}: {error}"),
    }
}

#[track_caller]
fn over(fields: &[(&str, &str)], expected: Limited) {
    match refused(fields) {
        ReplyError::OverLimit { what, .. } => assert_eq!(what, expected),
        error => panic!("{error}"),
    }
}

#[track_caller]
fn field(fields: &[(&str, &str)], expected: FieldProblem) {
    match refused(fields) {
        ReplyError::Field { problem, .. } => assert_eq!(problem, expected, "{fields:?}"),
        error => panic!("{fields:?}: {error}"),
    }
}

#[test]
fn cve_2025_55182_references_up_the_prototypes() {
    let model = "{\"then\":\"$1:__proto__:then\",\"status\":\"resolved_model\",\"reason\":-1,\"value\":\"{}\",\
        \"_response\":{\"_prefix\":\"process.exit();\",\"_chunks\":\"$Q2\",\"_formData\":{\"get\":\"$1:constructor:constructor\"}}}";
    value(&[("0", model), ("1", "\"$@0\""), ("2", "[]")], ValueProblem::Path);
    for path in [
        "__proto__",
        "constructor",
        "constructor:constructor",
        "prototype",
        "then",
        "toString",
        "a:__proto__",
        "a:constructor",
        "length",
        "",
    ] {
        value(&[("0", &format!("[{{\"a\":[]}},\"$0:0:{path}\"]"))], ValueProblem::Path);
        value(&[("0", &format!("[\"$1:{path}\"]")), ("1", "[{}]")], ValueProblem::Path);
    }
    assert!(matches!(refused(&[("0", "[{\"__proto__\":{}}]")]), ReplyError::Json { problem: JsonProblem::Proto, .. }));
}

#[test]
fn cve_2025_66478_values_that_become_thenables() {
    for then in ["$h1", "$@2", "$2", "$T", "$0:0", "$Q2", "$B3"] {
        let fields = format!("[{{}},{{\"then\":\"{then}\"}}]");
        let function = "{\"id\":\"40aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\",\"bound\":null}";
        value(&[("0", &fields), ("1", function), ("2", "[]"), ("!3", "")], ValueProblem::Then);
    }
    assert!(check("[{\"then\":\"$undefined\"},{\"then\":{\"then\":[1]}}]", &ReplyLimits::default()).is_ok());
}

#[test]
fn cve_2025_55182_the_notes_that_react_keeps_in_objects() {
    let id = "\"id\":\"40aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"";
    let function = format!("{{{id},\"bound\":null}}");
    value(&[("0", "[\"$h1\",\"$1\"]"), ("1", &function)], ValueProblem::Taken);
    value(&[("0", "[\"$@1\",\"$h1\"]"), ("1", &function)], ValueProblem::Taken);
    value(&[("0", "[\"$1\",\"$Q1\"]"), ("1", "[]")], ValueProblem::Taken);
    for object in [
        format!("{{{id},\"bound\":null,\"$$promise\":{{\"status\":\"fulfilled\",\"value\":1}}}}"),
        format!("{{{id}}}"),
        format!("{{{id},\"bound\":[]}}"),
        format!("{{{id},\"bound\":\"$2\"}}"),
        format!("{{{id},\"bound\":\"$@1\"}}"),
        format!("{{{id},\"bound\":\"$@9\"}}"),
        format!("{{{id},\"x\":null}}"),
        "{\"id\":[\"a\"],\"bound\":null}".to_owned(),
        "[]".to_owned(),
        "\"$2\"".to_owned(),
    ] {
        let fields = [("0", "[\"$h1\"]"), ("1", object.as_str()), ("2", "[]")];
        match refused(&fields) {
            ReplyError::Value { problem: ValueProblem::Shape | ValueProblem::Missing, .. } => {}
            error => panic!("{object}: {error}"),
        }
    }
    for id in [
        "",
        "fs#readFile",
        "constructor",
        "__proto__",
        "40aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "40zaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ] {
        let object = format!("{{\"id\":\"{id}\",\"bound\":null}}");
        assert_eq!(refused(&[("0", "[\"$h1\"]"), ("1", &object)]), ReplyError::MalformedActionId { id: id.to_owned() });
    }
}

#[test]
fn cve_2025_55184_promises_for_themselves() {
    value(&[("0", "\"$@0\"")], ValueProblem::Promise);
    value(&[("0", "[\"$@1\"]"), ("1", "\"$@1\"")], ValueProblem::Promise);
    value(&[("0", "[\"$@1\"]"), ("1", "\"$@2\""), ("2", "\"$@1\"")], ValueProblem::Promise);
    value(&[("0", "\"$@1\""), ("1", "\"$0\"")], ValueProblem::Promise);
    value(&[("0", "[\"$@1\"]"), ("1", "\"$2\""), ("2", "\"$@3\""), ("3", "1")], ValueProblem::Promise);
    value(&[("0", "[\"$@1\"]"), ("S2", "\"$@1\""), ("S2", "C"), ("1", "\"$@3\""), ("3", "1")], ValueProblem::Promise);
}

#[test]
fn cve_2025_67779_values_that_are_only_themselves() {
    value(&[("0", "\"$0\"")], ValueProblem::Loop);
    value(&[("0", "[\"$1\"]"), ("1", "\"$2\""), ("2", "\"$1\"")], ValueProblem::Loop);
    value(&[("0", "[\"$0:0\"]")], ValueProblem::Path);
    value(&[("0", "\"$Q0\"")], ValueProblem::Shape);
    value(&[("0", "[\"$@1\",\"$@2\"]"), ("1", "\"$2\""), ("2", "\"$1\"")], ValueProblem::Loop);
    value(&[("0", "[\"$@1\"]")], ValueProblem::Missing);
}

#[test]
fn cve_2026_23864_numbers_and_maps_that_take_for_ever() {
    over(&[("0", &format!("[\"$n{}\"]", "9".repeat(301)))], Limited::BigIntDigits);
    assert!(check(format!("[\"$n-{}\"]", "9".repeat(300)).as_str(), &ReplyLimits::default()).is_ok());
    for entries in ["{}", "\"text\"", "[1]", "[[1,2,3]]", "[[1]]", "[{\"0\":1,\"1\":2}]", "[\"$2\"]", "\"$2\""] {
        value(&[("0", "[\"$Q1\"]"), ("1", entries), ("2", "[]")], ValueProblem::Shape);
    }
    for taken in ["[\"$Q1\",\"$Q1\"]", "[\"$Q1\",\"$W1\"]", "[\"$i1\",\"$W1\"]"] {
        value(&[("0", taken), ("1", "[]")], ValueProblem::Taken);
    }
    let many = format!("[{}]", vec!["[1,2]"; 400_000].join(","));
    let limits = ReplyLimits::default().max_bytes(10_000_000);
    let map = form(&[("0", "[\"$Q1\"]"), ("1", &many)]);
    assert_eq!(check(&map, &limits), Err(ReplyError::OverLimit { what: Limited::Values, limit: 1_000_000 }));
    assert_eq!(
        check(&map, &ReplyLimits::default()),
        Err(ReplyError::OverLimit { what: Limited::Bytes, limit: 1024 * 1024 })
    );
}

#[test]
fn cve_2026_23869_small_replies_that_are_huge_to_walk() {
    // Each level refers to the next twice.
    let levels: Vec<(String, String)> =
        (0..60).map(|level| (level.to_string(), format!("[\"${:x}\",\"${:x}\"]", level + 1, level + 1))).collect();
    let mut fields: Vec<(&str, &str)> = levels.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.push(("60", "[]"));
    over(&fields, Limited::Sharing);
    // In one field, by paths, each level before it is written in full.
    let mut nested = "[]".to_owned();
    for level in (0..40).rev() {
        nested = format!("[\"$0{}\",{nested}]", ":1".repeat(level + 1));
    }
    over(&[("0", &nested)], Limited::Sharing);
    // One large value, many times.
    let text = format!("[{{\"a\":\"{}\"}}{}]", "x".repeat(500_000), ",\"$0:0\"".repeat(900));
    over(&[("0", &text)], Limited::Sharing);
    let object = format!("[[{}0]{}]", "0,".repeat(200_000), ",\"$0:0\"".repeat(900));
    over(&[("0", &object)], Limited::Sharing);
}

#[test]
fn cve_2026_23870_nesting_that_exhausts_the_stack() {
    over(&[("0", &("[".repeat(513) + &"]".repeat(513)))], Limited::Depth);
    over(&[("0", &"{\"a\":".repeat(100_000))], Limited::Depth);
    // A field in a field in a field.
    let chain: Vec<(String, String)> =
        (0..300).map(|level| (level.to_string(), format!("[\"${:x}\"]", level + 1))).collect();
    let mut fields: Vec<(&str, &str)> = chain.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.push(("300", "[]"));
    over(&fields, Limited::Depth);
}

#[test]
fn cve_2026_64641_more_of_everything_than_anybody_sends() {
    over(&[("0", &format!("[{}0]", "0,".repeat(1000)))], Limited::Arguments);
    let function = "{\"id\":\"40aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\",\"bound\":\"$@2\"}";
    over(&[("0", "[\"$h1\"]"), ("1", function), ("2", &format!("[{}0]", "0,".repeat(1000)))], Limited::Arguments);
    over(&[("0", "\"$1\""), ("1", &format!("[{}0]", "0,".repeat(1000)))], Limited::Arguments);
    over(&[("0", &format!("[[{}0]]", "\"$1\",".repeat(100_001))), ("1", "0")], Limited::References);
    over(&[("0", &format!("[[{}0]]", "\"$0\",".repeat(10_001)))], Limited::Cycles);
    over(&vec![("_1_a", ""); 10_001], Limited::Fields);
    over(&[("0", "[]"), (&format!("_1_{}", "a".repeat(1024)), "")], Limited::NameBytes);
}

#[test]
fn s22_fields_that_are_none_of_react() {
    for name in [
        "",
        " 1",
        "0x1",
        "1e0",
        "01",
        "-1",
        "1.0",
        "NaN",
        "S",
        "Sa",
        "S01",
        "_",
        "_1",
        "__a",
        "_a_b",
        "4294967296",
        "$ACTION_ID_a",
        "name",
    ] {
        field(&[("0", "[]"), (name, "[]")], FieldProblem::Unknown);
    }
    field(&[("1", "[]")], FieldProblem::Missing);
    field(&[("!0", "[]")], FieldProblem::Missing);
    field(&[("0", "[]"), ("0", "[]")], FieldProblem::Twice);
    field(&[("0", "[]"), ("!1", ""), ("!1", "")], FieldProblem::Twice);
    field(&[("0", "[]"), ("!1", ""), ("1", "1")], FieldProblem::Twice);
    field(&[("0", "[]"), ("S1", "C"), ("1", "1")], FieldProblem::Twice);
    field(&[("0", "[]"), ("!S1", "C")], FieldProblem::File);
    for stream in [&["1"][..], &["C", "C"], &["C", "1"], &["C1", "C"]] {
        let fields: Vec<_> =
            [("0", "[\"$X1\"]")].into_iter().chain(stream.iter().map(|value| ("S1", *value))).collect();
        field(&fields, FieldProblem::StreamEnd);
    }
    let latin = Form { fields: vec![Field::text("0", &b"\"\xe9\""[..])] };
    assert!(matches!(
        check(&latin, &ReplyLimits::default()),
        Err(ReplyError::Field { problem: FieldProblem::NotUtf8, .. })
    ));
}

#[test]
fn s22_values_that_refer_to_what_is_not_there_or_does_not_fit() {
    for text in ["$1", "$1:a", "$@1", "$h1", "$Q1", "$B1", "$o1", "$R1", "$X0", "$B0", "$o0", "$A3", "$2", "$@2"] {
        value(&[("0", &format!("[\"{text}\"]")), ("!2", "abc"), ("S3", "C")], ValueProblem::Missing);
    }
    for text in ["$S2", "$L2", "$g2", "$m2"] {
        value(&[("0", &format!("[\"{text}\"]")), ("!2", "abc")], ValueProblem::Length);
    }
    for text in [
        "\"$o2\",\"$o2\"",
        "\"$o2\",\"$A2\"",
        "\"$B2\",\"$V2\"",
        "\"$R3\",\"$R3\"",
        "\"$x3\",\"$R3\"",
        "\"$K9\",\"$K9\"",
    ] {
        value(&[("0", &format!("[{text}]")), ("!2", "abcd"), ("S3", "C")], ValueProblem::Taken);
    }
    value(&[("0", "[\"$R1\"]"), ("S1", "C1")], ValueProblem::Shape);
    value(&[("0", "[\"$r1\"]"), ("S1", "1"), ("S1", "C")], ValueProblem::Shape);
    value(&[("0", "[\"$r1\"]"), ("S1", "\"$O2\""), ("S1", "C"), ("!2", "")], ValueProblem::Shape);
    value(&[("0", "[\"$K0\"]")], ValueProblem::Shape);
    // Not objects: what React refers to by a path is one.
    value(&[("0", "[\"text\",\"$0:0\"]")], ValueProblem::Path);
    value(&[("0", "[1,\"$0:0\"]")], ValueProblem::Path);
    value(&[("0", "[\"$1\",\"$0:0:a\"]"), ("1", "{\"a\":{}}")], ValueProblem::Path);
    value(&[("0", "[\"$E1\"]")], ValueProblem::Unknown);
}

#[test]
fn an_error_says_where_it_is() {
    let error = refused(&[("0", "[\"$1\"]"), ("1", "{\"a\":[\"$@7\"]}")]);
    assert_eq!(error.to_string(), "\"$@7\" in field \"1\" refers to nothing that is there");
    assert_eq!(refused(&[("0", "[}")]).to_string(), "field \"0\" is not JSON at byte 1: unexpected input");
    assert_eq!(refused(&[("0", "[]"), ("x", "")]).to_string(), "field \"x\" is no field of a reply");
}

#[test]
fn a_form_without_an_action_is_none() {
    let none = |fields: &[(&str, &str)]| action_form(&form(fields), &ReplyLimits::default()).unwrap().is_none();
    assert!(none(&[]));
    assert!(none(&[("name", "$ACTION_ID_x"), ("0", "{"), ("!file", "")]));
    assert!(none(&[("$ACTION_1:0", "nothing refers to it"), ("$ACTION_KEY", "k")]));
}

#[test]
fn a_form_with_a_malformed_action_is_refused() {
    let error = |fields: &[(&str, &str)]| action_form(&form(fields), &ReplyLimits::default()).unwrap_err();
    let id = "$ACTION_ID_401111111111111111111111111111111111111111";
    for malformed in ["", "abc", "__proto__", "40111111111111111111111111111111111111111g"] {
        let expected = ReplyError::MalformedActionId { id: malformed.to_owned() };
        assert_eq!(error(&[(id, ""), (&format!("$ACTION_ID_{malformed}"), "")]), expected);
        let object = format!("{{\"id\":\"{malformed}\",\"bound\":null}}");
        assert!(matches!(
            error(&[("$ACTION_REF_1", ""), ("$ACTION_1:0", &object)]),
            ReplyError::Field { .. } | ReplyError::MalformedActionId { .. }
        ));
    }
    for fields in [
        &[(id, ""), ("$ACTION_", "")][..],
        &[(id, ""), ("$ACTION_x", "")],
        &[(id, ""), ("!$ACTION_KEY", "")],
        &[("$ACTION_REF_1", "")],
        &[("$ACTION_REF_1", ""), ("$ACTION_1:1", "[]")],
        &[("$ACTION_REF_1", ""), ("$ACTION_1:0", "[]")],
        &[("$ACTION_REF_1", ""), ("$ACTION_1:0", "[]"), ("$ACTION_1:0", "[]")],
        &[(id, ""), ("$ACTION_1:name", "")],
    ] {
        assert!(matches!(error(fields), ReplyError::Field { .. }), "{fields:?}");
    }
    let nested = error(&[(id, ""), ("$ACTION_1:0", "[\"$1\",\"$1:constructor\"]"), ("$ACTION_1:1", "{}")]);
    assert_eq!(
        nested.to_string(),
        "\"$1:constructor\" in field \"$ACTION_1:0\" does not lead to an object through own keys"
    );
}

#[test]
fn a_reply_is_a_text_or_a_form() {
    let empty = form(&[("0", "[]")]);
    let limits = ReplyLimits::default();
    assert_eq!(check(Reply::Text("[]"), &limits), check(Reply::Form(&empty), &limits));
}
