//! Prints the routes of a Next.js project: `cargo run --example routes -- path/to/project`.

use std::process::ExitCode;

use camino::Utf8Path;
use vinext_router::{DEFAULT_PAGE_EXTENSIONS, scan_app};

fn main() -> ExitCode {
    let root = std::env::args().nth(1).unwrap_or_else(|| ".".to_owned());
    match scan_app(Utf8Path::new(&root), &DEFAULT_PAGE_EXTENSIONS) {
        Ok(graph) => {
            let lines: Vec<String> =
                graph.routes.iter().map(|route| format!("{:<40} {}", route.pattern.to_string(), route.id)).collect();
            print(&lines.join("\n"));
            ExitCode::SUCCESS
        }
        Err(errors) => {
            print(&errors.to_string());
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stdout, reason = "what this program is for")]
fn print(text: &str) {
    println!("{text}");
}
