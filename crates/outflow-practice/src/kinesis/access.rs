//! Who may sign in, and what they may do.

use std::sync::Arc;

use super::errors::{ACCOUNT, KinesisError, KinesisResult};
use crate::faults::Faults;
use crate::seed::{Credentials, PracticeCredentials};

/// The key pairs and the rights that go with them.
#[derive(Clone)]
pub(crate) struct Access {
    pub(crate) credentials: Arc<Credentials>,
    pub(crate) faults: Faults,
    pub(crate) region: Arc<str>,
}

/// Somebody who signs in.
#[derive(Debug)]
pub(crate) struct Caller<'a> {
    pub(crate) secret: &'a str,
    user: &'static str,
    rights: Rights,
}

#[derive(Debug)]
enum Rights {
    All,
    None,
    /// Those that an export needs at least: no stream can be listed or looked at.
    Put,
}

impl Access {
    /// The one whom the key `id` belongs to. A session's key goes with its token, and the others without.
    pub(crate) fn caller(&self, id: &str, token: Option<&str>) -> KinesisResult<Caller<'_>> {
        let known = &*self.credentials;
        let session = &known.kinesis_session;
        let (expired, refused) = self.faults.read(|f| (f.kinesis.expired_token, f.kinesis.wrong_credentials));
        if expired && token == Some(&session.session_token) {
            let message = "The security token included in the request is expired";
            return Err(KinesisError::new("ExpiredTokenException", message));
        }
        let session_pair = (&session.access_key_id, &session.secret_access_key, Some(&*session.session_token));
        [
            (lasting(&known.s3), "practice", Rights::All),
            (lasting(&known.s3_no_rights), "no-rights", Rights::None),
            (lasting(&known.kinesis_put_only), "put-only", Rights::Put),
            (session_pair, "session", Rights::All),
        ]
        .into_iter()
        .find(|((known, _, with), ..)| *known == id && *with == token && !refused)
        .map(|((_, secret, _), user, rights)| Caller { secret, user, rights })
        .ok_or_else(|| {
            let message = "The security token included in the request is invalid.";
            KinesisError::new("UnrecognizedClientException", message)
        })
    }

    /// Refuses `caller` an operation that is not theirs to do; the refusal names the `stream`.
    pub(crate) fn check(
        &self,
        caller: &Caller<'_>,
        operation: &str,
        stream: impl FnOnce() -> String,
    ) -> KinesisResult<()> {
        let action = format!("kinesis:{operation}");
        let may = match caller.rights {
            Rights::All => true,
            Rights::None => false,
            Rights::Put => matches!(operation, "PutRecord" | "PutRecords"),
        };
        if may && !self.faults.read(|f| f.kinesis.deny_actions.contains(&action)) {
            return Ok(());
        }
        Err(KinesisError::new(
            "AccessDeniedException",
            format!(
                "User: arn:aws:iam::{ACCOUNT}:user/{} is not authorized to perform: {action} on resource: {} because no \
                 identity-based policy allows the {action} action",
                caller.user,
                stream_arn(&self.region, &stream())
            ),
        ))
    }
}

fn lasting(pair: &PracticeCredentials) -> (&String, &String, Option<&str>) {
    (&pair.access_key_id, &pair.secret_access_key, None)
}

/// The ARN of a stream.
pub(crate) fn stream_arn(region: &str, stream: &str) -> String {
    format!("arn:aws:kinesis:{region}:{ACCOUNT}:stream/{stream}")
}
