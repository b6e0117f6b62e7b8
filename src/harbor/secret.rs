//! Passwords and keys: never shown, and sent to Harbor alone.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

use crate::{escape::quoted, policy::file::SecretSource};

/// A password or key. It has no `Display`, and its `Debug` says nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Keeps `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, to be sent.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Why a secret is not at hand, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing(String);

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Fetches what a policy names. A relative path is one from the policy's own folder.
pub fn fetch(source: &SecretSource, policy: &Path) -> Result<Secret, Missing> {
    match source {
        SecretSource::Env(name) => match std::env::var(name) {
            Ok(value) if value.is_empty() => Err(Missing(format!("the environment variable {name} is empty"))),
            Ok(value) => Ok(Secret(value)),
            Err(std::env::VarError::NotPresent) => {
                Err(Missing(format!("the environment variable {name} is not set: set it to the secret, and try again")))
            }
            Err(std::env::VarError::NotUnicode(_)) => {
                Err(Missing(format!("the environment variable {name} is no text")))
            }
        },
        SecretSource::File(path) => {
            let text = read(path, policy).map_err(|error| {
                Missing(format!("the file {} with the secret could not be read: {error}", quoted(path)))
            })?;
            // Editors end a file with a line feed, and no key does.
            let text = text.trim_end_matches(['\n', '\r']);
            if text.is_empty() {
                return Err(Missing(format!("the file {} with the secret is empty", quoted(path))));
            }
            Ok(Secret(text.to_owned()))
        }
    }
}

/// Reads a file that a policy names.
pub fn read(path: &str, policy: &Path) -> io::Result<String> {
    let folder = policy.parent().map_or_else(PathBuf::new, Path::to_path_buf);
    std::fs::read_to_string(folder.join(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_from_the_policys_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("key"), "hunter2 \n").expect("written");
        std::fs::write(folder.path().join("nothing"), "\n").expect("written");
        let policy = folder.path().join("policies.yaml");
        let of = |path: &str| fetch(&SecretSource::File(path.to_owned()), &policy);
        assert_eq!(of("key").expect("there").expose(), "hunter2 ");
        assert_eq!(of("nothing").expect_err("empty").to_string(), "the file `nothing` with the secret is empty");
        assert!(
            of("absent")
                .expect_err("absent")
                .to_string()
                .starts_with("the file `absent` with the secret could not be read: ")
        );
        let whole = folder.path().join("key").display().to_string();
        assert_eq!(
            fetch(&SecretSource::File(whole), Path::new("elsewhere/policies.yaml")).expect("there").expose(),
            "hunter2 "
        );
    }

    #[test]
    fn a_variable_must_be_set() {
        let source = SecretSource::Env("HARBOR_PILOT_TEST_NO_SUCH_NAME".to_owned());
        let error = fetch(&source, Path::new("policies.yaml")).expect_err("not set");
        assert!(error.to_string().contains("is not set"), "{error}");
    }

    #[test]
    fn a_secret_does_not_show() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "Secret(…)");
    }
}
