//! Everything that can go wrong for a user of the command line, as diagnostics: what happened, and what to do.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use camino::Utf8PathBuf;
use miette::{Diagnostic, NamedSource, SourceSpan};
use thiserror::Error;

/// A failed command.
#[derive(Debug, Error, Diagnostic)]
pub(crate) enum CliError {
    /// The folder named on the command line does not exist.
    #[error("there is no folder `{dir}`")]
    #[diagnostic(code(vinext::no_such_directory), help("name the project's folder: vinext build path/to/app"))]
    NoSuchDirectory { dir: Utf8PathBuf, source: io::Error },

    /// The path named on the command line is a file.
    #[error("`{path}` is not a folder")]
    #[diagnostic(code(vinext::not_a_directory), help("name the project's folder, the one with package.json"))]
    NotADirectory { path: Utf8PathBuf },

    /// Neither an app nor a package is here.
    #[error("`{root}` is not a Next.js project: it has neither package.json nor app/")]
    #[diagnostic(
        code(vinext::not_a_project),
        help("run vinext in the project's folder, or name it: vinext build path/to/app")
    )]
    NotAProject { root: Utf8PathBuf },

    /// A project without an `app/` folder.
    #[error("`{root}` has no app/ folder")]
    #[diagnostic(
        code(vinext::no_app_directory),
        help("create app/layout.tsx and app/page.tsx (src/app/ works as well)")
    )]
    NoAppDirectory { root: Utf8PathBuf },

    /// A project of the Pages Router.
    #[error("`{root}` uses the Pages Router only, which vinext does not run yet")]
    #[diagnostic(code(vinext::pages_router), help("the App Router works today: move a route to app/ to try it"))]
    PagesRouterOnly { root: Utf8PathBuf },

    /// A `.env` file that cannot be read.
    #[error("cannot read `{path}`")]
    #[diagnostic(code(vinext::env_file), help("a line is NAME=value; quote a value that has spaces or `#`"))]
    EnvFile { path: Utf8PathBuf, source: dotenvy::Error },

    /// A key for server functions that is none.
    #[error("`{variable}` is not a key")]
    #[diagnostic(
        code(vinext::action_key),
        help("set it to 16, 24 or 32 random bytes in base64: openssl rand -base64 32")
    )]
    ActionKey { variable: &'static str },

    /// `next.config` failed.
    #[error("cannot load `{path}`")]
    #[diagnostic(code(vinext::config))]
    Config {
        path: Utf8PathBuf,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },

    /// A key of `next.config` with a value it cannot have.
    #[error("`{key}` in `{path}` {problem}")]
    #[diagnostic(code(vinext::config::value), help("{help}"))]
    ConfigValue { path: Utf8PathBuf, key: String, problem: String, help: String },

    /// The app's `cacheHandler`, or one of its `cacheHandlers`, cannot be used.
    #[error("the cacheHandler `{path}` cannot be started: {problem}")]
    #[diagnostic(
        code(vinext::cache_handler),
        help(
            "it is a module whose export is a class (`cacheHandler`), or an object with `get`, `set`, `refreshTags`, `getExpiration` and `updateTags` (each of `cacheHandlers`)"
        )
    )]
    CacheHandler { path: Utf8PathBuf, problem: String },

    /// `tsconfig.json` is no JSON, whatever comments it has.
    #[error("`{path}` cannot be read: {problem}")]
    #[diagnostic(code(vinext::tsconfig), help("it is JSON, in which comments and commas at the end are allowed"))]
    Tsconfig {
        path: Utf8PathBuf,
        problem: String,
        #[source_code]
        text: Arc<NamedSource<String>>,
        #[label("here")]
        at: SourceSpan,
    },

    /// A package that every app needs is not installed.
    #[error("the package `{name}` is not installed in `{root}`")]
    #[diagnostic(code(vinext::missing_dependency), help("{help}"))]
    MissingDependency { name: &'static str, root: Utf8PathBuf, help: String },

    /// A file of the app cannot be read.
    #[error("cannot read `{path}`")]
    #[diagnostic(code(vinext::read))]
    Read { path: Utf8PathBuf, source: io::Error },

    /// A route handler that answers nothing.
    #[error("`{file}` {problem}")]
    #[diagnostic(
        code(vinext::handler),
        help("export a function for each method that the route answers: export function GET() {{ … }}")
    )]
    Handler { file: Utf8PathBuf, problem: String },

    /// Two files that are the proxy.
    #[error("both `{proxy}` and `{middleware}` are there, and only one can be asked")]
    #[diagnostic(code(vinext::proxy), help("use `{proxy}` only: it is what `middleware` is called today"))]
    TwoProxies { proxy: Utf8PathBuf, middleware: Utf8PathBuf },

    /// The pages of a route cannot be listed.
    #[error("`generateStaticParams` of {route} failed: {problem}")]
    #[diagnostic(code(vinext::static_params), help("the build renders every page that the function lists"))]
    StaticParams { route: String, problem: String },

    /// What the segments of a route say of it does not fit together.
    #[error("{route}: {problem}")]
    #[diagnostic(
        code(vinext::ensure_static),
        help(
            "a segment may ask for more than those above it; see https://nextjs.org/docs/app/api-reference/file-conventions/route-segment-config/ensureStatic"
        )
    )]
    EnsureStatic { route: String, problem: String },

    /// A page that fails before anybody asks for it.
    #[error("cannot render {path} ({file}): {problem}")]
    #[diagnostic(
        code(vinext::prerender),
        help(
            "a page that is the same for everybody is rendered with the build; one that depends on the request says so: `await connection()`"
        )
    )]
    Prerender { path: String, file: String, problem: String },

    /// A page that does not come.
    #[error("cannot render {path} ({file}): it took more than {limit}, in each of {attempts} attempts")]
    #[diagnostic(
        code(vinext::prerender_timeout),
        help(
            "something that the page waits for never comes, or too late; `staticPageGenerationTimeout` in next.config says how many seconds a page may take"
        )
    )]
    PrerenderTimeout { path: String, file: String, limit: String, attempts: u32 },

    /// A page that cannot become a file.
    #[error("cannot export {path} ({file}): {problem}")]
    #[diagnostic(
        code(vinext::export),
        help(
            "with `output: \"export\"` every page is rendered with the build, without a request: what depends on who asks belongs into the browser (`useEffect`, `useSearchParams`)"
        )
    )]
    Export { path: String, file: String, problem: String },

    /// An export that would take the place of what it is made from.
    #[error("the app cannot be exported to `{folder}`: that would replace `{source_folder}`, or be a part of it")]
    #[diagnostic(
        code(vinext::export),
        help("name a folder of its own in `distDir` of next.config, or leave it out: then it is `out`")
    )]
    ExportFolder { folder: Utf8PathBuf, source_folder: String },

    /// Two things that would be one file.
    #[error("cannot export: {problem}")]
    #[diagnostic(
        code(vinext::export),
        help("give one of them another path: with `output: \"export\"` each is a file of its own")
    )]
    ExportPlan { problem: vinext_adapters::export::PlanError },

    /// An app that was made for a host of files.
    #[error(
        "\"vinext start\" does not work with \"output: export\": `{folder}` has the whole app, and needs no server of its own"
    )]
    #[diagnostic(
        code(vinext::exported),
        help("put `{folder}` on a host of static files; to look at it here: npx serve@latest {folder}")
    )]
    Exported { folder: Utf8PathBuf },

    /// What is stored cannot be opened.
    #[error("cannot open the cache {cache}")]
    #[diagnostic(code(vinext::cache), help("name another: vinext start --cache memory, or the folder of a disk cache"))]
    Cache {
        cache: String,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },

    /// An image that nobody will show.
    #[error("`{path}` is larger than {limit} MB")]
    #[diagnostic(
        code(vinext::image_too_large),
        help("make it smaller: those who show shared pages leave larger images out")
    )]
    ImageTooLarge { path: Utf8PathBuf, limit: u64 },

    /// The routes of the app contradict each other.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Routes(#[from] vinext_router::ScanErrors),

    /// The bundler or the directive compiler refused the app.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Compile(#[from] vinext_compiler::BuildError),

    /// There is nothing to serve.
    #[error("could not find a production build in `{dir}`")]
    #[diagnostic(code(vinext::no_build), help("run `vinext build` first"))]
    NoBuild { dir: Utf8PathBuf },

    /// The build cannot be read.
    #[error("the build in `{dir}` cannot be used: {problem}")]
    #[diagnostic(code(vinext::bad_build), help("run `vinext build` again with this version of vinext"))]
    BadBuild { dir: Utf8PathBuf, problem: String },

    /// Somebody else listens there.
    #[error("port {} is in use", .address.port())]
    #[diagnostic(code(vinext::port_in_use), help("stop the other server, or take another port: vinext start -p {}", .address.port().wrapping_add(1)))]
    PortInUse { address: SocketAddr },

    /// The address cannot be bound for another reason.
    #[error("cannot listen on {address}")]
    #[diagnostic(code(vinext::listen))]
    Listen { address: SocketAddr, source: io::Error },

    /// A host that has no address here.
    #[error("`{host}` has no address")]
    #[diagnostic(code(vinext::unknown_host), help("name an address of this machine: vinext start -H 127.0.0.1"))]
    UnknownHost { host: String, source: io::Error },

    /// Signals cannot be listened to.
    #[error("cannot listen to the signals that stop the server")]
    #[diagnostic(code(vinext::signals))]
    Signals { source: io::Error },

    /// A file of the output cannot be written.
    #[error("cannot write `{path}`")]
    #[diagnostic(code(vinext::write))]
    Write { path: Utf8PathBuf, source: io::Error },

    /// The JavaScript engine did not start.
    #[error("the JavaScript engine did not start")]
    #[diagnostic(code(vinext::engine))]
    Engine {
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}
