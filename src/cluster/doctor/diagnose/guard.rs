//! Whether the program's account is held to `caBundle`, where it may write at all.

use super::{
    Doctor,
    expected::Expected,
    reading::written_out,
    snapshot::{CertificatesBy, Seen},
};
use crate::diagnosis::Level;

impl Doctor<'_> {
    pub(super) fn guard(&mut self, expected: &Expected) {
        let by_replicas = self
            .snapshot
            .deployment
            .there()
            .is_some_and(|deployment| deployment.certificates == CertificatesBy::Replicas);
        if !by_replicas {
            return;
        }
        let both = [
            ("ValidatingAdmissionPolicy", &self.snapshot.guard, &expected.guard),
            ("ValidatingAdmissionPolicyBinding", &self.snapshot.guard_binding, &expected.guard_binding),
        ];
        for (kind, seen, wanted) in both {
            let what = match seen {
                Seen::Missing => format!("there is no {kind} `harbor-pilot`"),
                Seen::There(found) => {
                    let mut found = found.clone();
                    written_out(&mut found);
                    if found == *wanted {
                        continue;
                    }
                    format!("the {kind} `harbor-pilot` is not what it ought to be")
                }
                Seen::Unknown => continue,
            };
            let fix = self.put_back();
            let why = "whoever has the account's token may have the API server call somebody else, or nobody";
            self.find(Level::Error, "guard", what, why, fix);
        }
    }
}
