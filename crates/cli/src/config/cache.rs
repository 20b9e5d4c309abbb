//! `cacheHandler` and `cacheMaxMemorySize`: where what is stored is kept.

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;

use super::Reader;
use crate::error::CliError;

/// The module of `cacheHandler`: relative to the project, if it is inside.
pub(super) fn handler(reader: &Reader<'_>) -> Result<Option<Utf8PathBuf>, CliError> {
    let key = "cacheHandler";
    let Some(value) = reader.get(key) else { return Ok(None) };
    let help = "write the path of a module: require.resolve(\"./cache-handler.js\")";
    let Value::String(text) = value else { return Err(reader.wrong(key, format!("is `{value}`"), help)) };
    // What `import.meta.resolve` gives.
    let text = text.strip_prefix("file://").unwrap_or(text);
    let root = reader.path.parent().unwrap_or_else(|| Utf8Path::new(""));
    let path = root.join(text);
    if path.is_file() {
        return Ok(Some(path.strip_prefix(root).map(Utf8Path::to_owned).unwrap_or(path)));
    }
    Err(reader.wrong(key, format!("names `{text}`, and there is no such file"), help))
}

/// Bytes of memory for what is stored.
pub(super) fn memory(reader: &Reader<'_>, default: u64) -> Result<u64, CliError> {
    let key = "cacheMaxMemorySize";
    reader.get(key).map_or(Ok(default), |value| {
        let wrong = || reader.wrong(key, format!("is `{value}`"), "write a number of bytes; 0 keeps nothing in memory");
        value.as_u64().ok_or_else(wrong)
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::super::read;
    use super::*;

    #[test]
    fn a_handler_is_a_file_beside_the_configuration_or_anywhere() {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8PathBuf::from_path_buf(folder.path().to_owned()).unwrap();
        let file = root.join("cache-handler.js");
        std::fs::write(&file, "").unwrap();
        let config = root.join("next.config.js");
        let found =
            |value: &str| read(&config, &json!({ "cacheHandler": value })).map(|read| read.config.cache_handler);
        for value in [file.to_string(), "./cache-handler.js".to_owned(), format!("file://{file}")] {
            assert_eq!(found(&value).unwrap().unwrap(), "cache-handler.js", "{value}");
        }
        assert!(matches!(found("./none.js"), Err(CliError::ConfigValue { key, .. }) if key == "cacheHandler"));
    }

    #[test]
    fn memory_is_a_number_of_bytes() {
        let read = |value: Value| read(Utf8Path::new("next.config.js"), &json!({ "cacheMaxMemorySize": value }));
        assert_eq!(read(json!(0)).unwrap().config.cache_memory, 0);
        assert_eq!(read(json!(null)).unwrap().config.cache_memory, 50 * 1024 * 1024);
        assert!(read(json!("50mb")).is_err());
    }
}
