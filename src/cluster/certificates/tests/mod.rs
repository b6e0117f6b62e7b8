mod planning;
mod reading;
mod together;

use std::time::Duration;

use super::{
    plan::{Bundle, Change, Step, plan},
    stored::{Current, Data, Next, Retired, Signer, Stored},
};
use crate::certificates::{AUTHORITY_VALID_FOR, Authority, Certificate, LEAF_VALID_FOR, Leaf, Moment, Rest};

const NOW: Moment = Moment::since_1970(1_800_000_000);
const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_hours(24);

fn names() -> Vec<String> {
    ["harbor-pilot.harbor-pilot.svc", "harbor-pilot.harbor-pilot.svc.cluster.local"].map(str::to_owned).to_vec()
}

fn bundle(certificates: &[&Certificate]) -> Bundle {
    Bundle { certificates: certificates.iter().map(|&certificate| certificate.clone()).collect(), rest: Rest::Nothing }
}
