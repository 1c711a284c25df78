use crate::FieldPath;

use super::super::{check, parse_pql};
use super::{bound, pql, schema};

#[test]
fn sensible_rules_pass() {
    for text in [
        "active",
        "not active = false",
        "(age > 3) = active",
        "age > 1.5 and score <= 3 and balance = 4.1",
        "age + score * 2 - -balance > 7 % 2",
        "age in [1, 2.5]",
        "email.matches(\"^a\") or email like \"%b_\"",
        "tags.contains(\"vip\")",
        "tags[0].startsWith(\"v\")",
        "consents.email = \"y\"",
        "token = token",
        "token is null and loyalty is null and tags is not null and consents is null and (age > 3) is null",
        "born < seen and seen > born",
        "born = \"2026-01-01\" and \"2026-01-01T00:00:00Z\" < seen",
        "seen in [\"2026-01-01\", \"2026-01-01T00:00:00Z\"]",
        "born in [date(2026, 1, 1)]",
        "born occurs before seen",
        "seen occurs <= 3 days before \"2026-01-01\"",
        "now occurs after seen",
        "true",
    ] {
        check(&pql(text), &schema()).unwrap_or_else(|e| panic!("{}", e.render(text)));
    }
}

#[test]
fn senseless_rules_are_refused_before_anything_runs() {
    for (text, message) in [
        ("age", "a rule needs a condition, but `age` is an integer"),
        ("3", "a rule needs a condition, but `3` is an integer"),
        ("email and active", "`and` needs a condition, but `email` is a string"),
        ("active or loyalty", "`or` needs a condition, but `loyalty` is a struct"),
        ("not now = seen and not age", "`not` needs a condition, but `age` is an integer"),
        ("age = \"3\"", "`age` is an integer and `\"3\"` is a string: they cannot be compared"),
        ("email = 3", "`email` is a string and `3` is an integer: they cannot be compared"),
        ("active = 1", "`active` is a boolean and `1` is an integer: they cannot be compared"),
        ("token = \"a\"", "`token` is a binary and `\"a\"` is a string: they cannot be compared"),
        ("token < token", "bytes have no order for `<`"),
        ("loyalty = loyalty", "`loyalty` is a struct and cannot be compared"),
        ("3 < tags", "`tags` is a list<string> and cannot be compared"),
        ("seen > 3", "`seen` is a timestamp and `3` is an integer: they cannot be compared"),
        ("born = email", "`born` is a date and `email` is a string: they cannot be compared"),
        ("born = \"yesterday\"", "`born` is a date and `\"yesterday\"` does not spell one"),
        ("seen in [\"2026-01-01\", \"x\"]", "`seen` is a timestamp and `\"x\"` does not spell one"),
        ("age in [1, \"a\"]", "the list mixes an integer with a string"),
        ("email in [1]", "`email` is a string and `1` is an integer: they cannot be compared"),
        ("tags in [\"a\"]", "`tags` is a list<string> and cannot be compared"),
        ("age.startsWith(\"1\")", "`startsWith` tests strings, but `age` is an integer"),
        ("tags.startsWith(\"1\")", "`startsWith` tests strings, but `tags` is a list<string>"),
        ("consents like \"1\"", "`like` tests strings, but `consents` is a map<string,string>"),
        ("email.matches(\"(\")", "this regular expression cannot be used: unclosed group"),
        ("email like \"a\\\\\"", "this pattern cannot be used: it ends in a backslash that takes nothing literally"),
        ("email + 1 > 2", "`+` needs numbers, but `email` is a string"),
        ("-active = 2", "`-` needs numbers, but `active` is a boolean"),
        ("seen - 3 > now", "`-` needs numbers, but `seen` is a timestamp"),
        ("age occurs before now", "`occurs` needs a date or timestamp, but `age` is an integer"),
        ("seen occurs before age", "`occurs` needs a date or timestamp, but `age` is an integer"),
        ("seen occurs = 3 days before born", "a distance counts from a moment or a constant, not from a field"),
        ("email.x = 1", "`email` is a string: it has no field `x`"),
    ] {
        let errors = check(&parse_pql(text).unwrap(), &schema()).unwrap_err();
        assert_eq!(errors.0[0].message, message, "{text}");
    }
}

#[test]
fn binding_turns_texts_beside_times_into_times() {
    assert_eq!(bound("born = \"2026-01-01\"").text(), "born = date(2026, 1, 1)");
    assert_eq!(bound("\"2026-01-01T01:00:00+01:00\" < seen").text(), "timestamp(\"2026-01-01T00:00:00Z\") < seen");
    assert_eq!(bound("seen in [\"2026-01-01\"]").text(), "seen in [date(2026, 1, 1)]");
    assert_eq!(bound("email = \"2026-01-01\"").text(), "email = \"2026-01-01\"");
}

#[test]
fn fields_are_replaced_wherever_they_stand() {
    let text = "(email = \"a\" or not (email like \"b%\")) and email is not null and email in [\"c\"] and age > -age + 1 \
                and (seen occurs <= 3 days before now)";
    let replaced = parse_pql(text).unwrap().with_paths(&|path| {
        if path.root() == "email" { FieldPath::parse("m.`x-1`.status").unwrap() } else { path }
    });
    assert_eq!(replaced.to_string(), parse_pql(&text.replace("email", "m.`x-1`.status")).unwrap().to_string());
}
