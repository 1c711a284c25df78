//! Rendered names, to the letter: scripts of users look for them.

use proptest::prelude::*;

use super::*;

fn acme() -> NameContext<'static> {
    NameContext {
        destination_name: "Acme_S3",
        segment_id: "12341e18-abcd-49c2-836d-123c88e76c39",
        segment_name: "Luxury Audience",
        destination_id: Some("d-7"),
        destination_instance_name: Some("Weekly mail"),
        organization_name: Some("Acme"),
        sandbox_name: Some("prod"),
        now: "2020-04-08T06:18:04Z".parse().unwrap(),
    }
}

fn rendered(template: &str) -> String {
    NameTemplate::parse(template).unwrap().render(&acme()).unwrap()
}

fn refused(template: &str) -> String {
    let problems = NameTemplate::parse(template).unwrap_err();
    super::super::template_fault("--name", template, &problems).message
}

#[test]
fn the_default_name_is_the_documented_one() {
    let names = default_template().part_names(&acme(), "csv", None).unwrap();
    assert_eq!(names.file_name(1), "Acme_S3_segment12341e18-abcd-49c2-836d-123c88e76c39_20200408061804.csv");
    assert_eq!(default_template().to_string(), DEFAULT_TEMPLATE);
}

#[test]
fn what_a_name_tells_apart() {
    for (template, segment, destination) in [
        (DEFAULT_TEMPLATE, true, true),
        ("%DESTINATION%_%SEGMENT_ID%", true, true),
        ("%DESTINATION_INSTANCE_ID%", false, true),
        ("%DESTINATION_INSTANCE_NAME%", false, true),
        ("%SEGMENT_NAME%_%ORGANIZATION_NAME%", false, false),
        ("%%SEGMENT_ID%%_%%DESTINATION_NAME%%", false, false),
    ] {
        let parsed = NameTemplate::parse(template).unwrap();
        assert_eq!((parsed.names_segment(), parsed.names_destination()), (segment, destination), "{template}");
        assert_eq!(serde_json::to_value(&parsed).unwrap(), parsed.to_string());
        assert_eq!(serde_json::from_value::<NameTemplate>(template.into()).unwrap(), parsed);
    }
    assert!(serde_json::from_str::<NameTemplate>("\"%NOPE%\"").unwrap_err().to_string().contains("%NOPE%"));
}

#[test]
fn golden_names() {
    for (template, name) in [
        (
            "%DESTINATION_NAME%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%",
            "Acme_S3_12341e18-abcd-49c2-836d-123c88e76c39_20200408_061804",
        ),
        ("%DESTINATION%_%SEGMENT_ID%", "Acme_S3_12341e18-abcd-49c2-836d-123c88e76c39"),
        ("%SEGMENT_NAME%_%DATETIME%", "Luxury Audience_20200408_061804"),
        ("%SEGMENT_NAME%_%TIMESTAMP%", "Luxury Audience_1586326684"),
        ("%DATETIME(YYYY)%-%DATETIME(MM)%", "2020-04"),
        ("%ORGANIZATION_NAME%.%SANDBOX_NAME%.%DESTINATION_INSTANCE_ID%", "Acme.prod.d-7"),
        ("%DESTINATION_INSTANCE_NAME% 100%%", "Weekly mail 100%"),
        ("%%SEGMENT_ID%%", "%SEGMENT_ID%"),
        ("a..b.csv", "a..b.csv"),
        ("Größe 東京", "Größe 東京"),
    ] {
        assert_eq!(rendered(template), name, "{template}");
    }
}

#[test]
fn what_is_refused_says_what_is_wrong() {
    for (template, message) in [
        ("", "the file name is empty, `.` or `..`"),
        ("  ", "the file name is empty, `.` or `..`"),
        (".", "the file name is empty, `.` or `..`"),
        ("..", "the file name is empty, `.` or `..`"),
        ("../x.csv", "'/' cannot stand in a file name (character 3)"),
        ("/etc/x", "'/' cannot stand in a file name (character 1)"),
        ("a\\b", "'\\\\' cannot stand in a file name (character 2)"),
        ("a\0b", "'\\0' cannot stand in a file name (character 2)"),
        ("a\nb", "'\\n' cannot stand in a file name (character 2)"),
        ("%SEGMENT%", "there is no macro %SEGMENT% (character 1)"),
        ("%segment_id%", "there is no macro %segment_id% (character 1)"),
        ("a_%timestamp:micros%", "there is no macro %timestamp:micros% (character 3)"),
        ("%SEGMENT_ID(x)%", "%SEGMENT_ID% takes nothing in parentheses (character 1)"),
        ("20% off", "a macro begins and does not end (character 3)"),
        ("%DATETIME(yyyymmdd)%", "`mm` means nothing here in a date pattern (character 1)"),
        ("%DATETIME()%", "the date pattern has no date or time in it (character 1)"),
        ("%DATETIME(YYYY)%%TIMESTAMP%", "%DATETIME% and %TIMESTAMP% exclude each other"),
        (
            "x/%NOPE%\t",
            "'/' cannot stand in a file name (character 2); there is no macro %NOPE% (character 3); \
                        '\\t' cannot stand in a file name (character 9)",
        ),
    ] {
        assert_eq!(refused(template), message, "{template}");
    }
}

#[test]
fn a_segment_name_cannot_leave_the_folder() {
    let template = NameTemplate::parse("%SEGMENT_NAME%").unwrap();
    let of = |segment_name| template.render(&NameContext { segment_name, ..acme() });
    assert_eq!(of("../../x").unwrap(), ".._.._x");
    assert_eq!(of("a/b\\c\r\nd").unwrap(), "a_b_c__d");
    assert_eq!(of("%SEGMENT_ID%").unwrap(), "%SEGMENT_ID%");
    assert!(of("..").is_err());
    assert!(of("").is_err());
}

#[test]
fn a_macro_without_a_value_is_not_left_blank() {
    let template = NameTemplate::parse("a_%SANDBOX_NAME%_%DESTINATION_INSTANCE_ID%").unwrap();
    let problems = template.render(&NameContext { sandbox_name: None, destination_id: None, ..acme() }).unwrap_err();
    assert_eq!(problems.len(), 2);
    assert_eq!(problems[0].message, "%SANDBOX_NAME% has no value in this run");
}

#[test]
fn only_names_with_a_clock_are_dated() {
    assert!(default_template().is_dated());
    assert!(NameTemplate::parse("a_%TIMESTAMP%").unwrap().is_dated());
    assert!(!NameTemplate::parse("%DESTINATION%_%SEGMENT_NAME%").unwrap().is_dated());
}

#[test]
fn a_clock_that_does_not_fit_is_refused() {
    let late = NameContext { now: "2286-11-20T17:46:40Z".parse().unwrap(), ..acme() };
    assert!(NameTemplate::parse("a%TIMESTAMP%").unwrap().render(&late).is_err());
    assert!(NameTemplate::parse("a%DATETIME(YYYY)%").unwrap().render(&late).is_ok());
}

/// Templates that parse, made of the pieces people use and of any text.
fn templates() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[^%/\\\\\\p{Cc}\u{2028}\u{2029}]{1,6}",
        Just("%%".to_string()),
        Just("%DATETIME(YYYYMMdd'T'HHmmss.SSS)%".to_string()),
        prop::sample::select(&MACROS[..7]).prop_map(|(name, _)| format!("%{name}%")),
    ];
    prop::collection::vec(piece, 1..6).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_value_and_no_template_leaves_the_folder(text in any::<String>(), value in any::<String>(), dots in "[./\\\\]{0,4}") {
        let value = format!("{dots}{value}");
        let context = NameContext {
            destination_name: &value,
            segment_id: &value,
            segment_name: &value,
            destination_id: Some(&value),
            destination_instance_name: Some(&value),
            organization_name: Some(&value),
            sandbox_name: Some(&value),
            ..acme()
        };
        for text in [text, "%SEGMENT_NAME%".into(), "%DESTINATION_NAME%%SEGMENT_ID%.".into()] {
            let Ok(name) = NameTemplate::parse(&text).map_err(drop).and_then(|t| t.render(&context).map_err(drop)) else {
                continue;
            };
            prop_assert!(!name.contains(['/', '\\']) && !name.chars().any(char::is_control), "{:?}", name);
            prop_assert!(!["", ".", ".."].contains(&name.as_str()));
            prop_assert_eq!(std::path::Path::new("/out").join(&name).components().count(), 3);
        }
    }

    #[test]
    fn templates_survive_printing(text in templates()) {
        if let Ok(template) = NameTemplate::parse(&text) {
            prop_assert_eq!(NameTemplate::parse(&template.to_string()).unwrap(), template);
        } else {
            prop_assert!(text.trim().is_empty() || [".", ".."].contains(&text.as_str()), "{:?}", text);
        }
    }
}
