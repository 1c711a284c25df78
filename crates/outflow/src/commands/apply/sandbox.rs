//! What the server has: looked up once, and kept up as objects are made.

use std::collections::BTreeMap;

use outflow_model::Fault;
use serde_json::{Value, json};

use super::asked::Assumed;
use super::load::Kind;
use crate::client::Client;
use crate::client::nouns::{
    ACCOUNTS, ACTIONS, CONNECTION_SPECS, CONSENT_POLICIES, CORE_ACTIONS, CORE_LABELS, CORE_POLICIES, DATASETS,
    DESTINATIONS, FLOWS, LABELLED_DATASETS, LABELS, Noun, POLICIES, SEGMENTS, id, name,
};
use crate::client::references::reference;
use crate::commands::violating::OnViolationArgs;
use crate::near::suggestion;

impl Kind {
    /// The API's kind.
    pub fn noun(self) -> &'static Noun {
        match self {
            Kind::Label => &LABELS,
            Kind::MarketingAction => &ACTIONS,
            Kind::Dataset => &DATASETS,
            Kind::DatasetLabels => &LABELLED_DATASETS,
            Kind::Policy => &POLICIES,
            Kind::Consent => &CONSENT_POLICIES,
            Kind::Segment => &SEGMENTS,
            Kind::Account => &ACCOUNTS,
            Kind::Destination => &DESTINATIONS,
            Kind::Flow => &FLOWS,
        }
    }
}

/// What comes with the product. Nothing of it where the files hold nothing that governs or names what it is for.
#[derive(Default)]
pub struct Core {
    pub labels: Vec<Value>,
    pub actions: Vec<Value>,
    pub policies: Vec<Value>,
}

/// The objects of a sandbox.
pub struct Sandbox<'a> {
    pub client: &'a Client,
    specs: Vec<Value>,
    objects: BTreeMap<Kind, Vec<Value>>,
    /// Names that will be there once the files are applied.
    promised: Vec<(Kind, String)>,
    /// What the server found odd and took all the same, since this was last taken.
    pub warnings: Vec<Value>,
    /// What becomes of changes after which flows violate policies.
    pub on_violation: OnViolationArgs,
    /// What comes with the product.
    pub core: Core,
    /// What a first pass has found that flows will be judged by.
    pub assumed: Assumed,
}

impl<'a> Sandbox<'a> {
    /// Looks; at what governs only where the files hold or name some of it, as `governed` says.
    ///
    /// # Errors
    /// What the server answers, or that it does not.
    pub async fn load(client: &'a Client, governed: bool, on_violation: OnViolationArgs) -> Result<Sandbox<'a>, Fault> {
        let mut objects = BTreeMap::new();
        let mut core = Core::default();
        if governed {
            core.labels = client.list(&CORE_LABELS, &[]).await?;
            core.actions = client.list(&CORE_ACTIONS, &[]).await?;
            core.policies = client.list(&CORE_POLICIES, &[]).await?;
            for kind in [Kind::Label, Kind::MarketingAction, Kind::Policy, Kind::Consent] {
                objects.insert(kind, client.list(kind.noun(), &[]).await?);
            }
        }
        for kind in [Kind::Dataset, Kind::Segment, Kind::Account, Kind::Destination, Kind::Flow] {
            objects.insert(kind, client.list(kind.noun(), &[]).await?);
        }
        let specs = client.list(&CONNECTION_SPECS, &[]).await?;
        Ok(Sandbox {
            client,
            specs,
            objects,
            promised: Vec::new(),
            warnings: Vec::new(),
            on_violation,
            core,
            assumed: Assumed::default(),
        })
    }

    /// The object of this name.
    ///
    /// # Errors
    /// `Input` when several have it: files name objects, so a name must mean one.
    pub fn named(&self, kind: Kind, wanted: &str) -> Result<Option<&Value>, Fault> {
        let mut found = self.of(kind).iter().filter(|object| name(object) == wanted);
        let first = found.next();
        match found.count() {
            0 => Ok(first),
            more => Err(Fault::input(format!("{} {} are called {wanted:?}", more + 1, kind.many()))
                .hint("give all but one of them another name")),
        }
    }

    /// The object with this id.
    pub fn by_id(&self, kind: Kind, wanted: &str) -> Option<&Value> {
        self.of(kind).iter().find(|object| id(object) == wanted)
    }

    /// Those of a kind.
    pub fn of(&self, kind: Kind) -> &[Value] {
        self.objects.get(&kind).map_or(&[], Vec::as_slice)
    }

    /// The id that a reference by name or id means. Of an object that is only promised, its name.
    ///
    /// # Errors
    /// `Input` when there is none, and will be none.
    pub fn reference(&self, kind: Kind, wanted: &str) -> Result<String, Fault> {
        if let Some(object) = self.named(kind, wanted)? {
            return Ok(id(object).to_owned());
        }
        let is_promised = self.promised.iter().any(|(of, name)| *of == kind && name == wanted);
        if is_promised || self.by_id(kind, wanted).is_some() {
            return Ok(wanted.to_owned());
        }
        let promised = self.promised.iter().filter(|(of, _)| *of == kind).map(|(_, name)| name.as_str());
        let near = suggestion(wanted, self.of(kind).iter().map(name).chain(promised));
        Err(Fault::input(format!("there is no {} {wanted:?}{near}", kind.one()))
            .hint(format!("describe it below {}, or create it before", kind.many())))
    }

    /// The kind of destination that a reference means, by short name, title or id.
    ///
    /// # Errors
    /// `Input` when there is none.
    pub fn spec(&self, wanted: &str) -> Result<&Value, Fault> {
        let known = |spec: &&Value| {
            let attributes = &spec["attributes"];
            let is_legacy = attributes["legacyIds"].as_array().into_iter().flatten().any(|legacy| legacy == wanted);
            id(spec) == wanted
                || attributes["connector"] == wanted
                || name(spec).eq_ignore_ascii_case(wanted)
                || is_legacy
        };
        self.specs.iter().find(known).ok_or_else(|| {
            let near = suggestion(wanted, self.specs.iter().map(name));
            Fault::input(format!("there is no kind of destination {wanted:?}{near}"))
                .hint("`outflow catalog list` shows what there is")
        })
    }

    /// The reference to a marketing action by name; one that is a reference already stays.
    ///
    /// # Errors
    /// `Input` when there is none, and will be none.
    pub fn action(&self, wanted: &str) -> Result<String, Fault> {
        let core = self.core.actions.iter().map(|action| (true, name(action)));
        let own = self.of(Kind::MarketingAction).iter().map(|action| (false, name(action)));
        let promised = self.promised.iter().filter(|(of, _)| *of == Kind::MarketingAction);
        let known = core.chain(own).chain(promised.map(|(_, name)| (false, name.as_str())));
        reference(wanted, known).ok_or_else(|| self.unknown(Kind::MarketingAction, &self.core.actions, wanted))
    }

    /// Refuses a label that there is not, and will not be.
    ///
    /// # Errors
    /// `Input`, with one that is near.
    pub fn check_label(&self, wanted: &str) -> Result<(), Fault> {
        if self.known(Kind::Label, &self.core.labels).any(|label| label == wanted) {
            return Ok(());
        }
        Err(self.unknown(Kind::Label, &self.core.labels, wanted))
    }

    /// The names of what there is, and will be.
    fn known<'b>(&'b self, kind: Kind, core: &'b [Value]) -> impl Iterator<Item = &'b str> {
        let promised = self.promised.iter().filter(move |(of, _)| *of == kind).map(|(_, name)| name.as_str());
        core.iter().chain(self.of(kind)).map(name).chain(promised)
    }

    fn unknown(&self, kind: Kind, core: &[Value], wanted: &str) -> Fault {
        let near = suggestion(wanted, self.known(kind, core));
        Fault::input(format!("there is no {} {wanted:?}{near}", kind.one()))
            .hint(format!("describe it below {}, or create it before", kind.many()))
    }

    /// Refuses the name of what comes with the product: one's own of that name would be another one, or none.
    ///
    /// # Errors
    /// `Input` for such a name.
    pub fn check_own(&self, kind: Kind, wanted: &str) -> Result<(), Fault> {
        let core = if kind == Kind::Label { &self.core.labels } else { &self.core.actions };
        if core.iter().any(|object| name(object) == wanted) {
            return Err(Fault::input("it comes with the product and never changes").hint("choose another name"));
        }
        Ok(())
    }

    /// Whether the files make something that is not there.
    pub fn promises(&self) -> bool {
        !self.promised.is_empty()
    }

    /// Notes that an object of this name will be there.
    pub fn will_be(&mut self, kind: Kind, name: &str) {
        self.promised.push((kind, name.to_owned()));
    }

    /// Notes the warnings of an answer, and looks again at flows that the change has paused: they are others now.
    ///
    /// # Errors
    /// What the server answers, or that it does not.
    pub async fn hear(&mut self, answer: &Value) -> Result<(), Fault> {
        self.warnings.extend(answer["warnings"].as_array().into_iter().flatten().cloned());
        for flow in answer["pausedFlows"].as_array().into_iter().flatten() {
            let message = format!("flow {} is paused, for it would violate a policy", name(flow));
            self.warnings.push(json!({"message": message, "pausedFlow": flow}));
            let now = self.client.one(&FLOWS, id(flow)).await?;
            self.replace(Kind::Flow, now);
        }
        Ok(())
    }

    /// Notes an object as it is now, in place of what it was.
    fn replace(&mut self, kind: Kind, now: Value) {
        let objects = self.objects.entry(kind).or_default();
        objects.retain(|object| id(object) != id(&now));
        objects.push(now);
    }

    /// Notes an object that was made.
    pub fn add(&mut self, kind: Kind, object: Value) {
        self.objects.entry(kind).or_default().push(object);
    }
}
