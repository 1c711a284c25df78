use super::super::{check, parse_pql, parse_sql};
use super::{pql, schema};

fn syntax(text: &str) -> String {
    parse_pql(text).unwrap_err().render(text)
}

fn types(text: &str) -> String {
    check(&pql(text), &schema()).unwrap_err().render(text)
}

#[test]
fn an_error_shows_its_place_and_what_was_expected() {
    assert_eq!(
        syntax("email = \"a\"\nand = 3"),
        "line 2, column 5: `=` cannot stand here\n\
         2 | and = 3\n  |     ^\n  \
         = expected a field, a constant, `not` or `(`\n"
    );
    assert_eq!(
        syntax("age >= 18 and"),
        "line 1, column 14: the rule ends too early\n\
         1 | age >= 18 and\n  |              ^\n  \
         = expected a field, a constant, `not` or `(`\n"
    );
    assert_eq!(
        syntax("email.startWith(\"a\")"),
        "line 1, column 7: there is no test `startWith`\n\
         1 | email.startWith(\"a\")\n  |       ^^^^^^^^^\n  \
         = expected `.startsWith`, `.endsWith`, `.contains`, `.matches` or `.like`\n"
    );
    assert_eq!(
        syntax("email = 'a'"),
        "line 1, column 9: unexpected character `\\'`\n\
         1 | email = 'a'\n  |         ^\n  \
         = strings go in double quotes\n"
    );
}

#[test]
fn an_unknown_field_suggests_its_neighbours() {
    assert_eq!(
        types("loyalty.point >= 10"),
        "line 1, column 1: `loyalty` has no field `point`\n\
         1 | loyalty.point >= 10\n  | ^^^^^^^^^^^^^\n  \
         = did you mean `loyalty.points`?\n"
    );
}

#[test]
fn all_type_errors_come_at_once_in_the_order_of_the_text() {
    let text = "agee = 1 and email > 3 and active < true and tags = \"a\"";
    let errors = check(&pql(text), &schema()).unwrap_err();
    let messages: Vec<&str> = errors.0.iter().map(|e| e.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "profiles have no field `agee`",
            "`email` is a string and `3` is an integer: they cannot be compared",
            "booleans have no order for `<`",
            "`tags` is a list<string> and cannot be compared",
        ]
    );
    let fault = errors.fault(text);
    assert_eq!(fault.message, "the rule is refused: profiles have no field `agee` (and 3 more)");
    assert_eq!(fault.hint, "did you mean `age`?");
    assert!(fault.tried.contains("line 1, column 14"), "{}", fault.tried);
}

#[test]
fn what_is_no_rule_is_explained() {
    for (text, message) in [
        ("", "the rule is empty"),
        ("  \n", "the rule is empty"),
        ("a = b = c", "comparisons do not chain"),
        ("a = null", "a comparison with null is never true"),
        ("null = a", "`null` cannot stand here"),
        ("a in []", "the list is empty"),
        ("a in [b]", "a list holds constants only"),
        ("a in [now]", "a list holds constants only"),
        ("a in (\"b\")", "`(` cannot stand here"),
        ("a b", "a field cannot stand here"),
        ("a = 1)", "`)` cannot stand here"),
        ("(a = 1", "the rule ends too early"),
        ("a.1 = 1", "a number cannot stand here"),
        ("a[x] = 1", "a field cannot stand here"),
        ("a[\"x\"] = 1", "a string cannot stand here"),
        ("a[99999999999] = 1", "a number cannot stand here"),
        ("81af = 1", "`81af` is neither a number nor a name"),
        ("a = -9223372036854775809", "integers start at -9223372036854775808"),
        ("a = date(2026, 2, 30)", "there is no such day in the years 1 to 9999"),
        ("a = timestamp(\"2026-01-01\")", "this is not an instant in the years 1 to 9999"),
        ("a occurs 3 days before now", "a number cannot stand here"),
        ("a occurs <= 3 dogs before now", "a field cannot stand here"),
        ("a occurs <= -3 days before now", "`-` cannot stand here"),
        ("a not 3", "a number cannot stand here"),
        ("a && b", "unexpected character `&`"),
        ("in = 3", "`in` cannot stand here"),
        ("straße = 1", "unexpected character `\\u{df}`"),
    ] {
        let errors = parse_pql(text).unwrap_err();
        assert_eq!(errors.0[0].message, message, "{text}");
        errors.render(text);
    }
}

#[test]
fn sql_errors_name_their_place() {
    let text = "age > 1 AND\n  age IN (SELECT 1)";
    assert_eq!(
        parse_sql(text).unwrap_err().render(text),
        "line 2, column 3: a subquery is not allowed in a rule\n\
         2 |   age IN (SELECT 1)\n  |   ^^^^^^^^^^^^^^^^\n"
    );
    let text = "age > AND b";
    assert_eq!(parse_sql(text).unwrap_err().0[0].span.start, 10, "{}", parse_sql(text).unwrap_err().render(text));
}
