//! Finding the bucket and its region.

use http::Method;
use outflow_connector_kit::{Fault, FaultClass};

use super::client::{Call, Client, header_text};
use super::errors::{Action, Failure};

/// What was learned of the bucket.
#[derive(Debug)]
pub(super) struct Located {
    /// The region that the store named, if it named one.
    pub region: Option<String>,
}

/// Looks for the bucket and sets the client's region to the bucket's where none was given. Finds out whether the key is
/// good: an export should not run for an hour to learn that it is not. A good key that may not look is no failure.
pub(super) async fn locate(client: &mut Client) -> Result<Located, Failure> {
    // A role that cannot be assumed must not pass for a bucket that may not be looked at.
    client.keys().current(client).await?;
    let at = &client.address;
    let head = Call::new(Action::LocateBucket, Method::HEAD, at.bucket_url(&[]), at.place(""));
    let found = match client.open(&head).await {
        Ok(response) => return settle(client, located(response.headers())),
        Err(failure) if failure.status == 0 || failure.fault.class.is_transient() => return Err(failure),
        Err(failure) => failure.region,
    };
    // A HEAD has no body. Where its status does not say enough, a GET does: its errors have words.
    settle(client, Located { region: found.clone() })?;
    let asked = ask(client).await?;
    let region = found.or(asked.region);
    settle(client, Located { region })
}

/// Asks for the bucket's region by a request whose errors have words.
pub(super) async fn ask(client: &Client) -> Result<Located, Failure> {
    let at = &client.address;
    let call = Call::new(Action::LocateBucket, Method::GET, at.bucket_url(&[("location", "")]), at.place(""));
    match client.call(&call).await {
        Ok(answer) => Ok(located(&answer.headers)),
        Err(failure) => match (failure.fault.class, &failure.region) {
            // Denied, or not offered by the store: neither is needed to deliver.
            (FaultClass::Refused, region) => Ok(Located { region: region.clone() }),
            (FaultClass::Config, Some(region)) => Ok(Located { region: Some(region.clone()) }),
            _ if matches!(failure.code.as_str(), "NotImplemented" | "MethodNotAllowed") => Ok(Located { region: None }),
            _ => Err(failure),
        },
    }
}

fn located(headers: &http::HeaderMap) -> Located {
    let region = header_text(headers, "x-amz-bucket-region");
    Located { region: (!region.is_empty()).then(|| region.to_owned()) }
}

/// Takes the region that was found, or refuses when another one was given.
pub(super) fn settle(client: &mut Client, located: Located) -> Result<Located, Failure> {
    let Some(region) = &located.region else { return Ok(located) };
    let at = &mut client.address;
    if at.region_given && at.region != *region {
        let message = format!("bucket {} is in region {region}, not in {}", at.bucket(), at.region);
        let fault = Fault::new(FaultClass::Config, message)
            .tried(format!("HEAD {} at {}", at.place(""), at.endpoint()))
            .hint(format!("Set region to {region}, or leave it empty to have it found."))
            .about(["region"]);
        return Err(Failure::local(fault));
    }
    at.region.clone_from(region);
    Ok(located)
}
