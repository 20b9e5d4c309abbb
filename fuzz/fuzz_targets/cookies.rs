//! Any `cookie` header: its pairs are parts of it, in their order, and what a condition or a draft asks for is one of them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vinext_router::cookies;

fuzz_target!(|header: &[u8]| {
    let mut rest = header;
    for (name, value) in cookies(header) {
        assert!(!name.contains(&b'=') && !name.contains(&b';') && !value.contains(&b';'));
        assert!(name.trim_ascii() == name && value.trim_ascii() == value);
        for part in [name, value] {
            let at = part.as_ptr() as usize - rest.as_ptr() as usize;
            assert_eq!(rest.get(at..at + part.len()), Some(part));
            rest = &rest[at + part.len()..];
        }
    }
    // A header that is written from its pairs reads as the same pairs.
    let written: Vec<u8> = cookies(header).flat_map(|(name, value)| [name, b"=", value, b"; "].concat()).collect();
    assert!(cookies(&written).eq(cookies(header)));
});
