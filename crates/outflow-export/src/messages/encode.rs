//! Columns as the bytes of messages: types are resolved once a batch, values are written straight into a buffer.
//!
//! Values are those of NDJSON files, but what is null is left out: members without a value, and objects that have nothing
//! but such members. A list keeps its places, with `null`.

use std::ops::Range;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::DataType;
use outflow_model::Fault;

use super::shape::MessageShape;
use super::tree::Branch;
use crate::encode::{ENCODED_BYTES, Node, plain, write_string};

/// Encodes rows of one batch after another. One for each thread.
pub struct Encoder<'s> {
    shape: &'s MessageShape,
    columns: Vec<ArrayRef>,
    rows: usize,
    window: Window,
}

/// The encoded rows of a stretch of a batch: a few MiB, or one row.
#[derive(Default)]
struct Window {
    rows: Range<usize>,
    bytes: Vec<u8>,
    /// For each row where its attributes and its identities end. They stand behind each other.
    ends: Vec<(usize, usize)>,
}

impl<'s> Encoder<'s> {
    /// An encoder of messages of this shape.
    pub fn new(shape: &'s MessageShape) -> Encoder<'s> {
        Encoder { shape, columns: Vec::new(), rows: 0, window: Window::default() }
    }

    /// Takes the columns of the next batch, which are those that the shape names, in its order.
    ///
    /// # Errors
    /// `Internal` for other columns.
    pub fn batch(&mut self, columns: &[ArrayRef]) -> Result<(), Fault> {
        if columns.len() != self.shape.columns().len() {
            return Err(Fault::internal("messages are made of other columns than their shape has"));
        }
        self.columns = columns.iter().map(plain).collect::<Result<_, _>>()?;
        self.rows = columns.first().map_or(0, Array::len);
        self.window.rows = 0..0;
        Ok(())
    }

    /// Appends the mapped attributes of a row, `"person":{…},"x":1`; nothing when it has none.
    ///
    /// # Errors
    /// `Internal` for a row that the batch does not have.
    pub fn attributes(&mut self, row: usize, out: &mut Vec<u8>) -> Result<(), Fault> {
        let (from, end, _) = self.row(row)?;
        out.extend_from_slice(&self.window.bytes[from..end]);
        Ok(())
    }

    /// Appends the identities of a row by their namespaces, `{"Email":[{"id":"…"}]}`; the namespaces are in the order of
    /// their bytes, the identities of each in the profile's.
    ///
    /// # Errors
    /// `Internal` for a row that the batch does not have.
    pub fn identities(&mut self, row: usize, out: &mut Vec<u8>) -> Result<(), Fault> {
        let (_, from, end) = self.row(row)?;
        out.extend_from_slice(&self.window.bytes[from..end]);
        Ok(())
    }

    /// Where the attributes of a row begin and end in the window's bytes, and where its identities end.
    fn row(&mut self, row: usize) -> Result<(usize, usize, usize), Fault> {
        if row >= self.rows {
            return Err(Fault::internal("a batch has no such row"));
        }
        if !self.window.rows.contains(&row) {
            self.encode_from(row)?;
        }
        let at = row - self.window.rows.start;
        let from = if at == 0 { 0 } else { self.window.ends[at - 1].1 };
        let (attributes, identities) = self.window.ends[at];
        Ok((from, attributes, identities))
    }

    fn encode_from(&mut self, row: usize) -> Result<(), Fault> {
        let Some((last, mapped)) = self.columns.split_last() else {
            return Err(Fault::internal("messages are made of no columns"));
        };
        let nodes: Vec<Node<'_>> = mapped.iter().map(Node::new).collect::<Result<_, _>>()?;
        let members: Vec<Member> = self.shape.tree.members.iter().map(|(name, b)| Member::of(name, b)).collect();
        let mut identities = Identities::new(last)?;
        let window = &mut self.window;
        window.bytes.clear();
        window.ends.clear();
        let mut next = row;
        while next < self.rows && (next == row || window.bytes.len() < ENCODED_BYTES) {
            write_members(&members, &nodes, next, &mut window.bytes);
            let attributes = window.bytes.len();
            identities.write(next, &mut window.bytes);
            window.ends.push((attributes, window.bytes.len()));
            next += 1;
        }
        window.rows = row..next;
        Ok(())
    }
}

/// A member of an object, with its key ready.
struct Member {
    /// `"name":`.
    key: Vec<u8>,
    place: Place,
}

enum Place {
    Leaf(usize),
    Object(Vec<Member>),
    Array(Vec<(u32, Place)>),
}

impl Member {
    fn of(name: &str, branch: &Branch) -> Member {
        let mut key = Vec::new();
        write_string(name, &mut key);
        key.push(b':');
        Member { key, place: Place::of(branch) }
    }
}

impl Place {
    fn of(branch: &Branch) -> Place {
        match branch {
            Branch::Leaf(column) => Place::Leaf(*column),
            Branch::Object(members) => Place::Object(members.iter().map(|(name, b)| Member::of(name, b)).collect()),
            Branch::Array(elements) => Place::Array(elements.iter().map(|(i, b)| (*i, Place::of(b))).collect()),
        }
    }

    /// Appends what `row` has here; `false` when that is nothing.
    fn write(&self, nodes: &[Node<'_>], row: usize, out: &mut Vec<u8>) -> bool {
        match self {
            Place::Leaf(column) => nodes[*column].write_some(row, out),
            Place::Object(members) => {
                let before = out.len();
                out.push(b'{');
                if !write_members(members, nodes, row, out) {
                    out.truncate(before);
                    return false;
                }
                out.push(b'}');
                true
            }
            Place::Array(elements) => write_elements(elements, nodes, row, out),
        }
    }
}

/// Appends the members that have a value, without braces; `false` when there are none.
fn write_members(members: &[Member], nodes: &[Node<'_>], row: usize, out: &mut Vec<u8>) -> bool {
    let from = out.len();
    for member in members {
        let before = out.len();
        if before > from {
            out.push(b',');
        }
        out.extend_from_slice(&member.key);
        if !member.place.write(nodes, row, out) {
            out.truncate(before);
        }
    }
    out.len() > from
}

/// Appends the elements that have a value, each at its place; `false` when there are none.
fn write_elements(elements: &[(u32, Place)], nodes: &[Node<'_>], row: usize, out: &mut Vec<u8>) -> bool {
    let from = out.len();
    let mut places = 0;
    for (index, element) in elements {
        let before = out.len();
        for place in places..=*index {
            out.push(if place == 0 { b'[' } else { b',' });
            if place < *index {
                out.extend_from_slice(b"null");
            }
        }
        if element.write(nodes, row, out) {
            places = index + 1;
        } else {
            out.truncate(before);
        }
    }
    if places > 0 {
        out.push(b']');
    }
    out.len() > from
}

/// An identity map made ready for row by row access.
struct Identities<'a> {
    map: &'a arrow::array::MapArray,
    keys: &'a arrow::array::StringArray,
    lists: Node<'a>,
    /// The entries of a row in the order of their namespaces.
    entries: Vec<usize>,
}

impl<'a> Identities<'a> {
    fn new(column: &'a ArrayRef) -> Result<Identities<'a>, Fault> {
        let no_map = || Fault::internal("identities are no map of lists");
        let map = column.as_map_opt().ok_or_else(no_map)?;
        let keys = map.keys().as_string_opt::<i32>().ok_or_else(no_map)?;
        if !matches!(map.values().data_type(), DataType::List(_)) {
            return Err(no_map());
        }
        Ok(Identities { map, keys, lists: Node::new(map.values())?, entries: Vec::new() })
    }

    fn write(&mut self, row: usize, out: &mut Vec<u8>) {
        self.entries.clear();
        if self.map.is_valid(row) {
            let offsets = self.map.value_offsets();
            let lists = self.map.values().as_list::<i32>();
            let entries = offsets[row] as usize..offsets[row + 1] as usize;
            self.entries.extend(entries.filter(|entry| lists.is_valid(*entry) && lists.value_length(*entry) > 0));
            self.entries.sort_by_key(|entry| self.keys.value(*entry));
        }
        out.push(b'{');
        for (number, entry) in self.entries.iter().enumerate() {
            if number > 0 {
                out.push(b',');
            }
            write_string(self.keys.value(*entry), out);
            out.push(b':');
            self.lists.write_some(*entry, out);
        }
        out.push(b'}');
    }
}

#[cfg(test)]
mod tests;
