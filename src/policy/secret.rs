//! How secrets are told by their names.

/// Names that people give to secrets, in small letters and without `-` and `_`.
const NAMES: [&str; 14] = [
    "accesskey",
    "accesspassword",
    "accesstoken",
    "apikey",
    "credential",
    "credentials",
    "pass",
    "passphrase",
    "passwd",
    "password",
    "privatekey",
    "pwd",
    "secret",
    "token",
];

/// Whether people give this name to a secret, whatever stands in front of it: `ngcApiKey`.
pub(super) fn is_name(key: &str) -> bool {
    let key = plain(key);
    NAMES.iter().any(|name| key.ends_with(name))
}

/// Whether a secret may stand in a text that nobody could parse: where a line holds such a name,
/// but for a comment, the name of a Secret, and what says where a secret is to be found.
pub(super) fn may_be_in(text: &str) -> bool {
    text.split(['\n', '\r']).filter(|line| !line.trim_start().starts_with('#')).any(|line| {
        let line =
            plain(line).replace("pullsecret", "").replace("accesssecret:{env:", "").replace("accesssecret:{file:", "");
        NAMES.iter().any(|name| line.contains(name))
    })
}

fn plain(text: &str) -> String {
    text.chars()
        .filter(|character| !matches!(character, '-' | '_' | ' '))
        .map(|character| character.to_ascii_lowercase())
        .collect()
}
