use super::super::{bind, parse_pql};
use super::{bound, now, schema};

#[test]
fn moments_come_from_the_run_clock() {
    assert_eq!(
        bound("seen < now and seen < today and seen < yesterday and seen < tomorrow").text(),
        "seen < timestamp(\"2026-11-22T06:30:00Z\") and seen < timestamp(\"2026-11-22T00:00:00Z\") and \
         seen < timestamp(\"2026-11-21T00:00:00Z\") and seen < timestamp(\"2026-11-23T00:00:00Z\")"
    );
}

#[test]
fn occurs_is_the_table_in_the_documentation() {
    let at = |day: u32| format!("timestamp(\"2026-11-{day:02}T06:30:00Z\")");
    for (text, expected) in [
        ("seen occurs before now", format!("seen < {}", at(22))),
        ("seen occurs after now", format!("seen > {}", at(22))),
        ("seen occurs <= 3 days before now", format!("seen >= {} and seen <= {}", at(19), at(22))),
        ("seen occurs < 3 days before now", format!("seen > {} and seen <= {}", at(19), at(22))),
        ("seen occurs > 3 days before now", format!("seen < {}", at(19))),
        ("seen occurs >= 3 days before now", format!("seen <= {}", at(19))),
        ("seen occurs = 3 days before now", format!("seen > {} and seen <= {}", at(18), at(19))),
        (
            "seen occurs != 3 days before now",
            format!("(seen > {} or seen <= {}) and seen <= {}", at(19), at(18), at(22)),
        ),
        ("seen occurs <= 3 days after now", format!("seen <= {} and seen >= {}", at(25), at(22))),
        ("seen occurs > 3 days after now", format!("seen > {}", at(25))),
        ("seen occurs = 3 days after now", format!("seen < {} and seen >= {}", at(26), at(25))),
        ("seen occurs before \"2026-11-20\"", "seen < date(2026, 11, 20)".to_string()),
        (
            "born occurs <= 1 month before date(2026, 3, 31)",
            "born >= timestamp(\"2026-02-28T00:00:00Z\") and born <= timestamp(\"2026-03-31T00:00:00Z\")".to_string(),
        ),
    ] {
        assert_eq!(bound(text).text(), expected, "{text}");
    }
}

#[test]
fn a_conjunction_stays_flat_when_distances_become_conjunctions() {
    let rule = bound("active and seen occurs <= 3 days before now and age > 1");
    assert_eq!(parse_pql(&rule.text()).unwrap(), rule.expr);
}

#[test]
fn distances_out_of_the_calendar_are_refused() {
    for text in [
        "seen occurs <= 3000 years before now",
        "seen occurs > 9223372036854775807 weeks after now",
        "seen occurs = 9223372036854775807 milliseconds before now",
    ] {
        let errors = bind(&parse_pql(text).unwrap(), &schema(), now()).unwrap_err();
        assert_eq!(errors.0[0].message, "this distance leads out of the years 1 to 9999", "{text}");
    }
}
