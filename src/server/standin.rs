//! Stand-in for the core, until it is merged.
#![allow(missing_docs, clippy::all, clippy::pedantic)]
pub mod admission {
    use crate::policy::Policy;
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Webhook {
        Mutate,
        Validate,
    }
    pub struct Policies<'p> {
        pub current: &'p Policy,
        pub previous: Option<&'p Policy>,
    }
    pub struct Answer<'b> {
        pub body: Vec<u8>,
        pub record: Record<'b>,
    }
    #[derive(Debug)]
    pub struct Unreadable(String);
    impl std::fmt::Display for Unreadable {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str(&self.0)
        }
    }
    pub struct Record<'b> {
        pub uid: String,
        pub operation: String,
        pub kind: String,
        pub namespace: String,
        pub name: String,
        pub subresource: String,
        pub dry_run: bool,
        pub user: String,
        pub outcome: Outcome,
        pub images: Vec<Image<'b>>,
    }
    pub struct Image<'b> {
        pub place: String,
        pub written: String,
        pub result: String,
        pub outcome: &'static str,
        pub enforcement: &'static str,
        pub registry: Option<&'b str>,
    }
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum Outcome {
        Allowed,
        Mutated,
        Denied,
    }
    pub fn review<'b>(webhook: Webhook, body: &'b [u8], policies: Policies<'b>) -> Result<Answer<'b>, Unreadable> {
        let review: serde_json::Value = serde_json::from_slice(body).map_err(|e| Unreadable(e.to_string()))?;
        let request = &review["request"];
        let text = |key: &str| request[key].as_str().unwrap_or("").to_owned();
        let uid = text("uid");
        if uid.is_empty() {
            return Err(Unreadable("expected `request.uid`, but found nothing".into()));
        }
        let namespace = text("namespace");
        let scope = policies.current.scope(&namespace);
        let before = policies.previous.map(|p| p.scope(&namespace));
        let containers: Vec<(&str, &str)> = request["object"]["spec"]["containers"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|c| (c["name"].as_str().unwrap_or(""), c["image"].as_str().unwrap_or("")))
            .collect();
        let mut denied = false;
        let mut changed = false;
        let images: Vec<Image<'b>> = containers
            .iter()
            .map(|(name, image)| {
                let d = scope.decide(image);
                let rest = d.is_at_rest() || before.is_some_and(|b| b.decide(image).is_at_rest());
                denied |= !d.is_allowed() || (webhook == Webhook::Validate && !rest);
                changed |= d.result != *image;
                Image {
                    place: format!("containers/{name}"),
                    written: (*image).into(),
                    result: d.result.to_string(),
                    outcome: if d.is_allowed() { "allow" } else { "deny" },
                    enforcement: "deny",
                    registry: d.registry,
                }
            })
            .collect();
        let answer = serde_json::json!({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":uid,"allowed":!denied}});
        let outcome = if denied {
            Outcome::Denied
        } else if changed {
            Outcome::Mutated
        } else {
            Outcome::Allowed
        };
        Ok(Answer {
            body: answer.to_string().into_bytes(),
            record: Record {
                uid,
                operation: text("operation"),
                kind: request["kind"]["kind"].as_str().unwrap_or("").into(),
                namespace,
                name: text("name"),
                subresource: text("subResource"),
                dry_run: request["dryRun"].as_bool().unwrap_or(false),
                user: request["userInfo"]["username"].as_str().unwrap_or("").into(),
                outcome,
                images,
            },
        })
    }
}
