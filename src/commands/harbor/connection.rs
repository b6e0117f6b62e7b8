//! Where Harbor is, and who asks.

use std::{
    fs,
    io::{self, Write as _},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

use http::Uri;
use serde::Deserialize;

use super::{Output, units};
use crate::{
    escape::quoted,
    harbor::{
        api::{Account, Client, Connection, Sink, Trust},
        secret::Secret,
    },
    outbound::Place,
};

/// How to reach Harbor.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Harbor")]
pub(super) struct ConnectionArgs {
    /// Harbor's address; without it, https:// and the policy's `harbor`
    #[arg(long, value_name = "URL", env = "HARBOR_PILOT_HARBOR_URL")]
    pub(super) harbor_url: Option<String>,
    /// A file with the account: `NAME:PASSWORD`, or a robot as Harbor exports it; without it,
    /// `HARBOR_USERNAME` and `HARBOR_PASSWORD` of the environment
    #[arg(long, value_name = "FILE", env = "HARBOR_PILOT_CREDENTIALS")]
    credentials: Option<PathBuf>,
    /// The CA that signed Harbor's certificate, in PEM, instead of those of the system
    #[arg(long, value_name = "FILE", env = "HARBOR_PILOT_CA_FILE")]
    ca_file: Option<PathBuf>,
    /// Take any certificate, and an address without encryption: whoever is in between reads the password
    #[arg(long)]
    insecure: bool,
    /// How long an answer of Harbor's may take
    #[arg(long, value_name = "TIME", default_value = "90s", value_parser = units::interval)]
    timeout: Duration,
    /// Show what is said to Harbor and what it answers, secrets masked
    #[arg(short, long)]
    verbose: bool,
}

impl ConnectionArgs {
    /// Gets ready to ask Harbor at its address, or at `host` where that is not given. `None`, and a
    /// message, where something is missing.
    pub(super) fn connect(&self, host: Option<&str>, output: &mut Output) -> Option<Client> {
        match self.connection(host).and_then(|connection| Client::new(connection).map_err(|bad| bad.0)) {
            Ok(client) => {
                if let Some(warning) = self.credentials.as_deref().and_then(open_to_others) {
                    output.talk(&warning);
                }
                Some(client)
            }
            Err(why) => {
                output.failed(why);
                None
            }
        }
    }

    /// The same Harbor under the system's CAs, if they are not what is trusted.
    pub(super) fn connect_as_nodes_do(&self, host: Option<&str>) -> Option<Client> {
        let connection = self.connection(host).ok()?;
        match connection.trust {
            Trust::System => None,
            Trust::Only(_) | Trust::File(_) | Trust::Anything => {
                Client::new(Connection { trust: Trust::System, trace: None, ..connection }).ok()
            }
        }
    }

    fn connection(&self, host: Option<&str>) -> Result<Connection, String> {
        let url = match (&self.harbor_url, host) {
            (Some(url), _) => self.address(url)?,
            (None, Some(host)) => format!("https://{host}"),
            (None, None) => return Err("Harbor's address is missing: name it by `--harbor-url`".to_owned()),
        };
        Ok(Connection {
            url,
            account: self.account()?,
            trust: self.trust()?,
            timeout: self.timeout,
            trace: self.verbose.then(|| -> Sink {
                // Where nobody hears, there is nobody to tell.
                Box::new(|line| drop(writeln!(io::stderr(), "{line}")))
            }),
        })
    }

    fn address(&self, url: &str) -> Result<String, String> {
        // Even an address that can't be read may hold a password, which no message may repeat.
        if url.contains('@') {
            return Err("the address holds a user: name the account by HARBOR_USERNAME and HARBOR_PASSWORD".to_owned());
        }
        let url = if url.contains("://") { url.to_owned() } else { format!("https://{url}") };
        let shown = quoted(&url);
        let parsed: Uri = url.parse().map_err(|error| format!("{shown} is no address: {error}"))?;
        let place =
            Place::of(&parsed).map_err(|why| format!("{shown} is no address of a Harbor: {}", why.innermost()))?;
        if parsed.query().is_some() || url.contains('#') {
            return Err(format!("{shown} is no address of a Harbor: write `https://HOST`"));
        }
        if !place.is_encrypted() && !self.insecure {
            return Err(format!(
                "{shown} is not encrypted, and would show the password to whoever is in between: write `https://`, \
                 or add `--insecure`"
            ));
        }
        Ok(format!("{place}{}", parsed.path().trim_end_matches('/')))
    }

    fn trust(&self) -> Result<Trust, String> {
        match &self.ca_file {
            _ if self.insecure => Ok(Trust::Anything),
            None => Ok(Trust::System),
            Some(path) => match fs::read(path) {
                Ok(pem) => Ok(Trust::Only(pem)),
                Err(error) => Err(format!("could not read the CA file `{}`: {error}", path.display())),
            },
        }
    }

    fn account(&self) -> Result<Account, String> {
        let account = match &self.credentials {
            Some(path) => account_of(path)?,
            None => Account { name: variable("HARBOR_USERNAME")?, password: Secret::new(variable("HARBOR_PASSWORD")?) },
        };
        // What no header holds would only fail later, with the password in the error.
        let unfit = |text: &str| text.is_empty() || text.chars().any(char::is_control);
        if unfit(&account.name) || account.name.contains(':') || unfit(account.password.expose()) {
            return Err("the account's name or password is empty, or holds what can't be sent".to_owned());
        }
        Ok(account)
    }
}

fn variable(name: &str) -> Result<String, String> {
    std::env::var(name).map_err(|_| {
        format!("{name} is not set: set HARBOR_USERNAME and HARBOR_PASSWORD, or name a file by `--credentials`")
    })
}

fn account_of(path: &Path) -> Result<Account, String> {
    /// As Harbor's page and `harbor robot` write it.
    #[derive(Deserialize)]
    struct Robot {
        name: String,
        secret: String,
    }
    let shown = path.display();
    let text = fs::read_to_string(path).map_err(|error| format!("could not read the account in `{shown}`: {error}"))?;
    // Some editors begin a file with a mark, and no name does.
    let text = text.trim_start_matches('\u{feff}');
    if let Ok(Robot { name, secret }) = serde_json::from_str(text) {
        return Ok(Account { name, password: Secret::new(secret) });
    }
    match text.trim_end_matches(['\n', '\r']).split_once(':') {
        Some((name, password)) if !name.starts_with('{') => {
            Ok(Account { name: name.to_owned(), password: Secret::new(password) })
        }
        _ => Err(format!(
            "`{shown}` holds no account: write `NAME:PASSWORD` into it, or a robot as Harbor exports it, with `name` \
             and `secret`"
        )),
    }
}

/// A warning where others may read a file with a password. A pipe has no mode that anyone could change.
fn open_to_others(path: &Path) -> Option<String> {
    let metadata = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    let mode = metadata.permissions().mode() & 0o777;
    let shown = path.display();
    (mode & 0o044 != 0).then(|| {
        format!(
            "warning: `{shown}` holds a password, and its mode {mode:03o} lets others read it: run `chmod 600 {shown}`"
        )
    })
}
