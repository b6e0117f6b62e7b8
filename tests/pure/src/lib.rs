//! The pure rooms, and nothing else.

#[path = "../../../src/admission/mod.rs"]
pub mod admission;
#[path = "../../../src/escape.rs"]
pub mod escape;
/// Of Harbor's room, what decides; the rest of it speaks to Harbor.
#[path = "../../../src/harbor"]
pub mod harbor {
    pub mod plan;
}
#[path = "../../../src/judge/mod.rs"]
pub mod judge;
#[path = "../../../src/manifest/mod.rs"]
pub mod manifest;
#[path = "../../../src/policy/mod.rs"]
pub mod policy;
#[path = "../../../src/reference/mod.rs"]
pub mod reference;
#[path = "../../../src/workload/mod.rs"]
pub mod workload;
#[path = "../../../src/yaml/mod.rs"]
pub mod yaml;
