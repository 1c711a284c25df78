//! Reading a filter.

use super::{FILTER_BYTES_MAX, Filter, Operator, Step};

/// What ends a path.
const OPERATOR_STARTS: [char; 4] = ['=', '!', '<', '>'];

/// Longer operators first.
const OPERATORS: [(&str, Operator); 6] = [
    ("==", Operator::Equal),
    ("!=", Operator::NotEqual),
    ("<=", Operator::LessOrEqual),
    (">=", Operator::GreaterOrEqual),
    ("<", Operator::Less),
    (">", Operator::Greater),
];

/// Reads a whole filter; the error is a sentence.
pub(super) fn filter(text: &str) -> Result<Filter, String> {
    if text.len() > FILTER_BYTES_MAX {
        return Err(format!("a filter has at most {FILTER_BYTES_MAX} bytes"));
    }
    let at = text.find(OPERATOR_STARTS).unwrap_or(text.len());
    let (path, rest) = text.split_at(at);
    let path = path.trim();
    let steps = steps(path)?;
    if rest.is_empty() {
        return Ok(Filter { path: path.to_string(), steps, operator: Operator::Exists, values: Vec::new() });
    }
    let Some((symbol, operator)) = OPERATORS.iter().find(|(symbol, _)| rest.starts_with(symbol)) else {
        return Err("the comparison is none of == != > >= < <=".into());
    };
    let values = values(&rest[symbol.len()..])?;
    Ok(Filter { path: path.to_string(), steps, operator: *operator, values })
}

fn steps(path: &str) -> Result<Vec<Step>, String> {
    let mut steps = Vec::new();
    for part in path.split('.') {
        let (name, mut brackets) = part.split_at(part.find('[').unwrap_or(part.len()));
        if name.is_empty() || name.contains([']', ',', '"', '\'']) {
            return Err("the path is not names joined by dots, such as connectionSpec.id".into());
        }
        steps.push(Step::Name(name.to_string()));
        while !brackets.is_empty() {
            let inner = brackets.strip_prefix('[').and_then(|rest| rest.split_once(']'));
            let Some((inner, rest)) = inner else {
                return Err("a bracket of the path is not [] or a number in []".into());
            };
            steps.push(match inner {
                "" => Step::Any,
                digits => Step::Index(digits.parse().map_err(|_| "a list's element is not a number".to_string())?),
            });
            brackets = rest;
        }
    }
    Ok(steps)
}

fn values(text: &str) -> Result<Vec<String>, String> {
    let mut values = Vec::new();
    let mut rest = text.trim();
    loop {
        let (value, after) = if rest.starts_with(['"', '\'']) { quoted(rest)? } else { bare(rest)? };
        values.push(value);
        match after.trim_start().strip_prefix(',') {
            Some(next) => rest = next.trim_start(),
            None if after.trim().is_empty() => return Ok(values),
            None => return Err("something stands behind a quoted value that is no comma".into()),
        }
    }
}

fn bare(text: &str) -> Result<(String, &str), String> {
    let (value, rest) = text.split_at(text.find(',').unwrap_or(text.len()));
    let value = value.trim_end();
    if value.is_empty() {
        return Err("a value is missing; an empty one is written as \"\"".into());
    }
    if value.starts_with('=') {
        return Err("the comparison is none of == != > >= < <=".into());
    }
    Ok((value.to_string(), rest))
}

fn quoted(text: &str) -> Result<(String, &str), String> {
    let mut chars = text.char_indices();
    let quote = chars.next().map(|(_, quote)| quote);
    let mut value = String::new();
    while let Some((at, c)) = chars.next() {
        if Some(c) == quote {
            return Ok((value, &text[at + c.len_utf8()..]));
        }
        // A backslash before anything but a quote or itself is only a backslash.
        let escaped = text[at + c.len_utf8()..]
            .chars()
            .next()
            .filter(|next| c == '\\' && (Some(*next) == quote || *next == '\\'));
        match escaped {
            Some(next) => {
                chars.next();
                value.push(next);
            }
            None => value.push(c),
        }
    }
    Err("a quote is never closed".into())
}
