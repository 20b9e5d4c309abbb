//! The folder of an export: it is written beside the one that is there, and takes its place when it is whole.

use std::io;

use camino::{Utf8Path, Utf8PathBuf};

use super::name::FileName;

/// A folder that is being written. Dropped, it is as if it had never been.
#[derive(Debug)]
pub struct Draft {
    target: Utf8PathBuf,
    folder: Utf8PathBuf,
}

/// `out` is written as `.out.vinext-new`.
fn beside(target: &Utf8Path, mark: &str) -> Utf8PathBuf {
    target.with_file_name(format!(".{}.vinext-{mark}", target.file_name().unwrap_or_default()))
}

fn remove(folder: &Utf8Path) -> io::Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

impl Draft {
    /// Begins a folder that is to become `target`. What an earlier one has left that was ended is removed.
    ///
    /// # Errors
    ///
    /// The folder cannot be made.
    pub fn begin(target: &Utf8Path) -> io::Result<Self> {
        let folder = beside(target, "new");
        remove(&folder)?;
        std::fs::create_dir_all(&folder)?;
        Ok(Self { target: target.to_owned(), folder })
    }

    /// Writes a file.
    ///
    /// # Errors
    ///
    /// It cannot be written.
    pub fn write(&self, file: &FileName, bytes: &[u8]) -> io::Result<()> {
        std::fs::write(self.place(file)?, bytes)
    }

    /// Copies a file.
    ///
    /// # Errors
    ///
    /// It cannot be read or written.
    pub fn copy(&self, from: &Utf8Path, file: &FileName) -> io::Result<()> {
        std::fs::copy(from, self.place(file)?).map(drop)
    }

    /// Copies a file of the draft itself. `false`: it is not there.
    ///
    /// # Errors
    ///
    /// It cannot be read or written.
    pub fn duplicate(&self, from: &FileName, file: &FileName) -> io::Result<bool> {
        let from = self.folder.join(from.as_path());
        if from.is_file() { self.copy(&from, file).map(|()| true) } else { Ok(false) }
    }

    /// Copies all files of a folder that need not exist, but those that `keeps` refuses.
    ///
    /// # Errors
    ///
    /// One cannot be read or written.
    pub fn copy_all(&self, from: &Utf8Path, keeps: &mut dyn FnMut(&FileName) -> bool) -> io::Result<()> {
        self.copy_below(from, &mut Vec::new(), keeps)
    }

    fn copy_below(
        &self,
        from: &Utf8Path,
        inside: &mut Vec<String>,
        keeps: &mut dyn FnMut(&FileName) -> bool,
    ) -> io::Result<()> {
        let entries = match from.read_dir_utf8() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            entries => entries?,
        };
        for entry in entries {
            let path = entry?.into_path();
            // A link that leads nowhere, or round and round, is no file.
            let Ok(metadata) = path.metadata() else { continue };
            inside.push(path.file_name().unwrap_or_default().to_owned());
            if metadata.is_dir() {
                self.copy_below(&path, inside, keeps)?;
            } else if let Some(file) = FileName::new(&*inside).filter(|file| keeps(file)) {
                self.copy(&path, &file)?;
            }
            inside.pop();
        }
        Ok(())
    }

    /// Puts the folder where it belongs; what was there is gone then. If that fails, what was there is there again.
    ///
    /// # Errors
    ///
    /// A folder cannot be moved or removed.
    pub fn publish(self) -> io::Result<()> {
        let old = beside(&self.target, "old");
        remove(&old)?;
        let is_replaced = match std::fs::rename(&self.target, &old) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            moved => moved.is_ok(),
        };
        if let Err(error) = std::fs::rename(&self.folder, &self.target) {
            if is_replaced {
                std::fs::rename(&old, &self.target)?;
            }
            return Err(error);
        }
        remove(&old)
    }

    fn place(&self, file: &FileName) -> io::Result<Utf8PathBuf> {
        let path = self.folder.join(file.as_path());
        path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
        Ok(path)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // Published, it is not there any more.
        let _ = remove(&self.folder);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn folder() -> (tempfile::TempDir, Utf8PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8PathBuf::from_path_buf(folder.path().to_owned()).unwrap();
        (folder, root)
    }

    fn name(path: &str) -> FileName {
        FileName::new(path.split('/')).unwrap()
    }

    fn names(folder: &Utf8Path) -> Vec<String> {
        let mut names: Vec<_> =
            folder.read_dir_utf8().unwrap().map(|entry| entry.unwrap().file_name().to_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_whole_folder_takes_the_place_of_the_one_before() {
        let (_guard, root) = folder();
        let out = root.join("out");
        for text in ["1", "2"] {
            let draft = Draft::begin(&out).unwrap();
            draft.write(&name(&format!("a/{text}.html")), text.as_bytes()).unwrap();
            draft.publish().unwrap();
        }
        assert_eq!(names(&root), ["out"]);
        assert_eq!(names(&out.join("a")), ["2.html"]);
    }

    #[test]
    fn a_draft_that_is_given_up_leaves_what_was_there() {
        let (_guard, root) = folder();
        let out = root.join("out");
        std::fs::create_dir(&out).unwrap();
        std::fs::write(out.join("kept"), "").unwrap();
        let draft = Draft::begin(&out).unwrap();
        draft.write(&name("a"), b"").unwrap();
        drop(draft);
        assert_eq!(names(&root), ["out"]);
        assert_eq!(names(&out), ["kept"]);
    }

    #[test]
    fn what_an_ended_build_has_left_is_no_part_of_the_next() {
        let (_guard, root) = folder();
        std::fs::create_dir_all(root.join(".out.vinext-new/left")).unwrap();
        Draft::begin(&root.join("out")).unwrap().publish().unwrap();
        assert_eq!(names(&root.join("out")), Vec::<String>::new());
    }

    #[test]
    fn folders_are_copied_but_for_what_is_refused() {
        let (_guard, root) = folder();
        std::fs::create_dir_all(root.join("public/deep")).unwrap();
        for file in ["public/a.txt", "public/deep/b.txt", "public/refused"] {
            std::fs::write(root.join(file), file).unwrap();
        }
        let draft = Draft::begin(&root.join("out")).unwrap();
        draft.copy_all(&root.join("public"), &mut |file| file.to_string() != "refused").unwrap();
        draft.copy_all(&root.join("missing"), &mut |_| true).unwrap();
        draft.publish().unwrap();
        assert_eq!(names(&root.join("out")), ["a.txt", "deep"]);
        assert_eq!(std::fs::read_to_string(root.join("out/deep/b.txt")).unwrap(), "public/deep/b.txt");
    }
}
