//! How large an image is, from its header.

/// Width and height of an image in pixels.
///
/// ```
/// use vinext_compiler::ImageSize;
///
/// let svg = br#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 16"/>"#;
/// assert_eq!(ImageSize::of("svg", svg), Some(ImageSize { width: 24, height: 16 }));
/// assert_eq!(ImageSize::of("png", b"no image"), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImageSize {
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
}

impl ImageSize {
    /// Reads the size of an image; `None` when it cannot be known.
    #[must_use]
    pub fn of(extension: &str, bytes: &[u8]) -> Option<Self> {
        if extension.eq_ignore_ascii_case("svg") {
            return svg_size(std::str::from_utf8(bytes).ok()?);
        }
        let size = imagesize::blob_size(bytes).ok()?;
        Some(Self { width: u32::try_from(size.width).ok()?, height: u32::try_from(size.height).ok()? })
    }

    /// The size of the image's blurred placeholder: eight pixels on the longer side.
    pub(crate) fn blurred(self) -> Self {
        const LONGER: u32 = 8;
        let scale = |part: u32, whole: u32| {
            let rounded = (u64::from(LONGER) * u64::from(part) * 2 + u64::from(whole)) / (u64::from(whole) * 2).max(1);
            u32::try_from(rounded).unwrap_or(LONGER).max(1)
        };
        if self.width >= self.height {
            Self { width: LONGER, height: scale(self.height, self.width) }
        } else {
            Self { width: scale(self.width, self.height), height: LONGER }
        }
    }
}

#[expect(clippy::match_same_arms, reason = "the order of the cases is what they say")]
/// `width` and `height` of the root element, else those of its `viewBox`.
fn svg_size(text: &str) -> Option<ImageSize> {
    let start = text.find("<svg")?;
    let tag = &text[start..start + text[start..].find('>')?];
    let pixels = |value: &str| -> Option<u32> {
        let number: f64 = value.trim().trim_end_matches("px").trim().parse().ok()?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be in range")]
        (number >= 0.0 && number <= f64::from(u32::MAX)).then(|| number.round() as u32)
    };
    let view_box = attribute(tag, "viewBox").and_then(|value| {
        let mut parts = value.split([' ', ',']).filter(|part| !part.is_empty()).skip(2).map(pixels);
        Some((parts.next()??, parts.next()??))
    });
    let width = attribute(tag, "width").and_then(pixels);
    let height = attribute(tag, "height").and_then(pixels);
    match (width, height, view_box) {
        (Some(width), Some(height), _) => Some(ImageSize { width, height }),
        (Some(width), None, Some((w, h))) if w > 0 => Some(ImageSize { width, height: width * h / w }),
        (None, Some(height), Some((w, h))) if h > 0 => Some(ImageSize { width: height * w / h, height }),
        (_, _, Some((width, height))) => Some(ImageSize { width, height }),
        _ => None,
    }
}

/// The value of an attribute in a start tag.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = tag;
    while let Some(index) = rest.find(name) {
        let before = rest[..index].chars().next_back();
        let after = rest[index + name.len()..].trim_start();
        if before.is_some_and(char::is_whitespace)
            && let Some(value) = after.strip_prefix('=')
        {
            let value = value.trim_start();
            let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
            let value = &value[1..];
            return Some(&value[..value.find(quote)?]);
        }
        rest = &rest[index + name.len()..];
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn svg(text: &str) -> Option<(u32, u32)> {
        ImageSize::of("svg", text.as_bytes()).map(|size| (size.width, size.height))
    }

    #[test]
    fn an_svg_says_its_size_or_its_view_box_does() {
        assert_eq!(svg("<?xml version='1.0'?><svg width=\"20px\" height='10' stroke-width='3'>"), Some((20, 10)));
        assert_eq!(svg("<svg stroke-width=\"2\" viewBox=\"0 0 24 12\"/>"), Some((24, 12)));
        assert_eq!(svg("<svg width=\"48\" viewBox=\"0 0 24 12\"/>"), Some((48, 24)));
        assert_eq!(svg("<svg width=\"100%\" height=\"100%\"/>"), None);
    }

    #[test]
    fn a_png_header_is_enough() {
        let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        png.extend([0, 0, 1, 0, 0, 0, 0, 128, 8, 6, 0, 0, 0]);
        assert_eq!(ImageSize::of("png", &png), Some(ImageSize { width: 256, height: 128 }));
    }

    #[test]
    fn the_placeholder_keeps_the_ratio_and_never_vanishes() {
        let blurred = |width, height| {
            let size = ImageSize { width, height }.blurred();
            (size.width, size.height)
        };
        assert_eq!(blurred(256, 128), (8, 4));
        assert_eq!(blurred(128, 256), (4, 8));
        assert_eq!(blurred(10_000, 1), (8, 1));
    }
}
