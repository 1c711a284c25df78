//! Tests on text.

use std::borrow::Cow;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, OffsetSizeTrait, StringArrayType};
use arrow::buffer::{BooleanBuffer, OffsetBuffer};
use arrow::datatypes::DataType;
use memchr::memmem::Finder;
use outflow_model::Fault;
use outflow_model::rule::{LikePattern, Literal, TextTest, like_pattern, matches_regex};
use regex::Regex;

use super::condition::{Value, unexpected};
use super::{bits, dictionary};

/// A prepared test.
#[derive(Clone, Debug)]
pub(super) struct Matcher {
    test: Test,
    /// Whether values are lower-cased before the test; the pattern is already.
    lower: bool,
}

#[derive(Clone, Debug)]
enum Test {
    Equals(String),
    StartsWith(String),
    EndsWith(String),
    /// The text, and a searcher for it.
    Contains(String, Box<Finder<'static>>),
    Regex(Regex),
}

impl Matcher {
    pub(super) fn new(test: TextTest, pattern: &str, case_sensitive: bool) -> Result<Matcher, Fault> {
        let broken = |problem: String| Fault::internal(format!("a pattern of the rule cannot be used: {problem}"));
        if test == TextTest::Matches {
            let regex = matches_regex(pattern, case_sensitive).map_err(broken)?;
            return Ok(Matcher { test: Test::Regex(regex), lower: false });
        }
        let pattern = if case_sensitive { pattern.to_string() } else { lower_cased(pattern).into_owned() };
        let test = match test {
            TextTest::StartsWith => Test::StartsWith(pattern),
            TextTest::EndsWith => Test::EndsWith(pattern),
            TextTest::Like => match like_pattern(&pattern).map_err(broken)? {
                LikePattern::Equals(text) => Test::Equals(text),
                LikePattern::StartsWith(text) => Test::StartsWith(text),
                LikePattern::EndsWith(text) => Test::EndsWith(text),
                LikePattern::Contains(text) => contains(text),
                LikePattern::Other(regex, _) => Test::Regex(regex),
            },
            TextTest::Contains | TextTest::Matches => contains(pattern),
        };
        Ok(Matcher { test, lower: !case_sensitive })
    }

    /// The answers for a column of strings or of lists of strings.
    pub(super) fn tested(&self, value: &Value, rows: usize) -> Result<BooleanArray, Fault> {
        let array = match value {
            Value::Constant(Literal::String(text)) => {
                return Ok(BooleanArray::new(bits::constant(self.holds(text), rows), None));
            }
            Value::Array(array) => array,
            Value::Constant(_) | Value::Numbers(_) => {
                return Err(Fault::internal("the rule tests the text of numbers"));
            }
        };
        match array.data_type() {
            DataType::Null => Ok(BooleanArray::new_null(rows)),
            DataType::List(_) => {
                let list = array.as_list::<i32>();
                self.in_lists(list.values(), list.offsets(), array)
            }
            DataType::LargeList(_) => {
                let list = array.as_list::<i64>();
                self.in_lists(list.values(), list.offsets(), array)
            }
            DataType::FixedSizeList(..) => {
                let list = array.as_fixed_size_list();
                let elements = self.equal_elements(list.values())?;
                let size = usize::try_from(list.value_length()).unwrap_or(0);
                let bits = BooleanBuffer::collect_bool(rows, |row| any_set(&elements, row * size, (row + 1) * size));
                Ok(BooleanArray::new(bits, array.nulls().cloned()))
            }
            _ => Ok(BooleanArray::new(self.strings(array, |text| self.holds(text))?, array.nulls().cloned())),
        }
    }

    fn strings(&self, array: &ArrayRef, test: impl Fn(&str) -> bool) -> Result<BooleanBuffer, Fault> {
        fn each<'a, S: StringArrayType<'a>>(array: &S, test: impl Fn(&str) -> bool) -> BooleanBuffer {
            BooleanBuffer::collect_bool(array.len(), |row| test(array.value(row)))
        }
        match array.data_type() {
            DataType::Utf8 => Ok(each(&array.as_string::<i32>(), test)),
            DataType::LargeUtf8 => Ok(each(&array.as_string::<i64>(), test)),
            DataType::Utf8View => Ok(each(&array.as_string_view(), test)),
            other => Err(unexpected("strings", other)),
        }
    }

    fn holds(&self, text: &str) -> bool {
        let text = if self.lower { lower_cased(text) } else { Cow::Borrowed(text) };
        match &self.test {
            Test::Equals(wanted) => *text == **wanted,
            Test::StartsWith(start) => text.starts_with(start.as_str()),
            Test::EndsWith(end) => text.ends_with(end.as_str()),
            Test::Contains(_, finder) => finder.find(text.as_bytes()).is_some(),
            Test::Regex(regex) => regex.is_match(&text),
        }
    }

    fn in_lists<O: OffsetSizeTrait>(
        &self,
        elements: &ArrayRef,
        offsets: &OffsetBuffer<O>,
        array: &ArrayRef,
    ) -> Result<BooleanArray, Fault> {
        let elements = self.equal_elements(elements)?;
        let bits = BooleanBuffer::collect_bool(array.len(), |row| {
            any_set(&elements, offsets[row].as_usize(), offsets[row + 1].as_usize())
        });
        Ok(BooleanArray::new(bits, array.nulls().cloned()))
    }

    /// Which elements of lists are the text that is looked for.
    fn equal_elements(&self, elements: &ArrayRef) -> Result<BooleanBuffer, Fault> {
        let Test::Contains(wanted, _) = &self.test else {
            return Err(unexpected("strings", elements.data_type()));
        };
        let elements = dictionary::decoded(ArrayRef::clone(elements))?;
        if *elements.data_type() == DataType::Null {
            return Ok(bits::constant(false, elements.len()));
        }
        let equal = self.strings(&elements, |text| {
            let text = if self.lower { lower_cased(text) } else { Cow::Borrowed(text) };
            *text == **wanted
        })?;
        Ok(match elements.nulls() {
            Some(nulls) => &equal & nulls.inner(),
            None => equal,
        })
    }
}

fn contains(text: String) -> Test {
    let finder = Finder::new(text.as_bytes()).into_owned();
    Test::Contains(text, Box::new(finder))
}

fn any_set(bits: &BooleanBuffer, start: usize, end: usize) -> bool {
    (start..end).any(|at| bits.value(at))
}

/// Lower case, character by character: a prefix of a text stays a prefix, which Greek's final sigma would break.
fn lower_cased(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|c| c.is_uppercase() || !c.is_ascii()) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().flat_map(char::to_lowercase).collect())
}
