//! A look at profiles: one of the few at a time, for a bounded time, and for no longer than the client waits.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use outflow_model::{Fault, FaultClass};

use crate::context::Api;
use crate::datasets::{Turn, turn};
use crate::error::ApiResult;

/// What bounds everything that one request looks at. Threads hold it as long as they work, and with it the turn.
pub(super) struct Look {
    _turn: Turn,
    started: Instant,
    wait: Duration,
    client: Weak<()>,
}

/// Held by the request. Where it is gone, so is the client.
pub(super) struct Waiting {
    _client: Arc<()>,
}

impl Look {
    /// Waits for a turn, from which on the time counts.
    ///
    /// # Errors
    /// 503 where others look for longer than a probe may take.
    pub(super) async fn begin(api: &Api) -> ApiResult<(Arc<Look>, Waiting)> {
        Ok(Look::of(turn(api).await?, api.probe_timeout()))
    }

    fn of(turn: Turn, wait: Duration) -> (Arc<Look>, Waiting) {
        let client = Arc::new(());
        let look = Look { _turn: turn, started: Instant::now(), wait, client: Arc::downgrade(&client) };
        (Arc::new(look), Waiting { _client: client })
    }

    /// Whether it may go on.
    ///
    /// # Errors
    /// `Unavailable` after the time of a probe, `Interrupted` when nobody waits any more.
    pub(super) fn check(&self) -> Result<(), Fault> {
        if self.client.strong_count() == 0 {
            return Err(Fault::new(FaultClass::Interrupted, "nobody waits for the profiles any more"));
        }
        if self.started.elapsed() < self.wait {
            return Ok(());
        }
        let text = format!("the profiles could not be looked at within {} seconds", self.wait.as_secs());
        Err(Fault::new(FaultClass::Unavailable, text)
            .hint("refresh a dataset, which makes the indexes of identities anew, then try again"))
    }

    /// One whose time is over.
    #[cfg(test)]
    pub(super) async fn over(api: &Api) -> (Arc<Look>, Waiting) {
        Look::of(turn(api).await.unwrap(), Duration::ZERO)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::Shared;

    #[tokio::test]
    async fn a_look_has_one_of_few_turns_and_ends_with_its_time_or_its_client() {
        let (mut context, _folder) = crate::testing::context().await;
        context.settings.probe_timeout_secs = 1;
        let (_closer, closing) = tokio::sync::watch::channel(false);
        let api: Api = Arc::new(Shared::new(context, closing));
        let mut looks = Vec::new();
        for _ in 0..api.looks().available_permits() {
            looks.push(Look::begin(&api).await.unwrap());
        }
        assert!(Look::begin(&api).await.is_err_and(|error| error.is_unavailable()));
        // The turn is the thread's, which works on for a moment after the client left.
        let (look, waiting) = looks.pop().unwrap();
        drop(waiting);
        assert_eq!(look.check().unwrap_err().class, FaultClass::Interrupted);
        assert_eq!(api.looks().available_permits(), 0);
        drop(look);
        let (look, _waiting) = Look::begin(&api).await.unwrap();
        look.check().unwrap();
        drop(look);
        let (look, _waiting) = Look::over(&api).await;
        assert_eq!(look.check().unwrap_err().class, FaultClass::Unavailable);
    }
}
