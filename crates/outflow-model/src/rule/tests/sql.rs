use super::super::{parse_pql, parse_sql};
use super::pql;

#[test]
fn both_languages_give_equal_trees() {
    for (sql, text) in [
        ("age = 1", "age = 1"),
        ("age <> 1 AND NOT (email = 'a')", "age != 1 and not email = \"a\""),
        ("a = 1 OR b = 2 OR (c = 3 OR d = 4)", "a = 1 or b = 2 or c = 3 or d = 4"),
        ("email = 'it''s \"q\" \\ z'", "email = \"it's \\\"q\\\" \\\\ z\""),
        ("\"order-date\" > 1 AND `x``y` = 2", "`order-date` > 1 and `x``y` = 2"),
        ("person.name.first = 'A'", "person.name.first = \"A\""),
        ("identityMap['Email'][0].id = 'x'", "identityMap.Email[0].id = \"x\""),
        ("tags[2] = 'x'", "tags[2] = \"x\""),
        ("email IN ('a', 'b')", "email in [\"a\", \"b\"]"),
        ("age NOT IN (1, -2, 2.5)", "age not in [1, -2, 2.5]"),
        ("born IN (DATE '2026-01-02')", "born in [date(2026, 1, 2)]"),
        ("age BETWEEN 1 AND 5 AND active", "age >= 1 and age <= 5 and active"),
        ("age NOT BETWEEN 1 AND 5", "not (age >= 1 and age <= 5)"),
        ("email LIKE 'a%'", "email like \"a%\""),
        ("email NOT LIKE 'a\\_%' ESCAPE '\\'", "email not like \"a\\\\_%\""),
        ("email ILIKE 'a%'", "email.like(\"a%\", false)"),
        ("email IS NULL OR age IS NOT NULL", "email is null or age is not null"),
        ("active IS TRUE", "active is not null and active"),
        ("active IS NOT FALSE", "not (active is not null and not active)"),
        ("(age > 1) IS UNKNOWN", "(age > 1) is null"),
        ("-age + 2 * (age - 3) / 4 % 5 > -7", "-age + 2 * (age - 3) / 4 % 5 > -7"),
        ("a - b - c > 0", "a - b - c > 0"),
        ("born >= DATE '2026-01-02'", "born >= date(2026, 1, 2)"),
        ("seen < TIMESTAMP '2026-01-02 03:04:05'", "seen < timestamp(\"2026-01-02T03:04:05Z\")"),
        ("seen < TIMESTAMP '2026-01-02T03:04:05+01:00'", "seen < timestamp(\"2026-01-02T02:04:05Z\")"),
        ("seen < now() AND seen > CURRENT_TIMESTAMP", "seen < now and seen > now"),
        ("born = CURRENT_DATE", "born = today"),
        ("starts_with(email, 'a')", "email.startsWith(\"a\")"),
        ("regexp_like(email, '^a')", "email.matches(\"^a\")"),
        ("seen < now() - INTERVAL '3' DAY", "seen occurs > 3 days before now"),
        ("seen <= now() - INTERVAL '3' DAY", "seen occurs >= 3 days before now"),
        ("seen >= now() - INTERVAL '30' DAY", "not seen occurs > 30 days before now"),
        ("seen > now() - INTERVAL '30 days'", "not seen occurs >= 30 days before now"),
        ("now() - INTERVAL '30' DAY <= seen", "not seen occurs > 30 days before now"),
        ("seen > CURRENT_DATE + INTERVAL 2 MONTH", "seen occurs > 2 months after today"),
        ("seen <= DATE '2026-01-01' + INTERVAL '1' YEAR", "not seen occurs > 1 year after date(2026, 1, 1)"),
        ("seen BETWEEN now() - INTERVAL '3' DAY AND now()", "not seen occurs > 3 days before now and seen <= now"),
        ("true", "true"),
    ] {
        let read = parse_sql(sql).unwrap_or_else(|e| panic!("{}", e.render(sql)));
        assert_eq!(read, pql(text), "{sql}\n{read}");
    }
}

#[test]
fn a_lower_bound_in_sql_has_no_upper_end() {
    let rule =
        super::super::bind(&parse_sql("seen >= now() - INTERVAL '30' DAY").unwrap(), &super::schema(), super::now());
    assert_eq!(rule.unwrap().text(), "not seen < timestamp(\"2026-10-23T06:30:00Z\")");
}

#[test]
fn everything_else_is_refused() {
    for sql in [
        "",
        "-- nothing",
        "age",
        "SELECT 1",
        "age = (SELECT 1)",
        "EXISTS (SELECT 1)",
        "age IN (SELECT 1)",
        "age IN (b)",
        "age IN ()",
        "CAST(age AS TEXT) = '1'",
        "age::text = '1'",
        "CASE WHEN age > 1 THEN true ELSE false END",
        "lower(email) = 'a'",
        "count(*) > 1",
        "now(1) > seen",
        "sum(age) OVER () > 1",
        "email || 'x' = 'y'",
        "age & 1 = 1",
        "email SIMILAR TO 'a'",
        "email RLIKE 'a'",
        "email LIKE 'a' ESCAPE '!'",
        "email LIKE other",
        "email = NULL",
        "age IS DISTINCT FROM 1",
        "age = ANY(tags)",
        "(age, b) = (1, 2)",
        "age = $1",
        "age = ?",
        "email = E'a'",
        "email = X'ff'",
        "email COLLATE x = 'a'",
        "seen AT TIME ZONE 'UTC' > now()",
        "EXTRACT(YEAR FROM seen) = 2026",
        "seen = now() - INTERVAL '3' DAY",
        "seen > now() - INTERVAL '3-1' YEAR TO MONTH",
        "seen > now() - INTERVAL '-3' DAY",
        "seen > now() - INTERVAL '3' CENTURY",
        "tags[1:2] = 'a'",
        "tags[age] = 'a'",
        "age = 1; DROP TABLE x",
        "age = 1 LIMIT 1",
        "TIME '10:00:00' = seen",
        "12345678901234567.89 = balance",
        "x->'a' = 1",
        "a = 'unterminated",
        "@x = 1 AND",
    ] {
        // A bare field is SQL, and only its type says that it is no condition.
        if sql == "age" {
            assert!(parse_sql(sql).is_ok());
            continue;
        }
        let read = parse_sql(sql);
        assert!(read.is_err(), "{sql} was read as {}", read.unwrap());
    }
}

#[test]
fn hostile_sql_is_an_error_and_long_chains_are_not() {
    for sql in [
        format!("{}a = 1{}", "(".repeat(30_000), ")".repeat(30_000)),
        format!("{}a", "NOT ".repeat(15_000)),
        format!("{}a = 1", "- ".repeat(30_000)),
        format!("a{}", " + a".repeat(15_000)),
        format!("a{} = 1", " + 1".repeat(1_900)),
        format!("a{}", " IS NULL".repeat(990)),
        format!("a{}", " IS TRUE".repeat(990)),
        format!("a{}", " BETWEEN 1 AND 2".repeat(990)),
        format!("a{}", "::int".repeat(990)),
        format!("a{}", "[0]".repeat(20_000)),
        format!("a = 1{} AND )", " OR a = 1".repeat(650)),
        format!("{}1{}", "CASE WHEN ".repeat(5_000), " END"),
        "(SELECT ".repeat(8_000),
        "a.".repeat(30_000),
        "f(".repeat(30_000),
    ] {
        assert!(parse_sql(&sql).is_err(), "{sql:.40}");
    }
    let chain = vec!["a = 1"; 650].join(" OR ");
    assert_eq!(parse_sql(&chain).unwrap(), parse_pql(&chain.to_lowercase()).unwrap());
    let list = format!("a IN ({})", vec!["'x'"; 10_000].join(", "));
    assert!(parse_sql(&list).is_ok());
}
