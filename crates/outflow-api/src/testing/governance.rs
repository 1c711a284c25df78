//! Data that labels matter for: two datasets with structs and lists, and a flow that could use all of it.

use outflow_store::{DatasetLabels, EnabledCorePolicies, NewDocument, Noun, Policy};
use serde_json::{Value, json};

use super::Server;
use super::fixtures::{FLOW_SERVICE, Flow};

/// The action that every flow of these tests has.
pub(crate) const EMAIL_TARGETING: &str = "/dulepolicy/marketingActions/core/emailTargeting";

/// A flow, and the datasets that it uses.
pub(crate) struct Nested {
    pub(crate) flow: Flow,
    pub(crate) crm: String,
    pub(crate) shop: String,
}

impl Nested {
    /// Where the flow is.
    pub(crate) fn path(&self) -> String {
        format!("{FLOW_SERVICE}/flows/{}", self.flow.id)
    }

    /// Where its target is.
    pub(crate) fn target_path(&self) -> String {
        format!("{FLOW_SERVICE}/targetConnections/{}", self.flow.target)
    }

    /// Where its segment is.
    pub(crate) fn segment_path(&self) -> String {
        format!("/data/core/ups/segment/definitions/{}", self.flow.segment)
    }
}

/// A column of a flow.
pub(crate) fn column(path: &str) -> Value {
    json!({"type": "JSON_PATH", "value": {"path": path, "operator": "EXISTS", "mapping": {"source": path}}})
}

/// A patch that adds a column to a flow.
pub(crate) fn with_column(path: &str) -> Value {
    json!([{"op": "add", "path": "/transformations/0/params/profileSelectors/selectors/-", "value": column(path)}])
}

/// A condition that is one label.
pub(crate) fn one(label: &str) -> Value {
    json!({"label": label})
}

/// A condition in which labels meet.
pub(crate) fn all(labels: &[&str]) -> Value {
    json!({"operator": "AND", "operands": labels.iter().map(|label| one(label)).collect::<Vec<_>>()})
}

/// The body of an enabled policy against e-mail.
pub(crate) fn policy(name: &str, deny: &Value) -> Value {
    json!({"name": name, "status": "ENABLED", "marketingActionRefs": [EMAIL_TARGETING], "deny": deny})
}

/// The labels of fields.
pub(crate) fn labels(whole: &[&str], fields: &[(&str, &[&str])]) -> Value {
    let field = |(place, labels): &(&str, &[&str])| {
        json!({"option": {"id": "https://example.org/schemas/1", "contentType": "application/vnd.adobe.xed-full+json;version=1",
            "schemaPath": place}, "labels": labels})
    };
    json!({"labels": whole, "optionalLabels": fields.iter().map(field).collect::<Vec<_>>()})
}

impl Server {
    /// A flow of two refreshed datasets that share their profiles. It maps the profile's id and reads its age, nothing else.
    /// In `crm` there are `person` (`email`, `city`), a list `phones` (`number`, `kind`), and `age`; in `shop` there are
    /// `person` (`city`) and `orders`.
    pub(crate) async fn nested(&self) -> Nested {
        let crm = json!({"crmId": "c-1", "age": 25, "person": {"email": "ada@example.org", "city": "Rome"},
            "phones": [{"number": "1", "kind": "home"}]});
        let shop = json!({"customer": "c-1", "person": {"city": "Rome"}, "orders": 3});
        let crm = self.dataset_of("crm", "crmId", &crm).await;
        let shop = self.dataset_of("shop", "customer", &shop).await;
        self.work_is_done().await;
        let account = self.folder_account_id("Account").await;
        let mut target = self.folder_target(&account, "Nested");
        target["params"]["fileType"] = json!("JSON");
        let mut flow = self.flow_to("Nested", account, target).await;
        let mut body = self.flow_body(&flow, "Nested");
        body["transformations"][0]["params"]["profileSelectors"]["selectors"] = json!([column("crmId")]);
        self.create_flow(&mut flow, &body).await;
        Nested { flow, crm, shop }
    }

    /// A dataset of one record.
    async fn dataset_of(&self, name: &str, id: &str, record: &Value) -> String {
        let file = self.path("lake").join(format!("{name}.ndjson"));
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, format!("{record}\n")).unwrap();
        let body = json!({
            "name": name, "source": {"urls": [file]},
            "identities": [{"path": id, "namespace": "CRMID", "primary": true}],
        });
        self.made("/data/foundation/datasets", &body).await
    }

    /// Makes a document that nobody was asked about.
    pub(crate) async fn put_document<N: Noun>(&self, id: &str, body: Value) {
        let mut tx = self.store().begin().await.unwrap();
        let name = body.get("name").and_then(Value::as_str).unwrap_or(id).to_owned();
        let new = NewDocument { id: Some(id.to_owned()), sandbox: "prod", name: &name, body, by: "admin" };
        tx.insert::<N>(new).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// An enabled policy against e-mail, which nobody was asked about.
    pub(crate) async fn put_policy(&self, id: &str, deny: &Value) {
        self.put_document::<Policy>(id, policy(&format!("The {id}"), deny)).await;
    }

    /// The labels of a dataset, which nobody was asked about.
    pub(crate) async fn put_labels(&self, dataset: &str, labels: Value) {
        self.put_document::<DatasetLabels>(dataset, labels).await;
    }

    /// Enables core policies, without a question.
    pub(crate) async fn put_core_policies(&self, ids: &[&str]) {
        self.put_document::<EnabledCorePolicies>("enabled", json!({"policyIds": ids})).await;
    }
}
