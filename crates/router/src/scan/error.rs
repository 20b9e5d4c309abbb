//! What a scan refuses, as diagnostics: every conflict names the files it is about and what to do.

use camino::Utf8PathBuf;
use miette::Diagnostic;

/// Everything that is wrong with an app's folder, not only the first thing.
///
/// As a [`miette::Diagnostic`] the problems are its [`related`](miette::Diagnostic::related) diagnostics.
#[derive(Debug, thiserror::Error, Diagnostic)]
#[error("{} in the app's routes", count(errors.len()))]
#[diagnostic(code(vinext::router::scan))]
pub struct ScanErrors {
    #[related]
    errors: Vec<ScanError>,
}

impl ScanErrors {
    pub(crate) fn new(errors: Vec<ScanError>) -> Self {
        Self { errors }
    }

    /// The problems, in a stable order.
    #[must_use]
    pub fn errors(&self) -> &[ScanError] {
        &self.errors
    }
}

impl IntoIterator for ScanErrors {
    type Item = ScanError;
    type IntoIter = std::vec::IntoIter<ScanError>;

    fn into_iter(self) -> Self::IntoIter {
        self.errors.into_iter()
    }
}

impl From<ScanError> for ScanErrors {
    fn from(error: ScanError) -> Self {
        Self { errors: vec![error] }
    }
}

/// One thing that is wrong with an app's folder.
#[derive(Debug, thiserror::Error, Diagnostic)]
#[non_exhaustive]
pub enum ScanError {
    /// There is no `app` folder.
    #[error("no \"app\" or \"src/app\" folder with a page in {root:?}")]
    #[diagnostic(
        code(vinext::router::no_app_dir),
        help("run this in the project's root, or create \"app/layout.tsx\" and \"app/page.tsx\"")
    )]
    NoAppDir {
        /// The folder that was searched.
        root: Utf8PathBuf,
    },
    /// `app` and `pages` are not beside each other.
    #[error("{app:?} and {pages:?} are not in the same folder")]
    #[diagnostic(code(vinext::router::split_directories), help("move both to the project's root, or both to \"src\""))]
    SplitDirectories {
        /// The app folder.
        app: Utf8PathBuf,
        /// The pages folder.
        pages: Utf8PathBuf,
    },
    /// A folder could not be read.
    #[error("cannot read {path:?}")]
    #[diagnostic(code(vinext::router::io))]
    Io {
        /// The folder or file.
        path: Utf8PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A folder name that is not UTF-8 can be part of no URL.
    #[error("a folder name in {parent:?} is not UTF-8: {name:?}")]
    #[diagnostic(code(vinext::router::not_utf8), help("rename the folder"))]
    NotUtf8 {
        /// The folder it is in.
        parent: Utf8PathBuf,
        /// Its name as far as it can be read.
        name: String,
    },
    /// A folder name that is no form of the grammar.
    #[error("bad folder name {name:?} in {file:?}: {reason}")]
    #[diagnostic(code(vinext::router::bad_segment), help("{help}"))]
    BadSegment {
        /// The folder name.
        name: String,
        /// A routing file below it.
        file: Utf8PathBuf,
        /// What is wrong.
        reason: &'static str,
        /// What to write instead.
        help: &'static str,
    },
    /// A page and a route handler answer the same URL.
    #[error("page {page:?} and route handler {handler:?} both answer {pattern:?}")]
    #[diagnostic(
        code(vinext::router::page_and_route),
        help("move one of them to another path, for example the handler below \"api\"")
    )]
    PageAndRoute {
        /// The URL pattern.
        pattern: String,
        /// The page's file.
        page: Utf8PathBuf,
        /// The handler's file.
        handler: Utf8PathBuf,
    },
    /// Two pages, or two handlers, resolve to the same path.
    #[error("{first:?} and {second:?} both answer {pattern:?}")]
    #[diagnostic(
        code(vinext::router::duplicate_path),
        help("folders in parentheses do not change the URL: rename a segment, or delete one of the files")
    )]
    DuplicatePath {
        /// The URL pattern.
        pattern: String,
        /// The first file.
        first: Utf8PathBuf,
        /// The second file.
        second: Utf8PathBuf,
    },
    /// The App Router and the Pages Router would answer the same path.
    #[error("conflicting app and page file: {app:?} and {pages:?} both answer {pattern:?}")]
    #[diagnostic(code(vinext::router::app_and_pages), help("delete one of them: only one router can answer a path"))]
    AppAndPages {
        /// The URL pattern.
        pattern: String,
        /// The file in `app`.
        app: Utf8PathBuf,
        /// The file in `pages`.
        pages: Utf8PathBuf,
    },
    /// Two names for the dynamic segment at one position.
    #[error(
        "different parameter names at the same position below {parent:?}: {first:?} in {first_file:?}, {second:?} in {second_file:?}"
    )]
    #[diagnostic(
        code(vinext::router::param_names),
        help("give both folders the same name, so that the URL says which parameter it is")
    )]
    ParamNames {
        /// The pattern up to the position.
        parent: String,
        /// The first segment.
        first: String,
        /// A file below it.
        first_file: Utf8PathBuf,
        /// The second segment.
        second: String,
        /// A file below it.
        second_file: Utf8PathBuf,
    },
    /// One path uses a parameter name twice, or two that differ only by punctuation.
    #[error("parameters {first:?} and {second:?} of {pattern:?} cannot be told apart, in {file:?}")]
    #[diagnostic(
        code(vinext::router::duplicate_param),
        help("rename one of the folders; names must differ by more than punctuation")
    )]
    DuplicateParam {
        /// The URL pattern.
        pattern: String,
        /// The first parameter.
        first: String,
        /// The second parameter.
        second: String,
        /// The file of the route.
        file: Utf8PathBuf,
    },
    /// An optional catch-all also matches the path without it, which another route answers.
    #[error("optional catch-all {optional_file:?} answers {pattern:?} as {route_file:?} does")]
    #[diagnostic(
        code(vinext::router::optional_catch_all),
        help("use \"[...name]\", which needs at least one segment, or delete the page of the parent folder")
    )]
    OptionalCatchAll {
        /// The URL pattern of the route without the catch-all.
        pattern: String,
        /// The route's file.
        route_file: Utf8PathBuf,
        /// The catch-all's file.
        optional_file: Utf8PathBuf,
    },
    /// A required and an optional catch-all at one position.
    #[error(
        "required and optional catch-all at the same position below {parent:?}: {required_file:?} and {optional_file:?}"
    )]
    #[diagnostic(code(vinext::router::two_catch_alls), help("keep one of them"))]
    TwoCatchAlls {
        /// The pattern up to the position.
        parent: String,
        /// The file of `[...name]`.
        required_file: Utf8PathBuf,
        /// The file of `[[...name]]`.
        optional_file: Utf8PathBuf,
    },
    /// Segments below a catch-all can never be reached.
    #[error("catch-all {segment:?} is not the last segment of {pattern:?}, in {file:?}")]
    #[diagnostic(
        code(vinext::router::catch_all_not_last),
        help("a catch-all takes the rest of the URL: move the folders below it elsewhere")
    )]
    CatchAllNotLast {
        /// The URL pattern.
        pattern: String,
        /// The catch-all.
        segment: String,
        /// The file of the route.
        file: Utf8PathBuf,
    },
    /// No layout above a page.
    #[error("page {page:?} has no root layout{}", others(*more))]
    #[diagnostic(code(vinext::router::missing_root_layout), help("add {layout:?}, which renders <html> and <body>"))]
    MissingRootLayout {
        /// The first such page.
        page: Utf8PathBuf,
        /// The layout that would serve it.
        layout: Utf8PathBuf,
        /// How many more pages lack one.
        more: usize,
    },
    /// A slot without `default` beside a URL that it has no page for.
    #[error("slot {slot:?} has no page for {pattern:?} ({page:?}) and no \"default\" file")]
    #[diagnostic(code(vinext::router::slot_without_default), help("add {default:?}; it may return null"))]
    SlotWithoutDefault {
        /// The slot's folder.
        slot: Utf8PathBuf,
        /// A URL pattern that needs the default.
        pattern: String,
        /// The file that answers it.
        page: Utf8PathBuf,
        /// The file to add.
        default: Utf8PathBuf,
    },
    /// A page in a slot at a URL for which `children` of the same layout has nothing.
    #[error("\"children\" of {folder:?} has no page for {pattern:?} ({page:?}) and no \"default\" file")]
    #[diagnostic(
        code(vinext::router::children_without_default),
        help("add {default:?}, which may return null, or delete the page")
    )]
    ChildrenWithoutDefault {
        /// The layout's folder.
        folder: Utf8PathBuf,
        /// The URL pattern.
        pattern: String,
        /// The page that answers it.
        page: Utf8PathBuf,
        /// The file to add.
        default: Utf8PathBuf,
    },
    /// An interception marker that goes above the root.
    #[error("interception {marker} in {file:?} goes above the root: it is at {from:?}")]
    #[diagnostic(
        code(vinext::router::interception_level),
        help("use \"(.)\" for the same level, or \"(...)\" to start from the root")
    )]
    InterceptionLevel {
        /// The marker.
        marker: &'static str,
        /// A routing file below it.
        file: Utf8PathBuf,
        /// The pattern of the folder that the marker is in.
        from: String,
    },
}

fn count(problems: usize) -> String {
    if problems == 1 { "1 problem".to_owned() } else { format!("{problems} problems") }
}

fn others(more: usize) -> String {
    match more {
        0 => String::new(),
        1 => ", nor has 1 more".to_owned(),
        more => format!(", nor have {more} more"),
    }
}
