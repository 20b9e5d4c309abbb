//! What holds for every reply: what is written as React writes it is accepted, and nothing takes long or panics.
#![allow(missing_docs, clippy::unwrap_used)]

use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use vinext_rsc::multipart::{Field, Form, FormLimits, read};
use vinext_rsc::reply::{ReplyError, ReplyLimits, ValueProblem, action_form, check};

/// An argument, as the model of what React writes.
#[derive(Debug, Clone)]
enum Argument {
    Json(Value),
    Text(String),
    Constant(&'static str),
    BigInt(i128),
    List(Vec<Argument>),
    Object(Vec<Argument>),
    Map(Vec<(Argument, Argument)>),
    Set(Vec<Argument>),
    Promise(Box<Argument>),
    Function(Option<Vec<Argument>>),
    Bytes(Vec<u8>),
    Stream(Vec<Argument>),
    Form(Vec<(String, String)>),
    /// An object that was written before, the one of this number if there are so many.
    Again(usize),
}

fn argument() -> impl Strategy<Value = Argument> {
    let leaf = prop_oneof![
        prop_oneof![any::<i32>().prop_map(Value::from), any::<bool>().prop_map(Value::from), Just(Value::Null)]
            .prop_map(Argument::Json),
        prop_oneof![any::<String>(), "\\$[$@hQWKBoRX0-9:]{0,4}", "C.{0,3}"].prop_map(Argument::Text),
        prop::sample::select(vec![
            "$undefined",
            "$NaN",
            "$Infinity",
            "$-Infinity",
            "$-0",
            "$T",
            "$D2026-01-31T00:00:00.000Z"
        ])
        .prop_map(Argument::Constant),
        any::<i128>().prop_map(Argument::BigInt),
        vec(any::<u8>(), 0..20).prop_map(Argument::Bytes),
        vec(("([^\\p{Cc}]|\r\n|\"){0,8}", any::<String>()), 0..3).prop_map(Argument::Form),
        any::<usize>().prop_map(Argument::Again),
    ];
    leaf.prop_recursive(5, 60, 5, |inner| {
        let many = || vec(inner.clone(), 0..5);
        prop_oneof![
            many().prop_map(Argument::List),
            many().prop_map(Argument::Object),
            many().prop_map(Argument::Set),
            many().prop_map(Argument::Stream),
            vec((inner.clone(), inner.clone()), 0..4).prop_map(Argument::Map),
            proptest::option::of(many()).prop_map(Argument::Function),
            inner.clone().prop_map(|argument| Argument::Promise(Box::new(argument))),
        ]
    })
}

/// Writes as React does, and counts what is to be found.
#[derive(Default)]
struct Writer {
    form: Form,
    next: u32,
    /// Where each object was written.
    objects: Vec<String>,
    functions: usize,
    files: usize,
    streams: usize,
}

impl Writer {
    fn id(&mut self) -> u32 {
        self.next += 1;
        self.next
    }

    /// A list that can be referred to.
    fn model(&mut self, id: u32, elements: &[Argument]) {
        self.objects.push(format!("${id:x}"));
        self.entries(id, elements);
    }

    /// A list that only a map or a set knows; others may know what is in it.
    fn entries(&mut self, id: u32, elements: &[Argument]) {
        let place = format!("${id:x}");
        let values: Vec<Value> = elements
            .iter()
            .enumerate()
            .map(|(index, element)| self.value(element, &format!("{place}:{index}")))
            .collect();
        self.field(id, &Value::from(values));
    }

    fn field(&mut self, id: u32, value: &Value) {
        self.form.fields.push(Field::text(id.to_string(), value.to_string()));
    }

    /// The value for `argument` at `place`; in streams and promises there is none to refer to.
    fn value(&mut self, argument: &Argument, place: &str) -> Value {
        let nested = |at: usize| if place.is_empty() { String::new() } else { format!("{place}:{at}") };
        match argument {
            Argument::Json(value) => value.clone(),
            Argument::Text(text) if text.starts_with('$') => json!(format!("${text}")),
            Argument::Text(text) => json!(text),
            Argument::Constant(text) => json!(text),
            Argument::BigInt(number) => json!(format!("$n{number}")),
            Argument::List(elements) => {
                if !place.is_empty() {
                    self.objects.push(place.to_owned());
                }
                elements.iter().enumerate().map(|(at, element)| self.value(element, &nested(at))).collect()
            }
            Argument::Object(members) => {
                if !place.is_empty() {
                    self.objects.push(place.to_owned());
                }
                let members = members.iter().enumerate();
                members
                    .map(|(at, member)| (at.to_string(), self.value(member, &nested(at))))
                    .collect::<serde_json::Map<_, _>>()
                    .into()
            }
            Argument::Map(entries) => {
                let id = self.id();
                let entries: Vec<Argument> =
                    entries.iter().map(|(key, value)| Argument::List(vec![key.clone(), value.clone()])).collect();
                self.entries(id, &entries);
                json!(format!("$Q{id:x}"))
            }
            Argument::Set(elements) => {
                let id = self.id();
                self.entries(id, elements);
                json!(format!("$W{id:x}"))
            }
            Argument::Promise(inner) => {
                let id = self.id();
                // The value of a promise is never a promise.
                let mut inner = &**inner;
                while let Argument::Promise(deeper) = inner {
                    inner = deeper;
                }
                let value = self.value(inner, "");
                self.field(id, &value);
                json!(format!("$@{id:x}"))
            }
            Argument::Function(bound) => {
                let id = self.id();
                let bound = bound.as_ref().map(|bound| {
                    let id = self.id();
                    self.model(id, bound);
                    format!("$@{id:x}")
                });
                self.functions += 1;
                self.field(id, &json!({ "id": format!("40{}", "a1".repeat(20)), "bound": bound }));
                json!(format!("$h{id:x}"))
            }
            Argument::Bytes(bytes) => {
                let id = self.id();
                self.files += 1;
                self.form.fields.push(Field::file(id.to_string(), "blob", bytes.clone()));
                json!(format!("$o{id:x}"))
            }
            Argument::Stream(values) => {
                let id = self.id();
                self.streams += 1;
                for value in values {
                    let value = self.value(value, "");
                    self.form.fields.push(Field::text(format!("S{id}"), value.to_string()));
                }
                self.form.fields.push(Field::text(format!("S{id}"), "C"));
                json!(format!("$R{id:x}"))
            }
            Argument::Form(fields) => {
                let id = self.id();
                let fields = fields.iter().map(|(name, value)| Field::text(format!("_{id}_{name}"), value.clone()));
                self.form.fields.extend(fields);
                json!(format!("$K{id:x}"))
            }
            Argument::Again(which) if place.is_empty() || self.objects.is_empty() => json!(which),
            Argument::Again(which) => json!(self.objects[which % self.objects.len()]),
        }
    }
}

fn write(arguments: &[Argument]) -> Writer {
    let mut writer = Writer::default();
    writer.model(0, arguments);
    writer
}

fn body(form: &Form) -> Bytes {
    let mut body = Vec::new();
    let escape = |name: &str| name.replace('\n', "%0A").replace('\r', "%0D").replace('"', "%22");
    for field in &form.fields {
        body.extend(format!("--boundary\r\nContent-Disposition: form-data; name=\"{}\"", escape(&field.name)).bytes());
        if let Some(filename) = &field.filename {
            body.extend(
                format!("; filename=\"{}\"\r\nContent-Type: application/octet-stream", escape(filename)).bytes(),
            );
        }
        body.extend_from_slice(b"\r\n\r\n");
        body.extend_from_slice(&field.value);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--boundary--\r\n");
    body.into()
}

fn size(form: &Form) -> u64 {
    form.fields.iter().map(|field| (field.name.len() + field.value.len() + 1) as u64).sum()
}

/// Parts of what React writes, in any order: most of it is wrong somewhere.
fn nearly_a_reply() -> impl Strategy<Value = Form> {
    let model = "(\\[|\\]|\\{|\\}|,|:|\"(\\$[@hQWiKBoRrXxT0-9]?[0-4]?(:[0a])*|a|id|then|bound)\"|null|1|C){1,12}";
    let whole = prop::sample::select(vec![
        "[]",
        "[[1,2]]",
        "\"$0\"",
        "\"$1\"",
        "\"$@1\"",
        "[\"$1\",\"$1\"]",
        "[\"$2\",{\"a\":\"$0\"}]",
        "{\"a\":[\"$2:0\"]}",
        "[\"$Q1\"]",
        "[\"$W3\"]",
        "C",
        "[[\"$2\",\"$@3\"]]",
        "\"$o1\"",
        "{\"id\":\"40a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1\",\"bound\":\"$@2\"}",
        "[\"$h1\"]",
        "[\"$R2\",\"$B3\"]",
    ])
    .prop_map(str::to_owned);
    let field = ("(\\$ACTION_(REF_1|1:[0-3]|KEY)|S?[0-4]|_1_a)", prop_oneof![whole, model], any::<bool>());
    vec(field, 0..8).prop_map(|fields| {
        let fields = fields.into_iter().map(|(name, value, is_file)| {
            if is_file && name.len() == 1 { Field::file(name, "blob", value) } else { Field::text(name, value) }
        });
        Form { fields: fields.collect() }
    })
}

proptest! {
    #[test]
    fn what_is_written_as_react_writes_it_is_accepted(arguments in vec(argument(), 0..6)) {
        let written = write(&arguments);
        let facts = match check(&written.form, &ReplyLimits::default()) {
            // What is bound refers to what it is bound in.
            Err(ReplyError::Value { problem: ValueProblem::Waits, .. }) if written.functions > 0 => return Ok(()),
            facts => facts.unwrap(),
        };
        prop_assert_eq!(facts.arguments, Some(arguments.len()));
        prop_assert_eq!(facts.server_functions.len(), written.functions);
        prop_assert_eq!((facts.files, facts.streams), (written.files, written.streams));
        prop_assert!(facts.work <= 16 * size(&written.form) + 64, "{:?}", facts);
    }

    #[test]
    fn forms_are_read_as_they_were_written(arguments in vec(argument(), 0..6)) {
        let written = write(&arguments).form;
        let read = read("multipart/form-data; boundary=boundary", body(&written), &FormLimits::default()).unwrap();
        let again = read.write();
        prop_assert_eq!(&self::read(&again.content_type, again.body, &FormLimits::default()).unwrap(), &read);
        let types = read.fields.iter().cloned().map(|field| Field { content_type: None, ..field }).collect();
        prop_assert_eq!(Form { fields: types }, written);
    }

    #[test]
    fn one_byte_less_anywhere_in_a_value_never_panics(arguments in vec(argument(), 0..4), place in any::<usize>()) {
        let mut form = write(&arguments).form;
        let which = place % form.fields.len();
        let mut value = form.fields[which].value.to_vec();
        if !value.is_empty() {
            value.remove(place % value.len());
        }
        form.fields[which].value = value.into();
        let _ = check(&form, &ReplyLimits::default());
    }

    #[test]
    fn no_text_makes_a_check_panic(text in any::<String>(), bytes in vec(any::<u8>(), 0..200)) {
        let _ = check(text.as_str(), &ReplyLimits::default());
        let _ = check(&Form { fields: vec![Field::text("0", bytes.clone())] }, &ReplyLimits::default());
        let _ = read("multipart/form-data; boundary=b", bytes.into(), &FormLimits::default());
    }

    #[test]
    fn nothing_that_looks_like_a_reply_panics_or_takes_long(form in nearly_a_reply()) {
        if let Ok(facts) = check(&form, &ReplyLimits::default()) {
            prop_assert!(facts.work <= 16 * size(&form) + 64, "{:?}", facts);
        }
        let _ = action_form(&form, &ReplyLimits::default());
    }

    #[test]
    fn nothing_that_looks_like_a_form_panics(text in "(--b|--|\r\n|\r\n\r\n|Content-Disposition: form-data|; (file)?name=|\"a?\"?|%22|\\\\|é|x){0,40}") {
        if let Ok(form) = read("multipart/form-data; boundary=b", Bytes::from(text.clone()), &FormLimits::default()) {
            prop_assert!(size(&form) <= 2 * text.len() as u64);
        }
    }
}

/// What a larger reply costs grows as it does: the steps are counted, not timed.
#[test]
fn work_is_proportional_to_length() {
    let limits = ReplyLimits::default().max_bytes(100_000_000);
    let work = |model: &dyn Fn(usize) -> Vec<(String, String)>, count: usize| {
        let fields = model(count).into_iter().map(|(name, value)| Field::text(name, value)).collect();
        let form = Form { fields };
        #[allow(clippy::cast_precision_loss)]
        check(&form, &limits).map(|facts| facts.work as f64 / size(&form) as f64).unwrap()
    };
    let one = |text: String| vec![("0".to_owned(), text)];
    let models: [&dyn Fn(usize) -> Vec<(String, String)>; 5] = [
        &|count| one(format!("[[{}0]]", "0,".repeat(count))),
        &|count| one(format!("[[{}],[{}0]]", "{},".repeat(count) + "{}", "\"$0:0:0\",".repeat(count))),
        &|count| {
            one(format!(
                "[{{{}\"b\":[]}},[{}0]]",
                (0..count).map(|key| format!("\"{key}\":[],")).collect::<String>(),
                "\"$0:0:b\",".repeat(count)
            ))
        },
        // References to references to references, each of which is asked for.
        &|count| {
            let mut fields: Vec<_> =
                (1..=count.min(400)).map(|id| (id.to_string(), format!("\"${:x}\"", id + 1))).collect();
            fields.push((fields.len().wrapping_add(1).to_string(), "0".to_owned()));
            let all: String = (1..fields.len()).map(|id| format!("\"$@{id:x}\",")).collect();
            fields.push(("0".to_owned(), format!("[[{all}0]]")));
            fields
        },
        &|count| {
            let mut fields: Vec<_> = (1..=count).map(|id| (id.to_string(), "[[1,2]]".to_owned())).collect();
            let all: String = (1..=count).map(|id| format!("\"$Q{id:x}\",")).collect();
            fields.push(("0".to_owned(), format!("[[{all}0]]")));
            fields
        },
    ];
    for model in models {
        let (small, large) = (work(model, 100), work(model, 9000));
        assert!(large <= small * 1.5 && large <= 8.0, "{small} and {large} steps for each byte");
    }
}
