//! The values of labels that are known before any request comes.

use std::fmt;

use prometheus_client::encoding::{EncodeLabelValue, LabelValueEncoder};

/// Values of a label, each with its text.
macro_rules! label {
    ($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(super) enum $name { $($(#[$variant_meta])* $variant),+ }

        impl $name {
            /// As the label says it.
            pub(super) fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl EncodeLabelValue for $name {
            fn encode(&self, encoder: &mut LabelValueEncoder) -> Result<(), fmt::Error> {
                EncodeLabelValue::encode(&self.as_str(), encoder)
            }
        }
    };
}

label! {
    /// Which listener.
    Listener { Webhook = "webhook", Ops = "ops" }
}

label! {
    /// Why a connection was closed.
    ClosedBecause {
        /// By the peer, or after an answer that said so.
        Done = "done",
        Drained = "drained",
        Failed = "failed",
        HandshakeFailed = "handshake_failed",
        HandshakeTimeout = "handshake_timeout",
        HeaderTimeout = "header_timeout",
        Idle = "idle",
        Limit = "limit",
        NotReading = "not_reading",
        PeerLimit = "peer_limit",
    }
}

label! {
    /// The path that was asked.
    Path { Mutate = "mutate", Validate = "validate", Policy = "policy" }
}

label! {
    /// What the API server is about to do.
    Operation {
        Create = "create",
        Update = "update",
        /// None that is judged, or the request could not be read.
        Other = "other",
    }
}

label! {
    /// What came of a request.
    RequestOutcome {
        Allowed = "allowed",
        Mutated = "mutated",
        Warned = "warned",
        Audited = "audited",
        Denied = "denied",
        Ignored = "ignored",
        BadRequest = "bad_request",
        TooLarge = "too_large",
        TooSlow = "too_slow",
        Overload = "overload",
        Panic = "panic",
    }
}

label! {
    /// What is read again when it changes.
    Followed { Policy = "policy", Certificate = "certificate" }
}

label! {
    /// Whether the API server only wants to know.
    DryRun { No = "false", Yes = "true" }
}
