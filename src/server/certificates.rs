//! A CA and a serving certificate of our own making, for who tries the program or has no other.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use super::options::HostName;
use crate::certificates::{Authority, Certificate, Key, Leaf, Moment};

/// Where the files of a self-made certificate are.
#[derive(Clone, Debug)]
pub(super) struct SelfMade {
    directory: PathBuf,
    /// All the names that the certificate must have.
    names: Vec<String>,
}

/// Names that every self-made certificate has.
const LOCAL_NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// A certificate that ends sooner is made again.
const RENEW_BEFORE_END: Duration = Duration::from_hours(30 * 24);

impl SelfMade {
    pub(super) fn new(directory: &Path, names: &[HostName]) -> Self {
        let names = LOCAL_NAMES.into_iter().chain(names.iter().map(HostName::as_str)).map(str::to_owned).collect();
        Self { directory: directory.to_owned(), names }
    }

    pub(super) fn ca(&self) -> PathBuf {
        self.directory.join("ca.crt")
    }

    pub(super) fn certificate(&self) -> PathBuf {
        self.directory.join("tls.crt")
    }

    pub(super) fn key(&self) -> PathBuf {
        self.directory.join("tls.key")
    }

    fn ca_key(&self) -> PathBuf {
        self.directory.join("ca.key")
    }

    /// Makes what is not there, does not fit or ends soon. What fits is left alone.
    pub(super) fn ensure(&self) -> Result<(), String> {
        let failed = |what: &str, error: &dyn std::fmt::Display| {
            format!("could not {what} `{}`: {error}; name another with `--cert-dir`", self.directory.display())
        };
        fs::create_dir_all(&self.directory).map_err(|error| failed("make the directory", &error))?;
        // Two servers that start at a time must not mix their files.
        let lock = File::open(&self.directory).and_then(|directory| directory.lock().map(|()| directory));
        let _lock = lock.map_err(|error| failed("lock the directory", &error))?;
        if self.fits() {
            return Ok(());
        }
        self.make().map_err(|error| failed("make certificates in", &error))
    }

    /// Whether the certificate has all the names, chains to the CA, belongs to its key, and does
    /// not end soon.
    fn fits(&self) -> bool {
        let read = |path: PathBuf| fs::read(path).ok();
        let leaf = || {
            let ca = Certificate::read(&read(self.ca())?)?;
            Leaf::read(&read(self.certificate())?, &read(self.key())?, &ca, &self.names)
                .filter(|_| ca.is_valid_at(now().plus(RENEW_BEFORE_END)))
        };
        leaf().is_some_and(|leaf| leaf.has_left(now(), RENEW_BEFORE_END))
    }

    fn make(&self) -> Result<(), Box<dyn std::error::Error>> {
        let authority = match self.authority_on_disk() {
            Some(authority) => authority,
            None => self.make_authority()?,
        };
        let leaf = authority.sign(&self.names, now())?;
        write_pair((&self.certificate(), leaf.certificate()), (&self.key(), leaf.key()))?;
        Ok(())
    }

    /// The CA of an earlier start, if it can still sign.
    fn authority_on_disk(&self) -> Option<Authority> {
        let (certificate, key) = (fs::read(self.ca()).ok()?, fs::read(self.ca_key()).ok()?);
        Authority::read(&certificate, &key).filter(|authority| authority.can_sign_at(now()))
    }

    fn make_authority(&self) -> Result<Authority, Box<dyn std::error::Error>> {
        let authority = Authority::make(now())?;
        write_pair((&self.ca(), authority.certificate()), (&self.ca_key(), authority.key()))?;
        Ok(authority)
    }
}

/// The key first: a certificate without it would be of no use.
fn write_pair(certificate: (&Path, &Certificate), key: (&Path, &Key)) -> io::Result<()> {
    write(key.0, key.1.pem().as_bytes(), Secrecy::Secret)?;
    write(certificate.0, certificate.1.pem().as_bytes(), Secrecy::Public)
}

fn now() -> Moment {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Moment::since_1970(since.as_secs().try_into().unwrap_or(i64::MAX))
}

/// Whether a file is for its owner alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Secrecy {
    Public,
    Secret,
}

/// Writes a file so that a reader sees all of it or what was there before.
fn write(path: &Path, bytes: &[u8], secrecy: Secrecy) -> io::Result<()> {
    let mode = match secrecy {
        Secrecy::Public => 0o644,
        Secrecy::Secret => 0o600,
    };
    let new = path.with_added_extension("new");
    // What a start that was cut short has left.
    match fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&new, path)
}
