//! Conditions as people write them, `C1 and (C3 or C7)`, and as the API has them.

use outflow_model::Fault;
use serde_json::{Value, json};

use crate::table::text;

/// How deep conditions nest; the server takes no deeper ones.
const DEPTH_MAX: usize = 32;

/// Reads a condition whose leaves are words. `leaf` makes one of a word. `and` binds stronger than `or`; case does not count
/// in either.
///
/// # Errors
/// `Input` with what is missing where.
pub fn parse(given: &str, leaf: &dyn Fn(&str) -> Value) -> Result<Value, Fault> {
    let mut words = Words { words: split(given), at: 0, leaf };
    let value = words.any(0).and_then(|value| match words.next() {
        None => Ok(value),
        Some(word) => Err(operator(&word).unwrap_or_else(|| format!("{word:?} is one word too many"))),
    });
    value.map_err(|problem| {
        Fault::input(format!("the condition cannot be read: {problem}")).hint("write it as in: C1 and (C3 or C7)")
    })
}

/// A condition over labels.
///
/// # Errors
/// As [`parse`].
pub fn labels(given: &str) -> Result<Value, Fault> {
    parse(given, &|word| json!({"label": word}))
}

/// The labels of a condition.
pub fn labels_of(condition: &Value) -> Vec<&str> {
    let below = condition["operands"].as_array().into_iter().flatten().flat_map(labels_of);
    condition["label"].as_str().into_iter().chain(below).collect()
}

fn split(given: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    for c in given.chars() {
        if c.is_whitespace() || matches!(c, '(' | ')') {
            if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
            if !c.is_whitespace() {
                words.push(c.to_string());
            }
        } else {
            word.push(c);
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

struct Words<'w> {
    words: Vec<String>,
    at: usize,
    leaf: &'w dyn Fn(&str) -> Value,
}

impl Words<'_> {
    fn next(&mut self) -> Option<String> {
        let word = self.words.get(self.at).cloned();
        self.at += 1;
        word
    }

    fn takes(&mut self, wanted: &str) -> bool {
        let is_next = self.words.get(self.at).is_some_and(|word| word.eq_ignore_ascii_case(wanted));
        self.at += usize::from(is_next);
        is_next
    }

    fn any(&mut self, depth: usize) -> Result<Value, String> {
        let mut operands = vec![self.all(depth)?];
        while self.takes("or") {
            operands.push(self.all(depth)?);
        }
        Ok(joined("OR", operands))
    }

    fn all(&mut self, depth: usize) -> Result<Value, String> {
        let mut operands = vec![self.one(depth)?];
        while self.takes("and") {
            operands.push(self.one(depth)?);
        }
        Ok(joined("AND", operands))
    }

    fn one(&mut self, depth: usize) -> Result<Value, String> {
        if depth > DEPTH_MAX {
            return Err(format!("it nests deeper than {DEPTH_MAX}"));
        }
        match self.next().as_deref() {
            None => Err("it ends where a word is expected".into()),
            Some("(") => {
                let value = self.any(depth + 1)?;
                if self.takes(")") { Ok(value) } else { Err("a bracket is not closed".into()) }
            }
            Some(word) if word == ")" || ["and", "or"].iter().any(|operator| word.eq_ignore_ascii_case(operator)) => {
                Err(format!("{word:?} stands where a word is expected"))
            }
            Some(word) => operator(word).map_or_else(|| Ok((self.leaf)(word)), Err),
        }
    }
}

/// What is wrong with a word that is an operator elsewhere.
fn operator(word: &str) -> Option<String> {
    let instead = match word {
        "&" | "&&" => "and",
        "|" | "||" => "or",
        word if word.eq_ignore_ascii_case("not") || word.starts_with('!') => {
            return Some("there is no \"not\": a label more never makes anything allowed".to_owned());
        }
        _ => return None,
    };
    Some(format!("{word:?} is written {instead:?}"))
}

/// Operands joined; one alone is itself.
pub fn joined(operator: &str, mut operands: Vec<Value>) -> Value {
    if operands.len() == 1 { operands.swap_remove(0) } else { json!({"operator": operator, "operands": operands}) }
}

/// A condition for people: `C1 AND (C3 OR C7)`. `leaf` tells a leaf.
pub fn shown(condition: &Value, leaf: &dyn Fn(&Value) -> String) -> String {
    let Some(operands) = condition["operands"].as_array() else { return leaf(condition) };
    let one = |operand: &Value| {
        let text = shown(operand, leaf);
        if operand["operands"].is_array() && operands.len() > 1 { format!("({text})") } else { text }
    };
    let operator = format!(" {} ", text(&condition["operator"]));
    operands.iter().map(one).collect::<Vec<_>>().join(&operator)
}

/// A condition over labels for people.
pub fn shown_labels(condition: &Value) -> String {
    shown(condition, &|leaf| text(&leaf["label"]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_read_as_they_are_shown() {
        for (given, expected) in [
            ("C1", "C1"),
            ("C1 and (C3 or C7)", "C1 AND (C3 OR C7)"),
            ("C1 or C2 AND C3", "C1 OR (C2 AND C3)"),
            ("((C1)Or(C2))", "C1 OR C2"),
        ] {
            let read = labels(given).unwrap();
            assert_eq!(shown_labels(&read), expected);
            assert_eq!(labels(expected).unwrap(), read);
            assert_eq!(labels_of(&read).len(), expected.matches('C').count());
        }
        assert_eq!(
            labels("C1 and C2").unwrap(),
            json!({"operator": "AND", "operands": [{"label": "C1"}, {"label": "C2"}]})
        );
    }

    #[test]
    fn what_is_wrong_with_a_condition_is_told() {
        for (given, told) in [
            ("", "ends where"),
            ("C1 and", "ends where"),
            ("(C1", "not closed"),
            ("C1 C2", "one word too many"),
            ("or C1", "stands where"),
            ("not C1", "there is no \"not\""),
            ("C1 not C2", "there is no \"not\""),
            ("C1 and !C2", "there is no \"not\""),
            ("C1 && C2", "\"&&\" is written \"and\""),
            ("C1 | C2", "\"|\" is written \"or\""),
            (&*format!("{}C1", "(".repeat(40)), "nests deeper"),
        ] {
            let fault = labels(given).unwrap_err();
            assert!(fault.message.contains(told), "{given}: {}", fault.message);
        }
    }
}
