//! Names of roles and what goes with them.

/// Whether `arn` has the shape of a role's.
pub(crate) fn is_role(arn: &str) -> bool {
    let fields: Vec<&str> = arn.splitn(6, ':').collect();
    matches!(fields.as_slice(), ["arn", partition, "iam", "", account_id, resource]
        if partition.starts_with("aws") && account_id.len() == 12 && account_id.bytes().all(|b| b.is_ascii_digit())
            && resource.strip_prefix("role/").is_some_and(|name| !name.is_empty()))
}

/// Whether a trust policy can ask for this external id.
pub(crate) fn is_external_id(id: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_+=,.@:/-".contains(c);
    (2..=1224).contains(&id.len()) && id.chars().all(allowed)
}
