//! QuickJS in V8's place (crate `v8x`): a correction that it needs, and what its build asks of a machine.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use crate::prepare::{self, Need};
use crate::run::{check, command, output};
use crate::workspace;

/// The crate that `deno_core` takes for its feature `quickjs`.
const CRATE: &str = "v8x-149.4.0-rc.4";
/// Where it walks the import graph of a module that is being linked.
const FILE: &str = "src/quickjs/module.rs";
/// It asks for the imports of what is linked already, too, which `deno_core` has forgotten by then (docs/quickjs.md).
const WALK: &str = "    if !visited.insert(handle_key(m)) {
      continue;
    }
    let Some((base, specs, attrs, src_imports, deferred_imports)) =";
const STOP: &str = "    if m != root && with_module_state(m, |s| !matches!(s.status, ModuleStatus::Uninstantiated | ModuleStatus::Instantiating)).unwrap_or(false) {
      continue;
    }
";

/// Cargo's configuration that takes the corrected copy, which is made if it is not there.
pub(crate) fn path_override() -> anyhow::Result<String> {
    let copy = workspace::target().join("quickjs").join(CRATE);
    if !copy.join("corrected").is_file() {
        let package = crate::v8::registry_package(CRATE)?;
        let _ = fs::remove_dir_all(&copy);
        fs::create_dir_all(copy.parent().context("the target directory has folders")?)?;
        check(command(&workspace::root(), "cp", &["-r"]).arg(package).arg(&copy))?;
        correct(&copy)?;
        fs::write(copy.join("corrected"), "")?;
    }
    let path = serde_json::Value::from(copy.to_string_lossy());
    Ok(format!("paths=[{path}]"))
}

fn correct(copy: &Path) -> anyhow::Result<()> {
    let file = copy.join(FILE);
    let source = fs::read_to_string(&file)?;
    let Some(at) = source.find(WALK) else {
        bail!("{CRATE} is not the source that the correction is for: see docs/quickjs.md");
    };
    let (before, rest) = source.split_at(at);
    let (visit, body) = rest.split_at(WALK.find("    let Some").context("the text has its last line")?);
    fs::write(file, [before, visit, STOP, body].concat())?;
    Ok(())
}

/// What its build asks of a machine.
pub(crate) const NEEDS: [Need; 2] = [
    Need::new("cmake", "cmake", || prepare::has_program("cmake")),
    Need::new("SIMDe's headers", "libsimde-dev", || Path::new(SIMDE).is_dir() || clones_simde()),
];

const SIMDE: &str = "/usr/include/simde";

/// Whether the `CMake` project can clone the headers of SIMDe, as it does unless they are shown to it.
fn clones_simde() -> bool {
    output("git", &["ls-remote", "--exit-code", "https://github.com/simd-everywhere/simde.git", "HEAD"]).is_some()
}

/// Variables for the build of QuickJS.
pub(crate) fn environment() -> anyhow::Result<Vec<(&'static str, PathBuf)>> {
    if clones_simde() {
        return Ok(Vec::new());
    }
    let file = workspace::target().join("quickjs/toolchain.cmake");
    fs::write(&file, "set(FETCHCONTENT_SOURCE_DIR_SIMDE \"/usr/include\" CACHE PATH \"\" FORCE)\n")?;
    Ok(vec![("CMAKE_TOOLCHAIN_FILE", file)])
}
