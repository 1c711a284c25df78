//! Who is withheld where profiles are asked nothing: then nobody needs to judge a flow to know it.

use std::sync::Arc;

use outflow_model::Fault;
use outflow_store::{ConsentPolicy, Governance, Reader, Scope};

use super::decide::withholding_of_list;
use crate::context::Inner;

/// Whether a sandbox has a consent policy, as of a revision of what governs its exports.
pub(super) struct Asks {
    revision: i64,
    is_any: bool,
}

/// What withholds profiles from every flow of a sandbox ([`super::Allowed::withholding`]) as long as it has no consent
/// policy. `None` where it has one, or is changed meanwhile: what that asks depends on the flow.
///
/// # Errors
/// Those of the store.
pub(crate) async fn withholding_unasked(
    inner: &Inner,
    reader: &mut Reader,
    sandbox: &str,
    now: Governance,
) -> Result<Option<String>, Fault> {
    let asks = &inner.known.asks;
    let known = asks.get(sandbox).filter(|known| known.revision == now.revision);
    let known = match known {
        Some(known) => known,
        None => {
            let is_any = !reader.all::<ConsentPolicy>(Scope::Sandbox(sandbox), Vec::new()).await?.is_empty();
            if reader.governance(sandbox).await?.revision != now.revision {
                return Ok(None);
            }
            let known = Arc::new(Asks { revision: now.revision, is_any });
            asks.put(sandbox.to_owned(), Arc::clone(&known), 0);
            known
        }
    };
    Ok((!known.is_any).then(|| withholding_of_list(now.suppression_revision)))
}
