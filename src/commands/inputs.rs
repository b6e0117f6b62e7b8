//! The files that a command is given: named, found in folders, or standard input.

use std::{
    collections::BTreeSet,
    fs::{self, File, FileType},
    io::{self, Read as _},
    path::{Component, Path, PathBuf},
};

use super::{output::Output, policy_file::PolicyArg};
use crate::{escape::Shown, manifest::LIMITS};

/// The name by which standard input is asked for.
pub(super) const STDIN: &str = "-";

/// A text to be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Input {
    /// Standard input.
    Stdin,
    /// A file, and where it really is.
    File {
        /// As people know it.
        shown: PathBuf,
        /// Where it is read and written: no link.
        real: PathBuf,
    },
}

/// What was named, folders walked.
#[derive(Debug, Default)]
pub(super) struct Inputs {
    pub(super) found: Vec<Input>,
    /// How many of the arguments were folders.
    pub(super) folders: usize,
    /// Whether something could not be looked at.
    pub(super) failed: bool,
}

impl Input {
    /// How messages name it. Escaped.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Stdin => "<stdin>".to_owned(),
            Self::File { shown, .. } => Shown::new(&shown.to_string_lossy()).to_string(),
        }
    }

    /// As much of it as a manifest may have, and a byte more for the reader to object to.
    pub(super) fn read(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let most = LIMITS.bytes as u64 + 1;
        match self {
            Self::Stdin => io::stdin().lock().take(most).read_to_end(&mut bytes)?,
            Self::File { real, .. } => File::open(real)?.take(most).read_to_end(&mut bytes)?,
        };
        Ok(bytes)
    }
}

impl Inputs {
    /// Finds what `arguments` name: files as they are, in folders every `*.yaml`, `*.yml` and
    /// `*.json` in the order of their names. Hidden folders are left out, and so is what a link
    /// leads to outside of the folder that was named.
    pub(super) fn find(arguments: &[PathBuf], output: &mut Output) -> Self {
        let mut inputs = Self::default();
        let mut seen = BTreeSet::new();
        for argument in arguments {
            if argument.as_os_str() == STDIN {
                // It can be read once.
                if !inputs.found.contains(&Input::Stdin) {
                    inputs.found.push(Input::Stdin);
                }
                continue;
            }
            match fs::canonicalize(argument) {
                Ok(real) if real.is_dir() => {
                    inputs.folders += 1;
                    let mut files = BTreeSet::new();
                    // `./a` is `a` to whoever makes a link of it.
                    let shown: PathBuf = argument.components().filter(|part| *part != Component::CurDir).collect();
                    inputs.walk(&shown, &real, &real, &mut files, output);
                    if files.is_empty() {
                        inputs.failed = true;
                        output.failed(format_args!("`{}` holds no *.yaml, *.yml or *.json", name(argument)));
                    }
                    for (shown, real) in files {
                        inputs.once(shown, real, &mut seen);
                    }
                }
                Ok(real) => inputs.once(argument.clone(), real, &mut seen),
                // A pipe of the shell's has a path that leads nowhere.
                Err(_) if argument.exists() => {
                    inputs.found.push(Input::File { shown: argument.clone(), real: argument.clone() });
                }
                Err(error) => inputs.fail(argument, &error, output),
            }
        }
        inputs
    }

    /// A file has many paths, and is read once.
    fn once(&mut self, shown: PathBuf, real: PathBuf, seen: &mut BTreeSet<PathBuf>) {
        if seen.insert(real.clone()) {
            self.found.push(Input::File { shown, real });
        }
    }

    fn walk(
        &mut self,
        shown: &Path,
        real: &Path,
        root: &Path,
        files: &mut BTreeSet<(PathBuf, PathBuf)>,
        output: &mut Output,
    ) {
        let entries = match fs::read_dir(real) {
            Ok(entries) => entries,
            Err(error) => return self.fail(shown, &error, output),
        };
        for entry in entries {
            let (entry, kind) = match entry.and_then(|entry| entry.file_type().map(|kind| (entry, kind))) {
                Ok(entry) => entry,
                Err(error) => {
                    self.fail(shown, &error, output);
                    continue;
                }
            };
            let (shown, real) = (shown.join(entry.file_name()), entry.path());
            if kind.is_dir() {
                if !entry.file_name().to_string_lossy().starts_with('.') {
                    self.walk(&shown, &real, root, files, output);
                }
            } else if is_manifest(&real) {
                self.file(kind, shown, real, root, files, output);
            }
        }
    }

    /// A file of a folder, or what a link in it leads to.
    fn file(
        &mut self,
        kind: FileType,
        shown: PathBuf,
        real: PathBuf,
        root: &Path,
        files: &mut BTreeSet<(PathBuf, PathBuf)>,
        output: &mut Output,
    ) {
        if kind.is_file() {
            files.insert((shown, real));
        } else if kind.is_symlink() {
            match fs::canonicalize(&real) {
                // Folders are walked where they are; a pipe would be waited for.
                Ok(target) if !target.is_file() => {}
                Ok(target) if target.starts_with(root) => drop(files.insert((shown, target))),
                Ok(_) => output.talk(&format!("{}: a link that leads out of the folder; left out", name(&shown))),
                Err(error) => self.fail(&shown, &error, output),
            }
        }
    }

    fn fail(&mut self, path: &Path, error: &io::Error, output: &mut Output) {
        self.failed = true;
        output.failed(format_args!("could not read `{}`: {error}", name(path)));
    }
}

/// Whether both would be read from standard input, which can be read once.
pub(super) fn share_stdin(policy: &PolicyArg, arguments: &[PathBuf]) -> bool {
    policy.is_stdin() && arguments.iter().any(|argument| argument.as_os_str() == STDIN)
}

/// What is said then.
pub(super) const SHARED_STDIN: &str = "standard input can't be both the policy and a manifest";

fn name(path: &Path) -> String {
    Shown::new(&path.to_string_lossy()).to_string()
}

fn is_manifest(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    matches!(extension, "yaml" | "yml" | "json")
}
