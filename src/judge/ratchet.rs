//! What is new in an object that is changed.

use std::collections::HashMap;

use super::Image;
use crate::workload::List;

/// The images of `now` that did not stand in `before` under the same list and name, so that an
/// object that was stored under another policy can still be labelled, finalised and deleted.
///
/// Names tell entries apart, never positions: clients put a new ephemeral container first or last.
/// Where a name stands twice in a list, nothing can be told apart, and everything is new.
pub fn new_images<'a>(now: &[Image<'a>], before: &[Image<'_>]) -> Vec<Image<'a>> {
    let Some(before) = by_name(before).filter(|_| by_name(now).is_some()) else {
        return now.to_vec();
    };
    now.iter().filter(|image| before.get(&(image.list, image.name)) != Some(&image.reference)).copied().collect()
}

/// `None` where a name stands twice.
fn by_name<'i>(images: &[Image<'i>]) -> Option<HashMap<(List, &'i str), &'i str>> {
    let mut found = HashMap::with_capacity(images.len());
    for image in images {
        if found.insert((image.list, image.name), image.reference).is_some() {
            return None;
        }
    }
    Some(found)
}
