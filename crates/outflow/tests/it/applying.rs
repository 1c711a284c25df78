//! `outflow apply`: what files say, once and again, and what becomes of secrets.

use serde_json::{Value, json};

use crate::place::{Kind, Place};
use crate::run::Ran;
use crate::samples::{lake, text};
use crate::server::{Access, SECRET_VARIABLE, Server, access};

/// Files for a place, in a folder: the account's secret comes from a variable.
fn write(server: &Server, access: &Access, rule: &str) -> String {
    let folder = server.temp.path().join("deployment");
    std::fs::create_dir_all(&folder).unwrap();
    let (member, _) = access.secret.clone().unwrap();
    let mut params: serde_json::Map<String, Value> = access
        .params
        .iter()
        .map(|param| param.split_once('=').unwrap())
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect();
    params.insert(member, format!("${{{SECRET_VARIABLE}}}").into());
    let lake = format!("{}/*.parquet", text(&lake(20_000, 3, 2)));
    let accounts = json!({"accounts": {"acme": {
        "connectionSpec": {"id": access.kind},
        "auth": {"specName": "Access Key", "params": params},
    }}});
    std::fs::write(folder.join("accounts.json"), accounts.to_string()).unwrap();
    let yaml = format!(
        r#"
datasets:
  customers:
    source: {{format: parquet, urls: ["{lake}"]}}
    identities: [{{path: profileId, namespace: CRMID, primary: true}}]
segments:
  us:
    description: who lives there
    expression: {{value: '{rule}'}}
destinations:
  daily:
    baseConnectionId: acme
    params: {{mode: Server-to-server, bucketName: "{}", path: "{}", fileType: CSV, compression: GZIP}}
flows:
  daily:
    targetConnectionIds: [daily]
    transformations:
      - name: GeneralTransform
        params:
          segmentSelectors:
            selectors:
              - type: PLATFORM_SEGMENT
                value:
                  id: us
                  filenameTemplate: "%DESTINATION_NAME%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%"
                  exportMode: DAILY_FULL_EXPORT
                  schedule: {{frequency: DAILY, triggerType: SCHEDULED, startDate: "2030-01-01", startTime: "06:00"}}
          profileSelectors:
            selectors:
              - {{type: JSON_PATH, value: {{operator: EXISTS, path: profileId}}}}
"#,
        access.target[1], access.target[3]
    );
    std::fs::write(folder.join("rest.yaml"), yaml).unwrap();
    text(&folder).to_owned()
}

fn actions(answer: &Value) -> Vec<(String, String)> {
    let item = |item: &Value| (item["kind"].as_str().unwrap().to_owned(), item["action"].as_str().unwrap().to_owned());
    answer["items"].as_array().unwrap().iter().map(item).collect()
}

fn all(action: &str) -> Vec<(String, String)> {
    ["datasets", "segments", "accounts", "destinations", "flows"].map(|kind| (kind.into(), action.into())).to_vec()
}

fn names(server: &Server, noun: &str) -> usize {
    server.ask(&[noun, "list"])["items"].as_array().unwrap().len()
}

#[test]
fn files_are_applied_once_and_what_changes_is_shown_before() {
    let mut server = Server::start();
    let access = access(&Place::new(Kind::Moto));
    let secret = access.secret.clone().unwrap().1;
    server.environment.push((SECRET_VARIABLE.into(), secret.clone()));
    let files = write(&server, &access, "loyalty.points > 100");
    let apply = |server: &Server, dry: &[&str]| -> Ran {
        let ran = server.run(&[&["apply", "-f", &files, "--json"], dry].concat());
        assert!(!ran.stdout.contains(&secret) && !ran.stderr.contains(&secret), "a secret is shown");
        ran
    };
    assert_eq!(actions(&apply(&server, &["--dry-run"]).expect(0)), all("create"));
    assert_eq!(names(&server, "flows") + names(&server, "accounts") + names(&server, "datasets"), 0);
    assert_eq!(actions(&apply(&server, &[]).expect(0)), all("create"));
    assert_eq!(actions(&apply(&server, &["--dry-run"]).expect(0)), all("keep"));
    let etags = server.ask(&["accounts", "list"])["items"][0]["etag"].clone();
    assert_eq!(actions(&apply(&server, &[]).expect(0)), all("keep"));
    assert_eq!(server.ask(&["accounts", "list"])["items"][0]["etag"], etags);

    write(&server, &access, "loyalty.points > 200");
    let planned = apply(&server, &["--dry-run"]).expect(0);
    let change = &planned["items"][1]["changes"][0];
    assert_eq!((&change["path"], &change["from"]), (&"/expression/value".into(), &"loyalty.points > 100".into()));
    assert_eq!(server.ask(&["segments", "show", "us"])["expression"]["value"], "loyalty.points > 100");
    apply(&server, &[]).expect(0);
    let segment = server.ask(&["segments", "show", "us"]);
    assert_eq!(segment["expression"]["value"], "loyalty.points > 200");
    assert_eq!(segment["description"], "who lives there");
    assert_eq!(actions(&apply(&server, &[]).expect(0)), all("keep"));
}

#[test]
fn a_rotated_secret_is_noticed_proved_and_not_lost() {
    let mut server = Server::start();
    let access = access(&Place::new(Kind::Moto));
    let secret = access.secret.clone().unwrap().1;
    let with = |server: &mut Server, secret: &str| {
        server.environment.retain(|(name, _)| name != SECRET_VARIABLE);
        server.environment.push((SECRET_VARIABLE.into(), secret.into()));
    };
    with(&mut server, &secret);
    let files = write(&server, &access, "loyalty.points > 100");
    server.ask(&["apply", "-f", &files]);
    // A wrong one is shown as a change, and refused when it is tried.
    let wrong = "hush".repeat(10);
    with(&mut server, &wrong);
    let planned = server.run(&["apply", "-f", &files, "--dry-run", "--json"]);
    let account = planned.expect(0)["items"][2].clone();
    assert_eq!(account["changes"][0]["path"], "/auth/params/s3SecretKey", "{account}");
    assert_eq!(account["changes"][0]["to"], "(secret)", "{account}");
    let refused = server.run(&["apply", "-f", &files, "--json"]);
    refused.expect(4);
    assert!(!format!("{planned:?}{refused:?}").contains(&wrong), "a secret is shown");
    // What was there is there still.
    server.ask(&["accounts", "test", "acme"]);
    with(&mut server, &secret);
    assert_eq!(actions(&server.ask(&["apply", "-f", &files])), all("keep"));
}

#[test]
fn every_mistake_is_told_at_once_and_nothing_is_changed() {
    let server = Server::start();
    let file = server.temp.path().join("wrong.yaml");
    std::fs::write(
        &file,
        "segments:\n  a: {expression: {value: 'x = 1'}}\n\
         destinations:\n  d: {baseConnectionId: nobody, params: {}}\n\
         flows:\n  f: {targetConnectionIds: [dd]}\n",
    )
    .unwrap();
    let ran = server.run(&["apply", "-f", text(&file)]);
    ran.expect_status(2);
    assert!(ran.stderr.contains("there is no account \"nobody\""), "{}", ran.stderr);
    assert!(ran.stderr.contains("there is no destination \"dd\""), "{}", ran.stderr);
    assert_eq!(names(&server, "segments"), 0);
    std::fs::write(&file, "accounts: {a: {auth: {params: {p: \"${NOT_SET}\"}}}}").unwrap();
    let ran = server.run(&["apply", "-f", text(&file)]);
    assert!(ran.expect_status(2).stderr.contains("NOT_SET is not set"), "{}", ran.stderr);
}

#[test]
fn a_flow_that_is_described_as_disabled_is_never_enabled() {
    let mut server = Server::start();
    let access = access(&Place::new(Kind::Moto));
    server.environment.push((SECRET_VARIABLE.into(), access.secret.clone().unwrap().1));
    let files = write(&server, &access, "loyalty.points > 100");
    let rest = std::path::Path::new(&files).join("rest.yaml");
    let yaml = std::fs::read_to_string(&rest).unwrap();
    let with_state = |state: &str| {
        let flow = "flows:\n  daily:\n";
        std::fs::write(&rest, yaml.replace(flow, &format!("{flow}    state: {state}\n"))).unwrap();
    };
    with_state("disabled");
    server.ask(&["apply", "-f", &files]);
    let flow = server.ask(&["flows", "show", "daily"]);
    // The first version: nothing switched it.
    assert_eq!((&flow["state"], &flow["etag"]), (&json!("disabled"), &json!("\"1\"")));
    with_state("enabled");
    let change = server.ask(&["apply", "-f", &files])["items"][4]["changes"][0].clone();
    assert_eq!((&change["path"], &change["to"]), (&json!("/state"), &json!("enabled")));
    assert_eq!(server.ask(&["flows", "show", "daily"])["state"], "enabled");
}

#[test]
fn an_account_can_sign_in_another_way_with_a_secret_from_a_variable() {
    let mut server = Server::start();
    let access = access(&Place::new(Kind::Sshd));
    let secret = access.secret.clone().unwrap().1;
    server.environment.push((SECRET_VARIABLE.into(), secret.clone()));
    let file = server.temp.path().join("account.json");
    let write = |way: &str, host: &str| {
        let mut params = serde_json::Map::new();
        for (name, value) in access.params.iter().map(|param| param.split_once('=').unwrap()) {
            let name = if name == "domain" { host } else { name };
            let value = value.parse::<u16>().map_or_else(|_| json!(value), |port| json!(port));
            params.insert(name.to_owned(), value);
        }
        params.insert("password".into(), json!(format!("env:{SECRET_VARIABLE}")));
        let account = json!({"connectionSpec": {"id": "sftp"}, "auth": {"specName": way, "params": params}});
        std::fs::write(&file, json!({"accounts": {"acme": account}}).to_string()).unwrap();
    };
    let apply = |more: &[&str]| {
        let ran = server.run(&[&["apply", "-f", text(&file), "--json"], more].concat());
        assert!(!ran.stdout.contains(&secret), "a secret is shown");
        ran.expect(0)["items"][0].clone()
    };
    write("SFTP with Password", "domain");
    assert_eq!(apply(&[])["action"], "create");
    assert_eq!(apply(&[])["action"], "keep");
    write("Basic Authentication for sftp", "host");
    let planned = apply(&["--dry-run"]);
    let change = json!({"path": "/auth", "from": "(secret)", "to": "(secret)"});
    assert_eq!(planned["changes"], json!([change]));
    assert_eq!(apply(&[])["action"], "update");
    assert_eq!(apply(&[])["action"], "keep");
    server.ask(&["accounts", "test", "acme"]);
}

#[test]
fn a_dataset_without_a_list_of_places_is_refused_by_its_field() {
    let server = Server::start();
    let file = server.temp.path().join("dataset.yaml");
    for source in ["crm.csv", "{format: csv}"] {
        let identities = "[{path: crmId, namespace: CRMID, primary: true}]";
        std::fs::write(&file, format!("datasets: {{crm: {{source: {source}, identities: {identities}}}}}")).unwrap();
        let ran = server.run(&["apply", "-f", text(&file)]);
        assert!(ran.expect_status(2).stderr.contains("/source"), "{}", ran.stderr);
        assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
    }
}
