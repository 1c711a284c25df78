//! Where the labels of a profile's field come from.
//!
//! Profiles are the union of the records of several datasets, field by field. A dataset bears on a field when its records
//! have the field, or when their shape is not known. Its labels that count then are those of the dataset, those of whatever
//! is around the field (inherited), the field's own, and, where the field is a struct, list or map that is used whole, those
//! of whatever is inside. `identityMap` holds what the datasets name as identities, wherever it stands in their records, and
//! so has the labels of those fields, too.

use outflow_model::dataset::DatasetIdentity;
use outflow_model::schema::Schema;
use outflow_model::{FieldPath, PathElement};
use serde::Serialize;

use super::{DatasetLabels, SchemaPath};
use crate::label::Label;

/// The field of profiles that holds identities, by namespace.
const IDENTITY_MAP: &str = "identityMap";

/// An object's id and name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EntityName {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// A dataset with its labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelledDataset {
    /// The dataset.
    pub dataset: EntityName,
    /// Its labels.
    pub labels: DatasetLabels,
    /// The shape of its records; where it is not known they may hold anything.
    pub schema: Option<Schema>,
    /// What identifies a person in its records.
    pub identities: Vec<DatasetIdentity>,
}

/// How a label bears on a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Bearing {
    /// It is the whole dataset's.
    Dataset,
    /// It is that of a struct, list or map around the field.
    Around,
    /// It is the field's own.
    Own,
    /// It is that of something inside the field.
    Inside,
}

/// A label that a field of profiles has, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LabelOrigin {
    /// The label.
    pub label: Label,
    /// The dataset that brings it.
    pub dataset: EntityName,
    /// What has the label; absent when it is the whole dataset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema_path: Option<SchemaPath>,
    /// The field of the dataset's records that is read.
    pub field: FieldPath,
    /// How the one bears on the other.
    pub bearing: Bearing,
}

/// Every label of the profiles' field `path`, in the order of `datasets`. A label that has several reasons is there once for
/// each.
pub fn trace(path: &FieldPath, datasets: &[LabelledDataset]) -> Vec<LabelOrigin> {
    let mut origins = Vec::new();
    for dataset in datasets {
        for field in dataset.fields_of(path) {
            dataset.origins(&field, &mut origins);
        }
    }
    origins
}

impl LabelledDataset {
    /// The fields of its records that the profiles' field `path` holds, each once.
    fn fields_of(&self, path: &FieldPath) -> Vec<FieldPath> {
        let is_there = self.schema.as_ref().is_none_or(|schema| path.resolve(schema).is_ok());
        let mut fields: Vec<FieldPath> = is_there.then(|| path.clone()).into_iter().collect();
        if path.root() != IDENTITY_MAP {
            return fields;
        }
        let namespace = path.elements().get(1).and_then(PathElement::name);
        for identity in &self.identities {
            let is_asked = namespace.is_none_or(|namespace| namespace == identity.namespace);
            if is_asked && !fields.contains(&identity.path) {
                fields.push(identity.path.clone());
            }
        }
        fields
    }

    fn origins(&self, field: &FieldPath, origins: &mut Vec<LabelOrigin>) {
        let mut add = |label: &Label, schema_path: Option<&SchemaPath>, bearing: Bearing| {
            let dataset = self.dataset.clone();
            let schema_path = schema_path.cloned();
            let field = field.clone();
            origins.push(LabelOrigin { label: label.clone(), dataset, schema_path, field, bearing });
        };
        for label in &self.labels.labels {
            add(label, None, Bearing::Dataset);
        }
        for labelled in self.labels.fields.iter().filter(|labelled| labelled.schema_path.meets(field)) {
            let bearing = match labelled.schema_path.steps().len().cmp(&field.elements().len()) {
                std::cmp::Ordering::Less => Bearing::Around,
                std::cmp::Ordering::Equal => Bearing::Own,
                std::cmp::Ordering::Greater => Bearing::Inside,
            };
            for label in &labelled.labels {
                add(label, Some(&labelled.schema_path), bearing);
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use outflow_model::schema::{Field, FieldType};
    use serde_json::{Value, json};

    use super::*;

    /// A field for a test.
    pub(crate) fn field(name: &str, field_type: FieldType) -> Field {
        Field { name: name.into(), field_type }
    }

    /// A struct of strings for a test.
    pub(crate) fn texts(names: &[&str]) -> FieldType {
        FieldType::Struct(names.iter().map(|name| field(name, FieldType::String)).collect())
    }

    /// A dataset for a test: labels of the whole, and of fields by place.
    pub(crate) fn dataset(
        id: &str,
        fields: Vec<Field>,
        whole: &[&str],
        labelled: &[(&str, &[&str])],
    ) -> LabelledDataset {
        let labelled = labelled.iter().map(|(path, labels)| json!({"option": {"schemaPath": path}, "labels": labels}));
        let body = json!({"labels": whole, "optionalLabels": labelled.collect::<Vec<_>>()});
        LabelledDataset {
            dataset: EntityName { id: id.into(), name: format!("The {id}") },
            labels: DatasetLabels::parse(&body).unwrap(),
            schema: Some(Schema { fields }),
            identities: Vec::new(),
        }
    }

    /// An identity for a test.
    pub(crate) fn identity(path: &str, namespace: &str) -> DatasetIdentity {
        DatasetIdentity { path: FieldPath::parse(path).unwrap(), namespace: namespace.into(), primary: false }
    }

    /// Label, dataset, place, field and bearing of each origin.
    fn told(path: &str, datasets: &[LabelledDataset]) -> Vec<String> {
        let origins = trace(&FieldPath::parse(path).unwrap(), datasets);
        let tell = |origin: &LabelOrigin| {
            let shown = serde_json::to_value(origin).unwrap();
            let text = |value: &Value| value.as_str().unwrap_or("-").to_string();
            let parts =
                [&shown["label"], &shown["dataset"]["id"], &shown["schemaPath"], &shown["field"], &shown["bearing"]];
            parts.map(text).join(" ")
        };
        origins.iter().map(tell).collect()
    }

    fn crm() -> LabelledDataset {
        let person =
            FieldType::Struct(vec![field("name", texts(&["firstName", "lastName"])), field("age", FieldType::Integer)]);
        let phones = FieldType::List(Box::new(texts(&["number", "kind"])));
        let consents = FieldType::Map(Box::new(texts(&["val"])));
        let fields = vec![
            field("crmId", FieldType::String),
            field("person", person),
            field("phones", phones),
            field("consents", consents),
        ];
        let labelled: [(&str, &[&str]); 6] = [
            ("/properties/person", &["I2"]),
            ("/properties/person/properties/name/properties/lastName", &["I1", "C3"]),
            ("/properties/phones/items/properties/number", &["I1"]),
            ("/properties/consents/additionalProperties/properties/val", &["L1"]),
            ("/properties/consents/properties/email", &["L2"]),
            ("/properties/crmId", &["C2"]),
        ];
        let mut crm = dataset("crm", fields, &["C9"], &labelled);
        crm.identities = vec![identity("crmId", "CRMID"), identity("phones[0].number", "Phone")];
        crm
    }

    fn shop() -> LabelledDataset {
        let fields = vec![field("person", FieldType::Struct(vec![field("name", texts(&["lastName"]))]))];
        dataset("shop", fields, &[], &[("/properties/person/properties/name", &["C5"])])
    }

    #[test]
    fn a_field_has_its_own_labels_those_around_it_and_its_datasets() {
        let datasets = [crm(), shop()];
        assert_eq!(
            told("person.name.lastName", &datasets),
            [
                "C9 crm - person.name.lastName dataset",
                "I2 crm /properties/person person.name.lastName around",
                "I1 crm /properties/person/properties/name/properties/lastName person.name.lastName own",
                "C3 crm /properties/person/properties/name/properties/lastName person.name.lastName own",
                "C5 shop /properties/person/properties/name person.name.lastName around",
            ]
        );
        // The shop's records have no first name, so nothing of the shop is in the profiles' one.
        assert_eq!(
            told("person.name.firstName", &datasets),
            ["C9 crm - person.name.firstName dataset", "I2 crm /properties/person person.name.firstName around"]
        );
        assert_eq!(told("nowhere", &datasets), [""; 0]);
    }

    #[test]
    fn what_is_used_whole_has_the_labels_of_what_is_inside() {
        assert_eq!(
            told("person.name", &[crm()]),
            [
                "C9 crm - person.name dataset",
                "I2 crm /properties/person person.name around",
                "I1 crm /properties/person/properties/name/properties/lastName person.name inside",
                "C3 crm /properties/person/properties/name/properties/lastName person.name inside",
            ]
        );
    }

    #[test]
    fn elements_of_lists_and_maps_have_the_labels_of_all_elements() {
        assert_eq!(
            told("phones[2].number", &[crm()]),
            [
                "C9 crm - phones[2].number dataset",
                "I1 crm /properties/phones/items/properties/number phones[2].number own"
            ]
        );
        assert_eq!(told("phones[2].kind", &[crm()]), ["C9 crm - phones[2].kind dataset"]);
        assert_eq!(
            told("consents.email.val", &[crm()]),
            [
                "C9 crm - consents.email.val dataset",
                "L1 crm /properties/consents/additionalProperties/properties/val consents.email.val own",
                "L2 crm /properties/consents/properties/email consents.email.val around",
            ]
        );
    }

    #[test]
    fn identities_have_the_labels_of_the_fields_they_come_from() {
        let datasets = [crm(), shop()];
        assert_eq!(
            told("identityMap.Phone[0].id", &datasets),
            [
                "C9 crm - phones[0].number dataset",
                "I1 crm /properties/phones/items/properties/number phones[0].number own"
            ]
        );
        assert_eq!(
            told("identityMap", &datasets),
            [
                "C9 crm - crmId dataset",
                "C2 crm /properties/crmId crmId own",
                "C9 crm - phones[0].number dataset",
                "I1 crm /properties/phones/items/properties/number phones[0].number own",
            ]
        );
        assert_eq!(told("identityMap.ECID[0].id", &datasets), [""; 0]);
    }

    #[test]
    fn records_of_unknown_shape_may_hold_the_field() {
        let unknown = LabelledDataset { schema: None, ..crm() };
        assert_eq!(told("anything", &[unknown]), ["C9 crm - anything dataset"]);
    }
}
