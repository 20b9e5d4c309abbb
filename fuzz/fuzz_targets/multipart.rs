//! Any body: read into fields that are in it, or refused; what was read is written and read again as it is, and handed to
//! what reads forms.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use vinext_rsc::multipart::{FormLimits, read};
use vinext_rsc::reply::{ReplyLimits, action_form, check};

fuzz_target!(|body: &[u8]| {
    // The first line is the content type, unless it is to be the usual one.
    let (content_type, body) = match body.strip_prefix(b"T") {
        Some(rest) => {
            let end = rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len());
            (String::from_utf8_lossy(&rest[..end]).into_owned(), &rest[end..])
        }
        None => ("multipart/form-data; boundary=b".to_owned(), body),
    };
    if let Ok(form) = read(&content_type, Bytes::copy_from_slice(body), &FormLimits::default()) {
        let bytes: usize = form.fields.iter().map(|field| field.name.len() + field.value.len()).sum();
        assert!(bytes <= body.len());
        let again = form.write();
        let limits = FormLimits::default().max_bytes(usize::MAX);
        assert_eq!(read(&again.content_type, again.body, &limits).as_ref(), Ok(&form));
        let _ = check(&form, &ReplyLimits::default());
        let _ = action_form(&form, &ReplyLimits::default());
    }
});
