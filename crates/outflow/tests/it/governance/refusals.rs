//! What policies refuse, how that is told, and the ways past it.

use serde_json::{Value, json};

use super::{Bed, WITH_PHONE, WITHOUT_PHONE, written};
use crate::place::Kind;
use crate::server::Server;

const POLICY: &str = "3rd party export restriction";

#[test]
fn a_label_makes_a_policy_refuse_a_flow_and_a_way_out_lets_it_go() {
    let bed = Bed::new(Kind::Moto, WITH_PHONE);
    let server = &bed.server;
    bed.export();
    let labels =
        server.ask(&["datasets", "labels", "customers", "--field", "mobilePhone.number=C2", "--dataset", "C9"]);
    assert_eq!(labels["optionalLabels"][0]["option"]["schemaPath"], "/properties/mobilePhone/properties/number");
    assert_eq!(server.ask(&["policies", "check", "daily"])["allowed"], true);

    // Enabling it would make the flow violate it: nothing changes, and it is said why and what to do.
    let refused = server.run(&["policies", "enable", POLICY, "--json"]);
    let told = refused.expect(5);
    assert_eq!(told["error"]["violations"][0]["policy"]["name"], POLICY, "{told}");
    for line in [
        "error: flow daily would violate policy 3rd party export restriction",
        "customers -> mobilePhone.number [C2] -> mapping -> daily",
        "way out",
        "outflow datasets labels customers --remove mobilePhone.number=C2",
        "--on-violation pause",
    ] {
        assert!(refused.stderr.contains(line), "{line}:\n{}", refused.stderr);
    }
    assert_eq!(server.ask(&["policies", "show", "corepolicy_0001"])["status"], "DRAFT");

    let paused = server.ask(&["policies", "enable", POLICY, "--on-violation", "pause"]);
    assert_eq!(paused["pausedFlows"][0]["name"], "daily", "{paused}");
    let flow = bed.flow();
    assert_eq!(
        (&flow["state"], flow["pause"]["violations"][0]["policyName"].as_str()),
        (&json!("disabled"), Some(POLICY))
    );
    assert!(server.run(&["flows", "list"]).expect_status(0).stdout.contains("paused"));
    let shown = server.run(&["flows", "show", "daily"]);
    assert!(
        shown.expect_status(0).stdout.contains("denies exportToThirdParty where C2 OR C12; in segment us: C2"),
        "{}",
        shown.stdout
    );
    server.run(&["flows", "run", "daily"]).expect_status(5);
    server.run(&["flows", "enable", "daily"]).expect_status(5);
    let checked = server.run(&["flows", "check", "daily", "--json"]);
    let said = checked.expect(5);
    assert_eq!(
        (said["allowed"].as_bool(), &said["violations"][0]["condition"]),
        (Some(false), &json!("C2 OR C12")),
        "{said}"
    );

    // The first way out: the column goes.
    bed.activate(WITHOUT_PHONE).expect_status(0);
    server.ask(&["flows", "enable", "daily"]);
    assert!(bed.flow()["pause"].is_null());
    assert_eq!(bed.lines(&bed.export())[0], "profileId,email");
    let back = bed.activate(WITH_PHONE);
    assert!(back.expect_status(5).stderr.contains("mobilePhone.number [C2]"), "{}", back.stderr);
    // Another one: the policy is switched off again.
    server.ask(&["policies", "disable", POLICY]);
    bed.activate(WITH_PHONE).expect_status(0);
}

#[test]
fn labels_actions_and_policies_of_ones_own_are_made_and_used() {
    let bed = Bed::new(Kind::Folder, WITHOUT_PHONE);
    let server = &bed.server;
    server.ask(&["labels", "create", "L2", "--friendly-name", "Purchases"]);
    server.run(&["labels", "create", "C1"]).expect_status(2);
    server.ask(&["labels", "update", "L2", "--description", "Tells what somebody bought"]);
    assert_eq!(server.ask(&["labels", "show", "L2"])["friendlyName"], "Purchases");
    server.ask(&["actions", "create", "partnerAds"]);
    let create = ["policies", "create", "No ads", "--deny", "I1 and (L2 or C5)", "--action", "partnerAds"];
    let made = server.ask(&[&create[..], &["--enabled"]].concat());
    assert_eq!(made["deny"]["operands"][1]["operator"], "OR", "{made}");
    let used = server.run(&["actions", "delete", "partnerAds"]);
    assert!(used.expect_status(5).stderr.contains("No ads"), "{}", used.stderr);
    server.ask(&["datasets", "labels", "customers", "--add", "personalEmail.address=I1", "--add", "profileId=L2"]);
    let update = ["destinations", "update", "daily", "--marketing-action", "partnerAds"];
    let refused = server.run(&update);
    assert!(refused.expect_status(5).stderr.contains("policy \"No ads\""), "{}", refused.stderr);
    server.ask(&["policies", "update", "No ads", "--deny", "I1 and C5"]);
    server.ask(&update);
    assert_eq!(bed.flow()["policy"]["enforcementRefs"], json!(["/dulepolicy/marketingActions/custom/partnerAds"]));
    server.ask(&["policies", "delete", "No ads"]);
    server.ask(&["segments", "update", "us", "--rule", "loyalty.points > 500", "--on-violation", "pause"]);
}

#[test]
fn suggestions_are_accepted_and_refused() {
    let bed = Bed::new(Kind::Folder, WITHOUT_PHONE);
    let server = &bed.server;
    let suggested = |found: &Value, path: &str| found["suggestions"].to_string().contains(path);
    let found = server.ask(&["datasets", "suggestions", "customers"]);
    assert!(suggested(&found, "/properties/personalEmail/properties/address"), "{found}");
    let left = server.ask(&["datasets", "suggestions", "customers", "--accept", "personalEmail.address=I1"]);
    assert!(!suggested(&left, "/properties/personalEmail/properties/address"), "{left}");
    let first = left["suggestions"][0].clone();
    let (path, label) = (first["schemaPath"].as_str().unwrap(), first["label"].as_str().unwrap());
    let left = server.ask(&["datasets", "suggestions", "customers", "--refuse", &format!("{path}={label}")]);
    assert!(!left["suggestions"].as_array().unwrap().contains(&first), "{left}");
    let labels = server.run(&["datasets", "labels", "customers"]);
    assert!(labels.expect_status(0).stdout.contains("personalEmail.address  I1"), "{}", labels.stdout);
}

#[test]
fn what_is_mistyped_is_told_with_what_is_near() {
    let server = Server::start();
    for (args, told) in [
        (&["policies", "enable", "3rd party export restrictoin"][..], "did you mean 3rd party export restriction?"),
        (&["policies", "create", "x", "--deny", "C2", "--action", "emailTargetting"], "did you mean emailTargeting?"),
        (&["policies", "create", "x", "--deny", "C2 and", "--action", "emailTargeting"], "ends where"),
        (&["policies", "create", "x", "--deny", "not C2", "--action", "emailTargeting"], "there is no \"not\""),
        (&["policies", "create", "x", "--deny", "C22", "--action", "emailTargeting"], "there is no label \"C22\""),
        (
            &["policies", "create", "Restrict analytics", "--deny", "C2", "--action", "analytics"],
            "there is a core policy Restrict analytics already",
        ),
        (&["labels", "create", "c2"], "there is a label C2 already, which c2 would be taken for"),
        (&["consent", "create", "x", "--label", "i1", "--needs", "consents.marketing.email.val=y"], "did you mean I1?"),
        (&["policies", "delete", "corepolicy_0001"], "comes with the product"),
        (&["actions", "create", "emailTargeting"], "there is a core marketing action emailTargeting already"),
        (&["labels", "show", "Third-Praty"], "did you mean Third-Party?"),
        (&["consent", "create", "x", "--label", "I1", "--needs", "consents"], "PATH=VALUE"),
        (&["consent", "show", "x"], "there are no consent policies"),
        (&["audit", "show", "999"], "there is no record 999"),
    ] {
        let ran = server.run(args);
        assert!(ran.expect_status(2).stderr.contains(told), "{args:?}: {}", ran.stderr);
    }
}

#[test]
fn what_governs_is_applied_before_what_it_governs_and_once() {
    let bed = Bed::new(Kind::Folder, WITH_PHONE);
    let server = &bed.server;
    let file = written(
        server,
        "governance.yaml",
        r"
labels:
  L2: {friendlyName: Purchases}
marketingActions:
  partnerAds: {description: Ads that a partner shows}
datasetLabels:
  customers: {labels: [L2], fields: {mobilePhone.number: [C2]}}
policies:
  corepolicy_0001: {status: ENABLED}
  No ads:
    status: ENABLED
    deny: I1 and (L2 or C5)
    marketingActionRefs: [partnerAds, emailTargeting]
consentPolicies:
  Mail needs consent:
    if: {marketingActionRef: emailTargeting}
    then: {path: consents.marketing.email.val, values: ['y']}
destinations:
  daily: {baseConnectionId: partner, policy: {enforcementRefs: [emailTargeting]}}
flows:
  daily: {targetConnectionIds: [daily], description: Governed, policy: {enforcementRefs: [exportToThirdParty, partnerAds]}}
",
    );
    let actions = |answer: &Value| -> Vec<String> {
        answer["items"].as_array().unwrap().iter().map(|item| item["action"].as_str().unwrap().to_owned()).collect()
    };
    // The flow hands telephone numbers to a third party, which is forbidden as soon as all of it is applied.
    let planned = server.run(&["apply", "-f", &file, "--dry-run", "--json"]).expect(5);
    let expected = ["create", "create", "create", "create", "update", "create", "update", "update"];
    assert_eq!(actions(&planned), expected, "{planned}");
    let would = &planned["error"]["violations"][0];
    assert_eq!(
        (&would["policy"]["id"], &would["labels"]),
        (&"corepolicy_0001".into(), &serde_json::json!(["C2"])),
        "{planned}"
    );
    let planned = server.ask(&["apply", "-f", &file, "--dry-run", "--on-violation", "pause"]);
    assert!(planned["warnings"].to_string().contains("flow daily would be paused"), "{planned}");
    assert!(server.ask(&["consent", "list"])["items"].as_array().unwrap().is_empty());
    let refused = server.run(&["apply", "-f", &file]);
    assert!(refused.expect_status(5).stderr.contains("mobilePhone.number [C2]"), "{}", refused.stderr);
    let applied = server.ask(&["apply", "-f", &file, "--on-violation", "pause"]);
    assert!(applied.to_string().contains("flow daily is paused"), "{applied}");
    assert_eq!(bed.flow()["state"], "disabled");
    let named = bed.flow()["policy"]["enforcementRefs"].to_string();
    assert!(named.contains("marketingActions/custom/partnerAds"), "{named}");
    assert_eq!(actions(&server.ask(&["apply", "-f", &file])), ["keep"; 8]);
    assert_eq!(actions(&server.ask(&["apply", "-f", &file, "--dry-run"])), ["keep"; 8]);
    let off = written(server, "off.yaml", "datasetLabels: {customers: {fields: {mobilePhone.number: []}}}");
    let taken = server.ask(&["apply", "-f", &off]);
    assert_eq!(taken["items"][0]["changes"][0]["path"], "/fields/mobilePhone.number", "{taken}");
    assert_eq!(actions(&server.ask(&["apply", "-f", &off])), ["keep"]);
    let core = written(server, "core.yaml", "marketingActions: {emailTargeting: {description: Ours}}");
    let ran = server.run(&["apply", "-f", &core]);
    assert!(ran.expect_status(2).stderr.contains("comes with the product"), "{}", ran.stderr);
    let wrong = written(server, "wrong.yaml", "policies: {x: {deny: C2 and L3, marketingActionRefs: [partnerAd]}}");
    let ran = server.run(&["apply", "-f", &wrong]);
    assert!(ran.expect_status(2).stderr.contains("there is no label \"L3\""), "{}", ran.stderr);
}

#[test]
fn a_dry_run_promises_what_applying_does() {
    let bed = Bed::new(Kind::Folder, WITHOUT_PHONE);
    let server = &bed.server;
    server.ask(&["datasets", "labels", "customers", "--field", "mobilePhone.number=C2"]);
    server.ask(&["policies", "enable", POLICY]);
    let mut transformations = bed.flow()["transformations"].clone();
    let selectors = transformations[0]["params"]["profileSelectors"]["selectors"].as_array_mut().unwrap();
    let mut phone = selectors[1].clone();
    phone["value"]["path"] = json!("mobilePhone.number");
    phone["value"]["mapping"] = json!({"source": "mobilePhone.number", "destination": "phone"});
    selectors.push(phone);
    let targets = json!(["daily"]);

    // A flow's own change never pauses it.
    let flow = json!({"targetConnectionIds": targets, "transformations": transformations});
    let mapped = written(server, "mapped.json", &json!({"flows": {"daily": flow}}).to_string());
    for more in [&["--dry-run"][..], &["--dry-run", "--on-violation", "pause"], &["--on-violation", "pause"]] {
        let ran = server.run(&[&["apply", "-f", &mapped], more].concat());
        assert!(ran.expect_status(5).stderr.contains("mobilePhone.number [C2]"), "{more:?}: {}", ran.stderr);
    }
    assert_eq!(bed.flow()["state"], "enabled");

    // What the destination will be for counts, and what it is for does not.
    let purposes = json!({"daily": {"baseConnectionId": "partner", "policy": {"enforcementRefs": ["emailTargeting"]}}});
    let second = json!({"targetConnectionIds": targets, "transformations": transformations, "state": "disabled"});
    let both = json!({"destinations": purposes, "flows": {"second": second}}).to_string();
    let both = written(server, "both.json", &both);
    let planned = server.ask(&["apply", "-f", &both, "--dry-run"]);
    assert_eq!(planned["warnings"], json!([]), "{planned}");
    server.ask(&["apply", "-f", &both]);

    // One that the file wants enabled is not paused and left so.
    server.ask(&["destinations", "update", "daily", "--marketing-action", "dataScience"]);
    server.ask(&["flows", "enable", "second"]);
    let purposes =
        json!({"daily": {"baseConnectionId": "partner", "policy": {"enforcementRefs": ["exportToThirdParty"]}}});
    for (state, status) in [("enabled", 5), ("disabled", 0)] {
        let second = json!({"targetConnectionIds": targets, "state": state});
        let file = json!({"destinations": purposes, "flows": {"second": second}}).to_string();
        let file = written(server, "again.json", &file);
        for more in [&["--dry-run"][..], &[]] {
            server.run(&[&["apply", "-f", &file, "--on-violation", "pause"], more].concat()).expect_status(status);
        }
    }
}
