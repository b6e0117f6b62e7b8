//! Values by a text of the policy's.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
};

/// Values by a text of the policy's.
pub(super) type ByText<T> = HashMap<Box<str>, T, BuildHasherDefault<Fnv>>;

/// FNV-1a. The keys are the policy's, so nobody else can choose them to collide, and a pure room
/// has no random seed.
#[derive(Clone, Debug)]
pub(super) struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
