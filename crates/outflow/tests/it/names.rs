//! What files and folders are called, and which names are refused.

use crate::place::{ALL, Kind, Place};
use crate::run::{Ran, outflow};
use crate::samples::{lake, names_in, text};

/// Exports into `folder` below the place.
fn export(place: &Place, folder: &str, options: &[&str]) -> Ran {
    let (profiles, state) = (lake(20_000, 3, 2), place.state());
    let to = format!("{}{folder}", place.url);
    let common = [
        "export",
        "--profiles",
        text(&profiles),
        "--where",
        "loyalty.points > 99900",
        "--fields",
        "profileId",
        "--to",
        &to,
        "--state-dir",
        text(&state),
        "--json",
        "--now",
        "2020-04-08T06:18:04Z",
    ];
    outflow(&[&common, options].concat(), &place.environment)
}

fn first_name(folder: &str, options: &[&str]) -> String {
    let place = Place::new(Kind::Folder);
    let summary = export(&place, folder, options).expect(0);
    let url = summary["files"][0]["url"].as_str().unwrap();
    assert!(std::path::Path::new(url.strip_prefix("file://").unwrap()).is_file(), "{url} is not there");
    url.strip_prefix(&format!("{}/", place.url)).unwrap().to_owned()
}

#[test]
fn macros_give_the_names_of_the_reference() {
    let acme = ["--destination-name", "Acme_S3", "--segment-id", "12341e18-abcd-49c2-836d-123c88e76c39"];
    let named =
        |name: &str| first_name("", &[&acme[..], &["--segment-name", "Luxury Audience", "--name", name]].concat());
    assert_eq!(first_name("", &acme), "Acme_S3_segment12341e18-abcd-49c2-836d-123c88e76c39_20200408061804.csv");
    assert_eq!(
        named("%DESTINATION_NAME%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%"),
        "Acme_S3_12341e18-abcd-49c2-836d-123c88e76c39_20200408_061804.csv"
    );
    assert_eq!(named("%SEGMENT_NAME%_%TIMESTAMP%_custom-text"), "Luxury Audience_1586326684_custom-text.csv");
    assert_eq!(named("%SEGMENT_NAME%.csv"), "Luxury Audience.csv");
}

#[test]
fn the_default_name_holds_a_stable_hash_of_the_rule_and_fourteen_digits() {
    let name = first_name("", &[]);
    let rest = name.strip_prefix("outflow_segment").unwrap();
    let (segment, rest) = rest.split_once('_').unwrap();
    assert!(!segment.is_empty() && segment.bytes().all(|b| b.is_ascii_hexdigit()), "{name}");
    assert_eq!(rest, "20200408061804.csv");
    assert_eq!(first_name("", &[]), name);
}

#[test]
fn folders_may_end_in_the_segment() {
    let segment = ["--segment-name", "Luxury Audience", "--segment-id", "25768be6", "--name", "x"];
    assert_eq!(first_name("/%SEGMENT_NAME%", &segment), "Luxury Audience/x.csv");
    assert_eq!(first_name("/%SEGMENT_ID%", &segment), "25768be6/x.csv");
}

#[test]
fn a_folder_with_the_segment_needs_no_making() {
    for kind in ALL {
        let place = Place::new(kind);
        let options = ["--segment-name", "Luxury Audience", "--segment-id", "25768be6", "--name", "x"];
        let summary = export(&place, "/%SEGMENT_NAME%/%SEGMENT_ID%", &options).expect(0);
        assert_eq!(summary["files"][0]["url"], format!("{}/Luxury Audience/25768be6/x.csv", place.url));
        let manifest = summary["manifest"].as_str().unwrap();
        outflow(&["verify", manifest], &place.environment).expect_status(0);
        // Again, now that the folders are there: the file is replaced.
        export(&place, "/%SEGMENT_NAME%/%SEGMENT_ID%", &options).expect(0);
        if place.is_local() {
            assert_eq!(place.names(), ["Luxury Audience"], "{kind:?}");
        }
    }
}

#[test]
fn on_a_server_the_given_folder_is_not_made() {
    let place = Place::new(Kind::Sshd);
    let summary = export(&place, "/missing/%SEGMENT_NAME%", &["--name", "x"]).expect(3);
    assert_eq!(summary["error"]["class"], "config");
    assert!(summary["error"]["message"].as_str().unwrap().contains("/missing"), "{summary}");
    assert_eq!(place.names(), [""; 0]);
}

#[test]
fn a_probe_takes_the_folder_of_an_export() {
    for kind in ALL {
        let place = Place::new(kind);
        let probe =
            |folder: &str| outflow(&["probe", &format!("{}/{folder}", place.url), "--json"], &place.environment);
        let ran = probe("%SEGMENT_NAME%/%SEGMENT_ID%");
        ran.expect(0);
        assert!(ran.stderr.contains(&format!("note: {} is tried", place.url)), "{kind:?}: {}", ran.stderr);
        assert_eq!(place.read().len(), 0, "{kind:?}");
        let error = &probe("%SEGMENT%").expect(2)["error"];
        assert!(error.to_string().contains("%SEGMENT_ID%"), "{kind:?}: {error}");
    }
}

#[test]
fn names_that_lead_elsewhere_or_nowhere_are_refused() {
    let place = Place::new(Kind::Folder);
    let long = "x".repeat(250);
    for name in ["..", "../x", "a/../b", "/etc/x", "", " ", ".", "%NOPE%", "a\nb", &long, "%SEGMENT_NAME", "x/", ".csv"]
    {
        let ran = export(&place, "", &["--name", name]);
        let summary = ran.expect(2);
        assert_eq!(summary["error"]["class"], "input", "{name:?}");
        assert!(!summary["error"]["hint"].as_str().unwrap().is_empty(), "{name:?}: {summary}");
    }
    for folder in ["/%NOPE%", "/../x", "/%SEGMENT_ID%/more", "/a/./b"] {
        export(&place, folder, &["--name", "x"]).expect(2);
    }
    assert_eq!(names_in(&place.temp.path().join("target")), [""; 0]);
}

#[test]
fn an_unknown_macro_is_told_with_those_that_exist() {
    let place = Place::new(Kind::Folder);
    let summary = export(&place, "", &["--name", "a_%SEGMENT_NAMES%"]).expect(2);
    let told = summary["error"].to_string();
    assert!(told.contains("SEGMENT_NAMES") && told.contains("%SEGMENT_NAME%"), "{told}");
}

#[test]
fn values_in_names_cannot_leave_the_folder() {
    let segment = ["--segment-name", "../../etc/passwd", "--name", "%SEGMENT_NAME%"];
    let name = first_name("", &segment);
    assert!(!name.contains('/'), "{name}");
    let folder = first_name("/%SEGMENT_NAME%", &["--segment-name", "../..", "--name", "x"]);
    assert_eq!(folder.split('/').count(), 2, "{folder}");
}
