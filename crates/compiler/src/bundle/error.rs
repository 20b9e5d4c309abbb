//! What can stop a build, in words for the app's author.

use std::io;

use camino::Utf8PathBuf;
use miette::Diagnostic as _;
use rolldown_error::{BuildDiagnostic, EventKind};
use thiserror::Error;

use super::resolve::{Misuse, is_package, node_builtin, package};
use super::session::Session;
use crate::css::StyleError;
use crate::diagnostics::Diagnostic;
use crate::directives::Graph;

/// Why there is no build.
#[derive(Debug, Error)]
pub enum BuildError {
    /// Mistakes in the app's sources: all that were found.
    #[error("the build failed with {} error{}", .0.len(), if .0.len() == 1 { "" } else { "s" })]
    Source(Vec<Diagnostic>),
    /// A file of the output cannot be written.
    #[error("cannot write `{path}`")]
    Write {
        /// The file.
        path: Utf8PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The bundler broke one of its promises.
    #[error("the bundler failed: {0}")]
    Bundler(String),
}

impl miette::Diagnostic for BuildError {
    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn miette::Diagnostic> + 'a>> {
        match self {
            Self::Source(diagnostics) => {
                Some(Box::new(diagnostics.iter().map(|diagnostic| diagnostic as &dyn miette::Diagnostic)))
            }
            Self::Write { .. } | Self::Bundler(_) => None,
        }
    }
}

impl BuildError {
    /// The mistakes in the app's sources.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        match self {
            Self::Source(diagnostics) => diagnostics,
            Self::Write { .. } | Self::Bundler(_) => &[],
        }
    }
}

/// Points at the first `specifier` in `importer`.
fn at(session: &Session, diagnostic: Diagnostic, importer: &str, specifier: &str, label: &str) -> Diagnostic {
    let Some(source) = session.source_of(importer) else { return diagnostic };
    let quoted = [format!("\"{specifier}\""), format!("'{specifier}'")];
    let place = quoted.iter().filter_map(|text| source.find(text.as_str())).min();
    let diagnostic = diagnostic.with_source(session.display(importer), source);
    match place {
        Some(offset) => diagnostic.with_label(offset, specifier.len() + 2, label),
        None => diagnostic,
    }
}

/// A module of the runtime that does not exist: our own mistake.
pub(crate) fn runtime_missing(session: &Session, specifier: &str, importer: &str) -> Diagnostic {
    let error = Diagnostic::error(format!("vinext has no module `{specifier}`")).with_code("vinext::runtime_missing");
    at(session, error, importer, specifier, "imported here")
}

/// React is not installed.
pub(crate) fn react_missing(session: &Session, specifier: &str, importer: &str) -> Diagnostic {
    let name = package(specifier);
    let error = Diagnostic::error(format!("`{name}` is not installed"))
        .with_code("vinext::missing_dependency")
        .with_help("run `npm install react react-dom`");
    at(session, error, importer, specifier, "imported here")
}

/// React's Flight package is neither in the app nor beside the executable.
pub(crate) fn flight_missing(session: &Session) -> Diagnostic {
    let version = std::fs::read_to_string(session.root().join("node_modules/react/package.json"))
        .ok()
        .and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok())
        .and_then(|json| Some(json.get("version")?.as_str()?.to_owned()));
    let wanted = version
        .map_or_else(|| "react-server-dom-webpack".to_owned(), |version| format!("react-server-dom-webpack@{version}"));
    Diagnostic::error("the package `react-server-dom-webpack` is not installed")
        .with_code("vinext::missing_dependency")
        .with_help(format!(
            "run `npm install {wanted}`: it is React's half of server components, in the version of your react"
        ))
}

/// An import that can never work where it stands.
pub(crate) fn misused(session: &Session, graph: Graph, misuse: &Misuse, specifier: &str, importer: &str) -> Diagnostic {
    let side = match graph {
        Graph::Rsc => "server components",
        Graph::Ssr | Graph::Client => "client components",
    };
    let (message, code, help) = match misuse {
        Misuse::UnknownNextModule => (
            format!("vinext does not provide `{specifier}` yet"),
            "vinext::unknown_next_module",
            "the compatibility table in the documentation lists what it provides".to_owned(),
        ),
        Misuse::NextModuleElsewhere => (
            format!("`{specifier}` cannot be used in {side}"),
            "vinext::module_elsewhere",
            match graph {
                Graph::Rsc => "put \"use client\" at the top of the file that imports it",
                Graph::Ssr | Graph::Client => "call it in a server component and pass the result as a prop",
            }
            .to_owned(),
        ),
        Misuse::Refused(why) => {
            (format!("`{specifier}` cannot be used in this app"), "vinext::refused_module", why.clone())
        }
        Misuse::ServerOnly => (
            "this module is marked as server-only, but client code imports it".to_owned(),
            "vinext::server_only",
            "import it from a server component, and pass what the client needs as props".to_owned(),
        ),
        Misuse::ClientOnly => (
            "this module is marked as client-only, but a server component imports it".to_owned(),
            "vinext::client_only",
            "put \"use client\" at the top of the file that imports it".to_owned(),
        ),
        Misuse::NodeBuiltin => (
            format!(
                "`{}` is a module of Node, and this code runs in a browser",
                node_builtin(specifier).unwrap_or(specifier)
            ),
            "vinext::node_in_browser",
            "move the code that needs it to a server component or a route handler".to_owned(),
        ),
    };
    at(session, Diagnostic::error(message).with_code(code).with_help(help), importer, specifier, "imported here")
}

/// An asset that cannot be read.
pub(crate) fn asset_unreadable(session: &Session, id: &str, problem: &io::Error) -> Diagnostic {
    Diagnostic::error(format!("cannot read `{}`: {problem}", session.display(id))).with_code("vinext::asset")
}

/// Sass and Less are other languages.
pub(crate) fn sass_unsupported(session: &Session, id: &str) -> Diagnostic {
    Diagnostic::error(format!("vinext does not compile `{}` yet", session.display(id)))
        .with_code("vinext::unsupported_style")
        .with_help("CSS and CSS modules work today: nesting and custom properties are part of CSS now")
}

/// A stylesheet that does not compile.
pub(crate) fn style_failed(session: &Session, error: &StyleError) -> Diagnostic {
    let diagnostic = Diagnostic::error(error.message.clone()).with_code("vinext::css");
    let diagnostic = match &error.help {
        Some(help) => diagnostic.with_help(help.clone()),
        None => diagnostic,
    };
    if error.text.is_empty() {
        return diagnostic;
    }
    diagnostic.with_source(session.display(&error.file), error.text.clone()).with_label(error.offset, 1, "here")
}

/// What the bundler found, as diagnostics of ours.
pub(crate) fn from_bundler(session: &Session, problem: &BuildDiagnostic) -> Diagnostic {
    let options = rolldown_error::DiagnosticOptions { cwd: session.root().as_std_path().to_owned() };
    let rendered = problem.to_diagnostic_with(&options);
    let message = problem.to_message_with(&options);
    let location = rendered.get_primary_location();
    let error = match problem.kind() {
        EventKind::ResolveError | EventKind::UnresolvedImport => unresolved(&message),
        EventKind::ParseError => {
            let text = if message.is_empty() { rendered.convert_to_string(false) } else { message };
            Diagnostic::error(first_line(&text)).with_code("vinext::syntax")
        }
        _ => {
            let text = if message.is_empty() { rendered.convert_to_string(false) } else { message };
            Diagnostic::error(text.trim().to_owned()).with_code("vinext::bundle")
        }
    };
    let Some((file, line, column, _)) = location else { return error };
    let path = session.root().join(&file);
    let Some(source) = session.source_of(path.as_str()).or_else(|| session.source_of(&file)) else { return error };
    let offset = offset_of(&source, line, column);
    error.with_source(file, source).with_label(offset, 1, "here")
}

/// A warning of the bundler's that an import of the app's own leads nowhere.
pub(crate) fn missing_import(session: &Session, warning: &BuildDiagnostic) -> Option<Diagnostic> {
    if !matches!(warning.kind(), EventKind::ResolveError | EventKind::UnresolvedImport) {
        return None;
    }
    let (file, ..) = warning.to_diagnostic().get_primary_location()?;
    // Packages try what may not be installed, and live without it.
    (!file.contains("node_modules/")).then(|| from_bundler(session, warning))
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().trim().to_owned()
}

fn unresolved(message: &str) -> Diagnostic {
    let specifier = message.split('\'').nth(1).unwrap_or_default().to_owned();
    let help = if is_package(&specifier) {
        format!("install it: `npm install {}`", package(&specifier))
    } else {
        "check the spelling, the extension, and `paths` in tsconfig.json".to_owned()
    };
    Diagnostic::error(message.replace("Could not resolve", "cannot find"))
        .with_code("vinext::not_found")
        .with_help(help)
}

/// The byte offset of a line (from 1) and a column in UTF-16 units (from 0).
fn offset_of(source: &str, line: usize, column: usize) -> usize {
    let start: usize = source.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let mut units = 0;
    let mut offset = start;
    for character in source[start..].chars() {
        if units >= column {
            break;
        }
        units += character.len_utf16();
        offset += character.len_utf8();
    }
    offset
}

/// Whether a diagnostic says the same as another: two graphs see the same mistake.
pub(crate) fn same(one: &Diagnostic, other: &Diagnostic) -> bool {
    let place =
        |diagnostic: &Diagnostic| diagnostic.labels().and_then(|mut labels| labels.next().map(|label| label.offset()));
    one.message() == other.message() && one.file() == other.file() && place(one) == place(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_mistake_in_two_files_is_two() {
        let in_file = |name: &str| Diagnostic::error("wrong").with_source(name, "text").with_label(0, 1, "here");
        assert!(same(&in_file("app/a.tsx"), &in_file("app/a.tsx")));
        assert!(!same(&in_file("app/a.tsx"), &in_file("app/b.tsx")));
    }

    #[test]
    fn columns_are_counted_in_utf16_and_offsets_in_bytes() {
        let source = "a\n\u{1f600}é x";
        assert_eq!(offset_of(source, 1, 0), 0);
        assert_eq!(offset_of(source, 2, 0), 2);
        assert_eq!(offset_of(source, 2, 2), 6);
        assert_eq!(offset_of(source, 2, 3), 8);
        assert_eq!(offset_of(source, 9, 9), source.len());
    }
}
