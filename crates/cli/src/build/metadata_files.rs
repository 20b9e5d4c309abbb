//! Icons, share images and other metadata files: what pages say of them, and the copies that are served.

use std::collections::BTreeMap;
use std::io;

use camino::Utf8Path;
use serde_json::{Map, Value, json};
use vinext_adapters::manifest::MetadataAsset;
use vinext_compiler::ImageSize;
use vinext_router::{MetadataFile, MetadataKind, RouteGraph, RouteTarget};

use crate::error::CliError;

/// Where the copies are, below the output folder.
const FOLDER: &str = "metadata";

/// Larger images are refused by those who show them; the limits are Next's.
const OPEN_GRAPH_LIMIT: u64 = 8 * 1024 * 1024;
const TWITTER_LIMIT: u64 = 5 * 1024 * 1024;

/// Asks the modules that may make several images or sitemaps whether they do.
pub(super) fn find_ids(root: &Utf8Path, graph: &mut RouteGraph) {
    let modules: Vec<_> = graph.metadata_modules().map(Utf8Path::to_owned).collect();
    for module in modules {
        // A module that cannot be read is the compiler's to report.
        let source = std::fs::read_to_string(root.join(&module)).unwrap_or_default();
        let names = vinext_compiler::directives::exported_names(&module, &source);
        if names.iter().any(|name| name == "generateImageMetadata" || name == "generateSitemaps") {
            graph.give_ids(&module);
        }
    }
}

/// What the server module is told of a metadata file, without what loads it.
pub(super) fn facts(root: &Utf8Path, file: &MetadataFile) -> Result<Map<String, Value>, CliError> {
    let mut facts = Map::new();
    let mut set = |key: &str, value: Value| facts.insert(key.to_owned(), value);
    set("kind", json!(file.kind));
    set("id", file.file.as_str().into());
    let bytes = read(root, &file.file)?;
    let hash = blake3::hash(&bytes).to_hex();
    if !file.is_static {
        set("url", file.url.as_str().into());
        set("hash", hash[..16].into());
        set("hasIds", file.has_ids.into());
        return Ok(facts);
    }
    check_size(root, file, &bytes)?;
    let extension = file.file.extension().unwrap_or_default();
    let stem = file.file.file_stem().unwrap_or_default();
    // The manifest and its like have one address for ever.
    let is_image = !matches!(file.kind, MetadataKind::Manifest | MetadataKind::Sitemap | MetadataKind::Robots);
    let query = if is_image { format!("?{stem}.{}.{extension}", &hash[..13]) } else { String::new() };
    set("url", format!("{}{query}", file.static_url()).into());
    set("type", content_type(file).into());
    if let Some(size) = ImageSize::of(extension, &bytes).filter(|_| is_image) {
        set("width", size.width.into());
        set("height", size.height.into());
    }
    if let Some(alt) = &file.alt {
        let text = read(root, alt)?;
        set("alt", String::from_utf8_lossy(&text).into_owned().into());
    }
    Ok(facts)
}

/// Copies the files that are sent as they are. They are served by the route, whatever becomes of the sources.
pub(super) fn copy(
    root: &Utf8Path,
    out_dir: &Utf8Path,
    graph: &RouteGraph,
) -> Result<BTreeMap<String, MetadataAsset>, CliError> {
    let folder = out_dir.join(FOLDER);
    let failed = |source| CliError::Write { path: folder.clone(), source };
    match std::fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    let mut assets = BTreeMap::new();
    for route in &graph.routes {
        let RouteTarget::Metadata { file } = &route.target else { continue };
        if !file.is_static {
            continue;
        }
        let bytes = read(root, &file.file)?;
        let name = format!("{}.{}", &blake3::hash(&bytes).to_hex()[..24], file.file.extension().unwrap_or_default());
        std::fs::create_dir_all(&folder).map_err(failed)?;
        std::fs::write(folder.join(&name), &bytes).map_err(failed)?;
        let asset =
            MetadataAsset { file: format!("{FOLDER}/{name}").into(), content_type: content_type(file).to_owned() };
        assets.insert(route.id.to_string(), asset);
    }
    Ok(assets)
}

fn check_size(root: &Utf8Path, file: &MetadataFile, bytes: &[u8]) -> Result<(), CliError> {
    let limit = match file.kind {
        MetadataKind::OpenGraphImage => OPEN_GRAPH_LIMIT,
        MetadataKind::TwitterImage => TWITTER_LIMIT,
        _ => return Ok(()),
    };
    if bytes.len() as u64 <= limit {
        return Ok(());
    }
    Err(CliError::ImageTooLarge { path: root.join(&file.file), limit: limit / (1024 * 1024) })
}

fn read(root: &Utf8Path, file: &Utf8Path) -> Result<Vec<u8>, CliError> {
    let path = root.join(file);
    std::fs::read(&path).map_err(|source| CliError::Read { path, source })
}

/// The media type by extension, and for the manifest by what it is.
fn content_type(file: &MetadataFile) -> &'static str {
    match (file.kind, file.file.extension().unwrap_or_default()) {
        (MetadataKind::Manifest, _) => "application/manifest+json",
        (_, "ico") => "image/x-icon",
        (_, "jpg" | "jpeg") => "image/jpeg",
        (_, "png") => "image/png",
        (_, "gif") => "image/gif",
        (_, "svg") => "image/svg+xml",
        (_, "xml") => "application/xml",
        _ => "text/plain",
    }
}
