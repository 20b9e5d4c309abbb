//! `pages/` beside `app/`: what is there is left out of the build, which has to be said.

use camino::Utf8PathBuf;
use vinext_compiler::diagnostics::Diagnostic;

/// How many files the warning names.
const NAMED: usize = 3;

/// The warning about the routes that these files are; none without any.
pub(super) fn left_out(files: &[Utf8PathBuf]) -> Option<Diagnostic> {
    let named = files.iter().take(NAMED).map(|file| format!("`{file}`")).collect::<Vec<_>>().join(", ");
    let more = match files.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    (!files.is_empty()).then(|| {
        Diagnostic::warning(format!("vinext does not serve the Pages Router yet: {named}{more} will not be found"))
            .with_code("vinext::pages_router")
            .with_help("the App Router works today: move what is needed to app/")
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn there_is_one_warning_however_many_files_there_are() {
        let files: Vec<Utf8PathBuf> =
            ["pages/a.tsx", "pages/api/b.ts", "pages/c.tsx", "pages/d.tsx"].map(Utf8PathBuf::from).into();
        assert!(left_out(&[]).is_none());
        let one = left_out(&files[..1]).unwrap().to_string();
        assert!(one.ends_with("yet: `pages/a.tsx` will not be found"), "{one}");
        let all = left_out(&files).unwrap().to_string();
        assert!(all.contains("`pages/a.tsx`, `pages/api/b.ts`, `pages/c.tsx` and 1 more will"), "{all}");
    }
}
