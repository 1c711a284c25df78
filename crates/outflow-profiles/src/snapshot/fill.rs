//! How many profiles have a value in each field, counted while parts are written.
//!
//! Fields are those of a schema as a tree: members of structs, and of a list of structs those of its first element, which is
//! what rules and mappings name. They are counted in one order, each before what is in it.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::buffer::NullBuffer;
use arrow::datatypes::DataType;

use super::part::Part;

/// The most fields that are counted, so that manifests stay small: those behind have no count.
const FIELDS_MAX: usize = 2_000;

/// Positions in an array, each of another profile.
enum Rows {
    /// All that are not null here.
    All(Option<NullBuffer>),
    Some(Vec<usize>),
}

impl Rows {
    /// Those of them that are valid in `array`.
    fn valid(&self, array: &ArrayRef) -> Rows {
        let nulls = array.logical_nulls();
        match self {
            Rows::All(above) => Rows::All(NullBuffer::union(above.as_ref(), nulls.as_ref())),
            Rows::Some(rows) => {
                let is_valid = |row: &&usize| nulls.as_ref().is_none_or(|nulls| nulls.is_valid(**row));
                Rows::Some(rows.iter().filter(is_valid).copied().collect())
            }
        }
    }

    fn count(&self, length: usize) -> usize {
        match self {
            Rows::All(nulls) => length - nulls.as_ref().map_or(0, NullBuffer::null_count),
            Rows::Some(rows) => rows.len(),
        }
    }

    fn each(&self, length: usize, mut visit: impl FnMut(usize)) {
        match self {
            Rows::All(None) => (0..length).for_each(visit),
            Rows::All(Some(nulls)) => nulls.valid_indices().for_each(visit),
            Rows::Some(rows) => rows.iter().for_each(|row| visit(*row)),
        }
    }
}

/// The counts of a part being written.
#[derive(Default)]
pub(super) struct Fill {
    counts: Vec<u64>,
}

impl Fill {
    /// Counts the profiles that are the rows of `columns`.
    pub fn add(&mut self, columns: &[ArrayRef]) {
        let mut at = 0;
        columns.iter().for_each(|column| self.visit(column, &Rows::All(None), &mut at));
    }

    /// The counts, by field.
    pub fn finish(self) -> Vec<u64> {
        self.counts
    }

    /// Counts the field number `at` and those in it. An empty list or map is no value, an empty text is one.
    fn visit(&mut self, array: &ArrayRef, rows: &Rows, at: &mut usize) {
        if *at == FIELDS_MAX {
            return;
        }
        let valid = rows.valid(array);
        let own = *at;
        *at += 1;
        let filled = match array.data_type() {
            DataType::List(item) => {
                let list = array.as_list::<i32>();
                let offsets = list.value_offsets();
                let mut firsts = Vec::new();
                valid.each(array.len(), |row| {
                    if offsets[row] < offsets[row + 1] {
                        firsts.push(offsets[row] as usize);
                    }
                });
                let filled = firsts.len();
                if let DataType::Struct(_) = item.data_type() {
                    self.count(own, 0);
                    self.members(list.values(), &Rows::Some(firsts), at);
                }
                filled
            }
            DataType::Map(_, _) => {
                let (offsets, mut filled) = (array.as_map().value_offsets(), 0);
                valid.each(array.len(), |row| filled += usize::from(offsets[row] < offsets[row + 1]));
                filled
            }
            DataType::Struct(_) => {
                self.count(own, 0);
                self.members(array, &valid, at);
                valid.count(array.len())
            }
            _ => valid.count(array.len()),
        };
        self.count(own, filled as u64);
    }

    /// Counts what is in structs at `rows`.
    fn members(&mut self, array: &ArrayRef, rows: &Rows, at: &mut usize) {
        let valid = rows.valid(array);
        array.as_struct().columns().iter().for_each(|member| self.visit(member, &valid, at));
    }

    fn count(&mut self, field: usize, profiles: u64) {
        match self.counts.get_mut(field) {
            Some(count) => *count += profiles,
            None => self.counts.push(profiles),
        }
    }
}

/// The counts of all parts together; none where a part is of a release that did not count.
pub(super) fn total(parts: &[Part]) -> Option<Vec<u64>> {
    let mut total: Vec<u64> = Vec::new();
    for part in parts.iter().filter(|part| part.rows > 0) {
        let counts = part.field_counts.as_ref()?;
        total.resize(total.len().max(counts.len()), 0);
        total.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::datatypes::{Field, Fields, Schema};
    use arrow::json::ReaderBuilder;

    use super::*;
    use crate::schema::{list_of, map_of};

    fn field(name: &str, data_type: DataType) -> Field {
        Field::new(name, data_type, true)
    }

    fn counted(schema: &Schema, lines: &[&str]) -> Vec<u64> {
        let mut fill = Fill::default();
        for line in lines {
            let reader = ReaderBuilder::new(Arc::new(schema.clone())).build(line.as_bytes()).unwrap();
            reader.for_each(|batch| fill.add(batch.unwrap().columns()));
        }
        fill.finish()
    }

    #[test]
    fn each_field_of_the_tree_is_counted_once_a_profile() {
        let phone = Fields::from(vec![field("number", DataType::Utf8), field("kind", DataType::Utf8)]);
        let person =
            Fields::from(vec![field("age", DataType::Int64), field("phones", list_of(DataType::Struct(phone)))]);
        let schema = Schema::new(vec![
            field("id", DataType::Utf8),
            field("person", DataType::Struct(person)),
            field("tags", list_of(DataType::Utf8)),
            field("consents", map_of(DataType::Utf8, DataType::Boolean)),
            field("last", DataType::Utf8),
        ]);
        let first = r#"
            {"id": "", "person": {"age": 1, "phones": [{"number": "1", "kind": null}, {"kind": "home"}]}, "tags": ["a", "b"]}
            {"id": "2", "person": {"phones": []}, "tags": [], "consents": {"a": true}}
            {"id": "3", "person": null, "consents": {}, "last": "x"}"#;
        let second = r#"{"person": {"phones": [null, {"number": "1"}]}, "tags": [null]}
            {"person": {"phones": [{"kind": "work"}]}}"#;
        // id, person, age, phones, number, kind, tags, consents, last
        assert_eq!(counted(&schema, &[first]), [3, 2, 1, 1, 1, 0, 1, 1, 1]);
        assert_eq!(counted(&schema, &[first, second]), [3, 4, 1, 3, 1, 1, 2, 1, 1]);
    }

    #[test]
    fn the_fields_of_a_wide_schema_are_counted_as_far_as_there_is_room() {
        let wide: Vec<Field> = (0..FIELDS_MAX).map(|n| field(&format!("f{n}"), DataType::Int64)).collect();
        let schema = Schema::new(vec![field("all", DataType::Struct(wide.into())), field("last", DataType::Int64)]);
        let counts = counted(&schema, &[r#"{"all": {"f1": 1}, "last": 1}"#]);
        assert_eq!((counts.len(), &counts[..3]), (FIELDS_MAX, &[1, 0, 1][..]));
    }
}
