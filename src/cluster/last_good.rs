//! The last good text of the policy, kept where a replica that starts finds it, and that of before, by
//! which the others may still write names.

use std::time::Duration;

use serde_json::{Map, Value};

use super::api::{ApiServer, Kind, Object, Trouble};
use crate::certificates::Moment;

/// A `ConfigMap` of the program's own namespace, which was made for this and nothing else.
#[derive(Debug)]
pub struct LastGood {
    api: ApiServer,
    object: Object,
}

/// What was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The policy's text.
    pub text: String,
    /// What it took the place of, and how long ago. `None` where nobody noted it, or both together were
    /// too large.
    pub change: Option<Change>,
}

/// See [`Kept::change`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The text by which names were written.
    pub written: String,
    /// How long ago, by the API server's clock.
    pub age: Duration,
}

/// The keys in it.
const TEXT: &str = "policies.yaml";
const WRITTEN: &str = "written.yaml";
const CHANGED: &str = "changed";

/// Bytes of both texts together: a `ConfigMap` holds 1 MiB, its keys among it.
const MOST_BYTES: usize = (1 << 20) - 256;

impl LastGood {
    /// The one of that name.
    pub fn new(name: &str) -> Result<Self, String> {
        Ok(Self { api: ApiServer::of_this_pod()?, object: Object::new(Kind::ConfigMap, name) })
    }

    /// What was kept, if anything was.
    pub async fn read(&self) -> Result<Option<Kept>, String> {
        let found = self.api.get(&self.object).await.map_err(|trouble| trouble.to_string())?;
        Ok(Kept::of(&found.value["data"], found.at))
    }

    /// Keeps `text` instead of what was kept before. A change reaches the other replicas within `spread`.
    pub async fn keep(&self, text: &str, spread: Duration) -> Result<(), String> {
        loop {
            let mut found = self.api.get(&self.object).await.map_err(|trouble| trouble.to_string())?;
            let kept = Kept::of(&found.value["data"], found.at);
            if kept.as_ref().is_some_and(|kept| kept.text == text) {
                return Ok(());
            }
            let written = kept.and_then(|kept| kept.written_beside(text, spread));
            found.value["data"] = data(text, written.as_deref(), found.at);
            match self.api.replace(&self.object, &found.value).await {
                Ok(_) => return Ok(()),
                // Another replica was faster.
                Err(Trouble::Conflict(_)) => {}
                Err(trouble) => return Err(trouble.to_string()),
            }
        }
    }
}

impl Kept {
    fn of(data: &Value, now: Moment) -> Option<Self> {
        let text = |key: &str| data[key].as_str().map(str::to_owned);
        let changed = data[CHANGED].as_str().and_then(|seconds| seconds.parse::<i64>().ok());
        let change = text(WRITTEN).zip(changed).map(|(written, changed)| {
            let age = now.seconds().saturating_sub(changed);
            // A clock that was set back: as if it were now.
            Change { written, age: Duration::from_secs(u64::try_from(age).unwrap_or_default()) }
        });
        Some(Self { text: text(TEXT)?, change })
    }

    /// The text by which names stay written, once `text` is in force.
    fn written_beside(self, text: &str, spread: Duration) -> Option<String> {
        let written = match self.change {
            Some(change) if change.age < spread => change.written,
            _ => self.text,
        };
        (written != text && written.len() + text.len() <= MOST_BYTES).then_some(written)
    }
}

fn data(text: &str, written: Option<&str>, now: Moment) -> Value {
    let mut data = Map::from_iter([(TEXT.to_owned(), text.into())]);
    if let Some(written) = written {
        data.insert(WRITTEN.to_owned(), written.into());
        data.insert(CHANGED.to_owned(), now.seconds().to_string().into());
    }
    data.into()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SPREAD: Duration = Duration::from_secs(100);

    /// What is kept after these texts, each kept at its second.
    fn after(changes: &[(i64, &str)]) -> Value {
        changes.iter().fold(json!(null), |kept, (second, text)| {
            let now = Moment::since_1970(*second);
            let written = Kept::of(&kept, now).and_then(|kept| kept.written_beside(text, SPREAD));
            data(text, written.as_deref(), now)
        })
    }

    #[test]
    fn what_names_are_written_by_is_kept_beside_it() {
        assert_eq!(after(&[(0, "a")]), json!({"policies.yaml": "a"}));
        let changed = after(&[(0, "a"), (500, "b")]);
        assert_eq!(changed, json!({"policies.yaml": "b", "written.yaml": "a", "changed": "500"}));
        let kept = |second| Kept::of(&changed, Moment::since_1970(second)).and_then(|kept| kept.change);
        assert_eq!(kept(530), Some(Change { written: "a".to_owned(), age: Duration::from_secs(30) }));
        assert_eq!(kept(490).map(|change| change.age), Some(Duration::ZERO), "a clock that was set back");
    }

    #[test]
    fn a_change_that_follows_soon_leaves_what_is_written() {
        let soon = after(&[(0, "a"), (500, "b"), (599, "c")]);
        assert_eq!(soon, json!({"policies.yaml": "c", "written.yaml": "a", "changed": "599"}));
        let late = after(&[(0, "a"), (500, "b"), (600, "c")]);
        assert_eq!(late, json!({"policies.yaml": "c", "written.yaml": "b", "changed": "600"}));
        assert_eq!(after(&[(0, "a"), (500, "b"), (550, "a")]), json!({"policies.yaml": "a"}), "taken back");
    }

    #[test]
    fn the_policy_in_force_comes_before_that_of_before() {
        let large = "x".repeat(MOST_BYTES / 2 + 1);
        assert_eq!(after(&[(0, &large), (500, &"y".repeat(large.len()))]).as_object().map(Map::len), Some(1));
        assert_eq!(Kept::of(&json!({"other": "x"}), Moment::since_1970(0)), None);
        let odd = json!({"policies.yaml": "a", "written.yaml": "b", "changed": "yesterday"});
        assert_eq!(Kept::of(&odd, Moment::since_1970(0)), Some(Kept { text: "a".to_owned(), change: None }));
    }
}
