//! Every operation of the Policy Service and of the Dataset Service's labels, as their published references give them: the
//! requests of their examples work, and a validator that shares no code with ours finds every answer in its published shape.

use http::Method;
use outflow_testkit::python::run_python;
use serde_json::{Value, json};

use crate::testing::{Answer, Server};

const SHAPES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/published.json");
const VALIDATE: &str = include_str!("../testing/published.py");

/// The address that the references' examples name.
const ELSEWHERE: &str = "https://platform.example:443/data/foundation/dulepolicy";

/// A client that keeps every exchange.
struct Recorder<'s> {
    server: &'s Server,
    exchanges: Vec<Value>,
}

impl Recorder<'_> {
    /// Sends a request to the Policy Service.
    async fn ask(&mut self, method: Method, path: &str, status: u16, body: Option<Value>) -> Answer {
        self.send("policy-service", "/data/foundation/dulepolicy", (method, path, &[]), status, body).await
    }

    /// Sends a request to the Dataset Service.
    async fn labels(&mut self, method: Method, id: &str, etag: &str, status: u16, body: Option<Value>) -> Answer {
        let path = format!("/datasets/{id}/labels");
        let headers = [("if-match", etag)];
        let headers = if etag.is_empty() { &[] } else { headers.as_slice() };
        self.send("dataset-service", "/data/foundation/dataset", (method, &path, headers), status, body).await
    }

    async fn send(
        &mut self,
        service: &str,
        base: &str,
        (method, path, headers): (Method, &str, &[(&str, &str)]),
        status: u16,
        body: Option<Value>,
    ) -> Answer {
        let mut all = vec![("content-type", "application/json"), ("x-api-key", "any"), ("x-gw-ims-org-id", "any@Org")];
        all.extend(headers);
        let text = body.as_ref().map(Value::to_string);
        let answer = self.server.client().send(method.clone(), &format!("{base}{path}"), &all, text).await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text);
        self.exchanges.push(json!([service, method.as_str(), path, status, body, answer.body]));
        answer
    }

    async fn get(&mut self, path: &str, status: u16) -> Answer {
        self.ask(Method::GET, path, status, None).await
    }
}

#[tokio::test]
async fn every_operation_answers_in_its_published_shape() {
    let server = Server::start().await;
    let mut recorder = Recorder { server: &server, exchanges: Vec::new() };
    labels(&mut recorder).await;
    actions(&mut recorder).await;
    policies(&mut recorder).await;
    let dataset = dataset_labels(&mut recorder).await;
    evaluations(&mut recorder, &dataset).await;
    clean_up(&mut recorder).await;
    violations(&mut recorder).await;
    let file = server.path("exchanges.json");
    std::fs::write(&file, json!(recorder.exchanges).to_string()).unwrap();
    let printed = run_python(VALIDATE, &[SHAPES, file.to_str().unwrap()]);
    let mutated: u64 = printed.trim().parse().unwrap();
    assert!(mutated > 500, "only {mutated} members were looked at");
}

async fn labels(recorder: &mut Recorder<'_>) {
    recorder.get("/labels/core?limit=3", 200).await;
    recorder.get("/labels/core/C1", 200).await;
    recorder.get("/labels/core/C15", 404).await;
    recorder.get("/labels/custom/L2", 404).await;
    let label = json!({
        "name": "L2", "category": "Custom", "friendlyName": "Purchase History Data",
        "description": "Data containing information on past transactions",
    });
    recorder.ask(Method::PUT, "/labels/custom/L2", 201, Some(label.clone())).await;
    recorder.ask(Method::PUT, "/labels/custom/L2", 200, Some(label)).await;
    recorder.ask(Method::PUT, "/labels/custom/L3", 400, Some(json!({"name": "L3"}))).await;
    recorder.get("/labels/custom/L2", 200).await;
    recorder.get("/labels/custom?property=name==L2&orderby=name", 200).await;
}

async fn actions(recorder: &mut Recorder<'_>) {
    recorder.get("/marketingActions/core", 200).await;
    recorder.get("/marketingActions/core/exportToThirdParty", 200).await;
    recorder.get("/marketingActions/core/marketingActionName", 404).await;
    recorder.get("/marketingActions/custom/marketingActionName", 404).await;
    let action = json!({"name": "analyticsDB", "description": "Push data to external database for analytics."});
    recorder.ask(Method::PUT, "/marketingActions/custom/analyticsDB", 201, Some(action.clone())).await;
    recorder.ask(Method::PUT, "/marketingActions/custom/analyticsDB", 200, Some(action)).await;
    recorder.ask(Method::PUT, "/marketingActions/custom/analyticsDB", 400, Some(json!({"description": "x"}))).await;
    recorder.get("/marketingActions/custom/analyticsDB", 200).await;
    recorder.get("/marketingActions/custom", 200).await;
}

async fn policies(recorder: &mut Recorder<'_>) {
    recorder.get("/policies/core?duleLabels=C4,C5", 200).await;
    recorder.get("/policies/core/corepolicy_0003", 200).await;
    recorder.get("/policies/core/corepolicy_9999", 404).await;
    let policy = |action: &str| {
        json!({
            "name": "Email Policy", "status": "ENABLED",
            "marketingActionRefs": [format!("{ELSEWHERE}/marketingActions/{action}")],
            "description": "Conditions under which we won't send marketing-based email",
            "deny": {"operator": "AND", "operands": [
                {"label": "C1"}, {"operator": "OR", "operands": [{"label": "C3"}, {"label": "C7"}]}
            ]},
        })
    };
    let created = recorder.ask(Method::POST, "/policies/custom", 201, Some(policy("core/emailTargeting"))).await;
    recorder.ask(Method::POST, "/policies/custom", 201, Some(policy("custom/analyticsDB"))).await;
    recorder.ask(Method::POST, "/policies/custom", 400, Some(json!({"status": "ENABLED"}))).await;
    let path = format!("/policies/custom/{}", created.id());
    recorder.get(&path, 200).await;
    recorder.ask(Method::PUT, &path, 200, Some(policy("core/emailTargeting"))).await;
    recorder.ask(Method::PUT, &path, 400, Some(json!({}))).await;
    let patch = json!([{"op": "replace", "path": "/name", "value": "Email Policy 001"}]);
    let changed = recorder.server.client().patch(&format!("/data/foundation/dulepolicy{path}"), None, &patch).await;
    assert_eq!((changed.status, &changed.body["name"]), (200, &json!("Email Policy 001")), "{}", changed.text);
    // The published shape of a patch is one operation, whose value is an object.
    let one = json!({"op": "replace", "path": "/deny", "value": {"operator": "AND", "operands": [{"label": "C1"}, {"label": "C3"}]}});
    recorder.ask(Method::PATCH, &path, 200, Some(one)).await;
    recorder.ask(Method::PATCH, &path, 400, Some(json!({"op": "remove", "path": "/name"}))).await;
    recorder.get("/policies/custom?marketingAction=emailTargeting&limit=1", 200).await;
    for method in [Method::GET, Method::PUT, Method::PATCH, Method::DELETE] {
        let body = match method {
            Method::PUT => Some(policy("core/emailTargeting")),
            Method::PATCH => Some(patch.clone()),
            _ => None,
        };
        recorder.ask(method, "/policies/custom/12345", 404, body).await;
    }
    let enabled =
        recorder.ask(Method::PUT, "/enabledCorePolicies", 200, Some(json!({"policyIds": ["corepolicy_0003"]}))).await;
    assert_eq!(enabled.body["policyIds"], json!(["corepolicy_0003"]));
    recorder.ask(Method::PUT, "/enabledCorePolicies", 400, Some(json!({"policyIds": ["corepolicy_12345"]}))).await;
    recorder.get("/enabledCorePolicies", 200).await;
}

/// Answers the dataset's id.
async fn dataset_labels(recorder: &mut Recorder<'_>) -> String {
    let server = recorder.server;
    let file = server.path("lake").join("records.csv");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, "crmId,emailAddress,fullName,repositoryCreatedBy\n1,ada@example.org,Ada,x\n").unwrap();
    let mut body = server.dataset_body("Records");
    body["source"]["urls"] = json!([file]);
    let dataset = server.client().post("/data/foundation/datasets", &body).await.id().to_owned();
    let none = recorder.labels(Method::GET, &dataset, "", 404, None).await;
    let labels = json!({
        "labels": ["C1", "C3"],
        "optionalLabels": [{
            "option": {
                "id": "https://ns.example/tenant/schemas/1", "contentType": "application/vnd.adobe.xed-full+json;version=1",
                "schemaPath": "/properties/repositoryCreatedBy",
            },
            "labels": ["L2"],
        }],
    });
    recorder.labels(Method::PUT, &dataset, "\"7\"", 404, Some(labels.clone())).await;
    let first = recorder.labels(Method::PUT, &dataset, none.header("etag"), 200, Some(labels.clone())).await;
    recorder.labels(Method::PUT, &dataset, first.header("etag"), 200, Some(labels.clone())).await;
    recorder.labels(Method::GET, &dataset, "", 200, None).await;
    recorder.labels(Method::POST, &dataset, "", 403, Some(labels.clone())).await;
    let other = server.client().post("/data/foundation/datasets", &server.dataset_body("Others")).await.id().to_owned();
    recorder.labels(Method::POST, &other, "", 201, Some(json!({"labels": ["C1"], "optionalLabels": []}))).await;
    dataset
}

async fn evaluations(recorder: &mut Recorder<'_>, dataset: &str) {
    let entities = json!([
        {"entityType": "dataSet", "entityId": dataset, "entityMeta": {"fields": ["emailAddress", "fullName"]}},
        {"entityType": "dataSet", "entityId": dataset},
    ]);
    for action in ["core/emailTargeting", "custom/analyticsDB"] {
        let path = format!("/marketingActions/{action}/constraints");
        let asked = recorder.get(&format!("{path}?duleLabels=C1,C3&includeDraft=true"), 200).await;
        assert_eq!(asked.body["violatedPolicies"][0]["name"].as_str().map(|name| &name[..5]), Some("Email"));
        let asked = recorder.ask(Method::POST, &path, 200, Some(entities.clone())).await;
        assert_eq!(asked.body["duleLabels"], json!(["C1", "C3", "L2"]), "{}", asked.text);
        recorder.ask(Method::POST, &path, 400, Some(json!([{"entityId": dataset}]))).await;
        let none = format!("/marketingActions/{}/none/constraints", action.split_once('/').unwrap().0);
        recorder.get(&format!("{none}?duleLabels=C1"), 404).await;
        recorder.ask(Method::POST, &none, 404, Some(entities.clone())).await;
    }
    let reference = format!("{ELSEWHERE}/marketingActions/core/emailTargeting/constraints");
    let many = json!([
        {"evalRef": reference, "includeDraft": false, "labels": ["C1", "C2", "C3"]},
        {"evalRef": reference, "includeDraft": false, "entityList": [
            {"entityType": "dataSet", "entityId": dataset, "entityMeta": {"fields": ["fullName"]}}
        ]},
        {"evalRef": format!("{ELSEWHERE}/marketingActions/custom/none/constraints"), "labels": ["C1"]},
    ]);
    let answers = recorder.ask(Method::POST, "/bulk-eval", 200, Some(many)).await;
    let statuses: Vec<_> = answers.body.as_array().unwrap().iter().map(|answer| answer["status"].clone()).collect();
    assert_eq!(statuses, [200, 200, 404]);
    let both = json!([{"evalRef": reference, "labels": ["C1"], "entityList": []}]);
    recorder.ask(Method::POST, "/bulk-eval", 400, Some(both)).await;
}

async fn clean_up(recorder: &mut Recorder<'_>) {
    let page = recorder.get("/policies/custom", 200).await;
    for policy in page.body["children"].as_array().unwrap() {
        recorder.ask(Method::DELETE, &format!("/policies/custom/{}", policy["id"].as_str().unwrap()), 200, None).await;
    }
    recorder.ask(Method::DELETE, "/marketingActions/custom/analyticsDB", 200, None).await;
    recorder.ask(Method::DELETE, "/marketingActions/custom/analyticsDB", 404, None).await;
}

/// Core policies that a flow would violate, and labels with which it would violate one.
async fn violations(recorder: &mut Recorder<'_>) {
    let server = recorder.server;
    let off = json!({"policyIds": []});
    recorder.ask(Method::PUT, "/enabledCorePolicies", 200, Some(off)).await;
    let body = server.dataset_body("People");
    let dataset = server.client().post("/data/foundation/datasets", &body).await.id().to_owned();
    let flow = server.flow("Loyal").await;
    let labels = |labels: Value| json!({"labels": labels, "optionalLabels": [{"option": {"schemaPath": "/properties/email"}, "labels": ["C4"]}]});
    recorder.labels(Method::PUT, &dataset, "*", 200, Some(labels(json!(["C4"])))).await;
    let on = json!({"policyIds": ["corepolicy_0003"]});
    let refused = recorder.ask(Method::PUT, "/enabledCorePolicies", 409, Some(on.clone())).await;
    assert_eq!(refused.body["violations"][0]["flow"]["id"], flow.id.as_str());
    let entity = &refused.body["violations"][0]["entities"][0];
    assert_eq!((&entity["entityId"]["id"], &entity["labels"]), (&json!(dataset), &json!(["C4"])), "{}", refused.text);
    assert_eq!(entity["optionalLabels"], labels(json!([]))["optionalLabels"]);
    recorder.labels(Method::PUT, &dataset, "*", 200, Some(json!({"labels": []}))).await;
    recorder.ask(Method::PUT, "/enabledCorePolicies", 200, Some(on)).await;
    let refused = recorder.labels(Method::PUT, &dataset, "*", 409, Some(labels(json!([])))).await;
    assert_eq!(
        (&refused.body["code"], &refused.body["violationsTotal"]),
        (&json!("PES-409"), &json!(1)),
        "{}",
        refused.text
    );
    server.client().delete(&format!("/data/foundation/datasets/{dataset}")).await;
}
