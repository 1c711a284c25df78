//! From what came back to a fault by class.
//!
//! What a message that was not taken comes to is decided in [`rejected`]; the guide has it as a table.

use std::sync::Arc;
use std::time::Duration;

use outflow_connector_kit::{Fault, FaultClass, Outcome};

use super::amqp::{AmqpError, Broken};

/// The service's own words are cut after this many characters.
const MESSAGE_CHARS_MAX: usize = 240;

/// An error's name is cut after this many characters; the longest known has 37.
const CONDITION_CHARS_MAX: usize = 80;

/// What messages to people name.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// Where the connection goes, as a URL.
    pub endpoint: String,
    /// The namespace's host name.
    pub host: String,
    /// The hub; empty when only the account is tried.
    pub hub: String,
    /// The policy's name.
    pub key_name: String,
}

impl Place {
    /// What was tried, by verb.
    fn tried(&self, verb: &str) -> String {
        format!("{verb} {} at {} with the policy {}", self.resource(), self.endpoint, self.key_name)
    }

    /// The hub, or the namespace when there is none, as tokens name it.
    pub(super) fn resource(&self) -> String {
        format!("sb://{}/{}", self.host, self.hub)
    }
}

/// A peer's words on one line, without control characters, cut after `chars_max` of them.
pub(super) fn clean(words: &str, chars_max: usize) -> String {
    let line = words.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().filter(|c| !c.is_control()).take(chars_max).collect()
}

/// The ways to sign in that a peer offers, which are not the one that is needed.
pub(super) fn no_sign_in(mechanisms: &[String], place: &Place) -> Fault {
    let offered = clean(&mechanisms.join(", "), MESSAGE_CHARS_MAX);
    Fault::new(FaultClass::Config, format!("{} offers no sign-in by token, only {offered}", place.endpoint))
        .hint("Check that it is Azure Event Hubs.")
}

/// The service's words on one line, cut, without the ids that its operators trace it by.
fn said(error: &AmqpError) -> String {
    let words = error.description.split_whitespace().take_while(|word| !word.starts_with("TrackingId:"));
    let line = words.collect::<Vec<_>>().join(" ");
    let line = line.split(" For troubleshooting").next().unwrap_or_default().trim_end_matches(['.', ',']);
    let (condition, line) = (clean(&error.condition, CONDITION_CHARS_MAX), clean(line, MESSAGE_CHARS_MAX));
    match (condition.as_str(), line.as_str()) {
        ("", "") => "no reason was given".to_owned(),
        (_, "") => condition,
        ("", _) => line,
        _ => format!("{condition}: {line}"),
    }
}

/// The seconds of "Please wait 4 seconds and try again".
fn asked_wait(description: &str) -> Option<Duration> {
    let after = description.split("lease wait ").nth(1)?;
    let secs = after.split_whitespace().next()?.parse().ok()?;
    Some(Duration::from_secs(secs))
}

/// An error that ended or refused a link, session or connection. `verb` says what was being done.
pub(super) fn of(error: &AmqpError, verb: &str, place: &Place) -> Fault {
    let said = said(error);
    let fault = |class, message: String| Fault::new(class, message).tried(place.tried(verb));
    let hub = &place.hub;
    match error.condition.as_str() {
        "amqp:not-found" => missing(place, verb),
        "amqp:unauthorized-access" | "com.microsoft:auth-failed" => unauthorized(error, &said, verb, place),
        "com.microsoft:server-busy" | "amqp:resource-limit-exceeded" => {
            fault(FaultClass::Throttled, format!("the service asks to go slower ({said})"))
                .hint("If it stays, give the namespace more throughput or processing units.")
                .retry_after(asked_wait(&error.description))
        }
        "com.microsoft:entity-disabled" | "com.microsoft:publisher-revoked" => {
            fault(FaultClass::Config, format!("the hub {hub} takes no events ({said})"))
                .hint("Set the hub's status to active.")
        }
        "amqp:link:message-size-exceeded" => {
            fault(FaultClass::Refused, format!("the message is larger than the hub {hub} takes ({said})"))
                .hint("Map fewer or shorter attributes.")
        }
        "amqp:not-allowed"
        | "amqp:not-implemented"
        | "com.microsoft:argument-error"
        | "com.microsoft:argument-out-of-range" => {
            fault(FaultClass::Config, format!("the service refused it ({said})"))
                .hint("Check that endpoint, namespace and hub belong to Azure Event Hubs.")
        }
        "amqp:decode-error" | "amqp:invalid-field" | "amqp:connection:framing-error" | "amqp:frame-size-too-small" => {
            fault(FaultClass::Internal, format!("the service does not understand what was sent ({said})"))
        }
        _ => fault(FaultClass::Unavailable, format!("the service ended it ({said})"))
            .hint("Try again; if it stays, look at the namespace's health in Azure."),
    }
}

fn missing(place: &Place, verb: &str) -> Fault {
    if place.hub.is_empty() {
        return Fault::new(FaultClass::Config, format!("there is no namespace {}", place.host))
            .hint("Check namespace.")
            .about(["namespace"])
            .tried(place.tried(verb));
    }
    Fault::new(FaultClass::Config, format!("there is no hub {} in {}", place.hub, place.host))
        .hint("Check eventHubName, or make the hub.")
        .about(["eventHubName"])
        .tried(place.tried(verb))
}

fn unauthorized(error: &AmqpError, said: &str, verb: &str, place: &Place) -> Fault {
    let text = &error.description;
    let Place { hub, key_name, .. } = place;
    let fault = |class, message: String| Fault::new(class, message).tried(place.tried(verb));
    if text.contains("claim") {
        fault(FaultClass::Refused, format!("the policy {key_name} may not send to the hub {hub}")).hint(format!(
            "Give the shared access policy {key_name} the claim Send, or enter a policy of the hub {hub} or its \
             namespace that has it."
        ))
    } else if text.to_ascii_lowercase().contains("expired") {
        fault(FaultClass::Unavailable, format!("the sign-in has expired ({said})"))
            .hint("It is renewed by itself; if it stays, set this machine's clock.")
    } else {
        fault(
            FaultClass::Credentials,
            format!("the service does not accept the policy {key_name} and its key ({said})"),
        )
        .hint("Check sasKeyName, and enter sasKey again, without blanks or line ends.")
    }
}

/// The answer to a token that was not taken.
pub(super) fn token(status: i64, description: &str, place: &Place) -> Fault {
    let condition = match status {
        401 | 403 => "amqp:unauthorized-access",
        404 => "amqp:not-found",
        429 | 503 => "com.microsoft:server-busy",
        _ => "",
    };
    let error = AmqpError { condition: condition.into(), description: description.into() };
    let verb = "sign in to";
    match status {
        401 | 403 if description.to_ascii_lowercase().contains("expired") => {
            Fault::new(FaultClass::Config, "the service says that a token made just now has expired")
                .hint("Set this machine's clock.")
                .tried(place.tried(verb))
        }
        // Before the service has looked at claims it says so by the name of the claim; a token is not taken for others.
        400 => {
            Fault::new(FaultClass::Credentials, format!("the service does not accept the sign-in ({})", said(&error)))
                .hint("Check namespace, sasKeyName and sasKey.")
                .about(["namespace", "sasKeyName", "sasKey"])
                .tried(place.tried(verb))
        }
        _ => of(&error, verb, place),
    }
}

/// What a message that the hub rejected comes to.
pub(super) fn rejected(error: &AmqpError, place: &Place) -> Outcome {
    let fault = Arc::new(of(error, "send to", place));
    match error.condition.as_str() {
        // The only reason that is the message's own.
        "amqp:link:message-size-exceeded" => Outcome::NotAccepted(fault),
        // The service gave up on its own work, which may be done all the same.
        "com.microsoft:timeout" | "amqp:internal-error" => Outcome::Unknown(fault),
        _ => Outcome::of_target(fault),
    }
}

/// A message that the hub gave back.
pub(super) fn given_back(place: &Place) -> Fault {
    Fault::new(FaultClass::Unavailable, format!("the hub {} gave the message back without storing it", place.hub))
        .hint("Nothing to do: it is sent again.")
        .tried(place.tried("send to"))
}

/// A transfer that was settled without saying how.
pub(super) fn no_state(place: &Place) -> Fault {
    Fault::new(FaultClass::Unavailable, format!("the hub {} does not say whether it stored the message", place.hub))
        .hint("Nothing to do: it is sent again.")
        .tried(place.tried("send to"))
}

/// A transfer without an answer that says whether it was stored.
pub(super) fn unanswered(place: &Place, waited: Duration) -> Fault {
    let message = format!("the hub {} did not answer within {} s", place.hub, waited.as_secs());
    Fault::new(FaultClass::Unavailable, message).hint("Nothing to do: it is sent again.").tried(place.tried("send to"))
}

/// A step that took too long.
pub(super) fn late(what: &str, verb: &str, place: &Place, waited: Duration) -> Fault {
    Fault::new(FaultClass::Unavailable, format!("{what} within {} s", waited.as_secs()))
        .hint("Check host, port and firewall, and that the service is running.")
        .tried(place.tried(verb))
}

/// A peer that asks on and on and does not read the answers.
pub(super) fn reads_nothing(place: &Place) -> Fault {
    Fault::new(FaultClass::Unavailable, format!("{} asks for more answers than it reads", place.endpoint))
        .hint("Try again; if it stays, look at the network.")
        .tried(place.tried("send to"))
}

/// A connection that could not be made.
pub(super) fn unreachable(error: std::io::Error, place: &Place) -> Fault {
    let text = outflow_model::fault::chain(&error);
    let (message, hint) = if text.contains("lookup address") || text.contains("name resolution") {
        (format!("the host of {} has no address", place.endpoint), "Check namespace, and this machine's DNS.")
    } else {
        let hint = "Check host, port and firewall (5671 must be open to Azure), and that the service is running.";
        (format!("{} cannot be reached", place.endpoint), hint)
    };
    Fault::new(FaultClass::Unavailable, message).hint(hint).because(error).tried(place.tried("connect to"))
}

/// Encryption that could not be agreed on.
pub(super) fn not_encrypted(error: std::io::Error, place: &Place) -> Fault {
    let text = outflow_model::fault::chain(&error);
    let endpoint = &place.endpoint;
    let fault = if text.contains("invalid peer certificate") {
        Fault::new(FaultClass::Config, format!("the certificate of {endpoint} is not trusted"))
            .hint("Check the host name, or add the service's certificate authority to those this machine trusts.")
    } else if text.contains("InvalidContentType") || text.contains("corrupt message") {
        Fault::new(FaultClass::Config, format!("what answers at {endpoint} does not speak TLS"))
            .hint("Check the port, or use amqp:// for an emulator.")
    } else {
        Fault::new(FaultClass::Unavailable, format!("the connection to {endpoint} was cut while it was encrypted"))
            .hint("Check port and firewall: 5671 is the encrypted one.")
    };
    fault.because(error).tried(place.tried("connect to"))
}

/// A connection that ended or speaks something else.
pub(super) fn broken(broken: Broken, place: &Place) -> Fault {
    let endpoint = &place.endpoint;
    let fault = match broken {
        Broken::Closed => Fault::new(FaultClass::Unavailable, format!("{endpoint} ended the connection"))
            .hint("Try again; if it stays, look at the network."),
        Broken::Io(error) => Fault::new(FaultClass::Unavailable, format!("the connection to {endpoint} was cut"))
            .hint("Try again; if it stays, look at the network.")
            .because(error),
        Broken::Foreign(what) => {
            Fault::new(FaultClass::Config, format!("what answers at {endpoint} does not speak AMQP 1.0 ({what})"))
                .hint("Check host and port: 5671 with amqps://, and 5672 with amqp:// for an emulator.")
        }
    };
    fault.tried(place.tried("connect to"))
}

/// The same fault for one more who waits.
pub(super) fn again(fault: &Arc<Fault>) -> Fault {
    Fault::new(fault.class, fault.message.clone())
        .hint(fault.hint.clone())
        .retry_after(fault.retry_after)
        .tried(fault.tried.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Place {
        Place {
            endpoint: "amqps://acme.servicebus.windows.net:5671".into(),
            host: "acme.servicebus.windows.net".into(),
            hub: "profiles".into(),
            key_name: "send".into(),
        }
    }

    fn error(condition: &str, description: &str) -> AmqpError {
        AmqpError { condition: condition.into(), description: description.into() }
    }

    #[test]
    fn a_busy_service_says_how_long_to_wait() {
        let text = "The request was terminated because the entity is being throttled. Error code : 50002. Sub error : \
                    102. Please wait 4 seconds and try again. TrackingId:7, SystemTracker:x, Timestamp:y";
        let outcome = rejected(&error("com.microsoft:server-busy", text), &place());
        let fault = fault(&outcome);
        assert_eq!((fault.class, fault.retry_after), (FaultClass::Throttled, Some(Duration::from_secs(4))));
        assert!(!fault.message.contains("TrackingId"), "{}", fault.message);
        assert_eq!(asked_wait("Please wait a moment"), None);
    }

    fn fault(outcome: &Outcome) -> &Fault {
        match outcome {
            Outcome::NotAccepted(fault) | Outcome::Denied(fault) | Outcome::Unknown(fault) => fault,
            Outcome::Accepted => panic!("accepted"),
        }
    }

    /// What the guide calls that which a set's sender does about an outcome.
    fn becomes(outcome: &Outcome) -> &'static str {
        match (outcome, fault(outcome).class) {
            (Outcome::NotAccepted(_), FaultClass::Refused) => "a letter",
            (Outcome::Unknown(_), class) if class.is_transient() => "it may have been stored; sent again",
            (Outcome::NotAccepted(_), class) if class.is_transient() => "sent again",
            _ => "the flow blocks",
        }
    }

    /// The texts in backticks.
    fn quoted(text: &str) -> Vec<&str> {
        text.split('`').skip(1).step_by(2).collect()
    }

    #[test]
    fn the_guide_says_what_becomes_of_a_message_that_is_rejected() {
        let rows: Vec<Vec<&str>> = super::super::GUIDE
            .lines()
            .filter(|line| line.starts_with("| rejected: "))
            .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
            .collect();
        for row in &rows {
            for condition in quoted(row[0]) {
                // The row's own words stand for the service's.
                let outcome = rejected(&error(condition, row[0]), &place());
                assert_eq!(quoted(row[1]), [fault(&outcome).class.to_string()], "{row:?}");
                assert!(row[2].starts_with(becomes(&outcome)), "{row:?}: {}", becomes(&outcome));
            }
        }
        // No condition that the code knows is left out.
        let listed: Vec<&str> = rows.iter().flat_map(|row| quoted(row[0])).collect();
        let code = include_str!("errors.rs").split("#[cfg(test)]").next().unwrap();
        for condition in code.split('"').filter(|text| text.starts_with("amqp:") || text.starts_with("com.microsoft:"))
        {
            assert!(listed.contains(&condition), "{condition} is not in the guide");
        }
        assert_eq!(fault(&rejected(&error("", ""), &place())).class, FaultClass::Unavailable);
    }

    #[test]
    fn what_is_denied_is_the_same_when_a_link_is_opened_and_when_a_message_is_sent() {
        let claim = "Unauthorized access. 'Send' claim(s) are required to perform this operation.";
        let denied = error("amqp:unauthorized-access", claim);
        assert_eq!(of(&denied, "open", &place()).class, FaultClass::Refused);
        assert!(of(&denied, "open", &place()).hint.contains("the claim Send"));
        assert!(matches!(rejected(&denied, &place()), Outcome::Denied(fault) if fault.class == FaultClass::Refused));
    }

    #[test]
    fn a_peers_words_are_cut_to_one_line() {
        let fault = of(&error(&"x\n\u{1b}".repeat(5000), &"y\r\u{7}".repeat(5000)), "send to", &place());
        let offered = no_sign_in(&vec!["z\n\u{1b}".repeat(100); 100], &place());
        for message in [&fault.message, &offered.message] {
            assert!(message.chars().count() < 400 && !message.contains(char::is_control), "{message}");
        }
        assert!(fault.message.contains("x x x") && offered.message.contains("z z z"));
    }

    #[test]
    fn tokens_fail_by_their_status() {
        let signature = "InvalidSignature: The token has an invalid signature. TrackingId:1";
        assert_eq!(token(401, signature, &place()).class, FaultClass::Credentials);
        assert!(token(401, "ExpiredToken: The token is expired.", &place()).hint.contains("clock"));
        assert_eq!(token(404, "", &place()).class, FaultClass::Config);
        assert_eq!(token(503, "", &place()).class, FaultClass::Throttled);
        assert_eq!(token(500, "", &place()).class, FaultClass::Unavailable);
        let late = of(&error("amqp:unauthorized-access", "ExpiredToken: The token is expired."), "send to", &place());
        assert_eq!(late.class, FaultClass::Unavailable);
    }
}
