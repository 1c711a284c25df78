//! `--fields` and `--dedup`: lists of paths, some with headers.

use outflow_export::MappedField;
use outflow_model::membership::header_of;
use outflow_model::{Fault, FieldPath};

/// Reads `path[:header],…`. Commas and colons inside backticks belong to the path; a header ends at the next comma.
///
/// # Errors
/// Every problem at once, equal headers included.
pub fn parse_fields(lists: &[String]) -> Result<Vec<MappedField>, Fault> {
    let mut problems = Vec::new();
    let mut fields: Vec<MappedField> = Vec::new();
    for item in lists.iter().flat_map(|list| split(list, ',')) {
        let mut pieces = split(&item, ':').into_iter();
        let path = pieces.next().unwrap_or_default();
        let header: Vec<String> = pieces.collect();
        match FieldPath::parse(path.trim()) {
            Err(e) => problems.push(format!("{path:?} is no path: {e}")),
            Ok(path) => {
                let header = if header.is_empty() { header_of(&path) } else { header.join(":") };
                if header.is_empty() {
                    problems.push(format!("`{path}` has an empty header"));
                }
                if let Some(same) = fields.iter().find(|f| f.header == header) {
                    problems.push(format!("`{}` and `{path}` have the same header `{header}`", same.path));
                }
                fields.push(MappedField { path, header });
            }
        }
    }
    if fields.is_empty() && problems.is_empty() {
        problems.push("there is no field".into());
    }
    if problems.is_empty() {
        return Ok(fields);
    }
    Err(Fault::input(problems.join("; "))
        .tried("--fields")
        .hint("fields are paths with an optional header, as in person.name.firstName,personalEmail.address:email"))
}

/// Reads a list of paths.
///
/// # Errors
/// `Input`, naming the option.
pub fn parse_paths(option: &str, lists: &[String]) -> Result<Vec<FieldPath>, Fault> {
    let paths = lists.iter().flat_map(|list| split(list, ','));
    paths.map(|text| parse_path(option, &text)).collect()
}

/// Reads one path.
///
/// # Errors
/// `Input`, naming the option.
pub fn parse_path(option: &str, text: &str) -> Result<FieldPath, Fault> {
    FieldPath::parse(text.trim()).map_err(|e| Fault::input(format!("{text:?} is no path: {e}")).tried(option))
}

/// Splits at `separator`, not inside backticks.
fn split(text: &str, separator: char) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut quoted = false;
    for c in text.chars() {
        quoted ^= c == '`';
        match pieces.last_mut() {
            Some(_) if c == separator && !quoted => pieces.push(String::new()),
            Some(piece) => piece.push(c),
            None => (),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(text: &str) -> Vec<(String, String)> {
        let fields = parse_fields(&[text.to_string()]).unwrap();
        fields.into_iter().map(|f| (f.path.to_string(), f.header)).collect()
    }

    #[test]
    fn headers_are_given_or_made() {
        assert_eq!(
            headers("person.name.firstName,personalEmail.address:e mail,m.`a,b:c`.x:y:z"),
            [
                ("person.name.firstName".into(), "person_name_firstName".into()),
                ("personalEmail.address".into(), "e mail".into()),
                ("m.`a,b:c`.x".into(), "y:z".into()),
            ]
        );
        assert_eq!(headers("segmentMembership.seg_namespace.seg_id.status")[0].1, "segmentMembership_status");
    }

    #[test]
    fn all_problems_are_told_at_once() {
        let fault = parse_fields(&["a..b,x:h,y:h".to_string()]).unwrap_err();
        assert!(fault.message.contains("a..b") && fault.message.contains("same header `h`"), "{}", fault.message);
    }
}
