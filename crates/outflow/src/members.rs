//! What the members of accounts and targets are called on this side of the connectors.
//!
//! A connector names what it was given as its own API does (`hostKey`); whoever runs the command set a variable, a member
//! of the TOML file or a part of the URL.

use outflow_connector_kit::{ProbeReport, StepOutcome};
use outflow_model::{Fault, FaultClass};

use crate::target::EVENT_HUBS;

/// One member of an account or target.
#[derive(Clone, Copy)]
struct Member {
    /// The connector's name for it.
    connector: &'static str,
    /// The variable, option or part of the URL.
    here: &'static str,
    /// The TOML member; empty where there is none.
    toml: &'static str,
}

const fn member(connector: &'static str, here: &'static str, toml: &'static str) -> Member {
    Member { connector, here, toml }
}

const MEMBERS: [Member; 35] = [
    member("s3AccessKey", "AWS_ACCESS_KEY_ID", "accessKeyId"),
    member("s3SecretKey", "AWS_SECRET_ACCESS_KEY", "secretAccessKey"),
    member("sessionToken", "AWS_SESSION_TOKEN", "sessionToken"),
    member("roleArn", "OUTFLOW_S3_ROLE_ARN", "roleArn"),
    member("externalId", "OUTFLOW_S3_EXTERNAL_ID", "externalId"),
    member("endpoint", "AWS_ENDPOINT_URL", "endpoint"),
    member("region", "AWS_REGION", "region"),
    member("pathStyle", "OUTFLOW_S3_PATH_STYLE", "pathStyle"),
    member("bucketName", "the URL's bucket", ""),
    member("path", "the URL's path", ""),
    member("domain", "the URL's host", ""),
    member("port", "the URL's port", ""),
    member("username", "the URL's user", ""),
    member("password", "OUTFLOW_SFTP_PASSWORD", "password"),
    member("sshKey", "OUTFLOW_SFTP_KEY_FILE", "keyFile"),
    member("passphrase", "OUTFLOW_SFTP_KEY_PASSPHRASE", "keyPassphrase"),
    member("hostKey", "OUTFLOW_SFTP_HOST_KEY", "hostKey"),
    member("knownHosts", "--known-hosts", "knownHosts"),
    member("legacyAlgorithms", "OUTFLOW_SFTP_LEGACY_ALGORITHMS", "legacyAlgorithms"),
    member("remotePath", "the URL's path", ""),
    member("accessKeyId", "accessKeyId", ""),
    member("secretKey", "secretKey", ""),
    member("endpointUrl", "endpointUrl", ""),
    member("stream", "stream", ""),
    member("sasKeyName", "sasKeyName", ""),
    member("sasKey", "sasKey", ""),
    member("namespace", "namespace", ""),
    member("eventHubName", "eventHubName", ""),
    member("answerSecs", "answerSecs", ""),
    member("recordBytesMax", "recordBytesMax", ""),
    member("requestBytesMax", "requestBytesMax", ""),
    member("shardBytesPerSecMax", "shardBytesPerSecMax", ""),
    member("shardRecordsPerSecMax", "shardRecordsPerSecMax", ""),
    member("includeSegmentNames", "includeSegmentNames", ""),
    member("includeSegmentTimestamps", "includeSegmentTimestamps", ""),
];

/// Members of streams, whose names may mean something else in another connector.
const OF_STREAMS: [(&str, Member); 12] = [
    ("kinesis", member("accessKeyId", "AWS_ACCESS_KEY_ID", "accessKeyId")),
    ("kinesis", member("secretKey", "AWS_SECRET_ACCESS_KEY", "secretAccessKey")),
    ("kinesis", member("region", "the URL's region", "")),
    ("kinesis", member("stream", "the URL's stream", "")),
    ("kinesis", member("roleArn", "OUTFLOW_KINESIS_ROLE_ARN", "roleArn")),
    ("kinesis", member("externalId", "OUTFLOW_KINESIS_EXTERNAL_ID", "externalId")),
    ("kinesis", member("endpointUrl", "AWS_ENDPOINT_URL_KINESIS", "endpoint")),
    (EVENT_HUBS, member("sasKeyName", "OUTFLOW_EVENTHUBS_SAS_KEY_NAME", "sasKeyName")),
    (EVENT_HUBS, member("sasKey", "OUTFLOW_EVENTHUBS_SAS_KEY", "sasKey")),
    (EVENT_HUBS, member("namespace", "the URL's namespace", "")),
    (EVENT_HUBS, member("eventHubName", "the URL's hub", "")),
    (EVENT_HUBS, member("endpointUrl", "OUTFLOW_EVENTHUBS_ENDPOINT", "endpoint")),
];

/// The member that the connector of this id calls `name`.
fn named(connector: &str, name: &str) -> Option<Member> {
    let own = OF_STREAMS.iter().find(|(of, member)| *of == connector && member.connector == name);
    own.map(|(_, member)| *member).or_else(|| MEMBERS.into_iter().find(|member| member.connector == name))
}

/// Whether the TOML file has a member of this name.
pub fn is_toml(name: &str) -> bool {
    let mut all = MEMBERS.iter().chain(OF_STREAMS.iter().map(|(_, member)| member));
    name == "connectionString" || all.any(|member| !member.toml.is_empty() && member.toml == name)
}

/// A connector's fault, with the names of this side.
pub fn translated(connector: &str, mut fault: Fault) -> Fault {
    fault.message = text(connector, &fault.message);
    fault.hint = text(connector, &fault.hint);
    fault
}

/// A text of a fault as it is shown. Only a connector makes faults of these classes; others may quote a profile's field
/// that is called like a member.
pub fn shown(class: FaultClass, told: &str) -> String {
    if matches!(class, FaultClass::Config | FaultClass::Credentials) { text("", told) } else { told.to_owned() }
}

/// A probe's report, with the names of this side.
pub fn translated_report(connector: &str, mut report: ProbeReport) -> ProbeReport {
    for step in &mut report.steps {
        step.outcome = translated_outcome(connector, &step.outcome);
    }
    report
}

/// How a step went, with the names of this side.
pub fn translated_outcome(connector: &str, outcome: &StepOutcome) -> StepOutcome {
    let mut outcome = outcome.clone();
    if let StepOutcome::Failed { message, hint, fields, host_key, .. } = &mut outcome {
        (*message, *hint) = (text(connector, message), text(connector, hint));
        let here = |name: &str| named(connector, name).map_or_else(|| name.to_owned(), |member| member.here.to_owned());
        fields.iter_mut().for_each(|field| *field = here(field));
        if let Some(key) = host_key {
            key.field = here(&key.field);
        }
    }
    outcome
}

/// Replaces the names of a connector. One that is a word of its own in English counts only where it is told of
/// ("region: …") or to be set ("Set region to …").
fn text(connector: &str, told: &str) -> String {
    let mut out = String::with_capacity(told.len());
    let mut rest = told;
    while let Some(begin) = rest.find(is_part_of_a_name) {
        let (before, after) = rest.split_at(begin);
        out.push_str(before);
        let end = after.find(|c| !is_part_of_a_name(c)).unwrap_or(after.len());
        // The last period is the sentence's.
        let (word, next) = after.split_at(after[..end].trim_end_matches('.').len().max(1));
        let is_special = word.contains(|c: char| c.is_ascii_uppercase());
        let is_label = next.starts_with(": ") && (out.is_empty() || out.ends_with("; "));
        let is_set = out.ends_with("Set ") || out.ends_with("set ");
        let member = named(connector, word);
        match member.filter(|_| is_special || is_label || is_set) {
            Some(member) => out.push_str(member.here),
            None => out.push_str(word),
        }
        rest = next;
    }
    out.push_str(rest);
    out
}

/// Paths, hosts and file names are longer names, in which nothing is replaced.
fn is_part_of_a_name(c: char) -> bool {
    c.is_alphanumeric() || "_-./@%".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_told_as_variables_options_and_parts_of_the_url() {
        for (told, shown) in [
            ("then set hostKey to that line", "then set OUTFLOW_SFTP_HOST_KEY to that line"),
            (
                "s3AccessKey: is missing; s3SecretKey belongs to it",
                "AWS_ACCESS_KEY_ID: is missing; AWS_SECRET_ACCESS_KEY belongs to it",
            ),
            (
                "region: is no name; password: give a password or an SSH key (sshKey)",
                "AWS_REGION: is no name; OUTFLOW_SFTP_PASSWORD: give a password or an SSH key (OUTFLOW_SFTP_KEY_FILE)",
            ),
            ("Set region to eu-west-1, or leave it empty", "Set AWS_REGION to eu-west-1, or leave it empty"),
            ("correct remotePath, or have it made", "correct the URL's path, or have it made"),
            ("Create the bucket or correct bucketName.", "Create the bucket or correct the URL's bucket."),
            ("is revoked in knownHosts", "is revoked in --known-hosts"),
        ] {
            assert_eq!(text("", told), shown);
            assert_eq!(text("", shown), shown, "a second time changes nothing");
        }
    }

    #[test]
    fn a_name_means_what_its_connector_means_by_it() {
        let told = "Set region to eu-west-1; roleArn: is no ARN";
        assert_eq!(text("kinesis", told), "Set the URL's region to eu-west-1; OUTFLOW_KINESIS_ROLE_ARN: is no ARN");
        assert_eq!(text("s3", told), "Set AWS_REGION to eu-west-1; OUTFLOW_S3_ROLE_ARN: is no ARN");
        let told = "sasKey: is missing; correct eventHubName";
        assert_eq!(text(EVENT_HUBS, told), "OUTFLOW_EVENTHUBS_SAS_KEY: is missing; correct the URL's hub");
    }

    #[test]
    fn what_may_be_at_fault_is_named_as_it_is_set() {
        let mut report = ProbeReport::default();
        let fault = Fault::new(FaultClass::Credentials, "refused").about(["username", "password"]);
        report.failed("Sign in", &fault);
        let report = translated_report("sftp", report);
        let StepOutcome::Failed { fields, .. } = &report.steps[0].outcome else { panic!("{report:?}") };
        assert_eq!(fields, &["the URL's user", "OUTFLOW_SFTP_PASSWORD"]);
    }

    #[test]
    fn plain_words_and_parts_of_paths_stay() {
        for told in [
            "the region of the bucket is another one",
            "the server refused user or password",
            "the folder /upload/hostKey/x.roleArn does not exist",
            "",
        ] {
            assert_eq!(text("", told), told);
        }
        assert_eq!(shown(FaultClass::Input, "there is no field externalId"), "there is no field externalId");
    }

    /// Members of targets that a server's destinations have, and a probe leaves as they are by default.
    const OF_DESTINATIONS: [&str; 6] = [
        "includeSegmentNames",
        "includeSegmentTimestamps",
        "recordBytesMax",
        "requestBytesMax",
        "shardBytesPerSecMax",
        "shardRecordsPerSecMax",
    ];

    /// A member that a connector takes on and this table lacks would be told by a name that nobody can set.
    #[test]
    fn the_table_has_every_member_of_every_connector() {
        for connector in outflow_connectors::registry() {
            let (account, target) = connector.schemas();
            for schema in [account, target] {
                for name in schema["properties"].as_object().into_iter().flat_map(|members| members.keys()) {
                    let is_known = named(connector.id(), name).is_some() || OF_DESTINATIONS.contains(&name.as_str());
                    assert!(is_known, "{name} of {}", connector.id());
                }
            }
        }
    }
}
