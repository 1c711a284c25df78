//! The policies of a sandbox, core ones included.

use std::collections::HashMap;
use std::sync::Arc;

use outflow_governance::Policy;
use outflow_governance::policy::{core_policies, enabled_core_policies};
use outflow_model::flow::ActionOwner;
use outflow_store::{Document, EnabledCorePolicies, Reader};
use serde_json::{Map, Value, json};

use super::{Base, all, core, custom};
use crate::context::Api;
use crate::error::{ApiError, ApiResult};

/// The id of the list of core policies that are on; a sandbox has one.
pub(crate) const ENABLED_ID: &str = "enabledCorePolicies";

/// All policies of a sandbox.
pub(crate) struct Policies {
    /// Core ones first, then custom ones, the oldest first.
    pub(crate) policies: Vec<Policy>,
    documents: HashMap<String, Arc<Document>>,
}

impl Policies {
    /// Reads them.
    ///
    /// # Errors
    /// As of the store.
    pub(crate) async fn load(reader: &mut Reader, sandbox: &str) -> ApiResult<Policies> {
        let enabled = reader.find::<EnabledCorePolicies>(sandbox, ENABLED_ID).await?;
        let enabled = match enabled {
            Some(document) => enabled_core_policies(&document.body).map_err(|_| unreadable())?,
            None => Vec::new(),
        };
        let mut policies = core_policies(&enabled);
        let mut documents = HashMap::new();
        for document in all::<outflow_store::Policy>(reader, sandbox).await? {
            policies.push(Policy::parse(&document.id, &document.body).map_err(|_| unreadable())?);
            documents.insert(document.id.clone(), document);
        }
        Ok(Policies { policies, documents })
    }

    /// A policy as answers show it.
    pub(crate) fn show(&self, api: &Api, base: &Base, policy: &Policy) -> Value {
        match self.documents.get(&policy.id) {
            Some(document) => show_custom(api, base, document, policy),
            None => Value::Object(show(base, policy, core(base, "/policies/core", &policy.id, policy))),
        }
    }

    /// Those of one owner as answers show them.
    pub(crate) fn shown(&self, api: &Api, base: &Base, is_wanted: impl Fn(&Policy) -> bool) -> Vec<Value> {
        let wanted = self.policies.iter().filter(|policy| is_wanted(policy));
        wanted.map(|policy| self.show(api, base, policy)).collect()
    }

    /// A core policy.
    pub(crate) fn core(&self, id: &str) -> Option<&Policy> {
        self.policies.iter().find(|policy| policy.owner == ActionOwner::Core && policy.id == id)
    }
}

/// A custom policy as answers show it.
pub(crate) fn show_custom(api: &Api, base: &Base, document: &Document, policy: &Policy) -> Value {
    let shown = custom(api, document, &base.object("/policies/custom", &document.id));
    Value::Object(show(base, policy, shown))
}

/// The members of a policy that are shown otherwise than they are kept: its id, and the addresses of its actions.
fn show(base: &Base, policy: &Policy, members: Map<String, Value>) -> Map<String, Value> {
    let mut shown = Map::from_iter([("id".to_owned(), json!(policy.id))]);
    shown.extend(members);
    let actions: Vec<String> = policy.actions.iter().map(|action| base.action(action)).collect();
    shown.insert("marketingActionRefs".to_owned(), json!(actions));
    shown
}

fn unreadable() -> ApiError {
    ApiError::internal("a policy that was saved cannot be read")
}
