//! `experimental.serverActions`.

use serde_json::Value;

use super::Reader;
use crate::error::CliError;

fn get<'a>(reader: &'a Reader<'_>, key: &str) -> Option<&'a Value> {
    reader.get("experimental")?.get("serverActions")?.get(key).filter(|value| !value.is_null())
}

/// `allowedOrigins`: hosts, as browsers name them in `Origin` without the scheme.
pub(super) fn allowed_origins(reader: &Reader<'_>) -> Result<Vec<String>, CliError> {
    let Some(value) = get(reader, "allowedOrigins") else { return Ok(Vec::new()) };
    let hosts = value.as_array().and_then(|hosts| hosts.iter().map(|host| host.as_str().map(str::to_owned)).collect());
    hosts.ok_or_else(|| {
        let help = "write an array of hosts: [\"my-proxy.com\", \"*.my-proxy.com\"]";
        reader.wrong("experimental.serverActions.allowedOrigins", format!("is `{value}`"), help)
    })
}

/// `bodySizeLimit`: bytes, or a text such as "500kb" or "2 mb".
pub(super) fn body_limit(reader: &Reader<'_>, default: usize) -> Result<usize, CliError> {
    let Some(value) = get(reader, "bodySizeLimit") else { return Ok(default) };
    bytes(reader, "experimental.serverActions.bodySizeLimit", value)
}

/// A size that is more than nothing.
pub(super) fn bytes(reader: &Reader<'_>, key: &str, value: &Value) -> Result<usize, CliError> {
    let bytes = match value {
        Value::Number(number) => number.as_u64().filter(|bytes| *bytes > 0),
        Value::String(text) => size(text),
        _ => None,
    };
    bytes.and_then(|bytes| usize::try_from(bytes).ok()).ok_or_else(|| {
        let help = "write a number of bytes above 0, or a text such as \"500kb\" or \"2mb\"";
        reader.wrong(key, format!("is `{value}`"), help)
    })
}

/// Bytes of a text such as "1.5mb": units are powers of 1024.
fn size(text: &str) -> Option<u64> {
    let text = text.trim().to_ascii_lowercase();
    let split = text.find(|character: char| !character.is_ascii_digit() && character != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let factor: u32 = match unit.trim() {
        "" | "b" => 0,
        "kb" => 1,
        "mb" => 2,
        "gb" => 3,
        _ => return None,
    };
    let bytes = number.parse::<f64>().ok()? * f64::from(1024_u32).powi(i32::try_from(factor).ok()?);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be in range")]
    (1.0..1e15).contains(&bytes).then_some(bytes as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_numbers_with_units_of_1024() {
        assert_eq!(size("1mb"), Some(1_048_576));
        assert_eq!(size(" 500 KB"), Some(512_000));
        assert_eq!(size("1.5kb"), Some(1536));
        assert_eq!(size("12"), Some(12));
        for wrong in ["", "mb", "0", "-1", "1tb", "1e99gb"] {
            assert_eq!(size(wrong), None, "{wrong}");
        }
    }
}
