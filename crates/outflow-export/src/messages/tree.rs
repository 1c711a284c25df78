//! Mapped paths as one tree: what messages hold below each top-level field, merged.

use outflow_model::{Fault, FieldPath, PathElement};

/// The last place of a list that can be mapped by itself: what is before it is written as `null`.
const INDEX_MAX: u32 = 999;

/// What stands at a place of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Branch {
    /// The value of the mapped path of this number.
    Leaf(usize),
    /// Some members of an object, in mapping order.
    Object(Vec<(String, Branch)>),
    /// Some elements of a list, by their places, in their order.
    Array(Vec<(u32, Branch)>),
}

/// The top-level fields of messages, in mapping order, and the paths that they take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tree {
    /// The mapped paths that no other one holds; [`Branch::Leaf`] is a number of these.
    pub paths: Vec<FieldPath>,
    pub members: Vec<(String, Branch)>,
}

impl Tree {
    /// The tree of a mapping. A path that another one holds, or equals, adds nothing.
    ///
    /// # Errors
    /// `Input` for places far down a list, and for paths that contradict each other.
    pub fn of(mapping: &[FieldPath]) -> Result<Tree, Fault> {
        let mut tree = Tree { paths: Vec::new(), members: Vec::new() };
        for (number, path) in mapping.iter().enumerate() {
            let holds = |other: &FieldPath| path.elements().starts_with(other.elements());
            let is_held = mapping.iter().any(|other| other != path && holds(other));
            if is_held || mapping[..number].contains(path) {
                continue;
            }
            let leaf = tree.paths.len();
            tree.paths.push(path.clone());
            let mut root = Branch::Object(std::mem::take(&mut tree.members));
            add(&mut root, path.elements(), leaf).map_err(|why| Fault::input(format!("`{path}` {why}")))?;
            if let Branch::Object(members) = root {
                tree.members = members;
            }
        }
        Ok(tree)
    }
}

fn add(at: &mut Branch, steps: &[PathElement], leaf: usize) -> Result<(), String> {
    let Some((step, rest)) = steps.split_first() else {
        *at = Branch::Leaf(leaf);
        return Ok(());
    };
    match (at, step) {
        (Branch::Object(members), PathElement::Name(name)) => {
            let known = members.iter().position(|(known, _)| known == name);
            let place = known.unwrap_or_else(|| {
                members.push((name.clone(), unfilled(rest)));
                members.len() - 1
            });
            add(&mut members[place].1, rest, leaf)
        }
        (Branch::Array(_), PathElement::Index(index)) if *index > INDEX_MAX => {
            Err(format!("is beyond [{INDEX_MAX}]: map the whole list"))
        }
        (Branch::Array(elements), PathElement::Index(index)) => {
            let place = elements.binary_search_by_key(index, |(known, _)| *known);
            let place = place.unwrap_or_else(|place| {
                elements.insert(place, (*index, unfilled(rest)));
                place
            });
            add(&mut elements[place].1, rest, leaf)
        }
        _ => Err("and another mapped path take the same field for a list and for an object".into()),
    }
}

/// What is needed for the steps that follow.
fn unfilled(rest: &[PathElement]) -> Branch {
    match rest.first() {
        Some(PathElement::Index(_)) => Branch::Array(Vec::new()),
        _ => Branch::Object(Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(paths: &[&str]) -> Result<Tree, Fault> {
        let paths: Vec<FieldPath> = paths.iter().map(|path| FieldPath::parse(path).unwrap()).collect();
        Tree::of(&paths)
    }

    #[test]
    fn paths_of_one_field_are_one_branch_in_mapping_order() {
        let tree = tree(&["p.b", "x", "p.a[2].c", "p.a[0].c", "p.b", "x.y"]).unwrap();
        let c = |leaf| Branch::Object(vec![("c".into(), Branch::Leaf(leaf))]);
        let a = Branch::Array(vec![(0, c(3)), (2, c(2))]);
        let p = Branch::Object(vec![("b".into(), Branch::Leaf(0)), ("a".into(), a)]);
        assert_eq!(tree.members, [("p".into(), p), ("x".into(), Branch::Leaf(1))]);
        assert_eq!(
            tree.paths.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["p.b", "x", "p.a[2].c", "p.a[0].c"]
        );
    }

    #[test]
    fn what_has_no_place_is_told() {
        assert!(tree(&["a[1000]"]).unwrap_err().message.contains("beyond [999]"));
        assert!(tree(&["a.b.c", "a.b[0]"]).unwrap_err().message.contains("`a.b[0]` and another"));
    }
}
