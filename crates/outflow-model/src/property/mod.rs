//! The filters of lists: `property=name==Acme`.
//!
//! | written | matches where |
//! |---|---|
//! | `path==value`, `path==a,b,c` | the value at the path is this, or one of these |
//! | `path!=value`, `path!=a,b,c` | there is a value, and it is not this, or none of these |
//! | `path>value`, `>=`, `<`, `<=` | the number or time at the path compares so |
//! | `path` | there is a value |
//!
//! A path is names joined by dots. `[]` after a name means any element of a list, `[2]` the third:
//! `inheritedAttributes.targetConnections[].connectionSpec.id==…`. A path that leads nowhere matches nothing, and null is no
//! value. Values may stand in double or single quotes, inside which a comma and, after a backslash, a quote are
//! themselves.
//!
//! Texts are equal when they are the same; numbers and booleans by what they are, however they are written. Times are
//! RFC 3339 texts, days, or numbers of milliseconds since 1970; any two of these are before, at or after each other.

mod compare;
mod parse;

use serde_json::Value;

use crate::problem::{Problem, Problems};

/// The longest filter, in bytes: room for two hundred ids.
pub const FILTER_BYTES_MAX: usize = 8 * 1024;

/// One condition.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    /// The path as it was written.
    path: String,
    steps: Vec<Step>,
    operator: Operator,
    /// What it is compared with; empty for [`Operator::Exists`] alone.
    values: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    /// A member of an object.
    Name(String),
    /// Any element of an array.
    Any,
    /// One element of an array.
    Index(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Exists,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Filter {
    /// Reads one filter, the value of a `property` parameter.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn parse(text: &str) -> Result<Filter, Problem> {
        parse::filter(text).map_err(|message| Problem::new("property", message))
    }

    /// The path as it was written.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether `body` matches.
    pub fn matches(&self, body: &Value) -> bool {
        self.matches_below(body, &self.steps)
    }

    /// The values of a filter that says `path==value,…`: where the body has a text at this path, the filter matches when
    /// it is one of these, and else it does not.
    pub fn equality(&self) -> Option<&[String]> {
        (self.operator == Operator::Equal).then_some(self.values.as_slice())
    }

    fn matches_below(&self, value: &Value, steps: &[Step]) -> bool {
        let Some((step, rest)) = steps.split_first() else { return self.matches_value(value) };
        match (step, value) {
            (Step::Name(name), Value::Object(members)) => {
                members.get(name).is_some_and(|member| self.matches_below(member, rest))
            }
            (Step::Any, Value::Array(items)) => items.iter().any(|item| self.matches_below(item, rest)),
            (Step::Index(index), Value::Array(items)) => {
                items.get(*index).is_some_and(|item| self.matches_below(item, rest))
            }
            _ => false,
        }
    }

    fn matches_value(&self, value: &Value) -> bool {
        if value.is_null() {
            return false;
        }
        let any = |test: &dyn Fn(&str) -> bool| self.values.iter().any(|text| test(text));
        let ordered = |fits: fn(std::cmp::Ordering) -> bool| any(&|text| compare::order(value, text).is_some_and(fits));
        match self.operator {
            Operator::Exists => true,
            Operator::Equal => any(&|text| compare::is_equal(value, text)),
            Operator::NotEqual => !any(&|text| compare::is_equal(value, text)),
            Operator::Less => ordered(std::cmp::Ordering::is_lt),
            Operator::LessOrEqual => ordered(std::cmp::Ordering::is_le),
            Operator::Greater => ordered(std::cmp::Ordering::is_gt),
            Operator::GreaterOrEqual => ordered(std::cmp::Ordering::is_ge),
        }
    }
}

/// Conditions that must all hold. None hold always.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filters(pub Vec<Filter>);

impl Filters {
    /// Reads the values of all `property` parameters of a request.
    ///
    /// # Errors
    /// What is wrong with each of them.
    pub fn parse<S: AsRef<str>>(texts: &[S]) -> Result<Filters, Problems> {
        let (mut filters, mut problems) = (Vec::new(), Vec::new());
        for text in texts {
            match Filter::parse(text.as_ref()) {
                Ok(filter) => filters.push(filter),
                Err(problem) => problems.push(problem),
            }
        }
        if problems.is_empty() { Ok(Filters(filters)) } else { Err(Problems(problems)) }
    }

    /// Whether `body` matches all of them.
    pub fn matches(&self, body: &Value) -> bool {
        self.0.iter().all(|filter| filter.matches(body))
    }

    /// Whether an object matches all of them whose members `member` knows by their names.
    pub fn matches_members<'v>(&self, member: impl Fn(&str) -> Option<&'v Value>) -> bool {
        self.0.iter().all(|filter| match filter.steps.split_first() {
            Some((Step::Name(name), rest)) => member(name).is_some_and(|value| filter.matches_below(value, rest)),
            _ => false,
        })
    }

    /// Texts of which the body must have one at `path`, as the first filter that says so has it; see
    /// [`Filter::equality`].
    pub fn equality(&self, path: &str) -> Option<&[String]> {
        self.0.iter().filter(|filter| filter.path == path).find_map(Filter::equality)
    }

    /// Whether everything matches.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests;
