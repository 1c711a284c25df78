//! Reading a JSON body member by member: each value knows where it stands, and says what is wrong with it there.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Map, Value};

use crate::path::FieldPath;
use crate::problem::Findings;

/// A JSON value and its place.
#[derive(Clone, Debug)]
pub struct Node<'v> {
    /// The value; never `null`, which means the same as absence.
    pub value: &'v Value,
    /// JSON Pointer from the body's root.
    pub pointer: String,
}

impl<'v> Node<'v> {
    /// A value at `pointer`.
    pub fn at(value: &'v Value, pointer: impl Into<String>) -> Node<'v> {
        Node { value, pointer: pointer.into() }
    }

    /// The member `name` of an object; `None` when it is absent or null, or this is no object.
    pub fn member(&self, name: &str) -> Option<Node<'v>> {
        let value = self.value.as_object()?.get(name).filter(|value| !value.is_null())?;
        Some(Node::at(value, self.pointer_to(name)))
    }

    /// The member `name`; its absence is a problem.
    pub fn required(&self, name: &str, findings: &mut Findings) -> Option<Node<'v>> {
        let member = self.member(name);
        if member.is_none() {
            findings.add(self.pointer_to(name), "is missing");
        }
        member
    }

    /// The pointer of a member, whether or not it is there.
    pub fn pointer_to(&self, name: &str) -> String {
        format!("{}/{}", self.pointer, name.replace('~', "~0").replace('/', "~1"))
    }

    /// The object.
    pub fn object(&self, findings: &mut Findings) -> Option<&'v Map<String, Value>> {
        self.expect(self.value.as_object(), "an object", findings)
    }

    /// The elements of an array.
    pub fn items(&self, findings: &mut Findings) -> Option<Vec<Node<'v>>> {
        let items = self.expect(self.value.as_array(), "an array", findings)?;
        Some(items.iter().enumerate().map(|(i, item)| Node::at(item, format!("{}/{i}", self.pointer))).collect())
    }

    /// The text.
    pub fn text(&self, findings: &mut Findings) -> Option<&'v str> {
        self.expect(self.value.as_str(), "a text", findings)
    }

    /// The text, which holds more than blanks.
    pub fn filled_text(&self, findings: &mut Findings) -> Option<&'v str> {
        let text = self.text(findings)?;
        if text.trim().is_empty() {
            findings.add(&self.pointer, "is empty");
            return None;
        }
        Some(text)
    }

    /// The truth value.
    pub fn boolean(&self, findings: &mut Findings) -> Option<bool> {
        self.expect(self.value.as_bool(), "true or false", findings)
    }

    /// The whole number, also where it is written as a text.
    pub fn integer(&self, findings: &mut Findings) -> Option<i64> {
        let number = match self.value {
            Value::String(text) => text.trim().parse().ok(),
            other => other.as_i64(),
        };
        self.expect(number, "a whole number", findings)
    }

    /// The instant that a number of seconds since 1970, or the text of one, spells.
    pub fn epoch_seconds(&self, findings: &mut Findings) -> Option<DateTime<Utc>> {
        let seconds = self.integer(findings)?;
        let instant = DateTime::from_timestamp(seconds, 0).filter(|t| t.timestamp() >= 0 && t.timestamp() < YEAR_10000);
        self.expect(instant, "a time in seconds since 1970-01-01T00:00:00Z", findings)
    }

    /// The day, `YYYY-MM-DD`.
    pub fn day(&self, findings: &mut Findings) -> Option<NaiveDate> {
        self.expect(self.value.as_str().and_then(day_of), "a day such as 2026-11-25", findings)
    }

    /// The path of a field. `xdm:` before it is left out.
    pub fn path(&self, findings: &mut Findings) -> Option<FieldPath> {
        let text = bare_path(self.filled_text(findings)?);
        match FieldPath::parse(text) {
            Ok(path) => Some(path),
            Err(error) => {
                findings.add(&self.pointer, format!("{text:?} is no path: {error}"));
                None
            }
        }
    }

    /// One of `known`, found by its text; otherwise the problem lists them.
    pub fn one_of<T: Copy>(&self, known: &[(&str, T)], findings: &mut Findings) -> Option<T> {
        let text = self.text(findings)?;
        let found = known.iter().find(|(name, _)| *name == text).map(|(_, value)| *value);
        if found.is_none() {
            let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
            findings.add(&self.pointer, format!("is {text:?}; it must be one of {}", names.join(", ")));
        }
        found
    }

    fn expect<T>(&self, found: Option<T>, what: &str, findings: &mut Findings) -> Option<T> {
        if found.is_none() {
            findings.add(&self.pointer, format!("must be {what}"));
        }
        found
    }
}

/// Midnight before the year 10000, in seconds since 1970: where four digits of a year end.
const YEAR_10000: i64 = 253_402_300_800;

/// A path as people type it: blanks around it and the prefix `xdm:` do not count.
pub(crate) fn bare_path(text: &str) -> &str {
    let text = text.trim();
    text.strip_prefix("xdm:").map_or(text, str::trim_start)
}

/// `YYYY-MM-DD` with exactly these digits.
pub(crate) fn day_of(text: &str) -> Option<NaiveDate> {
    let bytes = text.as_bytes();
    let shape = bytes.len() == 10
        && bytes.iter().enumerate().all(|(i, b)| if i == 4 || i == 7 { *b == b'-' } else { b.is_ascii_digit() });
    if !shape {
        return None;
    }
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_read_and_problems_say_where() {
        let body = json!({"a/b": {"n": "3", "d": "2026-02-30", "t": 12, "p": "xdm: a.b", "none": null}});
        let mut findings = Findings::default();
        let node = Node::at(&body, "").member("a/b").unwrap();
        assert_eq!(node.pointer, "/a~1b");
        assert_eq!(node.member("n").unwrap().integer(&mut findings), Some(3));
        assert_eq!(node.member("p").unwrap().path(&mut findings).unwrap().to_string(), "a.b");
        assert!(findings.problems.is_empty());
        assert!(node.member("none").is_none());
        assert_eq!(node.member("d").unwrap().day(&mut findings), None);
        assert_eq!(node.member("t").unwrap().text(&mut findings), None);
        assert!(node.required("none", &mut findings).is_none());
        let fields: Vec<_> = findings.problems.iter().map(|p| p.field.as_str()).collect();
        assert_eq!(fields, ["/a~1b/d", "/a~1b/t", "/a~1b/none"]);
    }

    #[test]
    fn days_have_four_two_and_two_digits() {
        assert!(day_of("2024-02-29").is_some());
        for text in ["2023-02-29", "2024-2-29", "+2024-02-1", "2024/02/29", "02024-02-2", "２０24-02-29", ""] {
            assert!(day_of(text).is_none(), "{text}");
        }
    }

    #[test]
    fn seconds_stay_within_four_digits_of_a_year() {
        let mut findings = Findings::default();
        for (value, is_time) in [
            (json!(1_675_901_210), true),
            (json!("0"), true),
            (json!(-1), false),
            (json!(1_675_901_210_000_i64), false),
        ] {
            assert_eq!(Node::at(&value, "/t").epoch_seconds(&mut findings).is_some(), is_time, "{value}");
        }
    }
}
