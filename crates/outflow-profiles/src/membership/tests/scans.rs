//! Scans of selected rows, beside what else a scan is asked for.

use super::*;
use crate::evaluate::Evaluator;

fn everybody() -> Profiles {
    (0..500).map(|n| (format!("p{n}"), ((n % 5 != 0).then_some(n), Some("x")))).collect()
}

fn request(rows: RowSelection, columns: &[&str]) -> ScanRequest {
    ScanRequest {
        columns: columns.iter().map(|text| path(text)).collect(),
        rows: Some(Arc::new(rows)),
        ..ScanRequest::default()
    }
}

/// Rows read, selected, excluded, and of the columns.
fn counted(evaluation: &Evaluation, request: &ScanRequest) -> (u64, u64, u64, usize) {
    let profiles = evaluation.open().unwrap();
    let mut sum = (0, 0, 0, 0);
    for &morsel in profiles.morsels() {
        let mut scan = profiles.scan(morsel, request).unwrap();
        while let Some(batch) = scan.next_batch().unwrap() {
            let rows = batch.columns.first().map_or(0, |column| column.len());
            assert!(batch.columns.iter().all(|column| column.len() == rows));
            sum = (sum.0 + batch.read, sum.1 + batch.selected, sum.2 + batch.missing_mandatory, sum.3 + rows);
        }
    }
    sum
}

#[test]
fn mandatory_attributes_and_rules_go_with_given_rows() {
    let place = Place::new();
    let evaluation = place.evaluate(&everybody(), &[("s", "n < 100 or n is null")], None, 1);
    let rows = || evaluation.full("s").unwrap();
    assert_eq!(rows().len(), 180);
    let plain = request(rows(), &["n", "n"]);
    assert_eq!(counted(&evaluation, &plain), (500, 180, 0, 180));
    // A hundred of them have no number.
    let with_number = ScanRequest { require: vec![path("n")], ..plain.clone() };
    assert_eq!(counted(&evaluation, &with_number), (500, 180, 100, 80));
    // The status is never missing, and is not read from files.
    let with_status = ScanRequest { require: vec![rows().status_path().clone()], ..plain.clone() };
    assert_eq!(counted(&evaluation, &with_status), (500, 180, 0, 180));
    let ruled = ScanRequest { rule: Some(Arc::new(Evaluator::new(&rule("n >= 50")).unwrap())), ..plain };
    assert_eq!(counted(&evaluation, &ruled), (500, 40, 0, 40));
}

#[test]
fn parts_without_selected_rows_are_not_opened() {
    let place = Place::new();
    let one = numbered(&[("a", 1)]);
    let mut all = everybody();
    all.extend(one);
    let snapshot = place.snapshot(&all, 2);
    let folder = work(place.folder(), 1);
    let evaluation =
        evaluate(&snapshot, &rules(&[("s", "n = 1 and s = \"x\"")]), &[], minute(0), minute(1), &folder).unwrap();
    let rows = evaluation.full("s").unwrap();
    let (found, ..) = scan(&evaluation, rows.clone());
    let with: Vec<usize> = found.iter().map(|(id, ..)| range_of(hash_of(id), 2)).collect();
    for (number, part) in snapshot.parts.iter().enumerate().filter(|(number, _)| !with.contains(number)) {
        // The first part tells the schema.
        if number > 0 {
            std::fs::write(&part.file, vec![0; part.bytes as usize]).unwrap();
        }
    }
    let columns = ["n", "segmentMembership.ups.s.status", "segmentMembership.ups.s.lastQualificationTime"];
    assert_eq!(counted(&evaluation, &request(rows, &columns)), (501, found.len() as u64, 0, found.len()));
}

#[test]
fn a_selection_fits_its_own_evaluation_only() {
    let place = Place::new();
    let large = place.evaluate(&everybody(), &[("s", "true")], None, 1);
    let small = place.evaluate(&numbered(&[("a", 1)]), &[("s", "true")], None, 1);
    let profiles = small.open().unwrap();
    let request = request(large.full("s").unwrap(), &["n"]);
    let fault = profiles.scan(profiles.morsels()[0], &request).err().unwrap();
    assert_eq!(fault.message, "the selected rows are not rows of these profiles");
}

#[test]
fn columns_of_nobody_have_their_types() {
    let place = Place::new();
    let evaluation = place.evaluate(&numbered(&[("a", 1)]), &[("s", "n > 5")], None, 1);
    let rows = evaluation.full("s").unwrap();
    assert!(rows.is_empty());
    let types: Vec<DataType> =
        [rows.status_path(), rows.time_path()].iter().map(|path| rows.arrow_type(path).unwrap()).collect();
    let request = request(rows, &["segmentMembership.ups.s.status", "segmentMembership.ups.s.lastQualificationTime"]);
    let profiles = evaluation.open().unwrap();
    let batch = profiles.scan(profiles.morsels()[0], &request).unwrap().next_batch().unwrap().unwrap();
    assert_eq!((batch.read, batch.selected), (1, 0));
    assert_eq!(batch.columns.iter().map(|column| column.data_type().clone()).collect::<Vec<_>>(), types);
}
