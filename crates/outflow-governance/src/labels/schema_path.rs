//! The place of a field in a dataset's JSON Schema: `/properties/personalEmail/properties/address`. A list's elements are
//! `items`, a map's values `additionalProperties`; `/properties/NAME` behind a map is the value under that one key.

use std::fmt;

use outflow_model::problem::Problem;
use outflow_model::schema::{FieldType, Schema};
use outflow_model::{FieldPath, PathElement};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The most steps of a path.
const STEPS_MAX: usize = 64;

/// One step of a [`SchemaPath`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SchemaStep {
    /// A struct's field, or the value under one key of a map.
    Property(String),
    /// Every element of a list.
    Items,
    /// Every value of a map.
    Values,
}

/// The place of a field. Never empty, and starts with a property.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SchemaPath(pub(crate) Vec<SchemaStep>);

impl SchemaPath {
    /// Reads the text form, a JSON Pointer.
    ///
    /// # Errors
    /// What would be right.
    pub fn parse(text: &str) -> Result<SchemaPath, String> {
        let expected = || {
            "is no place in a schema: write /properties/NAME/properties/NAME, with /items for a list's elements \
                           and /additionalProperties for a map's values"
                .to_string()
        };
        let mut words = text.strip_prefix('/').ok_or_else(expected)?.split('/');
        let mut steps = Vec::new();
        while let Some(word) = words.next() {
            let step = match word {
                "properties" => {
                    let name = words.next().filter(|name| !name.is_empty()).ok_or_else(expected)?;
                    SchemaStep::Property(name.replace("~1", "/").replace("~0", "~"))
                }
                "items" => SchemaStep::Items,
                "additionalProperties" => SchemaStep::Values,
                _ => return Err(expected()),
            };
            steps.push(step);
            if steps.len() > STEPS_MAX {
                return Err(format!("has more than {STEPS_MAX} steps"));
            }
        }
        match steps.first() {
            Some(SchemaStep::Property(_)) => Ok(SchemaPath(steps)),
            _ => Err(expected()),
        }
    }

    /// Reads the text form, or the shorter ones in which requests for an evaluation name fields: `/person/email`, and a path
    /// as rules write it (`person.email`). Every step of those is a property or a list's element.
    ///
    /// # Errors
    /// What would be right.
    pub fn parse_field(text: &str) -> Result<SchemaPath, String> {
        if text == "/properties" || text.starts_with("/properties/") {
            return SchemaPath::parse(text);
        }
        if let Some(names) = text.strip_prefix('/') {
            let steps: Vec<SchemaStep> = names.split('/').map(|name| SchemaStep::Property(name.to_string())).collect();
            let is_path = steps.len() <= STEPS_MAX && names.split('/').all(|name| !name.is_empty());
            return if is_path { Ok(SchemaPath(steps)) } else { Err("is no path of a field".to_string()) };
        }
        let path = FieldPath::parse(text).map_err(|error| format!("is no path of a field: {error}"))?;
        Ok(SchemaPath::of(&path))
    }

    /// The place that a path leads to: its names as properties, its indices as elements.
    pub fn of(path: &FieldPath) -> SchemaPath {
        let step = |element: &PathElement| match element {
            PathElement::Name(name) => SchemaStep::Property(name.clone()),
            PathElement::Index(_) => SchemaStep::Items,
        };
        SchemaPath(path.elements().iter().map(step).collect())
    }

    /// The steps, outermost first.
    pub fn steps(&self) -> &[SchemaStep] {
        &self.0
    }

    /// The place one step further in.
    #[must_use]
    pub fn then(&self, step: SchemaStep) -> SchemaPath {
        SchemaPath(self.0.iter().cloned().chain([step]).collect())
    }

    /// Whether this place and `path` lie on one line: one of the two is around the other, or they are the same.
    pub fn meets(&self, path: &FieldPath) -> bool {
        self.0.iter().zip(path.elements()).all(|(step, element)| match (step, element) {
            (SchemaStep::Property(name), PathElement::Name(other)) => name == other,
            (SchemaStep::Items, PathElement::Index(_)) | (SchemaStep::Values, PathElement::Name(_)) => true,
            _ => false,
        })
    }

    /// Whether this place is `other`, or around it. A value under one key of a map is one of all values.
    pub fn covers(&self, other: &SchemaPath) -> bool {
        let is_met = |(own, other): (&SchemaStep, &SchemaStep)| {
            own == other || matches!((own, other), (SchemaStep::Values, SchemaStep::Property(_)))
        };
        self.0.len() <= other.0.len() && self.0.iter().zip(&other.0).all(is_met)
    }

    /// Whether `schema` has this place.
    ///
    /// # Errors
    /// A problem, without its field, with places that look alike.
    pub fn check(&self, schema: &Schema) -> Result<(), Problem> {
        let top = FieldType::Struct(schema.fields.clone());
        let mut current = &top;
        for (i, step) in self.0.iter().enumerate() {
            current = match (current, step) {
                (FieldType::Struct(fields), SchemaStep::Property(name)) => {
                    match fields.iter().find(|field| field.name == *name) {
                        Some(field) => &field.field_type,
                        None => return Err(self.unknown(schema)),
                    }
                }
                (FieldType::Map(value), SchemaStep::Property(_) | SchemaStep::Values) => value,
                (FieldType::List(item), SchemaStep::Items) => item,
                (found, step) => {
                    let message =
                        format!("`{}` is a {}: it has no {}", SchemaPath::text(&self.0[..i]), found.name(), step);
                    return Err(Problem::new("", message));
                }
            };
        }
        Ok(())
    }

    /// The problem of a name that is not there. Near names are those that paths of rules know.
    fn unknown(&self, schema: &Schema) -> Problem {
        let element = |step: &SchemaStep| match step {
            SchemaStep::Property(name) => PathElement::Name(name.clone()),
            SchemaStep::Values => PathElement::Name("*".to_string()),
            SchemaStep::Items => PathElement::Index(0),
        };
        let path = FieldPath::new(self.0.iter().map(element).collect());
        let Some(Err(error)) = path.map(|path| path.resolve(schema).map(|_| ())) else {
            return Problem::new("", "leads nowhere");
        };
        let place = |text: String| {
            let Ok(path) = FieldPath::parse(&text) else { return text };
            let mut place = SchemaPath::of(&path);
            for (step, own) in place.0.iter_mut().zip(&self.0) {
                if *own == SchemaStep::Values {
                    *step = SchemaStep::Values;
                }
            }
            place.to_string()
        };
        Problem { near: error.near.into_iter().map(place).collect(), ..Problem::new("", error.message) }
    }

    fn text(steps: &[SchemaStep]) -> String {
        steps.iter().map(|step| format!("/{step}")).collect()
    }
}

impl fmt::Display for SchemaStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SchemaStep::Property(name) => write!(f, "properties/{}", name.replace('~', "~0").replace('/', "~1")),
            SchemaStep::Items => f.write_str("items"),
            SchemaStep::Values => f.write_str("additionalProperties"),
        }
    }
}

impl fmt::Display for SchemaPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&SchemaPath::text(&self.0))
    }
}

impl Serialize for SchemaPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SchemaPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<SchemaPath, D::Error> {
        let text = String::deserialize(deserializer)?;
        SchemaPath::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use outflow_model::schema::Field;
    use proptest::prelude::*;

    use super::*;

    fn place(text: &str) -> SchemaPath {
        SchemaPath::parse(text).unwrap()
    }

    fn path(text: &str) -> FieldPath {
        FieldPath::parse(text).unwrap()
    }

    #[test]
    fn places_are_json_pointers_into_a_schema() {
        for text in [
            "/properties/personalEmail/properties/address",
            "/properties/properties/properties/items",
            "/properties/phones/items/properties/number",
            "/properties/consents/additionalProperties/properties/val",
            "/properties/a~1b~0c",
        ] {
            assert_eq!(place(text).to_string(), text);
        }
        for text in
            ["", "/", "/properties", "/properties/", "/items", "/personalEmail", "properties/a", "/properties/a/b"]
        {
            assert!(SchemaPath::parse(text).is_err(), "{text}");
        }
        assert!(SchemaPath::parse(&"/properties/a".repeat(65)).is_err());
    }

    #[test]
    fn requests_may_write_fields_shorter() {
        for (text, expected) in [
            ("/properties/a/properties/b", "/properties/a/properties/b"),
            ("/a/b", "/properties/a/properties/b"),
            ("emailAddress", "/properties/emailAddress"),
            ("phones[0].number", "/properties/phones/items/properties/number"),
        ] {
            assert_eq!(SchemaPath::parse_field(text).unwrap().to_string(), expected);
        }
        for text in ["", "/", "/a//b", "a..b", "/properties"] {
            assert!(SchemaPath::parse_field(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_place_meets_what_is_inside_and_what_is_around() {
        for (text, field, meets) in [
            ("/properties/person", "person.name.firstName", true),
            ("/properties/person/properties/name", "person", true),
            ("/properties/person/properties/name", "person.nickname", false),
            ("/properties/phones/items/properties/number", "phones[3].number", true),
            ("/properties/phones/items/properties/number", "phones", true),
            ("/properties/phones/items/properties/number", "phones[3].kind", false),
            ("/properties/m/additionalProperties/properties/v", "m.anything.v", true),
            ("/properties/m/properties/k", "m.k.v", true),
            ("/properties/m/properties/k", "m.other.v", false),
        ] {
            assert_eq!(place(text).meets(&path(field)), meets, "{text} {field}");
        }
        assert!(place("/properties/m/additionalProperties").covers(&place("/properties/m/properties/k/properties/v")));
        assert!(!place("/properties/m/properties/k").covers(&place("/properties/m/additionalProperties")));
    }

    #[test]
    fn a_place_is_looked_for_in_the_schema() {
        let field = |name: &str, field_type| Field { name: name.into(), field_type };
        let schema = Schema {
            fields: vec![
                field("phones", FieldType::List(Box::new(FieldType::Struct(vec![field("number", FieldType::String)])))),
                field("m", FieldType::Map(Box::new(FieldType::Struct(vec![field("v", FieldType::String)])))),
            ],
        };
        for text in [
            "/properties/phones",
            "/properties/phones/items/properties/number",
            "/properties/m/additionalProperties/properties/v",
            "/properties/m/properties/key/properties/v",
        ] {
            assert_eq!(place(text).check(&schema), Ok(()), "{text}");
        }
        let problem = place("/properties/phones/items/properties/nummer").check(&schema).unwrap_err();
        assert_eq!(problem.near, ["/properties/phones/items/properties/number"]);
        for text in
            ["/properties/phones/properties/number", "/properties/m/items", "/properties/m/additionalProperties/items"]
        {
            assert!(place(text).check(&schema).unwrap_err().message.contains("it has no"), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_place_survives_printing(steps in prop::collection::vec((0..3, ".{1,6}"), 0..6), root in ".{1,6}") {
            let step = |(kind, name)| match kind {
                0 => SchemaStep::Items,
                1 => SchemaStep::Values,
                _ => SchemaStep::Property(name),
            };
            let root = SchemaStep::Property(root);
            let path = SchemaPath([root].into_iter().chain(steps.into_iter().map(step)).collect());
            prop_assert_eq!(SchemaPath::parse(&path.to_string()).unwrap(), path);
        }
    }
}
