//! What the catalog says of a kind of destination, and how a saved account and target become the connector's own.
//!
//! The ids are those by which existing clients name these destinations; an older id means the same connector. The forms
//! are JSON Schemas of parts of the connector's own types, so that a member is described in one place.

use outflow_model::{Fault, FaultClass};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::probe::FieldProblem;

/// How data leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum DeliveryKind {
    /// Files, on a schedule.
    Batch,
    /// Messages, as profiles change.
    Streaming,
}

/// One way to sign in to a kind of destination.
#[derive(Clone, Copy, Debug)]
pub struct AuthSpec {
    /// The name that `auth.specName` gives, for example `Access Key`.
    pub name: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// The kind of credentials, for example `KeyBased`.
    pub kind: &'static str,
    /// Names of the form's members, and what each is called in the connector's account.
    pub members: &'static [AuthMember],
}

/// A member of a sign-in form.
#[derive(Clone, Copy, Debug)]
pub struct AuthMember {
    /// The form's name for it (`auth.params.NAME`).
    pub name: &'static str,
    /// The connector's name for it.
    pub account: &'static str,
    /// Whether the form is incomplete without it.
    pub required: bool,
}

/// A member that must be given.
pub const fn required(name: &'static str) -> AuthMember {
    AuthMember { name, account: name, required: true }
}

/// A member that may be given.
pub const fn optional(name: &'static str) -> AuthMember {
    AuthMember { name, account: name, required: false }
}

/// A member that must be given and has another name in the connector's account.
pub const fn renamed(name: &'static str, account: &'static str) -> AuthMember {
    AuthMember { name, account, required: true }
}

/// What the catalog says of a kind of destination.
#[derive(Clone, Copy, Debug)]
pub struct CatalogEntry {
    /// Id of the connection spec.
    pub connection_spec_id: &'static str,
    /// Ids by which older clients name it.
    pub legacy_connection_spec_ids: &'static [&'static str],
    /// Id of the flow spec that its flows follow.
    pub flow_spec_id: &'static str,
    /// One sentence for the card.
    pub description: &'static str,
    /// The catalog's category.
    pub category: &'static str,
    /// The short name for lists, for example `S3`.
    pub connection_type: &'static str,
    /// Batch or streaming.
    pub delivery: DeliveryKind,
    /// The ways to sign in; the first is offered first.
    pub auth_specs: &'static [AuthSpec],
    /// The members of a target connection's `params` that say where; the others say what the files are.
    pub target_members: &'static [&'static str],
    /// The member that names the folder, which may end in macros; `None` where there are no files.
    pub folder: Option<FolderMember>,
    /// How to set it up, in Markdown.
    pub guide: &'static str,
    /// The card's drawing.
    pub icon_svg: &'static str,
}

/// The member of a target that names the folder of the files.
#[derive(Clone, Copy, Debug)]
pub struct FolderMember {
    /// Its name.
    pub name: &'static str,
    /// Whether the folder must be there when a session opens. What a macro names is then made below it.
    pub must_exist: bool,
}

/// The flow spec of streaming destinations and of the older batch ones.
pub const GENERIC_FLOW_SPEC_ID: &str = "71471eba-b620-49e4-90fd-23f1fa0174d8";

/// The connection spec of the profile store, every flow's source.
pub const PROFILE_STORE_SPEC_ID: &str = "8a9c3494-9708-43d7-ae3f-cda01e5030e1";

impl CatalogEntry {
    /// Whether `id` names this kind of destination, today's id or an older one.
    pub fn is_named(&self, id: &str) -> bool {
        self.connection_spec_id == id || self.legacy_connection_spec_ids.contains(&id)
    }

    /// The way to sign in that is called `name`, in any case.
    pub fn auth_spec(&self, name: &str) -> Option<&'static AuthSpec> {
        self.auth_specs.iter().find(|spec| spec.name.eq_ignore_ascii_case(name))
    }

    /// The connector's account that `params` of the form `spec_name` mean.
    ///
    /// # Errors
    /// Every problem: an unknown form, members that the form does not have (with a near name), members that it lacks.
    pub fn account(&self, spec_name: &str, params: &Value) -> Result<Value, Vec<FieldProblem>> {
        let Some(spec) = self.auth_spec(spec_name) else {
            let known: Vec<&str> = self.auth_specs.iter().map(|spec| spec.name).collect();
            let message = format!("is none of {}", known.join(", "));
            return Err(vec![FieldProblem { field: "auth.specName".into(), message }]);
        };
        let empty = Map::new();
        let params = match params {
            Value::Object(params) => params,
            Value::Null => &empty,
            _ => return Err(vec![FieldProblem { field: "auth.params".into(), message: "must be an object".into() }]),
        };
        spec.account(params)
    }

    /// A target connection's `params`, parted: the connector's target, and what the files are.
    ///
    /// # Errors
    /// When `params` is no object.
    pub fn target(&self, params: &Value) -> Result<(Value, Map<String, Value>), Vec<FieldProblem>> {
        let Value::Object(params) = params else {
            return Err(vec![FieldProblem { field: "params".into(), message: "must be an object".into() }]);
        };
        let mut target = Map::new();
        let mut files = Map::new();
        for (name, value) in params {
            let here = if self.target_members.contains(&name.as_str()) { &mut target } else { &mut files };
            here.insert(name.clone(), value.clone());
        }
        Ok((Value::Object(target), files))
    }
}

impl AuthSpec {
    fn account(&self, params: &Map<String, Value>) -> Result<Value, Vec<FieldProblem>> {
        let mut problems = Vec::new();
        let mut account = Map::new();
        let field = |name: &str| format!("auth.params.{name}");
        for (name, value) in params {
            match self.members.iter().find(|member| member.name == name) {
                // Forms send nothing for a field that was left alone.
                Some(_) if value.is_null() => {}
                Some(member) => {
                    account.insert(member.account.into(), value.clone());
                }
                None => problems.push(FieldProblem { field: field(name), message: self.unknown() }),
            }
        }
        for member in self.members.iter().filter(|member| member.required) {
            let lacking = match account.get(member.account) {
                None => true,
                Some(value) => value.as_str() == Some(""),
            };
            if lacking {
                problems.push(FieldProblem { field: field(member.name), message: "is missing".into() });
            }
        }
        if problems.is_empty() { Ok(Value::Object(account)) } else { Err(problems) }
    }

    fn unknown(&self) -> String {
        let names: Vec<&str> = self.members.iter().map(|member| member.name).collect();
        format!("is not a member of the form {:?}, which has {}", self.name, names.join(", "))
    }

    /// The form as a JSON Schema, with each member as the connector's account schema describes it.
    pub fn schema(&self, account_schema: &Value) -> Value {
        let mut properties = Map::new();
        for member in self.members {
            let described = account_schema.pointer(&format!("/properties/{}", member.account));
            properties.insert(member.name.into(), described.map_or_else(|| json!({"type": "string"}), single_type));
        }
        let required: Vec<&str> = self.members.iter().filter(|m| m.required).map(|m| m.name).collect();
        json!({
            "$schema": "http://json-schema.org/draft-07/schema#",
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": false,
        })
    }

    /// The names of the members that the account schema marks as secret.
    pub fn secrets(&self, account_schema: &Value) -> Vec<&'static str> {
        let secret = |member: &&AuthMember| {
            account_schema.pointer(&format!("/properties/{}/format", member.account)) == Some(&json!("password"))
        };
        self.members.iter().filter(secret).map(|member| member.name).collect()
    }
}

/// A member's schema without `null`: a form leaves out what is not given.
fn single_type(schema: &Value) -> Value {
    let mut schema = schema.clone();
    if let Some(members) = schema.as_object_mut()
        && let Some(Value::Array(types)) = members.get("type")
        && let Some(kind) = types.iter().find(|kind| *kind != "null").cloned()
    {
        members.insert("type".into(), kind);
    }
    schema
}

/// The fault for an account or target that is not as its form asks.
pub fn refuse(problems: &[FieldProblem]) -> Fault {
    let texts: Vec<String> = problems.iter().map(ToString::to_string).collect();
    Fault::new(FaultClass::Config, texts.join("; "))
        .hint("correct the fields named")
        .about(problems.iter().map(|problem| problem.field.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRY: CatalogEntry = CatalogEntry {
        connection_spec_id: "new",
        legacy_connection_spec_ids: &["old"],
        flow_spec_id: "flow",
        description: "",
        category: "",
        connection_type: "",
        delivery: DeliveryKind::Batch,
        auth_specs: &[
            AuthSpec {
                name: "Password",
                title: "Password",
                kind: "BasicAuthentication",
                members: &[required("user"), optional("port")],
            },
            AuthSpec {
                name: "Old",
                title: "Old",
                kind: "BasicAuthentication",
                members: &[renamed("userName", "user")],
            },
        ],
        target_members: &["path"],
        folder: Some(FolderMember { name: "path", must_exist: true }),
        guide: "",
        icon_svg: "",
    };

    #[test]
    fn a_targets_params_say_where_and_what() {
        let (target, files) = ENTRY.target(&json!({"path": "/in", "fileType": "CSV", "mode": "FTP"})).unwrap();
        assert_eq!(target, json!({"path": "/in"}));
        assert_eq!(Value::Object(files), json!({"fileType": "CSV", "mode": "FTP"}));
        assert_eq!(ENTRY.target(&json!("x")).unwrap_err()[0].field, "params");
    }

    #[test]
    fn both_ids_mean_the_same() {
        assert!(ENTRY.is_named("new") && ENTRY.is_named("old") && !ENTRY.is_named("other"));
    }

    #[test]
    fn members_get_the_names_of_the_account() {
        assert_eq!(ENTRY.account("password", &json!({"user": "u", "port": null})).unwrap(), json!({"user": "u"}));
        assert_eq!(ENTRY.account("Old", &json!({"userName": "u"})).unwrap(), json!({"user": "u"}));
    }

    #[test]
    fn every_problem_of_a_form_is_told() {
        let problems = ENTRY.account("Password", &json!({"usr": "u", "port": 1})).unwrap_err();
        let fields: Vec<&str> = problems.iter().map(|p| p.field.as_str()).collect();
        assert_eq!(fields, ["auth.params.usr", "auth.params.user"]);
        assert!(problems[0].message.contains("user, port"), "{}", problems[0].message);
        assert_eq!(ENTRY.account("Key", &json!({})).unwrap_err()[0].field, "auth.specName");
        assert_eq!(ENTRY.account("Password", &json!([])).unwrap_err()[0].field, "auth.params");
        assert_eq!(ENTRY.account("Password", &json!({"user": ""})).unwrap_err().len(), 1);
    }

    #[test]
    fn a_form_is_described_by_the_accounts_own_schema() {
        let account = json!({"properties": {
            "user": {"type": ["string", "null"], "description": "Who.", "format": "password"},
            "port": {"type": "integer"},
        }});
        let schema = ENTRY.auth_specs[0].schema(&account);
        assert_eq!(
            schema["properties"]["user"],
            json!({"type": "string", "description": "Who.", "format": "password"})
        );
        assert_eq!(schema["required"], json!(["user"]));
        assert_eq!(ENTRY.auth_specs[0].secrets(&account), ["user"]);
        assert_eq!(ENTRY.auth_specs[1].secrets(&account), ["userName"]);
    }
}
