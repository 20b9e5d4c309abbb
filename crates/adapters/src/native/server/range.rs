//! Byte ranges (RFC 9110, section 14): one range per request, which is what players and download managers ask for.

/// What part of a representation is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Portion {
    /// All of it: there is no range, or one that may be ignored.
    Whole,
    /// Some bytes of it, at least one.
    Part {
        /// The first byte.
        start: u64,
        /// One past the last byte.
        end: u64,
    },
    /// Bytes that are not there: `416`.
    Unsatisfiable,
}

impl Portion {
    /// Reads a `range` header for a representation of `len` bytes. Several ranges, other units and what is malformed are
    /// ignored, as the standard allows.
    pub(super) fn read(header: &[u8], len: u64) -> Self {
        Self::parse(header, len).unwrap_or(Self::Whole)
    }

    fn parse(header: &[u8], len: u64) -> Option<Self> {
        let text = std::str::from_utf8(header).ok()?;
        let (unit, range) = text.split_once('=')?;
        if !unit.eq_ignore_ascii_case("bytes") {
            return None;
        }
        let (first, last) = range.trim_matches([' ', '\t']).split_once('-')?;
        if first.is_empty() {
            let suffix = number(last)?;
            let start = len.saturating_sub(suffix);
            return Some(if start < len { Self::Part { start, end: len } } else { Self::Unsatisfiable });
        }
        let start = number(first)?;
        let end = if last.is_empty() { len } else { number(last)?.saturating_add(1).min(len) };
        if !last.is_empty() && number(last)? < start {
            return None;
        }
        Some(if start < len { Self::Part { start, end } } else { Self::Unsatisfiable })
    }
}

/// Decimal digits; what is too large for a number is as good as the largest.
fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn single_ranges_are_read() {
        for (header, portion) in [
            ("bytes=0-4", Portion::Part { start: 0, end: 5 }),
            ("bytes=5-", Portion::Part { start: 5, end: 10 }),
            ("bytes=-3", Portion::Part { start: 7, end: 10 }),
            ("bytes=-30", Portion::Part { start: 0, end: 10 }),
            ("bytes=9-99999999999999999999999", Portion::Part { start: 9, end: 10 }),
            ("Bytes= 1-1 ", Portion::Part { start: 1, end: 2 }),
            ("bytes=10-", Portion::Unsatisfiable),
            ("bytes=-0", Portion::Unsatisfiable),
        ] {
            assert_eq!(Portion::read(header.as_bytes(), 10), portion, "{header}");
        }
    }

    #[test]
    fn what_is_no_single_range_of_bytes_is_ignored() {
        for header in ["", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=4-2", "bytes=0-1,3-4", "lines=0-1", "bytes=+1-2"] {
            assert_eq!(Portion::read(header.as_bytes(), 10), Portion::Whole, "{header}");
        }
    }

    #[test]
    fn nothing_of_an_empty_file_can_be_had() {
        assert_eq!(Portion::read(b"bytes=0-0", 0), Portion::Unsatisfiable);
        assert_eq!(Portion::read(b"bytes=-5", 0), Portion::Unsatisfiable);
    }

    proptest! {
        #[test]
        fn a_part_is_never_empty_and_never_outside(header in "(bytes=)?[0-9, -]{0,24}|\\PC{0,20}", len in 0_u64..200) {
            if let Portion::Part { start, end } = Portion::read(header.as_bytes(), len) {
                prop_assert!(start < end && end <= len);
            }
        }

        #[test]
        fn a_stated_range_is_cut_to_the_length(first in 0_u64..100, more in 0_u64..100, len in 1_u64..100) {
            let last = first + more;
            let expected = if first < len { Portion::Part { start: first, end: (last + 1).min(len) } } else { Portion::Unsatisfiable };
            prop_assert_eq!(Portion::read(format!("bytes={first}-{last}").as_bytes(), len), expected);
        }
    }
}
