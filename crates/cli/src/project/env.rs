//! `.env` files, in Next's order: what is set first stays.
//!
//! The process environment, `.env.production.local`, `.env.local`, `.env.production`, `.env`. Values may refer to variables that are already known (`$NAME`, `${NAME}`).

use std::collections::BTreeMap;

use camino::Utf8Path;

use crate::error::CliError;

/// What the project's environment adds to the process's own.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct ProjectEnv {
    /// Variables from `.env` files that the process environment did not set.
    pub(crate) variables: BTreeMap<String, String>,
    /// The files that were read, in order of precedence.
    pub(crate) files: Vec<String>,
}

impl ProjectEnv {
    /// Loads the files of `root` for `mode` (`production`, `development`, `test`).
    pub(crate) fn load(root: &Utf8Path, mode: &str) -> Result<Self, CliError> {
        Self::load_over(root, mode, |name| std::env::var(name).is_ok())
    }

    fn load_over(root: &Utf8Path, mode: &str, is_set: impl Fn(&str) -> bool) -> Result<Self, CliError> {
        let mut env = Self::default();
        for name in files(mode) {
            let path = root.join(&name);
            if !path.is_file() {
                continue;
            }
            let text = std::fs::read_to_string(&path)
                .map_err(|source| CliError::EnvFile { path: path.clone(), source: dotenvy::Error::Io(source) })?;
            for entry in dotenvy::from_read_iter(quoted(&text).as_bytes()) {
                let (key, value) = entry.map_err(|source| CliError::EnvFile { path: path.clone(), source })?;
                // A server's port is decided on the command line, not in a file that may be shared.
                if key != "PORT" && !is_set(&key) {
                    env.variables.entry(key).or_insert(value);
                }
            }
            env.files.push(name);
        }
        Ok(env)
    }

    /// The `NEXT_PUBLIC_` variables, from the files and from the process: these are inlined into both bundles.
    pub(crate) fn public(&self) -> BTreeMap<String, String> {
        let process = std::env::vars().filter(|(name, _)| name.starts_with("NEXT_PUBLIC_"));
        let files = self.variables.clone().into_iter().filter(|(name, _)| name.starts_with("NEXT_PUBLIC_"));
        files.chain(process).collect()
    }
}

/// The text with quotes around every value that has spaces: Next reads such values, the parser refuses them.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut open: Option<char> = None;
    for line in text.lines() {
        let value = line.split_once('=').map(|(_, value)| value.trim());
        match (open, value) {
            // Inside a value of several lines.
            (Some(quote), _) => {
                if line.contains(quote) {
                    open = None;
                }
                out.push_str(line);
            }
            (None, Some(value)) if !line.trim_start().starts_with('#') => {
                let first = value.chars().next();
                if let Some(quote) = first.filter(|quote| matches!(quote, '"' | '\'')) {
                    if !value[1..].contains(quote) {
                        open = Some(quote);
                    }
                    out.push_str(line);
                } else {
                    let value = value.split('#').next().unwrap_or_default().trim();
                    let name = line.split('=').next().unwrap_or_default();
                    out.push_str(name);
                    out.push('=');
                    if value.contains(char::is_whitespace) {
                        out.push('"');
                        out.push_str(&value.replace('\\', "\\\\").replace('"', "\\\""));
                        out.push('"');
                    } else {
                        out.push_str(value);
                    }
                }
            }
            (None, _) => out.push_str(line),
        }
        out.push('\n');
    }
    out
}

fn files(mode: &str) -> Vec<String> {
    let mut files = vec![format!(".env.{mode}.local")];
    if mode != "test" {
        files.push(".env.local".to_owned());
    }
    files.extend([format!(".env.{mode}"), ".env".to_owned()]);
    files
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use camino::Utf8PathBuf;

    use super::*;

    fn load(files: &[(&str, &str)], set: &[&str]) -> ProjectEnv {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let root = Utf8PathBuf::from_path_buf(folder.path().to_path_buf()).unwrap();
        ProjectEnv::load_over(&root, "production", |name| set.contains(&name)).unwrap()
    }

    #[test]
    fn the_more_specific_file_wins() {
        let env = load(
            &[
                (".env", "A=base\nB=base\nC=base\n"),
                (".env.production", "A=prod\nB=prod\n"),
                (".env.local", "A=local\n"),
            ],
            &[],
        );
        assert_eq!(env.variables["A"], "local");
        assert_eq!(env.variables["B"], "prod");
        assert_eq!(env.variables["C"], "base");
        assert_eq!(env.files, [".env.local", ".env.production", ".env"]);
    }

    #[test]
    fn what_the_process_sets_is_left_alone() {
        let env = load(&[(".env", "A=file\nB=file\n")], &["A"]);
        assert_eq!(env.variables.keys().collect::<Vec<_>>(), ["B"]);
    }

    #[test]
    fn quotes_comments_and_references_are_understood() {
        let env = load(
            &[(".env", "# comment\nHOST=localhost\nURL=\"http://$HOST:${PORT_NUMBER}\"\nPORT_NUMBER=1\nRAW='$HOST'\n")],
            &[],
        );
        assert_eq!(env.variables["URL"], "http://localhost:");
        assert_eq!(env.variables["RAW"], "$HOST");
    }

    #[test]
    fn values_may_have_spaces_and_several_lines() {
        let env = load(&[(".env", "A=hello world # said twice\nB=\"one\ntwo=2\"\nC=say \"hi\"\nD=a#b\nE=\n")], &[]);
        assert_eq!(env.variables["A"], "hello world");
        assert_eq!(env.variables["B"], "one\ntwo=2");
        assert_eq!(env.variables["C"], "say \"hi\"");
        assert_eq!(env.variables["D"], "a");
        assert_eq!(env.variables["E"], "");
    }

    #[test]
    fn the_port_may_not_come_from_a_file() {
        assert!(load(&[(".env", "PORT=1\n")], &[]).variables.is_empty());
    }

    #[test]
    fn the_test_mode_ignores_env_local() {
        assert_eq!(files("test"), [".env.test.local", ".env.test", ".env"]);
    }
}
