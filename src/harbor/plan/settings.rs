//! A proxy-cache project's settings that a policy may say something of.

use serde::Serialize;

use super::version::Version;

/// A setting of a project, by its key in Harbor's metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Setting {
    /// Whether everyone may pull.
    #[serde(rename = "public")]
    Public,
    /// KB a second.
    #[serde(rename = "proxy_speed_kb")]
    ProxySpeed,
    /// Connections to the registry at once.
    #[serde(rename = "max_upstream_conn")]
    UpstreamConnections,
    /// Whether what the registry no longer has is served.
    #[serde(rename = "proxy_cache_local_on_not_found")]
    ServeWhenGone,
    /// Which repositories may be pulled.
    #[serde(rename = "proxy_cache_filter_pattern")]
    FilterPattern,
    /// What language the pattern is in.
    #[serde(rename = "proxy_cache_filter_kind")]
    FilterKind,
}

impl Setting {
    /// The key in Harbor's metadata.
    pub fn harbor_name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::ProxySpeed => "proxy_speed_kb",
            Self::UpstreamConnections => "max_upstream_conn",
            Self::ServeWhenGone => "proxy_cache_local_on_not_found",
            Self::FilterPattern => "proxy_cache_filter_pattern",
            Self::FilterKind => "proxy_cache_filter_kind",
        }
    }

    /// What holds where a project says nothing.
    pub fn default(self) -> &'static str {
        match self {
            Self::Public | Self::ServeWhenGone => "false",
            Self::ProxySpeed | Self::UpstreamConnections => "-1",
            Self::FilterPattern | Self::FilterKind => "",
        }
    }

    /// The first version that has it.
    pub fn since(self) -> Version {
        match self {
            Self::Public => Version::new(2, 0, 0),
            Self::ProxySpeed => Version::new(2, 12, 0),
            Self::UpstreamConnections => Version::new(2, 14, 3),
            Self::ServeWhenGone => Version::new(2, 15, 1),
            Self::FilterPattern | Self::FilterKind => Version::new(2, 16, 0),
        }
    }

    /// The key in the policy.
    pub fn policy_name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::ProxySpeed => "proxySpeed",
            Self::UpstreamConnections => "upstreamConnections",
            Self::ServeWhenGone => "serveWhenGone",
            Self::FilterPattern | Self::FilterKind => "filter",
        }
    }
}

/// Harbor's word for a pattern that is a regular expression. The other kind, `doublestar`, takes
/// `a/**` for `a` too or not, by version; a regular expression is the same in all of them.
pub const FILTER_IS_REGEX: &str = "regex";

/// As many bytes as a setting's column in Harbor's database holds.
pub const FILTER_LONGEST: usize = 255;
