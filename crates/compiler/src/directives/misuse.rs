//! Imports and exports that cannot work where they stand.

use oxc::ast::ast::{ImportDeclarationSpecifier, Program, Statement};

use super::{Directive, Graph, ModuleContext, exports};
use crate::diagnostics::Diagnostic;

/// What `react` has only in client components.
const REACT: [&str; 17] = [
    "Component", "PureComponent", "createContext", "useActionState", "useDeferredValue", "useEffect", "useEffectEvent",
    "useImperativeHandle", "useInsertionEffect", "useLayoutEffect", "useOptimistic", "useReducer", "useRef", "useState",
    "useSyncExternalStore", "useTransition", "useContext",
];
/// What `react-dom` has only in client components.
const REACT_DOM: [&str; 5] = ["createPortal", "flushSync", "unstable_batchedUpdates", "useFormState", "useFormStatus"];
/// What `next/navigation` has only in client components.
const NAVIGATION: [&str; 7] = [
    "useParams", "usePathname", "useRouter", "useSearchParams", "useSelectedLayoutSegment", "useSelectedLayoutSegments",
    "useServerInsertedHTML",
];
/// What only server components may export.
const SERVER_EXPORTS: [&str; 5] =
    ["generateMetadata", "generateStaticParams", "generateViewport", "metadata", "viewport"];

/// Reports what is misused in a module of the app's own.
pub(super) fn check(
    program: &Program<'_>,
    directive: Option<Directive>,
    context: &ModuleContext<'_>,
    problems: &mut Vec<Diagnostic>,
) {
    if directive == Some(Directive::UseClient) {
        // The react-server graph sees the module first; saying it once is enough.
        if context.graph == Graph::Rsc {
            server_exports(program, context, problems);
        }
    } else if context.graph == Graph::Rsc {
        client_imports(program, context, problems);
    }
}

fn server_exports(program: &Program<'_>, context: &ModuleContext<'_>, problems: &mut Vec<Diagnostic>) {
    let name_of_file = context.file_name.rsplit('/').next().unwrap_or_default();
    let is_segment_file = ["page.", "layout.", "not-found.", "template.", "default."]
        .iter()
        .any(|prefix| name_of_file.starts_with(prefix));
    if !is_segment_file {
        return;
    }
    for export in exports::of(program) {
        if SERVER_EXPORTS.contains(&export.name.as_str()) {
            problems.push(
                context
                    .error(
                        export.span,
                        format!("a \"use client\" file cannot export `{}`", export.name),
                        "only the server reads this",
                    )
                    .with_code("vinext::server_export_in_client")
                    .with_help("keep the page a server component, and move the interactive part to a file with \"use client\""),
            );
        }
    }
}

fn client_imports(program: &Program<'_>, context: &ModuleContext<'_>, problems: &mut Vec<Diagnostic>) {
    for statement in &program.body {
        let Statement::ImportDeclaration(import) = statement else { continue };
        if import.import_kind.is_type() {
            continue;
        }
        let names: &[&str] = match import.source.value.as_str() {
            "react" => &REACT,
            "react-dom" => &REACT_DOM,
            "next/navigation" => &NAVIGATION,
            "next/router" => &["useRouter", "withRouter"],
            _ => continue,
        };
        for specifier in import.specifiers.iter().flatten() {
            let ImportDeclarationSpecifier::ImportSpecifier(specifier) = specifier else { continue };
            let name = specifier.imported.name();
            if specifier.import_kind.is_type() || !names.contains(&name.as_str()) {
                continue;
            }
            problems.push(
                context
                    .error(
                        specifier.span,
                        format!("`{name}` works in client components only, and this file is a server component"),
                        "imported here",
                    )
                    .with_code("vinext::client_only_api")
                    .with_help("put \"use client\" at the top of this file, or move the part that needs it to a file that has it"),
            );
        }
    }
}
