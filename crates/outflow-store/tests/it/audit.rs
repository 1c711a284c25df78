//! The audit log: every change of configuration leaves one record, and nobody changes the log unnoticed.

use outflow_store::{
    Alert, AlertSubscription, AuditCheck, AuditEvent, AuditQuery, AuditRecord, Change, Connection, ConsentPolicy,
    Dataset, DatasetLabels, EnabledCorePolicies, Expected, Flow, LabelDefinition, MarketingAction, NewDocument, Noun,
    Policy, Run, ScheduleConfig, Segment, SourceConnection, Store, SuggestionDecision, TargetConnection, Tx,
};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::bed::{Bed, PROD, new, on_both};

on_both!(
    every_configuration_noun_is_recorded,
    what_is_no_configuration_is_not_recorded,
    every_write_leaves_one_record_and_a_rollback_none,
    what_goes_with_others_is_recorded_by_itself,
    who_acts_is_who_said_so,
    decisions_stand_among_the_changes,
    two_writers_at_once_keep_the_chain,
    the_database_refuses_to_change_a_record,
    whatever_was_tampered_with_is_found,
    a_check_goes_on_where_it_stopped,
);

fn change(body: Value) -> Change<'static> {
    Change { name: None, body, by: "changer" }
}

/// All records of a sandbox, oldest first.
pub async fn records(store: &Store) -> Vec<AuditRecord> {
    let query = AuditQuery { limit: 1000, ..AuditQuery::default() };
    store.read().await.unwrap().audit(PROD, &query).await.unwrap().records
}

async fn check(store: &Store) -> AuditCheck {
    store.read().await.unwrap().check_audit(PROD).await.unwrap()
}

fn whole(records: u64) -> AuditCheck {
    AuditCheck { records, broken_at: None, next: None }
}

pub fn event(action: &str) -> AuditEvent<'_> {
    AuditEvent { action, noun: "flow", object_id: "f", object_name: "Loyal", detail: json!({"policies": ["p"]}) }
}

/// Makes, changes and deletes one, and says what was recorded of it.
async fn life_of<N: Noun>(bed: &Bed) -> Vec<(String, String, Option<Value>, Option<Value>)> {
    let before = records(&bed.store).await.len();
    let made = bed.make::<N>("name", json!({"n": 1})).await;
    let mut tx = bed.store.begin().await.unwrap();
    tx.update::<N>(PROD, &made.id, Expected::Any, change(json!({"n": 2}))).await.unwrap();
    tx.update::<N>(PROD, &made.id, Expected::Any, change(json!({"n": 2}))).await.unwrap();
    tx.set_details::<N>(PROD, &made.id, &json!({"beside": 1})).await.unwrap();
    tx.delete::<N>(PROD, &made.id, Expected::Any).await.unwrap();
    tx.commit().await.unwrap();
    let new = records(&bed.store).await.split_off(before);
    assert!(new.iter().all(|r| r.object_id == made.id && r.object_name == "name" && r.detail.is_none()), "{new:?}");
    new.into_iter().map(|r| (r.noun, r.action, r.before, r.after)).collect()
}

async fn every_configuration_noun_is_recorded(bed: Bed) {
    let expected = |noun: &str| {
        let record = |action: &str, before: Option<Value>, after: Option<Value>| {
            (noun.to_owned(), action.to_owned(), before, after)
        };
        let (one, two) = (json!({"n": 1}), json!({"n": 2}));
        vec![
            record("created", None, Some(one.clone())),
            record("updated", Some(one), Some(two.clone())),
            record("deleted", Some(two), None),
        ]
    };
    assert_eq!(life_of::<Connection>(&bed).await, expected("connection"));
    assert_eq!(life_of::<SourceConnection>(&bed).await, expected("sourceConnection"));
    assert_eq!(life_of::<TargetConnection>(&bed).await, expected("targetConnection"));
    assert_eq!(life_of::<Flow>(&bed).await, expected("flow"));
    assert_eq!(life_of::<Segment>(&bed).await, expected("segment"));
    assert_eq!(life_of::<Dataset>(&bed).await, expected("dataset"));
    assert_eq!(life_of::<ScheduleConfig>(&bed).await, expected("scheduleConfig"));
    assert_eq!(life_of::<AlertSubscription>(&bed).await, expected("alertSubscription"));
    assert_eq!(life_of::<Policy>(&bed).await, expected("policy"));
    assert_eq!(life_of::<MarketingAction>(&bed).await, expected("marketingAction"));
    assert_eq!(life_of::<LabelDefinition>(&bed).await, expected("labelDefinition"));
    assert_eq!(life_of::<DatasetLabels>(&bed).await, expected("datasetLabels"));
    assert_eq!(life_of::<EnabledCorePolicies>(&bed).await, expected("enabledCorePolicies"));
    assert_eq!(life_of::<ConsentPolicy>(&bed).await, expected("consentPolicy"));
    assert_eq!(life_of::<SuggestionDecision>(&bed).await, expected("suggestionDecision"));
    assert_eq!(check(&bed.store).await, whole(45));
}

async fn what_is_no_configuration_is_not_recorded(bed: Bed) {
    assert_eq!(life_of::<Run>(&bed).await, []);
    assert_eq!(life_of::<Alert>(&bed).await, []);
    assert_eq!(check(&bed.store).await, whole(0));
}

/// One write of a transaction.
#[derive(Clone, Copy, Debug)]
enum Write {
    Insert,
    /// To one of a few bodies: it may be the one that is there.
    Update(usize, i64),
    Rename(usize, i64),
    Delete(usize),
}

fn write() -> impl Strategy<Value = Write> {
    prop_oneof![
        3 => Just(Write::Insert),
        3 => (any::<usize>(), 0..3_i64).prop_map(|(which, n)| Write::Update(which, n)),
        1 => (any::<usize>(), 0..2_i64).prop_map(|(which, n)| Write::Rename(which, n)),
        2 => any::<usize>().prop_map(Write::Delete),
    ]
}

/// What a document is, as the test keeps it: id, name, body.
type Known = (String, String, Value);

/// Action, id, body before, body after.
type Told = (String, String, Option<Value>, Option<Value>);

/// Does one write, and says what is to be recorded of it.
async fn done(tx: &mut Tx, known: &mut Vec<Known>, write: Write) -> Option<Told> {
    let count = known.len();
    let place = |which: usize| which.checked_rem(count);
    match write {
        Write::Insert => {
            let body = json!({"n": 0, "float": 0.1, "text": "\u{e9} \" \\ \u{0}"});
            let made = tx.insert::<Policy>(new("p", body.clone())).await.unwrap();
            known.push((made.id.clone(), "p".to_owned(), body.clone()));
            Some(("created".to_owned(), made.id.clone(), None, Some(body)))
        }
        Write::Update(which, n) => {
            let (id, _, body) = &mut known[place(which)?];
            let next = json!({ "n": n });
            tx.update::<Policy>(PROD, id, Expected::Any, change(next.clone())).await.unwrap();
            let before = std::mem::replace(body, next.clone());
            (before != next).then(|| ("updated".to_owned(), id.clone(), Some(before), Some(next)))
        }
        Write::Rename(which, n) => {
            let (id, name, body) = &mut known[place(which)?];
            let next = format!("p{n}");
            let change = Change { name: Some(&next), body: body.clone(), by: "changer" };
            tx.update::<Policy>(PROD, id, Expected::Any, change).await.unwrap();
            let before = std::mem::replace(name, next.clone());
            (before != next).then(|| ("updated".to_owned(), id.clone(), Some(body.clone()), Some(body.clone())))
        }
        Write::Delete(which) => {
            let (id, _, body) = known.remove(place(which)?);
            tx.delete::<Policy>(PROD, &id, Expected::Any).await.unwrap();
            Some(("deleted".to_owned(), id, Some(body), None))
        }
    }
}

async fn every_write_leaves_one_record_and_a_rollback_none(bed: Bed) {
    let mut runner = TestRunner::deterministic();
    let transactions = prop::collection::vec((prop::collection::vec(write(), 0..6), any::<bool>()), 30);
    let (mut known, mut told): (Vec<Known>, Vec<Told>) = (Vec::new(), Vec::new());
    let mut revision = 0;
    for (writes, commits) in transactions.new_tree(&mut runner).unwrap().current() {
        let (mut then_known, mut then_told) = (known.clone(), Vec::new());
        let mut tx = bed.store.begin().await.unwrap();
        for write in writes {
            then_told.extend(done(&mut tx, &mut then_known, write).await);
        }
        if commits {
            tx.commit().await.unwrap();
            revision += then_told.len() as i64;
            known = then_known;
            told.extend(then_told);
        } else {
            drop(tx);
        }
        assert_eq!(bed.store.read().await.unwrap().governance(PROD).await.unwrap().revision, revision);
    }
    let recorded: Vec<Told> =
        records(&bed.store).await.into_iter().map(|r| (r.action, r.object_id, r.before, r.after)).collect();
    assert_eq!(recorded, told);
    assert_eq!(check(&bed.store).await, whole(told.len() as u64));
}

async fn what_goes_with_others_is_recorded_by_itself(bed: Bed) {
    let dataset = bed.make::<Dataset>("crm", json!({})).await;
    let flow = bed.make::<Flow>("f", json!({})).await;
    let subscription = bed.make::<AlertSubscription>("mail", json!({"flowId": flow.id})).await;
    bed.make::<AlertSubscription>("of all", json!({})).await;
    let labels = NewDocument { id: Some(dataset.id.clone()), ..new("crm", json!({"labels": ["C2"]})) };
    let mut tx = bed.store.begin().await.unwrap();
    tx.insert::<DatasetLabels>(labels.clone()).await.unwrap();
    // What another sandbox says of an id that is the same is its own.
    tx.insert::<DatasetLabels>(NewDocument { sandbox: "dev", ..labels }).await.unwrap();
    tx.insert::<SuggestionDecision>(new("email", json!({"datasetId": dataset.id}))).await.unwrap();
    tx.commit().await.unwrap();
    let before = records(&bed.store).await.len();
    let mut tx = bed.store.begin().await.unwrap();
    tx.act_as("someone");
    tx.delete::<Dataset>(PROD, &dataset.id, Expected::Any).await.unwrap();
    tx.delete::<Flow>(PROD, &flow.id, Expected::Any).await.unwrap();
    assert_eq!(tx.find::<AlertSubscription>(PROD, &subscription.id).await.unwrap(), None);
    assert!(tx.find::<DatasetLabels>("dev", &dataset.id).await.unwrap().is_some());
    tx.commit().await.unwrap();
    let new = records(&bed.store).await.split_off(before);
    let told: Vec<(&str, &str, &str)> =
        new.iter().map(|r| (r.actor.as_str(), r.action.as_str(), r.noun.as_str())).collect();
    let deleted = |noun| ("someone", "deleted", noun);
    assert_eq!(
        told,
        [
            deleted("datasetLabels"),
            deleted("suggestionDecision"),
            deleted("dataset"),
            deleted("alertSubscription"),
            deleted("flow")
        ]
    );
    assert_eq!(new[0].before, Some(json!({"labels": ["C2"]})));
}

async fn who_acts_is_who_said_so(bed: Bed) {
    let made = bed.make::<Connection>("c", json!({"n": 1})).await;
    let mut tx = bed.store.begin().await.unwrap();
    tx.update::<Connection>(PROD, &made.id, Expected::Any, change(json!({"n": 2}))).await.unwrap();
    tx.delete::<Connection>(PROD, &made.id, Expected::Any).await.unwrap();
    tx.audit(PROD, event("paused")).await.unwrap();
    tx.act_as("admin");
    tx.insert::<Connection>(new("d", json!({}))).await.unwrap();
    tx.audit(PROD, event("paused")).await.unwrap();
    tx.commit().await.unwrap();
    let actors: Vec<String> = records(&bed.store).await.into_iter().map(|record| record.actor).collect();
    assert_eq!(actors, ["tester", "changer", "outflow", "outflow", "admin", "admin"]);
}

async fn decisions_stand_among_the_changes(bed: Bed) {
    bed.make::<Policy>("p", json!({})).await;
    let mut tx = bed.store.begin().await.unwrap();
    let governance = tx.lock_governance(PROD).await.unwrap();
    assert_eq!(governance.revision, 1);
    assert_eq!(tx.audit(PROD, event("exportAllowed")).await.unwrap(), 2);
    let of_nothing = AuditEvent { detail: Value::Null, ..event("exportRefused") };
    assert_eq!(tx.audit(PROD, of_nothing).await.unwrap(), 3);
    assert_eq!(tx.audit("dev", event("exportAllowed")).await.unwrap(), 1);
    assert_eq!(tx.lock_governance(PROD).await.unwrap(), governance, "a decision changes nothing");
    tx.commit().await.unwrap();
    let mut reader = bed.store.read().await.unwrap();
    let found = reader.audit_records(PROD, &[2, 3, 4]).await.unwrap();
    let record = found.iter().find(|record| record.seq == 2).unwrap().clone();
    assert_eq!((record.action.as_str(), record.noun.as_str(), record.at), ("exportAllowed", "flow", bed.now()));
    assert_eq!((record.object_id.as_str(), record.object_name.as_str()), ("f", "Loyal"));
    assert_eq!((record.before, record.after, record.detail), (None, None, Some(json!({"policies": ["p"]}))));
    assert_eq!(found.iter().find(|record| record.seq == 3).unwrap().detail, None);
    assert_eq!(found.len(), 2);
}

async fn two_writers_at_once_keep_the_chain(bed: Bed) {
    const WRITERS: usize = 4;
    const WRITES: usize = 15;
    let mut tasks = Vec::new();
    for writer in 0..WRITERS {
        let store = bed.another().await;
        tasks.push(tokio::spawn(async move {
            for number in 0..WRITES {
                let mut tx = store.begin().await.unwrap();
                match number % 3 {
                    0 => drop(tx.insert::<Segment>(new(&format!("{writer} {number}"), json!({}))).await.unwrap()),
                    1 => drop(tx.audit(PROD, event("exportAllowed")).await.unwrap()),
                    _ => drop(tx.insert::<Policy>(new("p", json!({}))).await.unwrap()),
                }
                tx.commit().await.unwrap();
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    let all = WRITERS * WRITES;
    assert_eq!(check(&bed.store).await, whole(all as u64));
    let revision = bed.store.read().await.unwrap().governance(PROD).await.unwrap().revision;
    assert_eq!(revision, (all - all / 3) as i64);
}

async fn run_sql(bed: &Bed, sql: &'static str) -> Result<(), sqlx::Error> {
    let pool = sqlx::AnyPool::connect(bed.database.url()).await.unwrap();
    let done = sqlx::raw_sql(sql).execute(&pool).await.map(drop);
    pool.close().await;
    done
}

pub async fn filled(bed: &Bed, records: usize) {
    let mut tx = bed.store.begin().await.unwrap();
    for _ in 0..records {
        tx.audit(PROD, event("exportAllowed")).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn the_database_refuses_to_change_a_record(bed: Bed) {
    filled(&bed, 3).await;
    let is_sqlite = bed.database.folder().is_some();
    let mut attempts = vec![
        "UPDATE audit SET actor = 'nobody' WHERE seq = 2",
        "DELETE FROM audit WHERE seq = 3",
        "INSERT INTO audit SELECT * FROM audit WHERE seq = 2",
    ];
    attempts.push(match is_sqlite {
        true => "INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE seq = 2",
        false => "TRUNCATE audit",
    });
    for attempt in attempts {
        assert!(run_sql(&bed, attempt).await.is_err(), "{attempt}");
    }
    assert_eq!(check(&bed.store).await, whole(3));
}

/// Removes what refuses changes, as somebody with all rights over the database can.
async fn unguarded(bed: &Bed) {
    let drop = match bed.database.folder().is_some() {
        true => {
            "DROP TRIGGER audit_is_not_updated; DROP TRIGGER audit_is_not_deleted; DROP TRIGGER audit_is_not_replaced;"
        }
        false => "DROP TRIGGER audit_is_not_changed ON audit;",
    };
    run_sql(bed, drop).await.unwrap();
}

async fn whatever_was_tampered_with_is_found(bed: Bed) {
    // Enough for several statements of a check.
    filled(&bed, 250).await;
    unguarded(&bed).await;
    let broken = async |breaking: &'static str, mending: &'static str, at: i64| {
        run_sql(&bed, breaking).await.unwrap();
        assert_eq!(check(&bed.store).await.broken_at, Some(at), "{breaking}");
        run_sql(&bed, mending).await.unwrap();
        assert_eq!(check(&bed.store).await, whole(250), "{mending}");
    };
    broken(
        "UPDATE audit SET actor = 'nobody' WHERE seq = 120",
        "UPDATE audit SET actor = 'outflow' WHERE seq = 120",
        120,
    )
    .await;
    broken(
        "UPDATE audit SET detail = '{\"policies\": [\"p\"]}' WHERE seq = 1",
        "UPDATE audit SET detail = '{\"policies\":[\"p\"]}' WHERE seq = 1",
        1,
    )
    .await;
    broken("UPDATE audit SET at = at + 1 WHERE seq = 250", "UPDATE audit SET at = at - 1 WHERE seq = 250", 250).await;
    // A gap, the end, and everything.
    broken("UPDATE audit SET sandbox = 'away' WHERE seq = 7", "UPDATE audit SET sandbox = 'prod' WHERE seq = 7", 7)
        .await;
    broken(
        "UPDATE audit SET sandbox = 'away' WHERE seq > 240",
        "UPDATE audit SET sandbox = 'prod' WHERE seq > 240",
        241,
    )
    .await;
    broken("UPDATE audit SET sandbox = 'away'", "UPDATE audit SET sandbox = 'prod'", 1).await;
    // The end moved back, and the end alone.
    broken("UPDATE governance SET audit_seq = 240", "UPDATE governance SET audit_seq = 250", 240).await;
    broken(
        "UPDATE governance SET audit_seq = 240, audit_hash = (SELECT hash FROM audit WHERE seq = 240)",
        "UPDATE governance SET audit_seq = 250, audit_hash = (SELECT hash FROM audit WHERE seq = 250)",
        241,
    )
    .await;
    broken("UPDATE governance SET sandbox = 'away'", "UPDATE governance SET sandbox = 'prod'", 1).await;
}

async fn a_check_goes_on_where_it_stopped(bed: Bed) {
    filled(&bed, 250).await;
    let mut reader = bed.store.read().await.unwrap();
    let (mut after, mut records, mut checks) = (0, 0, 0);
    loop {
        let check = reader.check_audit_after(PROD, after, 100).await.unwrap();
        assert_eq!(check.broken_at, None);
        (records, checks) = (records + check.records, checks + 1);
        match check.next {
            Some(next) => after = next,
            None => break,
        }
    }
    assert_eq!((records, checks), (250, 3));
    let past_the_end = reader.check_audit_after(PROD, 251, 100).await.unwrap();
    assert_eq!(past_the_end.broken_at, Some(251));
    drop(reader);
    unguarded(&bed).await;
    run_sql(&bed, "DELETE FROM audit WHERE seq = 100").await.unwrap();
    let mut reader = bed.store.read().await.unwrap();
    assert_eq!(reader.check_audit_after(PROD, 100, 100).await.unwrap().broken_at, Some(100));
}
