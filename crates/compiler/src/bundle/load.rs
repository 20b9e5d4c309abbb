//! The text of modules that are not plain files of code.

use std::fmt::Write as _;

use camino::Utf8Path;
use rolldown_common::ModuleType;
use rolldown_common::side_effects::HookSideEffects;
use rolldown_plugin::HookLoadOutput;

use super::error::{asset_unreadable, sass_unsupported, style_failed};
use super::groups::quoted;
use super::session::Session;
use super::virtual_modules::{EMPTY, RUNTIME};
use crate::assets::{AssetKind, ImageSize, asset_kind};
use crate::css::{ClassName, Stylesheet, is_css_module, is_stylesheet};
use crate::diagnostics::Diagnostic;

/// Loads `id` if it is a module of ours, a stylesheet or an asset; `None` leaves it to the bundler.
pub(crate) fn load(
    session: &Session,
    id: &str,
    asserted: Option<&ModuleType>,
) -> Result<Option<HookLoadOutput>, Box<Diagnostic>> {
    if let Some(path) = id.strip_prefix(RUNTIME) {
        return Ok(session.options.runtime.source(path).map(|source| runtime(path, &source)));
    }
    if id == EMPTY {
        return Ok(Some(nothing()));
    }
    if is_stylesheet(id) {
        let sheet = session.styles.get(id).map_err(|error| Box::new(style_failed(session, &error)))?;
        return Ok(Some(if is_css_module(id) { css_module(&sheet) } else { nothing() }));
    }
    if id.ends_with(".scss") || id.ends_with(".sass") || id.ends_with(".less") {
        return Err(Box::new(sass_unsupported(session, id)));
    }
    // `new URL("./x.png", import.meta.url)` wants the file, not an object that describes it.
    if matches!(asserted, Some(ModuleType::Asset)) {
        return Ok(None);
    }
    match asset_kind(id) {
        Some(kind) => {
            let asset =
                session.assets.emit(Utf8Path::new(id)).map_err(|problem| asset_unreadable(session, id, &problem));
            let asset = asset.map_err(Box::new)?;
            let url = session.media_url(&asset.name);
            Ok(Some(pure(match kind {
                AssetKind::File => format!("export default {};\n", quoted(&url)),
                AssetKind::Image => image(id, &url, &asset.bytes),
            })))
        }
        None => Ok(None),
    }
}

/// A module of our own writing, in TypeScript without JSX.
pub(crate) fn typescript(source: &str) -> HookLoadOutput {
    HookLoadOutput { code: source.into(), module_type: Some(ModuleType::Ts), ..HookLoadOutput::default() }
}

/// A module without content. What imports a stylesheet as a value gets an empty object.
pub(crate) fn nothing() -> HookLoadOutput {
    pure("export default {};\n".to_owned())
}

fn pure(code: String) -> HookLoadOutput {
    HookLoadOutput {
        code: code.into(),
        module_type: Some(ModuleType::Js),
        side_effects: Some(HookSideEffects::False),
        ..HookLoadOutput::default()
    }
}

fn runtime(path: &str, source: &str) -> HookLoadOutput {
    let extension = Utf8Path::new(path).extension().unwrap_or_default();
    let (module_type, pragma) = match extension {
        // The app's `jsxImportSource` is for the app's files.
        "tsx" => (ModuleType::Tsx, "/** @jsxRuntime automatic @jsxImportSource react */ "),
        "jsx" => (ModuleType::Jsx, "/** @jsxRuntime automatic @jsxImportSource react */ "),
        "ts" | "mts" => (ModuleType::Ts, ""),
        "json" => (ModuleType::Json, ""),
        _ => (ModuleType::Js, ""),
    };
    HookLoadOutput {
        code: format!("{pragma}{source}").into(),
        module_type: Some(module_type),
        ..HookLoadOutput::default()
    }
}

/// `export default` of an object from local names to names in the document.
fn css_module(sheet: &Stylesheet) -> HookLoadOutput {
    let mut imports: Vec<&str> = Vec::new();
    let mut entries = String::new();
    for (local, names) in sheet.classes.iter().flatten() {
        let mut value = String::new();
        for (index, name) in names.iter().enumerate() {
            let separator = if index == 0 { "" } else { " + \" \" + " };
            let _ = match name {
                ClassName::Global(name) => write!(value, "{separator}{}", quoted(name)),
                ClassName::Composed { name, from } => {
                    let number = imports.iter().position(|known| known == from).unwrap_or_else(|| {
                        imports.push(from);
                        imports.len() - 1
                    });
                    write!(value, "{separator}m{number}[{}]", quoted(name))
                }
            };
        }
        let _ = writeln!(entries, "  {}: {value},", quoted(local));
    }
    let mut code = String::new();
    for (number, from) in imports.iter().enumerate() {
        let _ = writeln!(code, "import m{number} from {};", quoted(from));
    }
    let _ = write!(code, "export default {{\n{entries}}};\n");
    pure(code)
}

/// `export default` of what `next/image` wants to know.
fn image(id: &str, url: &str, bytes: &[u8]) -> String {
    let extension = Utf8Path::new(id).extension().unwrap_or_default();
    let src = quoted(url);
    let Some(size) = ImageSize::of(extension, bytes) else {
        return format!("export default {{ src: {src} }};\n");
    };
    let ImageSize { width, height } = size;
    let blurred = size.blurred();
    // Only what can be scaled down has a placeholder.
    if matches!(extension, "png" | "jpg" | "jpeg" | "webp" | "avif") {
        let (blur_width, blur_height) = (blurred.width, blurred.height);
        format!(
            "export default {{ src: {src}, width: {width}, height: {height}, blurWidth: {blur_width}, blurHeight: {blur_height} }};\n"
        )
    } else {
        format!("export default {{ src: {src}, width: {width}, height: {height} }};\n")
    }
}
