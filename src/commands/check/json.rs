//! Remarks as JSON, an object a line.

use crate::commands::remark::Remark;

pub(super) fn lines(remarks: &[Remark]) -> String {
    // Text and numbers alone: there is nothing in it that JSON could not hold.
    remarks.iter().map(|remark| serde_json::to_string(remark).unwrap_or_default() + "\n").collect()
}
