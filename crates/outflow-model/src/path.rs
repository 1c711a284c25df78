//! Dotted paths to fields: `person.name.firstName`, `identityMap.Email[0].id`, ``segmentMembership.`81af-…`.status``.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::near::near;
use crate::schema::{FieldType, Schema};

/// One step of a [`FieldPath`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PathElement {
    /// A struct's field or a map's key.
    Name(String),
    /// A list's element, counted from zero.
    Index(u32),
}

impl PathElement {
    /// The name, where it is one.
    pub fn name(&self) -> Option<&str> {
        match self {
            PathElement::Name(name) => Some(name),
            PathElement::Index(_) => None,
        }
    }
}

/// A path from a profile to a value inside it. Never empty, and starts with a name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FieldPath(Vec<PathElement>);

/// Why a text is not a path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem} at character {at}")]
pub struct PathError {
    /// What is wrong.
    pub problem: String,
    /// Where, in characters from 1.
    pub at: usize,
}

/// Why a path leads nowhere in a schema.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ResolveError {
    /// What is wrong, naming the element.
    pub message: String,
    /// Names that are there and look alike, nearest first, at most three, each as a whole path.
    pub near: Vec<String>,
}

impl FieldPath {
    /// A path from its elements, or `None` if they are empty or start with an index.
    pub fn new(elements: Vec<PathElement>) -> Option<FieldPath> {
        matches!(elements.first(), Some(PathElement::Name(_))).then_some(FieldPath(elements))
    }

    /// The path that goes from the top-level field `root` along `names`.
    pub fn of_names(root: &str, names: &[&str]) -> FieldPath {
        let names = std::iter::once(root).chain(names.iter().copied());
        FieldPath(names.map(|name| PathElement::Name(name.to_string())).collect())
    }

    /// Reads the text form.
    ///
    /// # Errors
    /// [`PathError`] with the position, when the text is not a path.
    pub fn parse(text: &str) -> Result<FieldPath, PathError> {
        Parser { chars: text.chars().collect(), at: 0 }.path()
    }

    /// The steps, outermost first.
    pub fn elements(&self) -> &[PathElement] {
        &self.0
    }

    /// The top-level field's name.
    pub fn root(&self) -> &str {
        match &self.0[0] {
            PathElement::Name(name) => name,
            PathElement::Index(_) => unreachable!("a path starts with a name"),
        }
    }

    /// The header a file gives this path unless told otherwise: `.`, `[` and `]` turned into single underscores, also
    /// where they are part of a name.
    pub fn default_header(&self) -> String {
        let mut header = String::new();
        let mut was_turned = false;
        for (number, element) in self.0.iter().enumerate() {
            let text = match element {
                PathElement::Name(name) => name.clone(),
                PathElement::Index(n) => n.to_string(),
            };
            let between = (number > 0).then_some('.');
            for c in between.into_iter().chain(text.chars()) {
                let is_turned = matches!(c, '.' | '[' | ']');
                match (is_turned, was_turned) {
                    (true, true) => (),
                    (true, false) => header.push('_'),
                    (false, _) => header.push(c),
                }
                was_turned = is_turned;
            }
        }
        header
    }

    /// The type this path leads to in `schema`.
    ///
    /// # Errors
    /// [`ResolveError`] naming the element that is not there, with near names.
    pub fn resolve<'s>(&self, schema: &'s Schema) -> Result<&'s FieldType, ResolveError> {
        let root = self.root();
        let mut current = match schema.fields.iter().find(|f| f.name == root) {
            Some(field) => &field.field_type,
            None => return Err(self.unknown(0, schema.fields.iter().map(|f| f.name.as_str()))),
        };
        for (i, element) in self.0.iter().enumerate().skip(1) {
            current = match (current, element) {
                (FieldType::Struct(fields), PathElement::Name(name)) => match fields.iter().find(|f| &f.name == name) {
                    Some(field) => &field.field_type,
                    None => return Err(self.unknown(i, fields.iter().map(|f| f.name.as_str()))),
                },
                (FieldType::Map(value), PathElement::Name(_)) => value,
                (FieldType::List(item), PathElement::Index(_)) => item,
                (other, _) => return Err(self.misfit(i, other)),
            };
        }
        Ok(current)
    }

    /// The first `n` elements as text.
    fn prefix(&self, n: usize) -> String {
        FieldPath(self.0[..n].to_vec()).to_string()
    }

    fn unknown<'a>(&self, at: usize, there: impl Iterator<Item = &'a str>) -> ResolveError {
        let PathElement::Name(wanted) = &self.0[at] else { unreachable!("only names are looked up") };
        let path = |name: &str| {
            let mut elements = self.0[..at].to_vec();
            elements.push(PathElement::Name(name.to_string()));
            elements.extend_from_slice(&self.0[at + 1..]);
            FieldPath(elements).to_string()
        };
        let near = near(wanted, there).into_iter().map(path).collect();
        let message = if at == 0 {
            format!("profiles have no field `{wanted}`")
        } else {
            format!("`{}` has no field `{wanted}`", self.prefix(at))
        };
        ResolveError { message, near }
    }

    fn misfit(&self, at: usize, found: &FieldType) -> ResolveError {
        let holder = self.prefix(at);
        let message = match (&self.0[at], found) {
            (PathElement::Name(name), FieldType::List(_)) => {
                format!("`{holder}` is a list: pick an element first, as in `{holder}[0].{name}`")
            }
            (PathElement::Name(name), _) => format!("`{holder}` is a {}: it has no field `{name}`", found.name()),
            (PathElement::Index(n), _) => {
                format!("`{holder}` is a {}, not a list: it has no element [{n}]", found.name())
            }
        };
        ResolveError { message, near: Vec::new() }
    }
}

/// Whether a name needs no backticks.
pub fn is_plain_name(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

impl fmt::Display for PathElement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PathElement::Name(name) if is_plain_name(name) => f.write_str(name),
            PathElement::Name(name) => write!(f, "`{}`", name.replace('`', "``")),
            PathElement::Index(n) => write!(f, "[{n}]"),
        }
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, element) in self.0.iter().enumerate() {
            if i > 0 && matches!(element, PathElement::Name(_)) {
                f.write_str(".")?;
            }
            write!(f, "{element}")?;
        }
        Ok(())
    }
}

impl std::str::FromStr for FieldPath {
    type Err = PathError;

    fn from_str(text: &str) -> Result<FieldPath, PathError> {
        FieldPath::parse(text)
    }
}

impl Serialize for FieldPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for FieldPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<FieldPath, D::Error> {
        let text = String::deserialize(deserializer)?;
        FieldPath::parse(&text).map_err(serde::de::Error::custom)
    }
}

struct Parser {
    chars: Vec<char>,
    at: usize,
}

impl Parser {
    fn path(mut self) -> Result<FieldPath, PathError> {
        let mut elements = vec![self.name()?];
        while let Some(c) = self.chars.get(self.at) {
            match c {
                '.' => {
                    self.at += 1;
                    elements.push(self.name()?);
                }
                '[' => {
                    self.at += 1;
                    elements.push(self.index()?);
                }
                _ => return Err(self.error("expected `.`, `[` or the end of the path")),
            }
        }
        Ok(FieldPath(elements))
    }

    fn name(&mut self) -> Result<PathElement, PathError> {
        if self.chars.get(self.at) == Some(&'`') {
            return self.quoted_name();
        }
        let start = self.at;
        while self.chars.get(self.at).is_some_and(|c| c.is_ascii_alphanumeric() || *c == '_') {
            self.at += 1;
        }
        let name: String = self.chars[start..self.at].iter().collect();
        if is_plain_name(&name) {
            return Ok(PathElement::Name(name));
        }
        self.at = start;
        Err(self.error("expected a field name (names other than letters, digits and _ go in backticks)"))
    }

    fn quoted_name(&mut self) -> Result<PathElement, PathError> {
        self.at += 1;
        let mut name = String::new();
        loop {
            match (self.chars.get(self.at), self.chars.get(self.at + 1)) {
                (Some('`'), Some('`')) => {
                    name.push('`');
                    self.at += 2;
                }
                (Some('`'), _) if name.is_empty() => return Err(self.error("a field name cannot be empty")),
                (Some('`'), _) => {
                    self.at += 1;
                    return Ok(PathElement::Name(name));
                }
                (Some(c), _) => {
                    name.push(*c);
                    self.at += 1;
                }
                (None, _) => return Err(self.error("the backtick is never closed")),
            }
        }
    }

    fn index(&mut self) -> Result<PathElement, PathError> {
        let start = self.at;
        while self.chars.get(self.at).is_some_and(char::is_ascii_digit) {
            self.at += 1;
        }
        let digits: String = self.chars[start..self.at].iter().collect();
        match (digits.parse(), self.chars.get(self.at)) {
            (Ok(n), Some(']')) => {
                self.at += 1;
                Ok(PathElement::Index(n))
            }
            (Ok(_), _) => Err(self.error("expected `]`")),
            (Err(_), _) => Err(self.error("expected a list index such as [0]")),
        }
    }

    fn error(&self, problem: &str) -> PathError {
        PathError { problem: problem.to_string(), at: self.at + 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Field;
    use proptest::prelude::*;

    #[test]
    fn paths_print_as_they_were_written() {
        for text in
            ["person.name.firstName", "identityMap.Email[0].id", "segmentMembership.`81af-1`.status", "a.`x``y`"]
        {
            assert_eq!(FieldPath::parse(text).map(|p| p.to_string()).as_deref(), Ok(text));
        }
    }

    #[test]
    fn headers_turn_dots_and_brackets_into_single_underscores() {
        let check = |path: &str, header: &str| assert_eq!(FieldPath::parse(path).unwrap().default_header(), header);
        check("identityMap.Email[0].id", "identityMap_Email_0_id");
        check("segmentMembership.status", "segmentMembership_status");
        check("a[1][2].b", "a_1_2_b");
        check("m.`a.b`.c", "m_a_b_c");
        check("m.`a.[b]`[3]", "m_a_b_3");
        check("`x..y`", "x_y");
        check("m.`.a__b`", "m_a__b");
    }

    #[test]
    fn errors_say_where() {
        for (text, at) in
            [("", 1), ("a.", 3), ("a..b", 3), ("a[x]", 3), ("a[0", 4), ("a b", 2), ("`a", 3), ("a.``", 4), ("9a", 1)]
        {
            assert_eq!(FieldPath::parse(text).unwrap_err().at, at, "{text}");
        }
    }

    #[test]
    fn resolving_names_the_missing_element_and_its_neighbours() {
        let schema = Schema {
            fields: vec![Field {
                name: "person".into(),
                field_type: FieldType::Struct(vec![Field { name: "firstName".into(), field_type: FieldType::String }]),
            }],
        };
        let error = FieldPath::parse("person.fristName").unwrap().resolve(&schema).unwrap_err();
        assert_eq!(error.message, "`person` has no field `fristName`");
        assert_eq!(error.near, ["person.firstName"]);
        assert_eq!(
            FieldPath::parse("persn.firstName").unwrap().resolve(&schema).unwrap_err().near,
            ["person.firstName"]
        );
        assert!(FieldPath::parse("person[0]").unwrap().resolve(&schema).is_err());
    }

    proptest! {
        #[test]
        fn any_path_survives_printing(names in prop::collection::vec((".{1,8}", prop::option::of(0u32..9)), 1..5)) {
            let mut elements = Vec::new();
            for (name, index) in names {
                elements.push(PathElement::Name(name));
                elements.extend(index.map(PathElement::Index));
            }
            let path = FieldPath::new(elements).unwrap();
            prop_assert_eq!(FieldPath::parse(&path.to_string()).unwrap(), path);
        }
    }
}
