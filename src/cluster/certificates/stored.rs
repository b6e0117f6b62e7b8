//! What the Secret holds: the replicas' common state, written and read.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::certificates::{Authority, Certificate, Leaf, Moment};

/// The keys and values of a Secret.
pub(super) type Data = BTreeMap<String, Vec<u8>>;

/// What the replicas agree on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Stored {
    /// The CA that signs.
    pub(super) current: Option<Current>,
    /// The CA that will sign, once every API server can be expected to trust it.
    pub(super) next: Option<Next>,
    /// Certificates that stay trusted until what they signed is out of use.
    pub(super) retired: Vec<Retired>,
}

/// The CA that signs, with what it signed last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Current {
    pub(super) authority: Signer,
    pub(super) leaf: Option<Leaf>,
}

/// A CA whose key may be lost. Its certificate is trusted all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Signer {
    Whole(Authority),
    WithoutKey(Certificate),
}

/// The CA to come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Next {
    pub(super) authority: Authority,
    /// Since when every registration has it.
    pub(super) trusted_since: Option<Moment>,
}

/// A certificate that is trusted for some time still.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Retired {
    pub(super) certificate: Certificate,
    pub(super) until: Moment,
}

const CA: &str = "ca.crt";
const CA_KEY: &str = "ca.key";
const LEAF: &str = "tls.crt";
const LEAF_KEY: &str = "tls.key";
const NEXT_CA: &str = "next-ca.crt";
const NEXT_CA_KEY: &str = "next-ca.key";
const TIMES: &str = "times.json";

/// The part that is no PEM.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Times {
    /// Seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    next_trusted_since: Option<i64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    retired: Vec<RetiredTimes>,
}

#[derive(Debug, Serialize, Deserialize)]
struct RetiredTimes {
    certificate: String,
    until: i64,
}

impl Signer {
    pub(super) fn certificate(&self) -> &Certificate {
        match self {
            Self::Whole(authority) => authority.certificate(),
            Self::WithoutKey(certificate) => certificate,
        }
    }

    /// Itself, where it can sign then.
    pub(super) fn able_at(&self, now: Moment) -> Option<&Authority> {
        match self {
            Self::Whole(authority) => authority.can_sign_at(now).then_some(authority),
            Self::WithoutKey(_) => None,
        }
    }
}

impl Stored {
    /// Reads what can be used, and names the keys whose values can't. A serving certificate needs
    /// all of `names`.
    pub(super) fn read(data: &Data, names: &[String]) -> (Self, Vec<&'static str>) {
        let value = |key: &str| data.get(key).map_or(&[][..], Vec::as_slice);
        let mut rubbish = Vec::new();
        let mut complain = |key: &'static str| {
            if !value(key).is_empty() {
                rubbish.push(key);
            }
        };
        let signer = Authority::read(value(CA), value(CA_KEY)).map(Signer::Whole).or_else(|| {
            complain(CA_KEY);
            Certificate::read(value(CA)).map(Signer::WithoutKey)
        });
        if signer.is_none() {
            complain(CA);
        }
        let current = signer.map(|authority| {
            let leaf = Leaf::read(value(LEAF), value(LEAF_KEY), authority.certificate(), names);
            if leaf.is_none() {
                complain(LEAF);
            }
            Current { authority, leaf }
        });
        let times = serde_json::from_slice::<Times>(value(TIMES)).unwrap_or_else(|_| {
            complain(TIMES);
            Times::default()
        });
        let next = Authority::read(value(NEXT_CA), value(NEXT_CA_KEY));
        if next.is_none() {
            complain(NEXT_CA);
        }
        let next =
            next.map(|authority| Next { authority, trusted_since: times.next_trusted_since.map(Moment::since_1970) });
        let retired = times.retired.iter().filter_map(|retired| {
            let certificate = Certificate::read(retired.certificate.as_bytes());
            if certificate.is_none() {
                complain(TIMES);
            }
            Some(Retired { certificate: certificate?, until: Moment::since_1970(retired.until) })
        });
        let retired = retired.collect();
        (Self { current, next, retired }, rubbish)
    }

    /// The whole of a Secret's data.
    pub(super) fn write(&self) -> Data {
        let mut data = Data::new();
        let mut put = |key: &str, text: &str| data.insert(key.to_owned(), text.as_bytes().to_vec());
        if let Some(current) = &self.current {
            put(CA, &current.authority.certificate().pem());
            if let Signer::Whole(authority) = &current.authority {
                put(CA_KEY, authority.key().pem());
            }
            if let Some(leaf) = &current.leaf {
                put(LEAF, &leaf.certificate().pem());
                put(LEAF_KEY, leaf.key().pem());
            }
        }
        if let Some(next) = &self.next {
            put(NEXT_CA, &next.authority.certificate().pem());
            put(NEXT_CA_KEY, next.authority.key().pem());
        }
        let retired = self.retired.iter();
        let times = Times {
            next_trusted_since: self.next.as_ref().and_then(|next| next.trusted_since).map(Moment::seconds),
            retired: retired
                .map(|retired| RetiredTimes { certificate: retired.certificate.pem(), until: retired.until.seconds() })
                .collect(),
        };
        // Only text and numbers: they always become JSON.
        put(TIMES, &serde_json::to_string(&times).unwrap_or_default());
        data
    }
}
