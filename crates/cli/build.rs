//! Embeds the framework's TypeScript: writes a sorted table of every runtime source file.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// The folders of `runtime/` that are part of the framework (its tests and its tooling are not).
const FOLDERS: [&str; 4] = ["client", "next", "server", "shared"];

fn main() -> io::Result<()> {
    let runtime = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("runtime");
    let mut files = Vec::new();
    for folder in FOLDERS {
        let folder = runtime.join(folder);
        println!("cargo:rerun-if-changed={}", folder.display());
        collect(&folder, &mut files)?;
    }
    let name_of = |file: &PathBuf| file.strip_prefix(&runtime).unwrap_or(file).to_string_lossy().replace('\\', "/");
    // By the text, as it is looked up: paths have another order, in which a folder is before what begins as its name does.
    files.sort_by_key(name_of);
    let mut table = String::from("&[\n");
    for file in files {
        let name = name_of(&file);
        let _ = writeln!(table, "    ({name:?}, include_str!({:?})),", file.to_string_lossy());
    }
    table.push(']');
    fs::write(PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("runtime_sources.rs"), table)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            println!("cargo:rerun-if-changed={}", path.display());
            collect(&path, files)?;
        } else if is_source(&path) {
            files.push(path);
        }
    }
    Ok(())
}

fn is_source(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let script = path.extension().is_some_and(|extension| extension == "ts" || extension == "tsx");
    script && !name.contains(".test.") && !name.ends_with(".d.ts")
}
