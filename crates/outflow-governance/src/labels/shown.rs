//! The fields of a dataset with the labels that each has, for looking at.

use outflow_model::schema::{Field, FieldType, Schema};
use serde::Serialize;

use super::{DatasetLabels, SchemaPath, SchemaStep};
use crate::label::Label;

/// A field with its labels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ShownField {
    /// Where it is.
    pub schema_path: SchemaPath,
    /// Its own labels.
    pub labels: Vec<Label>,
    /// Those of the dataset and of what is around it, without those it has itself; each once, the dataset's first.
    pub inherited: Vec<Label>,
}

/// Every field of `schema` in its order, each behind what is around it: fields of structs, elements of lists (`items`) and
/// values of maps (`additionalProperties`). Keys of maps that have labels of their own follow the map's values.
pub fn shown_fields(labels: &DatasetLabels, schema: &Schema) -> Vec<ShownField> {
    let mut shown = Vec::new();
    for field in &schema.fields {
        let place = SchemaPath(vec![SchemaStep::Property(field.name.clone())]);
        show(labels, &place, &field.field_type, &mut shown);
    }
    shown
}

fn show(labels: &DatasetLabels, place: &SchemaPath, field_type: &FieldType, shown: &mut Vec<ShownField>) {
    shown.push(shown_field(labels, place.clone()));
    match field_type {
        FieldType::Struct(fields) => {
            for Field { name, field_type } in fields {
                show(labels, &place.then(SchemaStep::Property(name.clone())), field_type, shown);
            }
        }
        FieldType::List(item) => show(labels, &place.then(SchemaStep::Items), item, shown),
        FieldType::Map(value) => {
            show(labels, &place.then(SchemaStep::Values), value, shown);
            let below = place.steps().len();
            let is_key = |path: &SchemaPath| {
                path.steps().get(..below) == Some(place.steps())
                    && matches!(path.steps().get(below), Some(SchemaStep::Property(_)))
            };
            let keys = labels.fields.iter().map(|field| &field.schema_path).filter(|path| is_key(path));
            shown.extend(keys.map(|path| shown_field(labels, path.clone())));
        }
        _ => {}
    }
}

fn shown_field(labels: &DatasetLabels, schema_path: SchemaPath) -> ShownField {
    let own = labels.of_field(&schema_path).to_vec();
    let around = labels.fields.iter().filter(|f| f.schema_path != schema_path && f.schema_path.covers(&schema_path));
    let mut inherited: Vec<Label> = Vec::new();
    for label in labels.labels.iter().chain(around.flat_map(|field| &field.labels)) {
        if !own.contains(label) && !inherited.contains(label) {
            inherited.push(label.clone());
        }
    }
    ShownField { schema_path, labels: own, inherited }
}

#[cfg(test)]
mod tests {
    use super::super::trace::tests::{dataset, field, texts};
    use super::*;

    #[test]
    fn every_field_shows_what_it_has_and_what_it_inherits() {
        let fields = vec![
            field("person", FieldType::Struct(vec![field("name", texts(&["first"]))])),
            field("tags", FieldType::List(Box::new(FieldType::String))),
            field("m", FieldType::Map(Box::new(texts(&["v"])))),
        ];
        let labelled: [(&str, &[&str]); 4] = [
            ("/properties/person", &["I2", "C9"]),
            ("/properties/person/properties/name/properties/first", &["I1", "C9"]),
            ("/properties/m/additionalProperties", &["S1"]),
            ("/properties/m/properties/k", &["S2"]),
        ];
        let dataset = dataset("d", fields, &["C9"], &labelled);
        let shown = shown_fields(&dataset.labels, dataset.schema.as_ref().unwrap());
        let list = |labels: &[Label]| labels.iter().map(Label::as_str).collect::<Vec<_>>().join(",");
        let told: Vec<String> =
            shown.iter().map(|f| format!("{} {}|{}", f.schema_path, list(&f.labels), list(&f.inherited))).collect();
        assert_eq!(
            told,
            [
                "/properties/person I2,C9|",
                "/properties/person/properties/name |C9,I2",
                "/properties/person/properties/name/properties/first I1,C9|I2",
                "/properties/tags |C9",
                "/properties/tags/items |C9",
                "/properties/m |C9",
                "/properties/m/additionalProperties S1|C9",
                "/properties/m/additionalProperties/properties/v |C9,S1",
                "/properties/m/properties/k S2|C9,S1",
            ]
        );
    }
}
