//! As much of JSON Schema as the published one uses, read strictly: an unknown keyword is a fault of the test.

use serde_json::Value;

const SCHEMA: &str = include_str!("../../schema/verify.schema.json");

pub(crate) fn check(value: &Value) -> Result<(), String> {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    against(value, &schema, &schema, "$")
}

fn against(value: &Value, schema: &Value, root: &Value, at: &str) -> Result<(), String> {
    for (keyword, rule) in schema.as_object().unwrap() {
        let holds = match keyword.as_str() {
            "$schema" | "$defs" | "title" | "description" | "format" => true,
            "$ref" => {
                let pointer = rule.as_str().unwrap().trim_start_matches('#');
                against(value, root.pointer(pointer).unwrap(), root, at)?;
                true
            }
            "type" => match rule {
                Value::Array(kinds) => kinds.iter().any(|kind| is(value, kind)),
                kind => is(value, kind),
            },
            "const" => value == rule,
            "enum" => rule.as_array().unwrap().contains(value),
            "required" => {
                let Some(object) = value.as_object() else { continue };
                let names = rule.as_array().unwrap();
                names.iter().all(|n| object.contains_key(n.as_str().unwrap()))
            }
            "properties" => {
                let Some(object) = value.as_object() else { continue };
                for (name, one) in object {
                    match rule.get(name) {
                        Some(rule) => against(one, rule, root, &format!("{at}.{name}"))?,
                        None => return Err(format!("{at}.{name} is not in the schema")),
                    }
                }
                true
            }
            "additionalProperties" => true,
            "items" => {
                for (number, one) in value.as_array().into_iter().flatten().enumerate() {
                    against(one, rule, root, &format!("{at}[{number}]"))?;
                }
                true
            }
            other => return Err(format!("the test does not know the keyword {other}")),
        };
        if !holds {
            return Err(format!("{at}: {value} breaks {keyword} {rule}"));
        }
    }
    Ok(())
}

fn is(value: &Value, kind: &Value) -> bool {
    match kind.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("the test does not know the type {other}"),
    }
}
