//! One file: parsed, `@import`s put in place, lowered, minified, its URLs collected.

use std::collections::BTreeMap;

use camino::Utf8Path;
use lightningcss::css_modules::{Config, CssModuleReference, Pattern};
use lightningcss::dependencies::{Dependency, DependencyOptions};
use lightningcss::printer::PrinterOptions;
use lightningcss::rules::CssRule;
use lightningcss::rules::import::ImportRule;
use lightningcss::stylesheet::{MinifyOptions, ParserOptions, StyleSheet};
use lightningcss::targets::{Browsers, Targets};
use lightningcss::traits::ToCss;

use super::is_css_module;

/// A compiled file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Stylesheet {
    /// Rules, `@import`ed ones first.
    pub(crate) code: String,
    /// `@import`s of other origins, which must stand before every rule of the file they end up in.
    pub(crate) external_imports: Vec<String>,
    /// Local class name to the names it stands for; `None` when names are global.
    pub(crate) classes: Option<BTreeMap<String, Vec<ClassName>>>,
}

/// One of the names that a local class name stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ClassName {
    /// A name in the document.
    Global(String),
    /// A local name of another file: `composes: name from "./file.module.css"`.
    Composed {
        /// The local name.
        name: String,
        /// The file, as written.
        from: String,
    },
}

/// A stylesheet that cannot be compiled.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub(crate) struct StyleError {
    /// What is wrong.
    pub(crate) message: String,
    /// What to do about it.
    pub(crate) help: Option<String>,
    /// The file.
    pub(crate) file: String,
    /// Its text, empty when it could not be read.
    pub(crate) text: String,
    /// Where in the text.
    pub(crate) offset: usize,
}

/// What a stylesheet may ask of the world.
pub(crate) trait StyleWorld {
    /// The stylesheet that `specifier` names in `file`, compiled.
    fn import(&self, file: &Utf8Path, specifier: &str) -> Result<std::sync::Arc<Stylesheet>, String>;
    /// The URL for the asset that `url` names in `file`; `None` when it is to stay as written.
    fn asset(&self, file: &Utf8Path, url: &str) -> Result<Option<String>, String>;
    /// The file's name wherever it must not depend on the machine.
    fn path_id(&self, file: &Utf8Path) -> String;
}

/// The browsers that Next compiles for: <https://nextjs.org/docs/architecture/supported-browsers>.
fn targets() -> Targets {
    let version = |major: u32, minor: u32| Some((major << 16) | (minor << 8));
    Targets::from(Browsers {
        chrome: version(111, 0),
        edge: version(111, 0),
        firefox: version(111, 0),
        safari: version(16, 4),
        ..Browsers::default()
    })
}

/// Compiles the text of `file`.
pub(crate) fn compile(world: &dyn StyleWorld, file: &Utf8Path, source: &str) -> Result<Stylesheet, StyleError> {
    let error = |message: String, offset: usize| StyleError {
        message,
        help: None,
        file: file.to_string(),
        text: source.to_owned(),
        offset,
    };
    let at = |line: u32, column: u32| offset_of(source, line, column.saturating_sub(1));
    let options = ParserOptions {
        filename: file.to_string(),
        css_modules: is_css_module(file.as_str()).then(|| module_config(&world.path_id(file), file)),
        ..ParserOptions::default()
    };
    let mut sheet = StyleSheet::parse(source, options).map_err(|problem| {
        let offset = problem.loc.as_ref().map_or(0, |loc| at(loc.line, loc.column));
        error(lowercase_first(&problem.kind.to_string()), offset)
    })?;

    let mut out = Stylesheet::default();
    let imports = sheet.rules.0.iter().rposition(|rule| matches!(rule, CssRule::Import(_))).map_or(0, |last| last + 1);
    for rule in sheet.rules.0.drain(..imports) {
        match rule {
            CssRule::Import(import) if is_external(&import.url) => {
                out.external_imports.push(print(&import).unwrap_or_default());
            }
            CssRule::Import(import) => {
                let offset = at(import.loc.line, import.loc.column);
                let imported = world.import(file, &import.url).map_err(|message| error(message, offset))?;
                out.external_imports.extend(imported.external_imports.iter().cloned());
                out.code.push_str(&conditioned(&import, &imported.code));
                if let Some(classes) = &imported.classes {
                    out.classes.get_or_insert_default().extend(classes.clone());
                }
            }
            // Only `@layer a, b;` may stand between imports, and its place decides the order of layers.
            rule => out.code.push_str(&print(&rule).unwrap_or_default()),
        }
    }

    sheet.minify(MinifyOptions { targets: targets(), ..MinifyOptions::default() }).map_err(|problem| {
        let offset = problem.loc.as_ref().map_or(0, |loc| at(loc.line, loc.column));
        StyleError {
            help: pure_help(&problem.kind.to_string()),
            ..error(lowercase_first(&problem.kind.to_string()), offset)
        }
    })?;
    let printed = sheet
        .to_css(PrinterOptions {
            minify: true,
            targets: targets(),
            analyze_dependencies: Some(DependencyOptions { remove_imports: true }),
            ..PrinterOptions::default()
        })
        .map_err(|problem| error(lowercase_first(&problem.to_string()), 0))?;

    let mut code = printed.code;
    for dependency in printed.dependencies.unwrap_or_default() {
        let Dependency::Url(url) = dependency else { continue };
        let offset = offset_of(source, url.loc.start.line.saturating_sub(1), url.loc.start.column.saturating_sub(1));
        let target = if is_external(&url.url) {
            url.url.clone()
        } else {
            world.asset(file, &url.url).map_err(|message| error(message, offset))?.unwrap_or_else(|| url.url.clone())
        };
        code = code.replace(&format!("url(\"{}\")", url.placeholder), &css_url(&target));
    }
    out.code.push_str(code.trim_end());
    if let Some(exports) = printed.exports {
        let classes = out.classes.get_or_insert_default();
        for (local, export) in exports {
            let composed = export.composes.into_iter().map(|reference| match reference {
                CssModuleReference::Local { name } | CssModuleReference::Global { name } => ClassName::Global(name),
                CssModuleReference::Dependency { name, specifier } => ClassName::Composed { name, from: specifier },
            });
            let names = std::iter::once(ClassName::Global(export.name)).chain(composed).collect();
            classes.insert(local, names);
        }
    }
    Ok(out)
}

/// Names as Next writes them: `button_primary__a1b2c`. The suffix depends on the file's name, not its content, so that
/// an edit does not rename classes.
fn module_config(path_id: &str, file: &Utf8Path) -> Config {
    let stem = file.file_name().unwrap_or_default().trim_end_matches(".module.css");
    let name: String = stem.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).collect();
    let hash = &blake3::hash(path_id.as_bytes()).to_hex()[..6];
    Config {
        pattern: Pattern::parse(&format!("{name}_[local]__{hash}")).unwrap_or_default(),
        dashed_idents: false,
        // Only what Next scopes: classes, ids and keyframes.
        grid: false,
        container: false,
        custom_idents: false,
        animation: true,
        pure: true,
    }
}

fn pure_help(message: &str) -> Option<String> {
    message.to_ascii_lowercase().contains("css modules should contain").then(|| {
        "start the selector with a class or an id of this module, or move the rule to a global stylesheet".to_owned()
    })
}

fn print(rule: &impl ToCss) -> Option<String> {
    let mut text =
        rule.to_css_string(PrinterOptions { minify: true, targets: targets(), ..PrinterOptions::default() }).ok()?;
    if !text.ends_with([';', '}']) {
        text.push(';');
    }
    Some(text)
}

/// Puts the layer, condition and media of an `@import` around what it imported.
fn conditioned(import: &ImportRule<'_>, code: &str) -> String {
    let options = || PrinterOptions { minify: true, targets: targets(), ..PrinterOptions::default() };
    let mut code = code.to_owned();
    match &import.layer {
        Some(Some(name)) => code = format!("@layer {}{{{code}}}", name.to_css_string(options()).unwrap_or_default()),
        Some(None) => code = format!("@layer{{{code}}}"),
        None => {}
    }
    if let Some(supports) = &import.supports {
        code = format!("@supports {}{{{code}}}", supports.to_css_string(options()).unwrap_or_default());
    }
    if !import.media.media_queries.is_empty() {
        code = format!("@media {}{{{code}}}", import.media.to_css_string(options()).unwrap_or_default());
    }
    code
}

/// Whether a URL leaves the project, or is none: another origin, a data URL, a fragment, or a path below the site's root
/// (which `public/` serves).
fn is_external(url: &str) -> bool {
    url.is_empty()
        || url.starts_with(['/', '#'])
        || url.split_once(':').is_some_and(|(scheme, _)| {
            scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
        })
}

/// Writes `url(…)`, quoted only where it must be.
fn css_url(url: &str) -> String {
    if url.chars().any(|c| c.is_whitespace() || matches!(c, '"' | '\'' | '(' | ')' | '\\')) {
        format!("url(\"{}\")", url.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\a "))
    } else {
        format!("url({url})")
    }
}

/// The byte offset of a zero-based line and a zero-based column in UTF-16 or bytes (near enough for a label).
fn offset_of(source: &str, line: u32, column: u32) -> usize {
    let start: usize = source.split_inclusive('\n').take(line as usize).map(str::len).sum();
    let mut offset = (start + column as usize).min(source.len());
    while !source.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

fn lowercase_first(text: &str) -> String {
    let mut chars = text.trim_end_matches('.').chars();
    let first = chars.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(chars).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use std::sync::Arc;

    use super::*;

    /// Files by name, in one folder.
    struct Files(BTreeMap<&'static str, &'static str>);

    impl StyleWorld for Files {
        fn import(&self, _: &Utf8Path, specifier: &str) -> Result<Arc<Stylesheet>, String> {
            let name = specifier.trim_start_matches("./");
            let source = self.0.get(name).ok_or_else(|| format!("could not find '{specifier}'"))?;
            compile(self, Utf8Path::new(name), source).map(Arc::new).map_err(|error| error.message)
        }
        fn asset(&self, _: &Utf8Path, url: &str) -> Result<Option<String>, String> {
            match url.strip_prefix("./") {
                Some(name) => Ok(Some(format!("../media/{name}"))),
                None => Err(format!("no '{url}'")),
            }
        }
        fn path_id(&self, file: &Utf8Path) -> String {
            file.to_string()
        }
    }

    fn of(file: &str, source: &str, others: &[(&'static str, &'static str)]) -> Result<Stylesheet, StyleError> {
        compile(&Files(others.iter().copied().collect()), Utf8Path::new(file), source)
    }

    #[test]
    fn imports_are_put_in_place_with_their_conditions_and_layers_keep_their_order() {
        let sheet = of(
            "a.css",
            "@layer base, top; @import './b.css' layer(base) screen; @import url(https://cdn.test/x.css); .a { color: red }",
            &[("b.css", "@import './c.css'; .b { color: blue }"), ("c.css", ".c { color: green }")],
        )
        .unwrap();
        assert_eq!(
            sheet.code,
            "@layer base,top;@media screen{@layer base{.c{color:green}.b{color:#00f}}}.a{color:red}"
        );
        assert_eq!(sheet.external_imports, ["@import \"https://cdn.test/x.css\";"]);
    }

    #[test]
    fn urls_of_files_become_assets_and_all_others_stay() {
        let sheet = of(
            "a.css",
            ".a { background: url('./x.png'), url(/logo.svg), url(https://x.test/a.png), url(data:image/png;base64,AA==) }",
            &[],
        );
        let code = sheet.unwrap().code;
        assert!(code.contains("url(../media/x.png)"), "{code}");
        assert!(code.contains("url(/logo.svg)"), "{code}");
        assert!(code.contains("url(data:image/png;base64,AA==)"), "{code}");
    }

    #[test]
    fn a_missing_asset_is_an_error_at_its_place() {
        let source = ".a { color: red }\n.b { background: url(x.png) }\n";
        let error = of("a.css", source, &[]).unwrap_err();
        assert_eq!(error.message, "no 'x.png'");
        assert_eq!(&source[error.offset..error.offset + 5], "x.png");
    }

    #[test]
    fn class_names_depend_on_the_file_name_alone() {
        let one = of("ui/button.module.css", ".primary { color: red } .big { composes: primary }", &[]).unwrap();
        let two = of("ui/button.module.css", ".primary { color: blue }", &[]).unwrap();
        let other = of("b/button.module.css", ".primary { color: red }", &[]).unwrap();
        let name = |sheet: &Stylesheet| match &sheet.classes.as_ref().unwrap()["primary"][0] {
            ClassName::Global(name) => name.clone(),
            ClassName::Composed { .. } => unreachable!(),
        };
        assert!(name(&one).starts_with("button_primary__"), "{}", name(&one));
        assert_eq!(name(&one), name(&two));
        assert_ne!(name(&one), name(&other));
        assert_eq!(one.classes.as_ref().unwrap()["big"][1], ClassName::Global(name(&one)));
    }

    #[test]
    fn a_css_module_selector_without_a_local_name_is_an_error_with_a_hint() {
        let error = of("a.module.css", "body { color: red }", &[]).unwrap_err();
        assert!(error.help.unwrap().contains("global stylesheet"), "{}", error.message);
    }

    #[test]
    fn a_syntax_error_names_its_place() {
        let error = of("a.css", ".a { color: red }\n.b { : }\n} .c {", &[]).unwrap_err();
        assert!(error.offset > 17, "{error:?}");
    }
}
