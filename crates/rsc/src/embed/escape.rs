//! Text that is safe inside a script element.

use super::Sink;

/// Bytes that are written as they are. Bytes of multi-byte characters are, except those of U+2028 and U+2029.
const CLEAN: [bool; 256] = {
    let mut table = [true; 256];
    let mut byte = 0;
    while byte < 0x20 {
        table[byte] = false;
        byte += 1;
    }
    table[b'"' as usize] = false;
    table[b'\\' as usize] = false;
    table[b'<' as usize] = false;
    table[b'>' as usize] = false;
    table[b'&' as usize] = false;
    table[0xe2] = false;
    table
};

const HEX: &[u8; 16] = b"0123456789abcdef";
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Writes `text` as a JSON string literal without `<`, `>`, `&`, U+2028 and U+2029.
pub(super) fn write_string(text: &str, out: &mut impl Sink) {
    let bytes = text.as_bytes();
    out.put(b"\"");
    let mut clean_from = 0;
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        if CLEAN[usize::from(byte)] {
            at += 1;
            continue;
        }
        let (escaped, length): (&[u8], usize) = match byte {
            b'"' => (b"\\\"", 1),
            b'\\' => (b"\\\\", 1),
            b'\n' => (b"\\n", 1),
            b'\r' => (b"\\r", 1),
            b'\t' => (b"\\t", 1),
            b'<' => (b"\\u003c", 1),
            b'>' => (b"\\u003e", 1),
            b'&' => (b"\\u0026", 1),
            0xe2 => match bytes.get(at + 1..at + 3) {
                Some([0x80, 0xa8]) => (b"\\u2028", 3),
                Some([0x80, 0xa9]) => (b"\\u2029", 3),
                _ => {
                    at += 1;
                    continue;
                }
            },
            control => {
                out.put(&bytes[clean_from..at]);
                out.put(&[b'\\', b'u', b'0', b'0', HEX[usize::from(control >> 4)], HEX[usize::from(control & 15)]]);
                at += 1;
                clean_from = at;
                continue;
            }
        };
        out.put(&bytes[clean_from..at]);
        out.put(escaped);
        at += length;
        clean_from = at;
    }
    out.put(&bytes[clean_from..]);
    out.put(b"\"");
}

/// Writes `bytes` as a string literal of base64, with padding.
pub(super) fn write_base64(bytes: &[u8], out: &mut impl Sink) {
    out.put(b"\"");
    for group in bytes.chunks(3) {
        let byte = |index: usize| u32::from(group.get(index).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        let digit = |shift: u32| BASE64[(bits >> shift & 63) as usize];
        let mut text = [digit(18), digit(12), digit(6), digit(0)];
        for padding in text.iter_mut().skip(group.len() + 1) {
            *padding = b'=';
        }
        out.put(&text);
    }
    out.put(b"\"");
}
