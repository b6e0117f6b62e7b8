//! What a scalar means in YAML 1.2's core schema (<https://yaml.org/spec/1.2.2/#103-core-schema>).

use super::{Scalar, Style};

/// What a scalar is. Only a plain one is anything but a string.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Core {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`. `yes` and `on` are strings.
    Bool(bool),
    /// An integer that fits.
    Integer(i64),
    /// Another number.
    Float,
    /// Everything else.
    String,
}

impl Scalar<'_> {
    /// What the scalar is.
    pub fn core(&self) -> Core {
        if self.style != Style::Plain {
            return Core::String;
        }
        match self.value.as_ref() {
            "" | "~" | "null" | "Null" | "NULL" => Core::Null,
            "true" | "True" | "TRUE" => Core::Bool(true),
            "false" | "False" | "FALSE" => Core::Bool(false),
            text => number(text),
        }
    }
}

fn number(text: &str) -> Core {
    for (prefix, radix) in [("0o", 8), ("0x", 16)] {
        if let Some(digits) = text.strip_prefix(prefix) {
            let all_digits = !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix));
            return match i64::from_str_radix(digits, radix) {
                Ok(integer) if all_digits => Core::Integer(integer),
                _ if all_digits => Core::Float,
                _ => Core::String,
            };
        }
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return Core::Float;
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let some_digits = |text: &str| !text.is_empty() && digits(text);
    let exponent_fits =
        exponent.is_none_or(|exponent| some_digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)));
    let mantissa_fits =
        digits(whole) && fraction.is_none_or(digits) && (!whole.is_empty() || fraction.is_some_and(some_digits));
    match (mantissa_fits && exponent_fits, fraction, exponent) {
        (false, _, _) => Core::String,
        (true, None, None) => text.parse().map_or(Core::Float, Core::Integer),
        (true, _, _) => Core::Float,
    }
}
