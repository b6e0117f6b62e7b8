//! Certificates that look after themselves. The replicas agree through one Secret, by its
//! resourceVersion: whoever comes first makes what is missing, the others take it from there.

mod change;
mod keeper;
mod plan;
mod stored;
#[cfg(test)]
mod tests;

pub use self::keeper::{Keeper, Looked, Trust};
