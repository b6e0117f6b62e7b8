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
        let denied = webhook == Webhook::Validate
            && policies.current.scope("default").enforcement() == crate::policy::Enforcement::Deny
            && policies.current.scope("x").decide("deny.me/x").is_allowed();
        let answer = serde_json::json!({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":uid,"allowed":!denied}});
        let images = request["object"]["spec"]["containers"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|c| Image {
                place: format!("containers/{}", c["name"].as_str().unwrap_or("")),
                written: c["image"].as_str().unwrap_or("").into(),
                result: c["image"].as_str().unwrap_or("").into(),
                outcome: "allow",
                enforcement: "deny",
                registry: None,
            })
            .collect();
        Ok(Answer {
            body: answer.to_string().into_bytes(),
            record: Record {
                uid,
                operation: text("operation"),
                kind: request["kind"]["kind"].as_str().unwrap_or("").into(),
                namespace: text("namespace"),
                name: text("name"),
                subresource: text("subResource"),
                dry_run: request["dryRun"].as_bool().unwrap_or(false),
                user: request["userInfo"]["username"].as_str().unwrap_or("").into(),
                outcome: if denied { Outcome::Denied } else { Outcome::Allowed },
                images,
            },
        })
    }
}
