//! Changes of what the Secret holds, made.

use std::time::Duration;

use super::{
    plan::Change,
    stored::{Current, Next, Retired, Signer, Stored},
};
use crate::certificates::{Authority, Certificate, Moment, NotMade};

/// How long what others put into a bundle stays there, and a CA whose leaf is not known. Replicas
/// take up a new certificate within seconds, and a roll-out takes minutes.
const ADOPTED_FOR: Duration = Duration::from_hours(24);

impl Stored {
    /// What is to be stored instead. Keys are made here.
    pub(super) fn changed(mut self, change: Change, names: &[String], now: Moment) -> Result<Self, NotMade> {
        match change {
            Change::Adopt(certificates) => {
                self.retired.extend(certificates.into_iter().map(|certificate| adopted(certificate, now)));
            }
            Change::Introduce => {
                self.next = Some(Next { authority: Authority::make(now)?, trusted_since: None });
            }
            Change::SeenEverywhere => self.note_trusted(Some(now)),
            Change::NotSeenEverywhere => self.note_trusted(None),
            Change::Promote => {
                if let Some(Next { authority, .. }) = self.next.take() {
                    let leaf = Some(authority.sign(names, now)?);
                    let before = self.current.replace(Current { authority: Signer::Whole(authority), leaf });
                    self.retired.extend(before.map(|before| retired(&before, now)));
                }
            }
            Change::Renew => {
                if let Some(current) = &mut self.current
                    && let Some(authority) = current.authority.able_at(now)
                {
                    current.leaf = Some(authority.sign(names, now)?);
                }
            }
            Change::Forget => self.retired.retain(|retired| now < retired.until),
        }
        Ok(self)
    }

    fn note_trusted(&mut self, since: Option<Moment>) {
        if let Some(next) = &mut self.next {
            next.trusted_since = since;
        }
    }
}

/// A CA that signs no more is trusted until the last that it signed has ended. Its key is gone.
fn retired(before: &Current, now: Moment) -> Retired {
    let certificate = before.authority.certificate().clone();
    match &before.leaf {
        Some(leaf) => Retired { certificate, until: leaf.certificate().ends() },
        None => adopted(certificate, now),
    }
}

fn adopted(certificate: Certificate, now: Moment) -> Retired {
    let until = now.plus(ADOPTED_FOR).min(certificate.ends());
    Retired { certificate, until }
}
