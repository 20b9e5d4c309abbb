//! Any fields: checked in a few steps for each byte, and never with a panic. Fields are divided by lines of `--`; the
//! first line of each is its name, behind `!` for a file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vinext_rsc::multipart::{Field, Form};
use vinext_rsc::reply::{ReplyLimits, action_form, check};

fuzz_target!(|text: &str| {
    let limits = ReplyLimits::default();
    if let Ok(facts) = check(text, &limits) {
        assert!(facts.work <= 16 * text.len() as u64 + 64, "{facts:?}");
        assert!(facts.values <= text.len() && facts.depth <= limits.max_depth);
    }
    let fields = text.split("\n--\n").map(|field| {
        let (name, value) = field.split_once('\n').unwrap_or((field, ""));
        match name.strip_prefix('!') {
            Some(name) => Field::file(name.to_owned(), "blob", value.to_owned()),
            None => Field::text(name.to_owned(), value.to_owned()),
        }
    });
    let form = Form { fields: fields.collect() };
    if let Ok(facts) = check(&form, &limits) {
        assert!(facts.work <= 16 * text.len() as u64 + 64, "{facts:?}");
    }
    let _ = action_form(&form, &limits);
});
