mod laws;
mod refusals;
mod spans;

use super::*;

mod law {
    #![expect(unreachable_pub, reason = "the file is also a module of the fuzz targets")]
    extern crate self as harbor_pilot;
    include!("../../../fuzz/laws/yaml.rs");
}

const LIMITS: Limits = Limits { bytes: 1 << 20, depth: 32, nodes: 10_000 };

fn parse(text: &str) -> Stream<'_> {
    Stream::parse(text.as_bytes(), LIMITS).unwrap_or_else(|error| panic!("{text:?}: {error:?}"))
}

fn refuse(bytes: &[u8], limits: Limits) -> Error {
    let error = Stream::parse(bytes, limits).expect_err("the text should be refused");
    assert_eq!(error.position, place(bytes, error.offset), "{error:?}");
    error
}

/// Line and column by another way than the reader's; for bytes without a byte order mark.
fn place(bytes: &[u8], offset: usize) -> Position {
    let before = String::from_utf8_lossy(&bytes[..offset]).replace("\r\n", "\n");
    let last = before.rsplit(['\n', '\r']).next().unwrap_or_default();
    let line = before.split(['\n', '\r']).count();
    Position { line, column: last.chars().count() + 1 }
}
