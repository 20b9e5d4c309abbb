//! Content codings: what the client accepts, and which of the offered ones it gets (RFC 9110, section 12.5.3).

use http::{HeaderMap, header};

/// A content coding that this server speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Coding {
    /// Smallest.
    Brotli,
    /// Understood by everything.
    Gzip,
    /// As it is.
    Identity,
}

impl Coding {
    /// The name in `content-encoding`; none for [`Coding::Identity`].
    pub(super) const fn name(self) -> Option<&'static str> {
        match self {
            Self::Brotli => Some("br"),
            Self::Gzip => Some("gzip"),
            Self::Identity => None,
        }
    }
}

/// A weight in thousandths; zero is "not acceptable".
type Weight = u16;

/// What `accept-encoding` says of the codings that this server speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct AcceptEncoding {
    brotli: Option<Weight>,
    gzip: Option<Weight>,
    identity: Option<Weight>,
    any: Option<Weight>,
}

impl AcceptEncoding {
    /// Reads the header; without one, nothing but the identity is asked for.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let mut accepted = Self::default();
        for value in headers.get_all(header::ACCEPT_ENCODING) {
            accepted.read(value.as_bytes());
        }
        accepted
    }

    fn read(&mut self, value: &[u8]) {
        for member in value.split(|byte| *byte == b',') {
            let mut parts = member.split(|byte| *byte == b';').map(<[u8]>::trim_ascii);
            let name = parts.next().unwrap_or_default();
            // A member that cannot be read says nothing.
            let Some(weight) = weight(parts) else { continue };
            let slot = if name.eq_ignore_ascii_case(b"br") {
                &mut self.brotli
            } else if name.eq_ignore_ascii_case(b"gzip") || name.eq_ignore_ascii_case(b"x-gzip") {
                &mut self.gzip
            } else if name.eq_ignore_ascii_case(b"identity") {
                &mut self.identity
            } else if name == b"*" {
                &mut self.any
            } else {
                continue;
            };
            *slot = Some(weight);
        }
    }

    /// How much a coding is wanted; `None` if it is not acceptable.
    fn preference(self, coding: Coding) -> Option<Weight> {
        let stated = match coding {
            Coding::Brotli => self.brotli.or(self.any),
            Coding::Gzip => self.gzip.or(self.any),
            Coding::Identity => self.identity.or(self.any),
        };
        match (stated, coding) {
            (Some(0), _) => None,
            // What is not named is acceptable only as it is, and less than everything that is named.
            (None, Coding::Identity) => Some(0),
            (stated, _) => stated,
        }
    }

    /// The coding among `offered` that is wanted most; of equals the first. A client that accepts none of them gets the
    /// identity all the same: content it may not like helps it more than a `406`.
    pub(super) fn choose(self, offered: &[Coding]) -> Coding {
        let mut best = (None, Coding::Identity);
        for coding in offered.iter().copied().chain([Coding::Identity]) {
            let preference = self.preference(coding);
            if preference > best.0 {
                best = (preference, coding);
            }
        }
        best.1
    }
}

/// The weight among the parameters of a member; `None` if it is malformed.
fn weight<'a>(parameters: impl Iterator<Item = &'a [u8]>) -> Option<Weight> {
    let mut weight = 1000;
    for parameter in parameters {
        let Some(text) = parameter.strip_prefix(b"q=").or_else(|| parameter.strip_prefix(b"Q=")) else { continue };
        weight = quality(text)?;
    }
    Some(weight)
}

/// `0`, `0.5`, `1.000`: at most three digits after the point.
fn quality(text: &[u8]) -> Option<Weight> {
    let (whole, fraction) = match text {
        [whole @ (b'0' | b'1')] => (*whole, &[][..]),
        [whole @ (b'0' | b'1'), b'.', fraction @ ..] if fraction.len() <= 3 => (*whole, fraction),
        _ => return None,
    };
    let mut thousandths = Weight::from(whole - b'0') * 1000;
    let mut place = 100;
    for digit in fraction {
        if !digit.is_ascii_digit() {
            return None;
        }
        thousandths += Weight::from(digit - b'0') * place;
        place /= 10;
    }
    (thousandths <= 1000).then_some(thousandths)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    const BOTH: [Coding; 2] = [Coding::Brotli, Coding::Gzip];

    fn choose(value: &str, offered: &[Coding]) -> Coding {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        AcceptEncoding::of(&headers).choose(offered)
    }

    #[test]
    fn the_coding_of_the_highest_weight_is_chosen_and_of_equals_the_first_offered() {
        for (value, chosen) in [
            ("gzip, br", Coding::Brotli),
            ("br;q=0.5, gzip", Coding::Gzip),
            ("gzip;q=0.501, br;q=0.5", Coding::Gzip),
            ("br;q=0, gzip;q=0.001", Coding::Gzip),
            ("*", Coding::Brotli),
            ("br;q=0, *", Coding::Gzip),
            ("x-gzip", Coding::Gzip),
            ("BR", Coding::Brotli),
            ("gzip ; q=0.3 , identity;q=0.9", Coding::Identity),
            ("identity", Coding::Identity),
            ("", Coding::Identity),
            ("deflate, zstd", Coding::Identity),
            ("*;q=0", Coding::Identity),
            ("br;q=2, gzip;q=x", Coding::Identity),
            ("br;q=1.001, gzip;q=0.5", Coding::Gzip),
        ] {
            assert_eq!(choose(value, &BOTH), chosen, "{value}");
        }
    }

    #[test]
    fn only_what_is_offered_is_chosen() {
        assert_eq!(choose("br", &[Coding::Gzip]), Coding::Identity);
        assert_eq!(choose("gzip, br", &[]), Coding::Identity);
    }

    #[test]
    fn a_request_without_the_header_gets_the_identity() {
        assert_eq!(AcceptEncoding::of(&HeaderMap::new()).choose(&BOTH), Coding::Identity);
    }

    proptest! {
        #[test]
        fn any_bytes_choose_something_that_was_offered(value in proptest::collection::vec(any::<u8>(), 0..60)) {
            let mut accepted = AcceptEncoding::default();
            accepted.read(&value);
            prop_assert_ne!(accepted.choose(&[Coding::Gzip]), Coding::Brotli);
        }

        /// The model: the largest stated weight above zero, brotli before gzip; the identity weighs least unless stated.
        #[test]
        fn the_choice_is_the_largest_weight(br in 0_u16..=1000, gzip in 0_u16..=1000, identity in proptest::option::of(0_u16..=1000)) {
            let q = |weight: u16| format!("{}.{:03}", weight / 1000, weight % 1000);
            let mut value = format!("gzip;q={}, br;q={}", q(gzip), q(br));
            if let Some(identity) = identity {
                value.push_str(&format!(",identity;q={}", q(identity)));
            }
            let most = br.max(gzip).max(identity.unwrap_or(0));
            let expected = if most == 0 {
                Coding::Identity
            } else if br == most {
                Coding::Brotli
            } else if gzip == most {
                Coding::Gzip
            } else {
                Coding::Identity
            };
            prop_assert_eq!(choose(&value, &BOTH), expected);
        }
    }
}
