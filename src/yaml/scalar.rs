//! The core schema of YAML 1.2.2, section 10.3.2.

use super::{Scalar, Style};

/// What a plain scalar means in YAML 1.2's core schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Core {
    /// `null`, `Null`, `NULL`, `~`, or nothing.
    Null,
    /// `true` or `false`, in lower case, upper case or capitalised.
    Bool(bool),
    /// A decimal integer, or an octal (`0o`) or hexadecimal (`0x`) one without a sign.
    Integer(i64),
    /// A number with a fraction or an exponent, `.inf`, `.nan`, or an integer beyond `i64`.
    Float,
    /// Everything else, and every scalar that is not plain.
    String,
}

impl Scalar<'_> {
    /// The meaning of the scalar where its tag says nothing: the tag is the node's, not asked here.
    pub fn core(&self) -> Core {
        if self.style == Style::Plain { plain(&self.value) } else { Core::String }
    }
}

fn plain(value: &str) -> Core {
    match value {
        "" | "~" | "null" | "Null" | "NULL" => Core::Null,
        "true" | "True" | "TRUE" => Core::Bool(true),
        "false" | "False" | "FALSE" => Core::Bool(false),
        ".nan" | ".NaN" | ".NAN" => Core::Float,
        _ => number(value).unwrap_or(Core::String),
    }
}

fn number(value: &str) -> Option<Core> {
    if let Some(digits) = value.strip_prefix("0o") {
        return radix(digits, 8);
    }
    if let Some(digits) = value.strip_prefix("0x") {
        return radix(digits, 16);
    }
    let unsigned = value.strip_prefix(['+', '-']).unwrap_or(value);
    if is_digits(unsigned) {
        return Some(value.parse().map_or(Core::Float, Core::Integer));
    }
    let infinite = matches!(unsigned, ".inf" | ".Inf" | ".INF");
    (infinite || is_decimal(unsigned)).then_some(Core::Float)
}

fn radix(digits: &str, radix: u32) -> Option<Core> {
    let fits = !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
    fits.then(|| i64::from_str_radix(digits, radix).map_or(Core::Float, Core::Integer))
}

/// `( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`
fn is_decimal(unsigned: &str) -> bool {
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let exponent_fits =
        exponent.is_none_or(|exponent| is_digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)));
    let mantissa_fits = match mantissa.split_once('.') {
        Some(("", fraction)) => is_digits(fraction),
        Some((whole, fraction)) => is_digits(whole) && (fraction.is_empty() || is_digits(fraction)),
        None => is_digits(mantissa),
    };
    exponent_fits && mantissa_fits
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
