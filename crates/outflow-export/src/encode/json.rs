//! NDJSON: one object a line, structs, lists and maps kept nested, nulls written.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::DataType;
use outflow_model::Fault;

use super::text::{Scalars, scalars};
use super::{EncodedRows, RowEncoder, codes, rows_of};

/// Encodes rows as objects whose keys are the headers.
#[derive(Clone)]
pub(crate) struct JsonEncoder {
    /// `{"a":`, then `,"b":` and so on.
    keys: Vec<Vec<u8>>,
}

impl JsonEncoder {
    /// An encoder for columns called `headers`.
    pub fn new(headers: &[String]) -> JsonEncoder {
        let keys = headers.iter().enumerate().map(|(i, header)| {
            let mut key = vec![if i == 0 { b'{' } else { b',' }];
            write_string(header, &mut key);
            key.push(b':');
            key
        });
        JsonEncoder { keys: keys.collect() }
    }
}

impl RowEncoder for JsonEncoder {
    fn header(&self) -> Result<Vec<u8>, Fault> {
        Ok(Vec::new())
    }

    fn encode(&mut self, columns: &[ArrayRef], from: usize) -> Result<EncodedRows, Fault> {
        let rows = rows_of(columns);
        let nodes: Vec<Node<'_>> = columns.iter().map(Node::new).collect::<Result<_, _>>()?;
        let mut out = EncodedRows::with_capacity(rows - from, (rows - from) * columns.len() * 24);
        for row in from..rows {
            for (key, node) in self.keys.iter().zip(&nodes) {
                out.bytes.extend_from_slice(key);
                node.write(row, &mut out.bytes);
            }
            out.bytes.extend_from_slice(b"}\n");
            if !out.end_row()? {
                break;
            }
        }
        Ok(out)
    }
}

/// A column made ready for row by row access, with its children.
pub(crate) struct Node<'a> {
    nulls: Option<arrow::buffer::NullBuffer>,
    kind: Kind<'a>,
}

enum Kind<'a> {
    Null,
    Scalars(Scalars<'a>),
    Text(Box<dyn Fn(usize) -> &'a str + 'a>),
    Coded(arrow::buffer::ScalarBuffer<i32>, Box<Node<'a>>),
    Struct(Vec<(Vec<u8>, Node<'a>)>),
    List(&'a [i32], Box<Node<'a>>),
    LargeList(&'a [i64], Box<Node<'a>>),
    Map(&'a [i32], Box<Node<'a>>, Box<Node<'a>>),
}

impl<'a> Node<'a> {
    /// The node of a column of [`plain`](super::plain) types.
    pub fn new(array: &'a ArrayRef) -> Result<Node<'a>, Fault> {
        let nulls = array.logical_nulls().filter(|n| n.null_count() > 0);
        Ok(Node { nulls, kind: Self::kind(array)? })
    }

    fn kind(array: &'a ArrayRef) -> Result<Kind<'a>, Fault> {
        if let Some(scalars) = scalars(array)? {
            return Ok(Kind::Scalars(scalars));
        }
        Ok(match array.data_type() {
            DataType::Null => Kind::Null,
            DataType::Utf8 => {
                let text = array.as_string::<i32>();
                Kind::Text(Box::new(move |row| text.value(row)))
            }
            DataType::LargeUtf8 => {
                let text = array.as_string::<i64>();
                Kind::Text(Box::new(move |row| text.value(row)))
            }
            DataType::Utf8View => {
                let text = array.as_string_view();
                Kind::Text(Box::new(move |row| text.value(row)))
            }
            DataType::Dictionary(_, _) => {
                Kind::Coded(codes(array)?, Box::new(Node::new(array.as_any_dictionary().values())?))
            }
            DataType::Struct(fields) => {
                let mut children = Vec::new();
                for (i, field) in fields.iter().enumerate() {
                    let mut key = vec![if i == 0 { b'{' } else { b',' }];
                    write_string(field.name(), &mut key);
                    key.push(b':');
                    children.push((key, Node::new(array.as_struct().column(i))?));
                }
                Kind::Struct(children)
            }
            DataType::List(_) => {
                let list = array.as_list::<i32>();
                Kind::List(list.value_offsets(), Box::new(Node::new(list.values())?))
            }
            DataType::LargeList(_) => {
                let list = array.as_list::<i64>();
                Kind::LargeList(list.value_offsets(), Box::new(Node::new(list.values())?))
            }
            DataType::Map(_, _) => {
                let map = array.as_map();
                let (keys, values) = (Node::new(map.keys())?, Node::new(map.values())?);
                Kind::Map(map.value_offsets(), Box::new(keys), Box::new(values))
            }
            other => return Err(super::not_flat(other)),
        })
    }

    pub fn write(&self, row: usize, out: &mut Vec<u8>) {
        if self.nulls.as_ref().is_some_and(|n| n.is_null(row)) {
            out.extend_from_slice(b"null");
            return;
        }
        match &self.kind {
            Kind::Null => out.extend_from_slice(b"null"),
            Kind::Scalars(scalars) if scalars.is_quoted_in_json(row) => {
                out.push(b'"');
                scalars.write(row, out);
                out.push(b'"');
            }
            Kind::Scalars(scalars) => scalars.write(row, out),
            Kind::Text(at) => write_string(at(row), out),
            Kind::Coded(keys, values) => values.write(keys[row] as usize, out),
            Kind::Struct(children) if children.is_empty() => out.extend_from_slice(b"{}"),
            Kind::Struct(children) => {
                for (key, child) in children {
                    out.extend_from_slice(key);
                    child.write(row, out);
                }
                out.push(b'}');
            }
            Kind::List(offsets, items) => write_items(items, offsets[row] as usize, offsets[row + 1] as usize, out),
            Kind::LargeList(offsets, items) => {
                write_items(items, offsets[row] as usize, offsets[row + 1] as usize, out);
            }
            Kind::Map(offsets, keys, values) => {
                let (from, to) = (offsets[row] as usize, offsets[row + 1] as usize);
                out.push(b'{');
                for entry in from..to {
                    if entry > from {
                        out.push(b',');
                    }
                    keys.write_key(entry, out);
                    out.push(b':');
                    values.write(entry, out);
                }
                out.push(b'}');
            }
        }
    }
}

impl Node<'_> {
    /// As [`write`](Self::write), but nulls are left out: members and entries without a value, and structs that have
    /// nothing but such members. Places of lists stay, with `null` and `{}`. `false` when nothing was appended.
    pub fn write_some(&self, row: usize, out: &mut Vec<u8>) -> bool {
        if self.nulls.as_ref().is_some_and(|n| n.is_null(row)) {
            return false;
        }
        match &self.kind {
            Kind::Null => return false,
            Kind::Scalars(_) | Kind::Text(_) => self.write(row, out),
            Kind::Coded(keys, values) => return values.write_some(keys[row] as usize, out),
            Kind::Struct(children) => {
                let from = out.len();
                for (key, child) in children {
                    let before = out.len();
                    out.push(if before == from { b'{' } else { b',' });
                    out.extend_from_slice(&key[1..]);
                    if !child.write_some(row, out) {
                        out.truncate(before);
                    }
                }
                if out.len() == from {
                    return false;
                }
                out.push(b'}');
            }
            Kind::List(offsets, items) => items.write_places(offsets[row] as usize, offsets[row + 1] as usize, out),
            Kind::LargeList(offsets, items) => {
                items.write_places(offsets[row] as usize, offsets[row + 1] as usize, out);
            }
            Kind::Map(offsets, keys, values) => {
                out.push(b'{');
                let from = out.len();
                for entry in offsets[row] as usize..offsets[row + 1] as usize {
                    let before = out.len();
                    if before > from {
                        out.push(b',');
                    }
                    keys.write_key(entry, out);
                    out.push(b':');
                    if !values.write_some(entry, out) {
                        out.truncate(before);
                    }
                }
                out.push(b'}');
            }
        }
        true
    }

    /// The items `from..to` as a list in which each has its place.
    fn write_places(&self, from: usize, to: usize, out: &mut Vec<u8>) {
        out.push(b'[');
        for item in from..to {
            if item > from {
                out.push(b',');
            }
            if !self.write_some(item, out) {
                let is_null = self.nulls.as_ref().is_some_and(|n| n.is_null(item));
                let is_struct = matches!(self.kind, Kind::Struct(_));
                out.extend_from_slice(if is_struct && !is_null { b"{}" } else { b"null" });
            }
        }
        out.push(b']');
    }

    /// Keys of objects are strings, whatever the keys of the map are.
    fn write_key(&self, row: usize, out: &mut Vec<u8>) {
        let from = out.len();
        self.write(row, out);
        if out.get(from) != Some(&b'"') {
            out.insert(from, b'"');
            out.push(b'"');
        }
    }
}

fn write_items(items: &Node<'_>, from: usize, to: usize, out: &mut Vec<u8>) {
    out.push(b'[');
    for item in from..to {
        if item > from {
            out.push(b',');
        }
        items.write(item, out);
    }
    out.push(b']');
}

/// Appends `text` as a JSON string; only what JSON demands is escaped.
pub(crate) fn write_string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut from = 0;
    for (i, &byte) in bytes.iter().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.extend_from_slice(&bytes[from..i]);
        from = i + 1;
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            other => out.extend_from_slice(format!("\\u{other:04x}").as_bytes()),
        }
    }
    out.extend_from_slice(&bytes[from..]);
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Float64Array, Int64Array, ListBuilder, MapBuilder, StringArray, StringBuilder};
    use std::sync::Arc;

    #[test]
    fn keys_of_objects_are_strings_whatever_the_map_has() {
        let mut maps = MapBuilder::new(None, arrow::array::Int32Builder::new(), StringBuilder::new());
        maps.keys().append_value(-7);
        maps.values().append_value("v");
        maps.append(true).unwrap();
        let columns: Vec<ArrayRef> = vec![Arc::new(maps.finish())];
        let encoded = JsonEncoder::new(&["m".into()]).encode(&columns, 0).unwrap();
        assert_eq!(encoded.bytes, b"{\"m\":{\"-7\":\"v\"}}\n");
    }

    #[test]
    fn nesting_and_nulls_are_kept() {
        let mut lists = ListBuilder::new(StringBuilder::new());
        lists.append_value([Some("a"), None]);
        lists.append_null();
        let mut maps = MapBuilder::new(None, StringBuilder::new(), StringBuilder::new());
        maps.keys().append_value("k\"");
        maps.values().append_value("v\u{1}\n");
        maps.append(true).unwrap();
        maps.append(true).unwrap();
        let columns: Vec<ArrayRef> = vec![
            Arc::new(Int64Array::from(vec![Some(i64::MAX), None])),
            Arc::new(lists.finish()),
            Arc::new(maps.finish()),
            Arc::new(Float64Array::from(vec![f64::NAN, 1.5])),
            Arc::new(StringArray::from(vec!["", "\\"])),
        ];
        let headers: Vec<String> = ["i", "l", "m", "f", "s"].map(String::from).to_vec();
        let encoded = JsonEncoder::new(&headers).encode(&columns, 0).unwrap();
        let text = String::from_utf8(encoded.bytes).unwrap();
        let expected = "{\"i\":9223372036854775807,\"l\":[\"a\",null],\"m\":{\"k\\\"\":\"v\\u0001\\n\"},\"f\":\"NaN\",\"s\":\"\"}\n\
                        {\"i\":null,\"l\":null,\"m\":{},\"f\":1.5,\"s\":\"\\\\\"}\n";
        assert_eq!(text, expected);
        assert_eq!(encoded.row_ends.len(), 2);
        for line in text.lines() {
            serde_json::from_str::<serde_json::Value>(line).unwrap();
        }
    }
}
