//! The columns of sample profiles and how Parquet stores them.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Fields, Schema, SchemaRef, TimeUnit};
use outflow_model::Fault;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

fn field(name: &str, data_type: DataType) -> Field {
    Field::new(name, data_type, true)
}

fn required(name: &str, data_type: DataType) -> Field {
    Field::new(name, data_type, false)
}

pub(super) fn timestamp() -> DataType {
    DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into()))
}

/// One identity: `{id, primary}`.
pub(super) fn identity_fields() -> Fields {
    Fields::from(vec![field("id", DataType::Utf8), field("primary", DataType::Boolean)])
}

/// The element of a namespace's identities.
pub(super) fn identity_element() -> Field {
    field("element", DataType::Struct(identity_fields()))
}

/// The entries of `identityMap`: namespace to identities.
pub(super) fn identity_entries() -> Fields {
    Fields::from(vec![required("key", DataType::Utf8), field("value", DataType::List(Arc::new(identity_element())))])
}

/// One membership: `{status, lastQualificationTime}`.
pub(super) fn membership_fields() -> Fields {
    Fields::from(vec![field("status", DataType::Utf8), field("lastQualificationTime", timestamp())])
}

/// The entries of `segmentMembership`: segment id to membership.
pub(super) fn membership_entries() -> Fields {
    Fields::from(vec![required("key", DataType::Utf8), field("value", DataType::Struct(membership_fields()))])
}

/// The field of a map's entries, named as Parquet names them.
pub(super) fn entries_field(entries: Fields) -> Field {
    required("key_value", DataType::Struct(entries))
}

pub(super) fn name_fields() -> Fields {
    Fields::from(vec![field("firstName", DataType::Utf8), field("lastName", DataType::Utf8)])
}

pub(super) fn person_fields() -> Fields {
    Fields::from(vec![
        field("name", DataType::Struct(name_fields())),
        field("birthDate", DataType::Date32),
        field("gender", DataType::Utf8),
    ])
}

pub(super) fn address_fields() -> Fields {
    Fields::from(vec![
        field("city", DataType::Utf8),
        field("country", DataType::Utf8),
        field("postalCode", DataType::Utf8),
    ])
}

pub(super) fn loyalty_fields() -> Fields {
    Fields::from(vec![field("tier", DataType::Utf8), field("points", DataType::Int32)])
}

/// A struct type's fields with one string member.
pub(super) fn single(name: &str) -> Fields {
    Fields::from(vec![field(name, DataType::Utf8)])
}

/// The fields of a struct with one struct member.
pub(super) fn nested(name: &str, inner: Fields) -> Fields {
    Fields::from(vec![field(name, DataType::Struct(inner))])
}

/// All columns.
pub(super) fn schema() -> SchemaRef {
    let map = |entries: Fields| DataType::Map(Arc::new(entries_field(entries)), false);
    Arc::new(Schema::new(vec![
        field("profileId", DataType::Utf8),
        field("identityMap", map(identity_entries())),
        field("person", DataType::Struct(person_fields())),
        field("personalEmail", DataType::Struct(single("address"))),
        field("mobilePhone", DataType::Struct(single("number"))),
        field("homeAddress", DataType::Struct(address_fields())),
        field("loyalty", DataType::Struct(loyalty_fields())),
        field("consents", DataType::Struct(nested("marketing", nested("email", single("val"))))),
        field("lifetimeValue", DataType::Float64),
        field("lastPurchaseDate", timestamp()),
        field("segmentMembership", map(membership_entries())),
    ]))
}

/// Columns in which most values differ: a dictionary would only be built, found too large and thrown away.
const WITHOUT_DICTIONARY: [&str; 9] = [
    "profileId",
    "identityMap.key_value.value.list.element.id",
    "personalEmail.address",
    "mobilePhone.number",
    "homeAddress.postalCode",
    "loyalty.points",
    "lifetimeValue",
    "lastPurchaseDate",
    "segmentMembership.key_value.value.lastQualificationTime",
];

/// Zstandard at its fastest level, as most writers of profile data do by default; statistics per row group.
pub(super) fn writer_properties(row_group_rows: usize) -> Result<WriterProperties, Fault> {
    let level = ZstdLevel::try_new(1)
        .map_err(|error| Fault::internal("the compression level of sample data is not valid").because(error))?;
    let mut builder = WriterProperties::builder()
        .set_compression(Compression::ZSTD(level))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_max_row_group_row_count(Some(row_group_rows));
    for column in WITHOUT_DICTIONARY {
        let path = ColumnPath::new(column.split('.').map(str::to_string).collect());
        builder = builder.set_column_dictionary_enabled(path, false);
    }
    Ok(builder.build())
}
