//! The key of a build's server functions: it seals what they capture, and their ids depend on it.
//!
//! `NEXT_SERVER_ACTIONS_ENCRYPTION_KEY` if it is set: several servers of one app need the same. Else a random key that
//! stays for two weeks, so that builds of the same sources have the same ids.

use std::io;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use camino::Utf8Path;

use crate::error::CliError;
use crate::project::env::ProjectEnv;

const VARIABLE: &str = "NEXT_SERVER_ACTIONS_ENCRYPTION_KEY";
const LIFE: Duration = Duration::from_hours(14 * 24);
/// Below the output folder, where no server looks for files to send.
const FILE: &str = "cache/server-functions.key";

/// A key of 16, 24 or 32 bytes.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct ActionKey {
    /// In base64.
    pub(crate) base64: String,
}

impl std::fmt::Debug for ActionKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ActionKey(secret)")
    }
}

impl ActionKey {
    /// What ids are made with: it follows from the key, and tells nothing of it.
    pub(crate) fn salt(&self) -> String {
        blake3::derive_key("vinext 2026-11-26 ids of server functions", self.base64.as_bytes())
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    /// The value of draft mode's cookie: another one for each build, and the same for all servers of one.
    pub(crate) fn draft_secret(&self, build_id: &str) -> String {
        let key = blake3::derive_key("vinext 2026-11-26 cookie of draft mode", self.base64.as_bytes());
        blake3::keyed_hash(&key, build_id.as_bytes()).to_hex().to_string()
    }

    fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let bytes = STANDARD.decode(text).ok()?;
        [16, 24, 32].contains(&bytes.len()).then(|| Self { base64: text.to_owned() })
    }
}

/// The key of the build in `out_dir`.
pub(crate) fn find(out_dir: &Utf8Path, env: &ProjectEnv) -> Result<ActionKey, CliError> {
    let given = std::env::var(VARIABLE).ok().or_else(|| env.variables.get(VARIABLE).cloned());
    if let Some(given) = given.filter(|given| !given.is_empty()) {
        return ActionKey::read(&given).ok_or(CliError::ActionKey { variable: VARIABLE });
    }
    let path = out_dir.join(FILE);
    if let Some(kept) = kept(&path) {
        return Ok(kept);
    }
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .map_err(|error| CliError::Write { path: path.clone(), source: io::Error::other(error.to_string()) })?;
    let key = ActionKey { base64: STANDARD.encode(bytes) };
    write(&path, &key).map_err(|source| CliError::Write { path, source })?;
    Ok(key)
}

fn kept(path: &Utf8Path) -> Option<ActionKey> {
    let age = SystemTime::now().duration_since(path.metadata().ok()?.modified().ok()?).unwrap_or_default();
    if age > LIFE { None } else { ActionKey::read(&std::fs::read_to_string(path).ok()?) }
}

fn write(path: &Utf8Path, key: &ActionKey) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    io::Write::write_all(&mut options.open(path)?, key.base64.as_bytes())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_key_stays_from_build_to_build_and_nobody_else_may_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let dir = Utf8Path::from_path(folder.path()).unwrap();
        let env = ProjectEnv::default();
        let first = find(dir, &env).unwrap();
        assert_eq!(find(dir, &env).unwrap(), first);
        assert_ne!(find(&dir.join("other"), &env).unwrap(), first);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(dir.join(FILE).metadata().unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn keys_have_the_lengths_of_aes() {
        assert!(ActionKey::read(&STANDARD.encode([1; 32])).is_some());
        assert!(ActionKey::read(&STANDARD.encode([1; 20])).is_none());
        assert!(ActionKey::read("not base64").is_none());
    }

    #[test]
    fn draft_mode_has_a_secret_of_its_own_in_every_build() {
        let key = ActionKey { base64: STANDARD.encode([1; 32]) };
        let secret = key.draft_secret("one");
        assert_eq!(secret.len(), 64);
        assert_eq!(key.draft_secret("one"), secret);
        assert_ne!(key.draft_secret("two"), secret);
        assert_ne!(ActionKey { base64: STANDARD.encode([2; 32]) }.draft_secret("one"), secret);
    }

    #[test]
    fn the_salt_is_not_the_key() {
        let key = ActionKey { base64: STANDARD.encode([1; 32]) };
        assert_eq!(key.salt().len(), 64);
        assert!(!key.salt().contains(&key.base64));
        assert!(!format!("{key:?}").contains(&key.base64));
    }
}
