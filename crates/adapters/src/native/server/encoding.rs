//! Which encoding a client wants: `Accept-Encoding`, <https://www.rfc-editor.org/rfc/rfc9110#name-accept-encoding>.

use http::HeaderMap;
use http::header::ACCEPT_ENCODING;

/// An encoding of ours, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Encoding {
    Brotli,
    Gzip,
}

impl Encoding {
    pub(super) const ALL: [Self; 2] = [Self::Brotli, Self::Gzip];

    /// Its name in headers.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    /// What the file with this encoding ends in.
    pub(super) fn extension(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gz",
        }
    }
}

/// The best of `available` that the client accepts; `None` is the bytes as they are.
pub(super) fn negotiate(headers: &HeaderMap, available: impl Fn(Encoding) -> bool) -> Option<Encoding> {
    let mut accepted = [None; 2];
    let mut others = 0;
    for value in headers.get_all(ACCEPT_ENCODING) {
        let Ok(value) = value.to_str() else { continue };
        for item in value.split(',') {
            let mut parts = item.split(';');
            let name = parts.next().unwrap_or_default().trim();
            let weight = parts.find_map(|part| part.trim().strip_prefix("q=")).map_or(1000, weight);
            match name {
                "*" => others = weight,
                name => {
                    if let Some(index) = Encoding::ALL.iter().position(|known| name.eq_ignore_ascii_case(known.name()))
                    {
                        accepted[index] = Some(weight);
                    }
                }
            }
        }
    }
    let mut best: Option<(u32, Encoding)> = None;
    for (encoding, weight) in Encoding::ALL.into_iter().zip(accepted) {
        let weight = weight.unwrap_or(others);
        if weight > 0 && available(encoding) && best.is_none_or(|(known, _)| weight > known) {
            best = Some((weight, encoding));
        }
    }
    best.map(|(_, encoding)| encoding)
}

/// A weight in thousandths. What is malformed counts as not accepted.
fn weight(text: &str) -> u32 {
    match text.trim().parse::<f32>() {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 1000")]
        Ok(weight) if (0.0..=1.0).contains(&weight) => (weight * 1000.0).round() as u32,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    fn accept(value: &str) -> Option<Encoding> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, value.parse().unwrap());
        negotiate(&headers, |_| true)
    }

    #[test]
    fn weights_decide_and_zero_refuses() {
        for (value, expected) in [
            ("gzip, deflate, br", Some(Encoding::Brotli)),
            ("gzip", Some(Encoding::Gzip)),
            ("br;q=0.5, gzip;q=0.8", Some(Encoding::Gzip)),
            ("br;q=0, gzip", Some(Encoding::Gzip)),
            ("br;q=0, *", Some(Encoding::Gzip)),
            ("*;q=0", None),
            ("identity", None),
            ("", None),
            ("br;q=2", None),
            ("BR", Some(Encoding::Brotli)),
        ] {
            assert_eq!(accept(value), expected, "{value}");
        }
        assert_eq!(negotiate(&HeaderMap::new(), |_| true), None);
    }

    proptest! {
        #[test]
        fn a_refused_encoding_is_never_chosen(items in proptest::collection::vec(("(br|gzip|x)", 0_u32..1001), 0..6)) {
            let value: Vec<String> = items.iter().map(|(name, q)| format!("{name};q={}.{:03}", q / 1000, q % 1000)).collect();
            let chosen = accept(&value.join(", "));
            if let Some(chosen) = chosen {
                let last = items.iter().rfind(|(name, _)| name == chosen.name()).map(|(_, q)| *q);
                prop_assert!(last.is_some_and(|q| q > 0));
            }
        }

        #[test]
        fn no_header_makes_it_panic(value in "[ -~]{0,60}") {
            accept(&value);
        }
    }
}
