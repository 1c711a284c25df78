//! Membership of a profile in a segment: its statuses, and the paths under which files and rules name it.
//!
//! A profile holds `segmentMembership.<namespace>.<segment>` with a `status` and a `lastQualificationTime`. Segments that
//! are evaluated here have the namespace [`SEGMENT_NAMESPACE`]. A mapping that goes for many segments names "the segment
//! that is being exported" instead, as `segmentMembership.seg_namespace.seg_id.status` or, shorter,
//! `segmentMembership.status`.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::path::{FieldPath, PathElement};
use crate::schema::{FieldType, Schema};

/// The namespace of segments that are evaluated here.
pub const SEGMENT_NAMESPACE: &str = "ups";

/// The field of profiles that holds memberships.
pub const MEMBERSHIP_FIELD: &str = "segmentMembership";

/// The member of a membership that holds a [`MembershipStatus`].
pub const STATUS: &str = "status";

/// The member of a membership that holds the time of the last entry or exit.
pub const LAST_QUALIFICATION_TIME: &str = "lastQualificationTime";

/// What an evaluation says about a profile and a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MembershipStatus {
    /// The profile is in the segment and was not at the evaluation before.
    Realized,
    /// It is, and was.
    Existing,
    /// It is not any more.
    Exited,
}

impl MembershipStatus {
    /// The text in files, messages and rules.
    pub fn as_str(self) -> &'static str {
        match self {
            MembershipStatus::Realized => "realized",
            MembershipStatus::Existing => "existing",
            MembershipStatus::Exited => "exited",
        }
    }

    /// Whether the profile is in the segment.
    pub fn is_member(self) -> bool {
        self != MembershipStatus::Exited
    }
}

impl fmt::Display for MembershipStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where `member` of the membership in a segment stands: `segmentMembership.ups.<segment>.<member>`.
pub fn member_path(segment_id: &str, member: &str) -> FieldPath {
    FieldPath::of_names(MEMBERSHIP_FIELD, &[SEGMENT_NAMESPACE, segment_id, member])
}

/// The member that `path` names of the activated segment's membership (`status`, `lastQualificationTime`); `None` for
/// every other path.
pub fn activated_member(path: &FieldPath) -> Option<&str> {
    let names: Vec<&str> = path.elements().iter().map(PathElement::name).collect::<Option<_>>()?;
    match names.as_slice() {
        [MEMBERSHIP_FIELD, "seg_namespace", "seg_id", member] => Some(member),
        [MEMBERSHIP_FIELD, member @ (STATUS | LAST_QUALIFICATION_TIME)] => Some(member),
        _ => None,
    }
}

/// `path` with the activated segment in its place: what an evaluation of `segment_id` provides. Other paths stay.
pub fn activated_path(path: FieldPath, segment_id: &str) -> FieldPath {
    match activated_member(&path) {
        Some(member) => member_path(segment_id, member),
        None => path,
    }
}

/// Whether `path` is a member of a membership that an evaluation provides: of the activated segment, or of any segment
/// that is evaluated here. Such a path leads somewhere whatever the profiles hold.
pub fn is_evaluated(path: &FieldPath) -> bool {
    let names: Option<Vec<&str>> = path.elements().iter().map(PathElement::name).collect();
    match names.as_deref() {
        Some([MEMBERSHIP_FIELD, SEGMENT_NAMESPACE, _, member]) => matches!(*member, STATUS | LAST_QUALIFICATION_TIME),
        _ => matches!(activated_member(path), Some(STATUS | LAST_QUALIFICATION_TIME)),
    }
}

/// Whether `path` is the status of the membership in `segment_id`, in any of its forms.
pub fn is_status_of(path: &FieldPath, segment_id: &str) -> bool {
    activated_member(path) == Some(STATUS) || *path == member_path(segment_id, STATUS)
}

/// The header a file gives this path unless told otherwise: the path's, and for a membership `segmentMembership_status`.
pub fn header_of(path: &FieldPath) -> String {
    match activated_member(path) {
        Some(member) => format!("{MEMBERSHIP_FIELD}_{member}"),
        None => path.default_header(),
    }
}

/// `path` with the activated segment in its place, where the profiles bring their memberships along: the path into their
/// own entries, which are segments, or namespaces of segments. Text files have structs where others have maps.
pub fn resolve(path: FieldPath, segment_id: &str, schema: &Schema) -> FieldPath {
    let Some(member) = activated_member(&path) else { return path };
    let entries = schema.fields.iter().find(|f| f.name == MEMBERSHIP_FIELD).map(|f| &f.field_type);
    let has_namespaces = match entries {
        Some(FieldType::Map(inner)) => matches!(**inner, FieldType::Map(_)),
        Some(FieldType::Struct(members)) => {
            if members.iter().any(|m| m.name == member) {
                // Each profile says the status of one segment, which must be this one.
                return FieldPath::of_names(MEMBERSHIP_FIELD, &[member]);
            }
            members.iter().any(|m| m.name == SEGMENT_NAMESPACE) && members.iter().all(|m| m.name != segment_id)
        }
        _ => false,
    };
    if has_namespaces {
        member_path(segment_id, member)
    } else {
        FieldPath::of_names(MEMBERSHIP_FIELD, &[segment_id, member])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Field;

    fn path(text: &str) -> FieldPath {
        FieldPath::parse(text).unwrap()
    }

    #[test]
    fn statuses_read_as_they_are_written() {
        for status in [MembershipStatus::Realized, MembershipStatus::Existing, MembershipStatus::Exited] {
            assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
            assert_eq!(status.is_member(), status.as_str() != "exited");
        }
    }

    #[test]
    fn the_activated_segment_is_recognised() {
        for (text, member) in [
            ("segmentMembership.seg_namespace.seg_id.status", Some("status")),
            ("segmentMembership.seg_namespace.seg_id.lastQualificationTime", Some("lastQualificationTime")),
            ("segmentMembership.status", Some("status")),
            ("segmentMembership.lastQualificationTime", Some("lastQualificationTime")),
            ("segmentMembership.ups", None),
            ("segmentMembership.ups.seg_id.status", None),
            ("segmentMembership[0].status", None),
            ("status", None),
        ] {
            assert_eq!(activated_member(&path(text)), member, "{text}");
        }
        assert_eq!(
            activated_path(path("segmentMembership.status"), "81-a").to_string(),
            "segmentMembership.ups.`81-a`.status"
        );
        assert_eq!(activated_path(path("person.status"), "81-a").to_string(), "person.status");
        assert!(is_status_of(&path("segmentMembership.ups.`81-a`.status"), "81-a"));
        assert!(!is_status_of(&path("segmentMembership.ups.`81-b`.status"), "81-a"));
        assert!(!is_status_of(&path("segmentMembership.lastQualificationTime"), "81-a"));
        for (text, is) in [
            ("segmentMembership.ups.`81-a`.status", true),
            ("segmentMembership.seg_namespace.seg_id.lastQualificationTime", true),
            ("segmentMembership.seg_namespace.seg_id.version", false),
            ("segmentMembership.aam.`81-a`.status", false),
            ("segmentMembership.ups.`81-a`", false),
            ("segmentMembership[0]", false),
        ] {
            assert_eq!(is_evaluated(&path(text)), is, "{text}");
        }
    }

    #[test]
    fn headers_leave_the_placeholders_out() {
        assert_eq!(header_of(&path("segmentMembership.seg_namespace.seg_id.status")), "segmentMembership_status");
        assert_eq!(header_of(&path("segmentMembership.status")), "segmentMembership_status");
        assert_eq!(header_of(&path("person.name.firstName")), "person_name_firstName");
    }

    #[test]
    fn membership_is_found_in_the_profiles_own_entries() {
        let membership = |field_type| Schema { fields: vec![Field { name: MEMBERSHIP_FIELD.into(), field_type }] };
        let structure = |name: &str, field_type| FieldType::Struct(vec![Field { name: name.into(), field_type }]);
        let entry = structure("status", FieldType::String);
        let flat = membership(FieldType::Map(Box::new(entry.clone())));
        let short = path("segmentMembership.status");
        assert_eq!(resolve(short.clone(), "81-a", &flat).to_string(), "segmentMembership.`81-a`.status");
        let nested = membership(FieldType::Map(Box::new(FieldType::Map(Box::new(entry.clone())))));
        let long = "segmentMembership.ups.`81-a`.status";
        assert_eq!(resolve(short.clone(), "81-a", &nested).to_string(), long);
        let ndjson = membership(structure("ups", structure("81-a", entry.clone())));
        assert_eq!(resolve(short.clone(), "81-a", &ndjson).to_string(), long);
        let other = path("segmentMembership.seg_namespace.seg_id.status");
        assert_eq!(resolve(other, "81-a", &ndjson).to_string(), long);
        let ndjson = membership(structure("81-a", entry.clone()));
        assert_eq!(resolve(short.clone(), "81-a", &ndjson).to_string(), "segmentMembership.`81-a`.status");
        let single = membership(entry);
        assert_eq!(resolve(short.clone(), "81-a", &single), short);
    }
}
