//! What is stored of a plan, and the export plan that follows from it.
//!
//! The store keeps what the export's plan is made of and not the plan itself: names are kept as they came out, so that a
//! release that renders templates in another way changes no run that was planned before.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use outflow_export::{Compression, DedupKey, ExportPlan, FileFormat, MappedField, Names};
use outflow_model::balance::ExclusionReason;
use outflow_model::dialect::CsvDialect;
use outflow_model::encryption::Recipient;
use outflow_model::flow::MarketingAction;
use outflow_model::membership::{LAST_QUALIFICATION_TIME, member_path};
use outflow_model::template::{PartNames, template_fault};
use outflow_model::{Fault, FieldPath};
use outflow_profiles::scan::{Profiles, SelectedMembers};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// An evaluation that a plan reads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EvaluationRef {
    /// Its id.
    pub id: String,
    /// Its folder.
    pub folder: PathBuf,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Column {
    /// Where its values come from.
    pub path: FieldPath,
    /// What it is called.
    pub header: String,
}

/// What the files are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Format {
    /// Delimited text.
    Csv(CsvDialect),
    /// One JSON object a line.
    Json,
    /// Apache Parquet.
    Parquet,
}

/// What makes two profiles the same person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Dedup {
    /// Equal values.
    Attributes(Vec<FieldPath>),
    /// A shared identity.
    Namespace(String),
}

/// The file names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FileNames {
    /// The name as it came out of the template, without part number.
    pub name: String,
    /// The format's extension.
    pub extension: String,
    /// What stands behind it: the compression's extension, and that of encrypted files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outer: Option<String>,
    /// Whether the name holds a time.
    pub dated: bool,
    /// The time that it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<DateTime<Utc>>,
}

/// Where the files go.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Place {
    /// The account. Its credentials are those of the moment: a run that failed for a wrong password is carried out with
    /// the right one.
    pub connection: String,
    /// The connector.
    pub connector: String,
    /// The connector's target, its folder without macros.
    pub target: Value,
    /// The folders below the target's that macros name and that are made; may be empty.
    pub below: String,
    /// The whole as a URL without credentials.
    pub url: String,
}

impl Place {
    /// The name that a file has for people: with the folders that macros name.
    pub fn name_of(&self, name: &str) -> String {
        match self.below.as_str() {
            "" => name.to_owned(),
            below => format!("{below}/{name}"),
        }
    }
}

/// What a delivery means for the incremental state of its flow and segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Effect {
    /// The next incremental export starts from it.
    Advance,
    /// None follows from it: should the segment become incremental, its first file is everybody.
    Forget,
    /// It stands beside the schedule and changes nothing.
    Leave,
}

/// A plan as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StoredPlan {
    /// The run.
    pub run_id: String,
    /// The flow.
    pub flow_id: String,
    /// The segment.
    pub segment_id: String,
    /// The flow's source connection, for metrics.
    pub source_connection_id: String,
    /// The flow's target connection, for metrics and decisions.
    pub target_connection_id: String,
    /// What that was called, for decisions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_name: Option<String>,
    /// The time that manifests hold: the slot.
    pub now: DateTime<Utc>,
    /// The membership that is exported.
    pub evaluation: EvaluationRef,
    /// The evaluation with all members, where that is one without who is withheld.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permitted_of: Option<String>,
    /// Who is withheld, and would be in the files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub withheld: Vec<Withheld>,
    /// Only who changed since this one; everybody without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<EvaluationRef>,
    /// Whether those who left are written too.
    pub with_exits: bool,
    /// What the delivery means for the next incremental export.
    pub effect: Effect,
    /// Columns in file order.
    pub mapping: Vec<Column>,
    /// Attributes without which a profile is left out.
    pub require: Vec<FieldPath>,
    /// Deduplication.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dedup: Option<Dedup>,
    /// What the files are.
    pub format: Format,
    /// How they are compressed.
    pub compression: Compression,
    /// Who alone can read them, where they are encrypted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encryption: Option<Recipient>,
    /// Rows of a file, at most.
    pub rows_per_file: u64,
    /// What they are called.
    pub names: FileNames,
    /// Where they go.
    pub place: Place,
    /// What the flow was for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<MarketingAction>,
    /// The record of the audit log that allows it, that of the last try.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<i64>,
    /// The first such record: that of the try that made the plan. It tells plans of one run apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_by: Option<i64>,
    /// The revision of the governance that it was decided by last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<i64>,
    /// What withheld profiles when it was made; see [`crate::governance::Allowed::withholding`].
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub withholding: String,
}

/// Profiles that are withheld from an export.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Withheld {
    /// Why.
    pub reason: ExclusionReason,
    /// The consent policy that says so, where one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy_id: Option<String>,
    /// How many.
    pub profiles: u64,
}

impl StoredPlan {
    /// The evaluation that found the members, those who are withheld among them.
    pub fn found_by(&self) -> &str {
        self.permitted_of.as_ref().unwrap_or(&self.evaluation.id)
    }

    /// What the files begin with that keep who leaves by it. Each plan of a run has its own, as others leave by each.
    pub fn departures_stem(&self) -> String {
        match self.made_by {
            Some(seq) => format!("{}-{seq}", self.run_id),
            None => self.run_id.clone(),
        }
    }

    /// Reads a plan that was stored.
    ///
    /// # Errors
    /// `Input` for one of another release.
    pub fn parse(text: &str) -> Result<StoredPlan, Fault> {
        serde_json::from_str(text)
            .map_err(|e| Fault::input("the run's plan is of another release").because(e).hint("run the flow anew"))
    }

    /// It as text.
    ///
    /// # Errors
    /// `Internal`, which does not happen.
    pub fn text(&self) -> Result<String, Fault> {
        serde_json::to_string(self).map_err(|e| Fault::internal("a plan cannot be written").because(e))
    }

    /// The names of the parts.
    ///
    /// # Errors
    /// `Input` for a name that is none.
    pub fn part_names(&self) -> Result<PartNames, Fault> {
        let FileNames { name, extension, outer, dated, .. } = &self.names;
        PartNames::new(name, extension, outer.as_deref(), *dated)
            .map_err(|problem| template_fault("filenameTemplate", name, &[problem]))
    }

    /// The export's plan over `profiles`, the evaluation's, with `members` selected.
    ///
    /// # Errors
    /// As [`StoredPlan::part_names`].
    pub fn export_plan(&self, profiles: &Profiles, members: SelectedMembers) -> Result<ExportPlan, Fault> {
        let columns = self.mapping.iter();
        Ok(ExportPlan {
            sources: profiles.sources().files().cloned().collect(),
            rule: None,
            members: Some(members),
            now: self.now,
            mapping: columns.map(|c| MappedField { path: c.path.clone(), header: c.header.clone() }).collect(),
            require: self.require.clone(),
            dedup: self.dedup.as_ref().map(|dedup| match dedup {
                Dedup::Attributes(paths) => DedupKey::Attributes(paths.clone()),
                Dedup::Namespace(namespace) => DedupKey::Namespace(namespace.clone()),
            }),
            // Among equals, whose membership changed last is the newest.
            newest_by: self.dedup.as_ref().map(|_| member_path(&self.segment_id, LAST_QUALIFICATION_TIME)),
            format: match &self.format {
                Format::Csv(dialect) => FileFormat::Csv(dialect.clone()),
                Format::Json => FileFormat::Json,
                Format::Parquet => FileFormat::Parquet,
            },
            compression: self.compression,
            encryption: self.encryption.clone(),
            rows_per_file: self.rows_per_file,
            names: Names {
                parts: self.part_names()?,
                dated: self.names.dated,
                flow_id: Some(self.flow_id.clone()),
                segment_id: self.segment_id.clone(),
                run_id: Some(self.run_id.clone()),
            },
            target: self.place.url.clone(),
        })
    }
}
