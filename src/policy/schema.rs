//! The JSON Schema of a policy file, for editors: the table of keys in other words.

use serde_json::{Map, Value as Json, json};

use super::keys::{MAPPINGS, Rule, Table};

/// Where the schema says that it is at home. It is not fetched from there.
const ID: &str = "https://harbor-pilot.io/v1/policy.schema.json";

/// The schema, in draft 2020-12. What the reader refuses and a schema can't say is left to the
/// reader.
pub fn schema() -> Json {
    let mut definitions: Map<String, Json> =
        MAPPINGS.iter().map(|table| (table.id.to_owned(), mapping(table))).collect();
    let top = MAPPINGS.first().and_then(|top| definitions.remove(top.id));
    let mut schema = top.unwrap_or_default();
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema".into();
    schema["$id"] = ID.into();
    schema["title"] = "Policy of harbor-pilot".into();
    schema["$defs"] = definitions.into();
    schema
}

fn mapping(table: &Table) -> Json {
    let properties: Map<String, Json> = table.keys.iter().map(|key| (key.name().to_owned(), key.schema())).collect();
    let required: Vec<&str> = table.keys.iter().filter(|key| key.is_required()).map(|key| key.name()).collect();
    let mut schema = json!({
        "type": "object",
        "description": table.doc.trim(),
        "additionalProperties": false,
        "properties": properties,
    });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    for rule in table.rules {
        match rule {
            Rule::ExactlyOne([one, two]) => schema["oneOf"] = json!([{ "required": [one] }, { "required": [two] }]),
            Rule::NotBoth(both) => schema["not"] = json!({ "required": both }),
        }
    }
    schema
}
