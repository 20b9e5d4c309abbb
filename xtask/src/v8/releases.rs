//! The releases that the `v8` crate downloads its library from: their addresses, and whether this machine reaches them.
//! All of it is what the crate's build script does; nothing is downloaded here.

use std::path::PathBuf;

use super::VERSION;
use crate::prepare::has_program;
use crate::run::output;
use crate::workspace;

const RELEASES: &str = "https://github.com/denoland/rusty_v8/releases/download";

/// Seconds after which a server counts as one that does not answer.
const PATIENCE: &str = "15";

/// What `RUSTY_V8_MIRROR` names in the place of the releases: an address, or a folder.
pub(super) fn mirror() -> Option<String> {
    std::env::var("RUSTY_V8_MIRROR").ok()
}

/// Where the library is: at the mirror, else among the releases.
pub(super) fn url(mirror: Option<&str>) -> String {
    let base = mirror.unwrap_or(RELEASES);
    let architecture = std::env::consts::ARCH;
    format!("{base}/v{VERSION}/librusty_v8_simdutf_release_{architecture}-unknown-linux-gnu.a.gz")
}

/// Whether the build script downloads from there; anything else is a file that it copies.
pub(super) fn is_address(text: &str) -> bool {
    text.starts_with("http:") || text.starts_with("https:")
}

/// Where the build script looks for what is at an address, before it downloads: all but letters and digits are `_`.
fn cached_as(url: &str) -> PathBuf {
    let name: String = url.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    workspace::cargo_home().join(".rusty_v8").join(name)
}

/// Where the library lies for every later build, unless a folder is named as the mirror: only there it is looked for.
pub(super) fn cache() -> PathBuf {
    cached_as(&url(mirror().filter(|mirror| is_address(mirror)).as_deref()))
}

/// What became of asking for an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    Reached,
    Unreachable,
    /// The build script has no program to download with, either.
    NothingToAskWith,
}

/// Asks for an address with the programs that the build script downloads with. It tries one after the other, so one that
/// reaches it is enough: they differ in the proxies and certificates that they know.
pub(super) fn reach(url: &str) -> Reach {
    ask(url, &[curl, python, deno])
}

/// A program that asks; none if the machine does not have it.
type Asks = fn(&str) -> Option<bool>;

fn ask(url: &str, programs: &[Asks]) -> Reach {
    let mut asked = false;
    for program in programs {
        match program(url) {
            Some(true) => return Reach::Reached,
            Some(false) => asked = true,
            None => {}
        }
    }
    if asked { Reach::Unreachable } else { Reach::NothingToAskWith }
}

fn curl(url: &str) -> Option<bool> {
    let arguments = ["--head", "--silent", "--fail", "--location", "--max-time", PATIENCE, url];
    has_program("curl").then(|| output("curl", &arguments).is_some())
}

fn python(url: &str) -> Option<bool> {
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let script = "import sys, urllib.request as r; \
                  r.urlopen(r.Request(sys.argv[1], method='HEAD'), timeout=int(sys.argv[2]))";
    has_program(&python).then(|| output(&python, &["-c", script, url, PATIENCE]).is_some())
}

fn deno(url: &str) -> Option<bool> {
    let script = "const [url, seconds] = Deno.args; \
                  const signal = AbortSignal.timeout(Number(seconds) * 1000); \
                  if (!(await fetch(url, { method: 'HEAD', signal })).ok) Deno.exit(1);";
    has_program("deno").then(|| output("deno", &["eval", script, "--", url, PATIENCE]).is_some())
}

/// The copy that stands beside the checkout, where there is one.
pub(super) fn shared_archive() -> Option<PathBuf> {
    let folder = workspace::root().parent()?.join("shared/v8");
    let wanted = format!("librusty_v8_{VERSION}_release_{}-unknown-linux-gnu.a.gz", std::env::consts::ARCH);
    Some(folder.join(wanted)).filter(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(url: &str) -> String {
        cached_as(url).file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    #[test]
    fn the_cache_is_where_the_crates_build_script_looks() {
        let library = format!("librusty_v8_simdutf_release_{}_unknown_linux_gnu_a_gz", std::env::consts::ARCH);
        assert_eq!(
            name(&url(None)),
            format!("https___github_com_denoland_rusty_v8_releases_download_v150_4_0_{library}")
        );
        assert_eq!(
            name(&url(Some("https://mirror.example/v8"))),
            format!("https___mirror_example_v8_v150_4_0_{library}")
        );
    }

    #[test]
    fn a_machine_without_curl_is_not_one_without_a_network() {
        assert_eq!(ask("https://example.org", &[|_| None, |_| Some(true)]), Reach::Reached);
        assert_eq!(ask("https://example.org", &[|_| Some(false), |_| Some(true)]), Reach::Reached);
        assert_eq!(ask("https://example.org", &[|_| Some(false), |_| None]), Reach::Unreachable);
        assert_eq!(ask("https://example.org", &[|_| None, |_| None]), Reach::NothingToAskWith);
    }
}
