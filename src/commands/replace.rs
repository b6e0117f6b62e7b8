//! Putting a new text in a file's place, whole or not at all.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

/// Writes `text` beside the file and renames it over the file, whose mode it keeps. The path must
/// not be that of a link.
pub(super) fn replace(path: &Path, text: &str) -> io::Result<()> {
    let before = fs::symlink_metadata(path)?;
    if !before.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no ordinary file"));
    }
    let (temporary, mut file) = beside(path)?;
    let written = write(&mut file, text, &before).and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // What is left over would be read as a manifest by nobody: its name says so.
        let _ = fs::remove_file(&temporary);
    }
    written
}

fn write(file: &mut File, text: &str, before: &fs::Metadata) -> io::Result<()> {
    file.write_all(text.as_bytes())?;
    file.set_permissions(before.permissions())?;
    file.sync_all()
}

/// A new file in the same folder, that nobody else can read yet.
fn beside(path: &Path) -> io::Result<(PathBuf, File)> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    for number in 0..100 {
        let temporary = path.with_file_name(format!(".{name}.harbor-pilot-{}-{number}", std::process::id()));
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary) {
            Ok(file) => return Ok((temporary, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::new(io::ErrorKind::AlreadyExists, "a hundred temporary files of this name are in the way"))
}
