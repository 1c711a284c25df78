//! References to marketing actions, which people name: the API wants `/dulepolicy/marketingActions/core/NAME`, and shows
//! that with its own address before it.

use serde_json::Value;

/// Members that hold references.
const MEMBERS: [&str; 3] = ["marketingActionRefs", "marketingActionRef", "enforcementRefs"];

/// The reference to a marketing action by its name; one that is a reference already is that, without an address. None for
/// a name that is none of `known`: names, and whether they come with the product.
pub fn reference<'a>(given: &str, known: impl IntoIterator<Item = (bool, &'a str)>) -> Option<String> {
    if given.starts_with('/') || given.contains("://") {
        return Some(without_address(given));
    }
    let (is_core, _) = known.into_iter().find(|(_, name)| *name == given)?;
    Some(format!("/dulepolicy/marketingActions/{}/{given}", if is_core { "core" } else { "custom" }))
}

fn without_address(reference: &str) -> String {
    match reference.find("/marketingActions/") {
        Some(at) => format!("/dulepolicy{}", &reference[at..]),
        None => reference.to_owned(),
    }
}

/// Takes the address off every reference in an object: what is compared may have been written either way.
pub fn settle(object: &mut Value) {
    let settled: Result<(), std::convert::Infallible> = each(object, &mut |given| Ok(without_address(given)));
    settled.unwrap_or_else(|never| match never {});
}

/// Puts what `resolve` answers in the place of every reference in an object.
///
/// # Errors
/// The first that `resolve` answers.
pub fn each<E>(object: &mut Value, resolve: &mut impl FnMut(&str) -> Result<String, E>) -> Result<(), E> {
    match object {
        Value::Object(members) => members.iter_mut().try_for_each(|(name, value)| {
            if !MEMBERS.contains(&name.as_str()) {
                return each(value, resolve);
            }
            let references = match value {
                Value::Array(references) => references.as_mut_slice(),
                one => std::slice::from_mut(one),
            };
            references.iter_mut().filter(|reference| reference.is_string()).try_for_each(|reference| {
                *reference = resolve(reference.as_str().unwrap_or_default())?.into();
                Ok(())
            })
        }),
        Value::Array(elements) => elements.iter_mut().try_for_each(|element| each(element, resolve)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn actions_are_referred_to_by_who_made_them() {
        let known = [(true, "emailTargeting"), (false, "partnerAds")];
        let reference = |given| reference(given, known);
        assert_eq!(reference("partnerAds").unwrap(), "/dulepolicy/marketingActions/custom/partnerAds");
        assert_eq!(reference("emailTargeting").unwrap(), "/dulepolicy/marketingActions/core/emailTargeting");
        assert_eq!(reference("/x/y").unwrap(), "/x/y");
        let full = "https://x/data/foundation/dulepolicy/marketingActions/core/a";
        assert_eq!(reference(full).unwrap(), "/dulepolicy/marketingActions/core/a");
        assert_eq!(reference("emailTargetting"), None);
    }

    #[test]
    fn references_are_settled_wherever_they_stand() {
        let full = "https://x/data/foundation/dulepolicy/marketingActions/core/a";
        let mut object = json!({"policy": {"enforcementRefs": [full]}, "name": full,
            "if": {"operands": [{"marketingActionRef": full}]}, "marketingActionRefs": [full, 7]});
        settle(&mut object);
        let short = "/dulepolicy/marketingActions/core/a";
        let expected = json!({"policy": {"enforcementRefs": [short]}, "name": full,
            "if": {"operands": [{"marketingActionRef": short}]}, "marketingActionRefs": [short, 7]});
        assert_eq!(object, expected);
    }
}
