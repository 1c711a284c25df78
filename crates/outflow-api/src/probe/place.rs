//! Where in a request's body the members of a connector's account and target stand.

use outflow_connector_kit::catalog::{AuthMember, AuthSpec, CatalogEntry};
use outflow_connector_kit::{Connector, ProbeStep};
use serde_json::{Value, json};

/// The body that the members of an account or a target came in.
#[derive(Clone, Copy)]
pub(crate) enum Place {
    /// A connection's, whose form is this one.
    Account(Option<&'static AuthSpec>),
    /// A target connection's.
    Target(&'static CatalogEntry),
}

impl Place {
    /// A connection's body, whose form is called `spec_name`.
    pub(crate) fn account(connector: &dyn Connector, spec_name: &str) -> Place {
        Place::Account(connector.catalog().auth_spec(spec_name))
    }

    /// A target connection's body.
    pub(crate) fn target(connector: &dyn Connector) -> Place {
        Place::Target(connector.catalog())
    }

    /// A step as answers show it: with pointers where the connector has names of its own.
    pub(super) fn shown(self, step: &ProbeStep) -> Value {
        let mut shown = json!(step);
        if let Some(Value::Array(fields)) = shown.get("fields") {
            let fields: Vec<&str> = fields.iter().filter_map(Value::as_str).collect();
            shown["fields"] = json!(self.pointers(&fields));
        }
        if let Some(field) = shown.pointer("/hostKey/field").and_then(Value::as_str) {
            shown["hostKey"]["field"] = json!(self.in_account(field));
        }
        shown
    }

    /// Pointers to what the connector calls `fields`, each once. A form that has none of them is itself the wrong one.
    fn pointers(self, fields: &[&str]) -> Vec<String> {
        let mut pointers = Vec::new();
        for pointer in fields.iter().filter_map(|field| self.pointer(field)) {
            if !pointers.contains(&pointer) {
                pointers.push(pointer);
            }
        }
        if pointers.is_empty() && !fields.is_empty() {
            pointers.push("/auth/specName".to_owned());
        }
        pointers
    }

    fn pointer(self, field: &str) -> Option<String> {
        match self {
            Place::Account(spec) => spec?.members.iter().find(|member| member.account == field).map(param),
            Place::Target(entry) if entry.target_members.contains(&field) => Some(format!("/params/{field}")),
            // The body of a target has the account as one member.
            Place::Target(_) => Some("/baseConnectionId".to_owned()),
        }
    }

    /// Pointer to a member in the account's body, whichever body the probe is of.
    fn in_account(self, field: &str) -> Option<String> {
        match self {
            Place::Account(_) => self.pointer(field),
            Place::Target(entry) => {
                let mut members = entry.auth_specs.iter().flat_map(|spec| spec.members);
                members.find(|member| member.account == field).map(param)
            }
        }
    }
}

fn param(member: &AuthMember) -> String {
    format!("/auth/params/{}", member.name)
}

#[cfg(test)]
mod tests {
    use outflow_connector_kit::ProbeReport;
    use outflow_model::fault::HostKey;
    use outflow_model::{Fault, FaultClass};

    use super::*;

    fn shown(place: Place, fault: &Fault) -> Value {
        let mut report = ProbeReport::default();
        report.failed("Sign in", fault);
        place.shown(&report.steps[0])
    }

    #[test]
    fn members_are_named_by_the_body_that_they_came_in() {
        let registry = outflow_connectors::registry();
        let sftp = &**registry.iter().find(|connector| connector.id() == "sftp").unwrap();
        let (password, older) = ("SFTP with Password", "Basic Authentication for sftp");
        let fault = |fields: &[&str]| Fault::new(FaultClass::Credentials, "refused").about(fields.iter().copied());
        let fields = |place: Place, names: &[&str]| shown(place, &fault(names))["fields"].clone();
        let both = ["domain", "username"];
        assert_eq!(
            fields(Place::account(sftp, password), &both),
            json!(["/auth/params/domain", "/auth/params/username"])
        );
        assert_eq!(fields(Place::account(sftp, older), &both), json!(["/auth/params/host", "/auth/params/userName"]));
        assert_eq!(fields(Place::account(sftp, password), &["sshKey"]), json!(["/auth/specName"]));
        assert_eq!(
            fields(Place::target(sftp), &["username", "password", "remotePath"]),
            json!(["/baseConnectionId", "/params/remotePath"])
        );
        assert!(fields(Place::target(sftp), &[]).is_null());
    }

    #[test]
    fn the_line_of_a_host_key_goes_into_the_account() {
        let registry = outflow_connectors::registry();
        let sftp = &**registry.iter().find(|connector| connector.id() == "sftp").unwrap();
        let key = HostKey {
            field: "hostKey".into(),
            line: "ssh-ed25519 AAAA".into(),
            fingerprint: "SHA256:x".into(),
            algorithm: "ssh-ed25519".into(),
            approved: Vec::new(),
        };
        for place in [Place::target(sftp), Place::account(sftp, "SFTP with SSH Key")] {
            let fault = Fault::new(FaultClass::Credentials, "unknown").presented(key.clone());
            assert_eq!(shown(place, &fault)["hostKey"]["field"], "/auth/params/hostKey");
        }
    }
}
