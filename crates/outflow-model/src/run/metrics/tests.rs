//! Metrics to the letter: scripts of users read them.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::fault::FaultClass;

fn at(millis: i64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis(millis)
}

fn balance() -> Balance {
    let mut balance = Balance {
        profiles_read: 100,
        not_selected: 40,
        profiles_selected: 60,
        duplicates: 5,
        profiles_written: 45,
        rows_written: 50,
        ..Balance::default()
    };
    balance.exclude(ExclusionReason::MissingMandatory, 10);
    balance
}

fn facts<'a>(balance: &'a Balance, files: &'a [RunFile]) -> RunFacts<'a> {
    RunFacts {
        run_id: "r",
        segment_id: "s",
        source_connection_id: "source",
        target_connection_id: "target",
        state: RunState::Success,
        started_at: at(1_000),
        produced_at: at(5_000),
        completed_at: at(6_500),
        balance,
        input_files: 3,
        input_bytes: 900,
        files,
        error: None,
        reason: None,
    }
}

fn file(bytes: u64) -> RunFile {
    RunFile { url: "s3://b/f".into(), name: "f".into(), rows: 25, bytes, sha256: "00".into() }
}

#[test]
fn a_successful_run_is_shown_as_clients_expect() {
    let (balance, files) = (balance(), [file(70), file(30)]);
    let metrics = serde_json::to_value(facts(&balance, &files).metrics()).unwrap();
    assert_eq!(metrics["durationSummary"], json!({"startedAtUTC": 1_000, "completedAtUTC": 6_500}));
    assert_eq!(metrics["sizeSummary"], json!({"inputBytes": 900, "outputBytes": 100}));
    assert_eq!(metrics["fileSummary"], json!({"inputFileCount": 3, "outputFileCount": 2}));
    assert_eq!(
        metrics["statusSummary"],
        json!({"status": "success", "activityRefs": ["r-process", "r-publish"], "extensions": {}})
    );
    let records = &metrics["recordSummary"];
    for (name, count) in [("input", 60), ("output", 45), ("created", 45), ("skipped", 15), ("failed", 0)] {
        assert_eq!(records[format!("{name}RecordCount")], count, "{name}");
    }
    assert_eq!(
        records["sourceSummaries"],
        json!([{"id": "source", "inputRecordCount": 60, "skippedRecordCount": 15, "entitySummaries":
            [{"id": "segment:s", "inputRecordCount": 60, "skippedRecordCount": 15}]}])
    );
    assert_eq!(
        records["targetSummaries"],
        json!([{"id": "target", "outputRecordCount": 45, "createdRecordCount": 45, "failedRecordCount": 0,
            "entitySummaries":
            [{"id": "segment:s", "outputRecordCount": 45, "createdRecordCount": 45, "failedRecordCount": 0}]}])
    );
    let reasons: Vec<_> = records["skippedInfo"].as_array().unwrap().iter().map(|info| &info["code"]).collect();
    assert_eq!(reasons, ["missingMandatory", "duplicate"]);
    assert_eq!(records["balance"]["profilesRead"], 100);
}

#[test]
fn a_failed_run_says_why_and_where_it_ended() {
    let error = RunError {
        class: FaultClass::Credentials,
        message: "the key is unknown".into(),
        tried: String::new(),
        hint: String::new(),
    };
    let balance = Balance::default();
    let failed = RunFacts { state: RunState::Failed, produced_at: None, error: Some(&error), ..facts(&balance, &[]) };
    let metrics = serde_json::to_value(failed.metrics()).unwrap();
    let entry = json!({"code": "OUTFLOW-CREDENTIALS", "message": "the key is unknown"});
    assert_eq!(metrics["statusSummary"]["errors"], json!([entry.clone()]));
    assert_eq!(metrics["recordSummary"]["failedInfo"], json!([entry]));
    assert_eq!(failed.activities().len(), 1);
    let later = RunFacts { produced_at: at(2_000), ..failed };
    let statuses: Vec<_> = later.activities().iter().map(|a| a.status_summary.status).collect();
    assert_eq!(statuses, [RunState::Success, RunState::Failed]);
}

#[test]
fn a_run_that_never_began_has_no_activities_but_a_reason() {
    let balance = Balance::default();
    let cancelled = RunFacts {
        state: RunState::Cancelled,
        started_at: None,
        produced_at: None,
        reason: Some("its flow was deleted"),
        source_connection_id: "",
        ..facts(&balance, &[])
    };
    assert!(cancelled.activities().is_empty());
    let metrics = serde_json::to_value(cancelled.metrics()).unwrap();
    assert_eq!(metrics["statusSummary"]["extensions"]["reason"], "its flow was deleted");
    // What is not known is not named.
    assert_eq!(metrics["recordSummary"].get("sourceSummaries"), None);
    assert_eq!(metrics["recordSummary"]["targetSummaries"][0]["id"], "target");
    assert_eq!(metrics["durationSummary"], json!({"completedAtUTC": 6_500}));
}

proptest! {
    #[test]
    fn metrics_balance_when_the_run_does(
        excluded in 0_u64..1_000, suppressed in 0_u64..1_000, duplicates in 0_u64..1_000, written in 0_u64..1_000,
        failed in 0_u64..1_000,
    ) {
        let mut balance = Balance {
            profiles_selected: excluded + suppressed + duplicates + written + failed,
            duplicates,
            profiles_written: written,
            failed,
            ..Balance::default()
        };
        balance.exclude(ExclusionReason::NoConsent, excluded);
        balance.exclude(ExclusionReason::Suppressed, suppressed);
        let records = facts(&balance, &[]).metrics().record_summary;
        prop_assert_eq!(
            records.input_record_count,
            records.output_record_count + records.skipped_record_count + records.failed_record_count
        );
        let told: u64 = records.skipped_info.iter().filter_map(|info| info.count).sum();
        prop_assert_eq!(told, records.skipped_record_count);
    }
}
