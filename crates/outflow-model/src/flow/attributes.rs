//! The columns of a flow, what a profile must have, and what deduplicates.

use super::{Dedup, FlowKind, MappingRow, Place, streaming};
use crate::json::{Node, bare_path};
use crate::membership;
use crate::path::{FieldPath, PathElement};
use crate::problem::Findings;

/// The field of profiles that holds identities, by namespace.
const IDENTITY_MAP: &str = "identityMap";

/// What the profile selectors and their companions say.
#[derive(Default)]
pub(super) struct Attributes {
    pub mapping: Vec<MappingRow>,
    pub mandatory: Vec<FieldPath>,
    pub dedup: Option<Dedup>,
    /// The paths of the two above.
    pub places: Vec<Place>,
}

/// Reads `profileSelectors`, `mandatoryFields` and `primaryFields`.
pub(super) fn parse(params: &Node<'_>, kind: FlowKind, findings: &mut Findings) -> Attributes {
    let selectors = params.member("profileSelectors").filter(|selectors| selectors.object(findings).is_some());
    let mut columns = Columns::default();
    let items = selectors.as_ref().and_then(|s| s.member("selectors")).and_then(|m| m.items(findings));
    for item in items.unwrap_or_default() {
        columns.select(&item, kind, findings);
    }
    let places: Vec<&Node<'_>> = std::iter::once(params).chain(&selectors).collect();
    if kind == FlowKind::Streaming {
        refuse_for_streams(&places, findings);
        streaming::refuse_own_members(&columns.rows, findings);
        return Attributes { mapping: columns.rows, ..Attributes::default() };
    }
    let keys = primary_fields(&places, findings);
    let keys_pointer = keys.as_ref().map(|(pointer, _)| pointer.clone());
    let dedup = deduplication(keys, &columns, findings);
    if let Some(Dedup::Namespace(namespace)) = &dedup
        && let Some(row) = columns.rows.iter().find(|row| row.header == *namespace)
    {
        findings.add(
            &row.pointer,
            format!("`{}` has the header `{namespace}`, which the first column has: the identities' own", row.path),
        );
    }
    let mandatory = mandatory_fields(&places, dedup.as_ref(), findings);
    let mut all = mandatory.clone();
    if let (Some(Dedup::Attributes(keys)), Some(pointer)) = (&dedup, keys_pointer) {
        let place = |(i, key): (usize, &FieldPath)| Place {
            pointer: format!("{pointer}/{i}/attributePath"),
            path: key.clone(),
            is_key: true,
        };
        all.extend(keys.iter().enumerate().map(place));
    }
    let mandatory = mandatory.into_iter().map(|place| place.path).collect();
    Attributes { mapping: columns.rows, mandatory, dedup, places: all }
}

/// Columns as they are gathered.
#[derive(Default)]
struct Columns {
    rows: Vec<MappingRow>,
    /// The selected namespace, after the pointer of its selector.
    namespace: Option<(String, String)>,
}

impl Columns {
    fn select(&mut self, item: &Node<'_>, kind: FlowKind, findings: &mut Findings) {
        if item.object(findings).is_none() {
            return;
        }
        if let Some(selector_type) = item.required("type", findings) {
            selector_type.one_of(&[("JSON_PATH", ())], findings);
        }
        let Some(value) = item.required("value", findings) else { return };
        if value.object(findings).is_none() {
            return;
        }
        if let Some(operator) = value.member("operator") {
            operator.one_of(&[("EXISTS", ())], findings);
        }
        let mapping = value.member("mapping").filter(|mapping| mapping.object(findings).is_some());
        let named = identity_namespace(&value, mapping.as_ref(), findings);
        let Some(path_member) = value.required("path", findings) else { return };
        let path = path_member.path(findings);
        let namespace = named.or_else(|| path.as_ref().and_then(namespace_of));
        match (namespace, path) {
            (Some(namespace), _) if kind == FlowKind::Streaming => {
                findings.warn(&value.pointer, format!("{namespace} is not mapped: every message has all identities"));
            }
            (Some(namespace), _) => self.select_namespace(namespace, &value, findings),
            (None, Some(path)) => {
                let header = match kind {
                    FlowKind::Batch => given_header(mapping.as_ref(), &path, findings),
                    FlowKind::Streaming => None,
                };
                let header = header.unwrap_or_else(|| membership::header_of(&path));
                self.add(MappingRow { path, header, pointer: value.pointer.clone() }, kind, findings);
            }
            (None, None) => {}
        }
    }

    fn select_namespace(&mut self, namespace: String, value: &Node<'_>, findings: &mut Findings) {
        match &self.namespace {
            None => self.namespace = Some((value.pointer.clone(), namespace)),
            Some((other, first)) => findings.add(
                &value.pointer,
                format!("{namespace} is the second identity namespace, after {first} in {other}: one is the most"),
            ),
        }
    }

    /// Files tell columns apart by their headers; messages have no headers, only paths.
    fn add(&mut self, row: MappingRow, kind: FlowKind, findings: &mut Findings) {
        let is_same = |other: &MappingRow| match kind {
            FlowKind::Batch => other.header == row.header,
            FlowKind::Streaming => other.path == row.path,
        };
        match self.rows.iter().find(|other| is_same(other)) {
            Some(other) => findings.add(
                &row.pointer,
                format!("`{}` has the same header `{}` as `{}` in {}", row.path, row.header, other.path, other.pointer),
            ),
            None => self.rows.push(row),
        }
    }
}

/// The namespace that a selector gives by name, in `identity` of itself or of its mapping, where it may also only say
/// that the attribute is an identity.
fn identity_namespace(value: &Node<'_>, mapping: Option<&Node<'_>>, findings: &mut Findings) -> Option<String> {
    let mut found = None;
    for identity in std::iter::once(value).chain(mapping).filter_map(|node| node.member("identity")) {
        if identity.value.is_boolean() {
            continue;
        }
        if identity.object(findings).is_some()
            && let Some(namespace) = identity.member("namespace")
        {
            found = found.or_else(|| namespace.filled_text(findings).map(str::to_string));
        }
    }
    found
}

/// The namespace of `identityMap.<namespace>`. A path that goes on to one identity is an attribute like any other.
fn namespace_of(path: &FieldPath) -> Option<String> {
    match path.elements() {
        [PathElement::Name(root), PathElement::Name(namespace)] if root == IDENTITY_MAP => Some(namespace.clone()),
        _ => None,
    }
}

/// The header that the mapping gives: `header`, else `destination`, else `destinationXdmPath`. A destination that only
/// repeats the path gives none.
fn given_header(mapping: Option<&Node<'_>>, path: &FieldPath, findings: &mut Findings) -> Option<String> {
    let mapping = mapping?;
    if let Some(header) = mapping.member("header") {
        return header.filled_text(findings).map(str::to_string);
    }
    let mut given = None;
    for name in ["destination", "destinationXdmPath"] {
        let text = mapping.member(name).and_then(|member| member.text(findings)).unwrap_or_default();
        let repeats = || FieldPath::parse(bare_path(text)).is_ok_and(|destination| destination == *path);
        if given.is_none() && !text.trim().is_empty() && !repeats() {
            given = Some(text.to_string());
        }
    }
    given
}

/// Attributes that are mandatory, from every place, each once. An identity namespace, by itself or in
/// `identityMap`, means that there is an identity.
fn mandatory_fields(places: &[&Node<'_>], dedup: Option<&Dedup>, findings: &mut Findings) -> Vec<Place> {
    let mut paths: Vec<Place> = Vec::new();
    for item in filled(places, "mandatoryFields", findings).into_iter().flatten() {
        let Some(path) = item.path(findings) else { continue };
        let namespace = namespace_of(&path).or_else(|| match (path.elements(), dedup) {
            ([PathElement::Name(name)], Some(Dedup::Namespace(namespace))) if name == namespace => Some(name.clone()),
            _ => None,
        });
        let path = namespace.and_then(|namespace| first_identity(&namespace)).unwrap_or(path);
        if paths.iter().all(|other| other.path != path) {
            paths.push(Place { pointer: item.pointer, path, is_key: false });
        }
    }
    paths
}

/// `identityMap.<namespace>[0].id`.
fn first_identity(namespace: &str) -> Option<FieldPath> {
    let name = |text: &str| PathElement::Name(text.to_string());
    FieldPath::new(vec![name(IDENTITY_MAP), name(namespace), PathElement::Index(0), name("id")])
}

/// The keys of one place, with the pointer of their array.
type Keys = (String, Dedup);

/// What `primaryFields` says; where both places say something they must agree.
fn primary_fields(places: &[&Node<'_>], findings: &mut Findings) -> Option<Keys> {
    let mut found: Option<Keys> = None;
    for items in filled(places, "primaryFields", findings) {
        let pointer = items[0].pointer.rsplit_once('/').map_or("", |(array, _)| array).to_string();
        let Some(keys) = keys(&items, &pointer, findings) else { continue };
        match &found {
            Some((other, first)) if *first != keys => {
                findings.add(&pointer, format!("says something else than {other}: give one of the two"));
            }
            _ => found = Some((pointer, keys)),
        }
    }
    found
}

fn keys(items: &[Node<'_>], pointer: &str, findings: &mut Findings) -> Option<Dedup> {
    let (mut attributes, mut namespaces) = (Vec::new(), Vec::new());
    let mut is_whole = true;
    for item in items {
        let key = key(item, findings);
        is_whole &= key.is_some();
        match key {
            Some(Key::Attribute(path)) if attributes.contains(&path) => {
                findings.add(&item.pointer, format!("`{path}` is named twice"));
            }
            Some(Key::Attribute(path)) => attributes.push(path),
            Some(Key::Namespace(namespace)) => namespaces.push(namespace),
            None => {}
        }
    }
    match (attributes.len(), namespaces.len()) {
        (1.., 1..) => findings.add(pointer, "mixes an identity namespace with attributes: give the one or the other"),
        (3.., _) => findings.add(pointer, "has more than two attributes: one or two are the most"),
        (_, 2..) => findings.add(pointer, "has more than one identity namespace: one is the most"),
        (0, 0) => {}
        _ if !is_whole => {}
        (_, 1) => return namespaces.pop().map(Dedup::Namespace),
        _ => return Some(Dedup::Attributes(attributes)),
    }
    None
}

enum Key {
    Attribute(FieldPath),
    Namespace(String),
}

fn key(item: &Node<'_>, findings: &mut Findings) -> Option<Key> {
    item.object(findings)?;
    let field_type =
        item.required("fieldType", findings)?.one_of(&[("ATTRIBUTE", true), ("IDENTITY", false)], findings)?;
    if field_type {
        item.required("attributePath", findings)?.path(findings).map(Key::Attribute)
    } else {
        item.required("identityNamespace", findings)?.filled_text(findings).map(|text| Key::Namespace(text.to_string()))
    }
}

/// A selected namespace deduplicates by itself, and goes with nothing else.
fn deduplication(keys: Option<Keys>, columns: &Columns, findings: &mut Findings) -> Option<Dedup> {
    let Some((selector, namespace)) = &columns.namespace else { return keys.map(|(_, dedup)| dedup) };
    let selected = Dedup::Namespace(namespace.clone());
    if let Some((pointer, dedup)) = keys
        && dedup != selected
    {
        findings.add(
            pointer,
            format!("is something else than {namespace}, which {selector} selects and which then deduplicates"),
        );
    }
    Some(selected)
}

fn refuse_for_streams(places: &[&Node<'_>], findings: &mut Findings) {
    for name in ["mandatoryFields", "primaryFields"] {
        for items in filled(places, name, findings) {
            let pointer = items[0].pointer.rsplit_once('/').map_or("", |(array, _)| array);
            findings.add(pointer, "is for files: a stream sends every profile that changes");
        }
    }
}

/// The elements of the array `name` of every place that has one that is not empty.
fn filled<'v>(places: &[&Node<'v>], name: &str, findings: &mut Findings) -> Vec<Vec<Node<'v>>> {
    let arrays = places.iter().filter_map(|place| place.member(name)?.items(findings));
    arrays.filter(|items| !items.is_empty()).collect()
}
