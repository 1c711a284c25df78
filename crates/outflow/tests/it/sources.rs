//! Profiles in buckets: an object, a folder, a glob, a bucket, as real servers hold them.

use std::path::Path;

use outflow_testkit::servers::{moto, rclone};
use serde_json::Value;

use crate::place::{Kind, Place, make_bucket, s3_environment, upload};
use crate::run::{Ran, Variables, outflow};
use crate::samples::text;

/// A folder with three small CSV files, one of them a level down, whose ids say where they are from.
fn files(temp: &Path, mark: &str) -> std::path::PathBuf {
    let folder = temp.join("files");
    std::fs::create_dir(&folder).unwrap();
    for (name, ids) in [("a.csv", "1\n2\n"), ("b.csv", "3\n"), ("deep|c.csv", "4\n5\n6\n"), ("_SUCCESS", "")] {
        std::fs::write(folder.join(format!("{mark}{name}")), format!("id\n{ids}")).unwrap();
    }
    folder
}

/// Exports what `patterns` name into a folder.
fn export(patterns: &[&str], environment: &Variables) -> Ran {
    let place = Place::new(Kind::Folder);
    let state = place.state();
    let mut args = vec!["export", "--fields", "id", "--name", "x", "--to", &place.url, "--json"];
    args.extend(["--state-dir", text(&state)]);
    args.extend(patterns.iter().flat_map(|pattern| ["--profiles", pattern]));
    outflow(&args, environment)
}

fn assert_reads(pattern: &str, environment: &Variables, profiles: u64) {
    let summary = export(&[pattern], environment).expect(0);
    assert_eq!(summary["profilesRead"], profiles, "{pattern}");
}

#[test]
fn an_object_a_folder_and_a_glob_are_read_from_either_server() {
    let temp = outflow_testkit::temp_dir();
    let folder = files(temp.path(), "");
    let (m, r) = (moto(), rclone());
    for (endpoint, key, secret, bucket) in [
        (&m.endpoint, &m.writer.access_key_id, &m.writer.secret_access_key, &m.buckets[0]),
        (&r.endpoint, &r.access_key_id, &r.secret_access_key, &r.bucket),
    ] {
        let lake = format!("e2e-lake-{}", std::process::id());
        upload(endpoint, key, secret, bucket, &format!("{lake}/"), &folder);
        let environment = s3_environment(endpoint, key, secret);
        let at = |pattern: &str| format!("s3://{bucket}/{lake}{pattern}");
        for (pattern, profiles) in [
            ("/a.csv", 2),
            ("", 3),
            ("/", 3),
            ("/*.csv", 3),
            ("/{a,b}.csv", 3),
            ("/**/*.csv", 6),
            ("/deep", 3),
            ("/d*/c.csv", 3),
        ] {
            assert_reads(&at(pattern), &environment, profiles);
        }
        for pattern in ["/none.csv", "/none", "/*.parquet"] {
            let told = export(&[&at(pattern)], &environment).expect(2);
            assert!(told["error"]["message"].as_str().unwrap().contains("no file matches"), "{told}");
        }
    }
}

#[test]
fn a_bucket_is_read_from_its_root() {
    let temp = outflow_testkit::temp_dir();
    let server = rclone();
    let bucket = format!("lake-{}", std::process::id());
    let root = server.folder.parent().unwrap().join(&bucket);
    let (key, secret) = (&server.access_key_id, &server.secret_access_key);
    make_bucket(&server.endpoint, key, secret, &bucket);
    upload(&server.endpoint, key, secret, &bucket, "", &files(temp.path(), ""));
    let environment = s3_environment(&server.endpoint, key, secret);
    for (pattern, profiles) in [("", 3), ("/", 3), ("/*.csv", 3), ("/a.csv", 2), ("/**", 6)] {
        assert_reads(&format!("s3://{bucket}{pattern}"), &environment, profiles);
    }
    std::fs::remove_dir_all(&root).unwrap();

    // moto's bucket is everybody's, so these are told from the others' by their names.
    let (server, mark) = (moto(), format!("e2e-root-{}-", std::process::id()));
    let (key, secret) = (&server.writer.access_key_id, &server.writer.secret_access_key);
    let temp = outflow_testkit::temp_dir();
    upload(&server.endpoint, key, secret, &server.buckets[0], "", &files(temp.path(), &mark));
    let environment = s3_environment(&server.endpoint, key, secret);
    assert_reads(&format!("s3://{}/{mark}*.csv", server.buckets[0]), &environment, 3);
    assert_reads(&format!("s3://{}/{mark}a.csv", server.buckets[0]), &environment, 2);
}

#[test]
fn a_key_that_may_not_look_is_refused_by_what_it_lacks() {
    let (server, temp) = (moto(), outflow_testkit::temp_dir());
    let lake = format!("e2e-denied-lake-{}", std::process::id());
    let (key, secret) = (&server.writer.access_key_id, &server.writer.secret_access_key);
    upload(&server.endpoint, key, secret, &server.buckets[0], &format!("{lake}/"), &files(temp.path(), ""));
    let object = format!("s3://{}/{lake}/a.csv", server.buckets[0]);
    let folder = format!("s3://{}/{lake}", server.buckets[0]);
    let with = |key: &outflow_testkit::servers::AccessKey| {
        s3_environment(&server.endpoint, &key.access_key_id, &key.secret_access_key)
    };
    // May read objects and not list: an object is read, a folder cannot be.
    assert_reads(&object, &with(&server.minimal), 2);
    let refused: Value = export(&[&folder], &with(&server.minimal)).expect(5);
    assert_eq!(refused["error"]["class"], "refused");
    // May list and not read: the folder is found, and its first object is what is refused.
    let refused = export(&[&folder], &with(&server.noget)).expect(5);
    assert!(refused["error"].to_string().contains(&format!("{lake}/a.csv")), "{refused}");
    assert!(refused["error"].to_string().contains("s3:GetObject"), "{refused}");
    let refused = export(&[&object], &with(&server.noget)).expect(5);
    assert!(refused["error"].to_string().contains("s3:GetObject"), "{refused}");
}
