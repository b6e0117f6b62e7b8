//! Following files: their content is compared, never their time or their inode, so that it makes no
//! difference how a change came about. kubelet swaps a symlink two folders up.

use std::{
    fmt::{self, Write as _},
    fs::File,
    io::{self, Read as _},
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// The bytes of some files, in the order in which they were named.
pub(super) type Contents = Vec<Vec<u8>>;

/// Makes a value of the files' contents, or says what is wrong with them.
pub(super) type Build<T> = Box<dyn Fn(&Contents) -> Result<T, String> + Send>;

/// Follows some files, and makes a value of each new content.
pub(super) struct Follower<T> {
    paths: Vec<PathBuf>,
    /// Bytes that are read of each; whoever builds objects to that many.
    most: u64,
    build: Build<T>,
    in_force: Contents,
    complaint: Option<Complaint>,
}

/// What a look at the files found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found<T> {
    /// What is in force.
    Same,
    /// What is in force, after something that was not good.
    SameAgain,
    /// A new value, to be put in force.
    New(T),
    /// Something that is not good, for the first time.
    Broken(String),
    /// What was not good at the last look either.
    StillBroken,
}

#[derive(PartialEq, Eq)]
enum Complaint {
    Unreadable(String),
    Bad(Contents),
}

/// How what is in force stands to its files.
#[derive(Debug)]
pub(super) struct Standing(Mutex<State>);

/// See [`Standing`].
#[derive(Clone, Debug)]
pub(super) struct State {
    /// When it was put in force.
    pub(super) since: Instant,
    /// When it was last what the files say. `None`: there is no file that could say otherwise.
    pub(super) in_step: Option<Instant>,
    /// What is wrong with the files now.
    pub(super) failure: Option<String>,
}

impl<T> Follower<T> {
    /// Reads the files for the first time.
    pub(super) fn start(paths: Vec<PathBuf>, most: u64, build: Build<T>) -> Result<(Self, T), String> {
        let in_force = read_all(&paths, most)?;
        let value = build(&in_force)?;
        Ok((Self { paths, most, build, in_force, complaint: None }, value))
    }

    /// Follows files that are not what is in force: `in_force` is, one text a file.
    pub(super) fn behind(
        paths: Vec<PathBuf>,
        most: u64,
        build: Build<T>,
        in_force: Contents,
    ) -> Result<(Self, T), String> {
        let value = build(&in_force)?;
        Ok((Self { paths, most, build, in_force, complaint: None }, value))
    }

    /// Looks at the files. This blocks.
    pub(super) fn look(&mut self) -> Found<T> {
        let contents = match read_all(&self.paths, self.most) {
            Ok(contents) => contents,
            Err(error) => {
                let complaint = Complaint::Unreadable(error.clone());
                return self.complain(complaint, || error);
            }
        };
        if contents == self.in_force {
            return if self.complaint.take().is_some() { Found::SameAgain } else { Found::Same };
        }
        if matches!(&self.complaint, Some(Complaint::Bad(bad)) if *bad == contents) {
            return Found::StillBroken;
        }
        // What a file says must not end the task that follows it.
        let built = catch_unwind(AssertUnwindSafe(|| (self.build)(&contents)));
        match built.unwrap_or_else(|_| Err("reading it failed inside: this is a bug of harbor-pilot".to_owned())) {
            Ok(value) => {
                self.in_force = contents;
                self.complaint = None;
                Found::New(value)
            }
            Err(error) => self.complain(Complaint::Bad(contents), || error),
        }
    }

    fn complain(&mut self, complaint: Complaint, why: impl FnOnce() -> String) -> Found<T> {
        if self.complaint.as_ref() == Some(&complaint) {
            return Found::StillBroken;
        }
        self.complaint = Some(complaint);
        Found::Broken(why())
    }
}

impl Standing {
    /// What follows files.
    pub(super) fn following(now: Instant) -> Self {
        Self(Mutex::new(State { since: now, in_step: Some(now), failure: None }))
    }

    /// What no file says.
    pub(super) fn fixed(now: Instant) -> Self {
        Self(Mutex::new(State { since: now, in_step: None, failure: None }))
    }

    /// Notes what a look at `now` found.
    pub(super) fn note<T>(&self, found: &Found<T>, now: Instant) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match found {
            Found::Same | Found::SameAgain => {
                state.in_step = Some(now);
                state.failure = None;
            }
            Found::New(_) => *state = State { since: now, in_step: Some(now), failure: None },
            Found::Broken(why) => state.failure = Some(why.clone()),
            Found::StillBroken => {}
        }
    }

    pub(super) fn state(&self) -> State {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl<T> fmt::Debug for Follower<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Follower").field("paths", &self.paths).finish_non_exhaustive()
    }
}

impl State {
    /// How long what is in force has not been what the files say.
    pub(super) fn age(&self, now: Instant) -> Duration {
        match (self.in_step, &self.failure) {
            (Some(in_step), _) => now.saturating_duration_since(in_step),
            (None, _) => Duration::ZERO,
        }
    }

    /// Whether the files were good at the last look.
    pub(super) fn is_good(&self) -> bool {
        self.failure.is_none()
    }
}

fn read_all(paths: &[PathBuf], most: u64) -> Result<Contents, String> {
    paths.iter().map(|path| read(path, most).map_err(|error| unreadable(path, &error))).collect()
}

fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn unreadable(path: &Path, error: &io::Error) -> String {
    let mut text = format!("could not read `{}`: {error}", path.display());
    if error.kind() == io::ErrorKind::PermissionDenied {
        // Writing to a String can't fail.
        let _ = write!(text, "; the program's user must be allowed to read it");
    }
    text
}
