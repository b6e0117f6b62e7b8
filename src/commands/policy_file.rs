//! Finding and reading the policy file, for every command.

use std::{
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use super::output::Output;
use crate::policy::{MAX_BYTES, Policy, Reading};

/// Where a command looks for the policy when none is named.
pub(super) const HERE: &str = "policies.yaml";

/// `-p`: the policy that a command goes by.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct PolicyArg {
    /// The policy file, `-` for standard input where it is read once; without it, ./policies.yaml
    #[arg(short, long, value_name = "FILE", env = "HARBOR_PILOT_POLICY")]
    pub(super) policy: Option<PathBuf>,
}

impl PolicyArg {
    /// Whether the policy is read from standard input.
    pub(super) fn is_stdin(&self) -> bool {
        self.policy.as_deref() == Some(Path::new("-"))
    }

    /// The file's path: what the policy names by a relative path lies beside it.
    pub(super) fn path(&self) -> PathBuf {
        self.policy.clone().unwrap_or_else(|| PathBuf::from(HERE))
    }

    /// Reads the file, broken or not. `None`, and a message, where there is nothing to read.
    pub(super) fn read(&self, output: &mut Output) -> Option<Reading> {
        let path = self.path();
        let (name, bytes) = if self.is_stdin() {
            ("<stdin>".to_owned(), beginning(io::stdin().lock()))
        } else {
            (path.display().to_string(), File::open(&path).and_then(beginning))
        };
        match bytes {
            Ok(bytes) => Some(Policy::read(&name, &bytes)),
            Err(error) => {
                output.failed(format_args!("could not read the policy `{name}`: {error}"));
                if self.policy.is_none() {
                    output.talk("\nhint: name the policy with `--policy FILE` or in HARBOR_PILOT_POLICY");
                }
                None
            }
        }
    }

    /// The policy, or `None` with all that is wrong with it on stderr.
    pub(super) fn load(&self, output: &mut Output) -> Option<Policy> {
        let reading = self.read(output)?;
        if reading.policy.is_none() {
            let rendered = reading.render(output.talk_style());
            output.talk(rendered.trim_end());
        }
        reading.policy
    }
}

/// As much as a policy may have, and a byte more for the reader to object to.
fn beginning(file: impl io::Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
