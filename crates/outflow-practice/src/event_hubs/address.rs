//! Addresses of nodes.

/// What an address names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Address {
    /// Where tokens are put.
    Cbs,
    /// Where properties are read.
    Management,
    /// A hub or one of its partitions, to send to.
    Hub { hub: String, partition: Option<String> },
    /// A partition as a consumer group reads it.
    Reader { hub: String, group: String, partition: String },
    /// Anything else.
    Unknown,
}

/// The path of an address or a token's resource, without scheme, host and outer slashes.
pub(crate) fn path(text: &str) -> &str {
    let rest = match text.split_once("://") {
        Some((_, rest)) => rest.split_once('/').map_or("", |(_, path)| path),
        None => text,
    };
    rest.trim_matches('/')
}

impl Address {
    /// Reads `hub`, `hub/Partitions/N`, `hub/ConsumerGroups/GROUP/Partitions/N`, `$cbs`, `$management`; with or without
    /// a scheme and host before it.
    pub(crate) fn parse(text: &str) -> Address {
        let parts: Vec<&str> = path(text).split('/').collect();
        let is = |part: &str, name: &str| part.eq_ignore_ascii_case(name);
        match parts.as_slice() {
            ["$cbs"] => Address::Cbs,
            ["$management"] | [_, "$management"] => Address::Management,
            [hub] if !hub.is_empty() => Address::Hub { hub: (*hub).to_owned(), partition: None },
            [hub, word, partition] if is(word, "Partitions") => {
                Address::Hub { hub: (*hub).to_owned(), partition: Some((*partition).to_owned()) }
            }
            [hub, groups, group, word, partition] if is(groups, "ConsumerGroups") && is(word, "Partitions") => {
                Address::Reader {
                    hub: (*hub).to_owned(),
                    group: (*group).to_owned(),
                    partition: (*partition).to_owned(),
                }
            }
            _ => Address::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_sdks_write_is_understood() {
        let hub =
            |partition: Option<&str>| Address::Hub { hub: "exports".into(), partition: partition.map(Into::into) };
        assert_eq!(Address::parse("exports"), hub(None));
        assert_eq!(Address::parse("amqps://127.0.0.1:5672/exports"), hub(None));
        assert_eq!(Address::parse("amqps://127.0.0.1/exports/Partitions/3"), hub(Some("3")));
        assert_eq!(Address::parse("$cbs"), Address::Cbs);
        assert_eq!(Address::parse("exports/$management"), Address::Management);
        let reader = Address::Reader { hub: "exports".into(), group: "$Default".into(), partition: "0".into() };
        assert_eq!(Address::parse("exports/ConsumerGroups/$Default/Partitions/0"), reader);
        for unknown in ["", "sb://host", "exports/Publishers/a", "a/b/c/d/e/f"] {
            assert_eq!(Address::parse(unknown), Address::Unknown, "{unknown}");
        }
        assert_eq!(path("sb://127.0.0.1:5672/exports/"), "exports");
        assert_eq!(path("sb://127.0.0.1:5672"), "");
    }
}
