#![no_main]

#[path = "../laws/yaml.rs"]
mod law;

libfuzzer_sys::fuzz_target!(|data: &[u8]| law::law(data));
