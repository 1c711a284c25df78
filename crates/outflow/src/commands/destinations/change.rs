//! The members of a destination on the command line, and changing them.

use clap::{Args, ValueEnum};
use outflow_model::Fault;
use reqwest::Method;
use serde_json::{Map, Value, json};

use super::super::accounts::typed;
use super::super::actions::references;
use super::super::served::{Answer, warnings};
use super::NameArgs;
use crate::client::nouns::{DESTINATIONS, FLOWS, etag, id, name};
use crate::client::{Client, probe};
use crate::near::suggestion;
use crate::table::text;

/// Members of every destination that takes files.
const FILE_MEMBERS: [&str; 5] = ["fileType", "compression", "csvOptions", "mode", "rowsPerFile"];

/// Where files go and what they are.
#[derive(Args)]
pub struct ParamsArgs {
    /// Bucket (S3)
    #[arg(long, value_name = "BUCKET")]
    bucket: Option<String>,
    /// Folder; may end in %SEGMENT_NAME% and %SEGMENT_ID%
    #[arg(long, value_name = "PATH")]
    path: Option<String>,
    /// Format of the files [default at creation: csv]
    #[arg(long, value_enum)]
    file_type: Option<FileTypeArg>,
    /// Compression of the files [default at creation: none]
    #[arg(long, value_enum)]
    compression: Option<CompressionArg>,
    /// An option of CSV files: delimiter, quote, escape, nullValue, emptyValue; repeats
    #[arg(long = "csv", value_name = "NAME=VALUE", value_parser = assignment)]
    csv: Vec<(String, String)>,
    /// Another member, as `outflow catalog show` lists them; repeats
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = assignment)]
    params: Vec<(String, String)>,
}

#[derive(Clone, Copy, ValueEnum)]
enum FileTypeArg {
    Csv,
    Json,
    Parquet,
}

#[derive(Clone, Copy, ValueEnum)]
enum CompressionArg {
    None,
    Gzip,
    Zstd,
}

/// Options of `update`.
#[derive(Args)]
pub struct UpdateArgs {
    #[command(flatten)]
    destination: NameArgs,
    /// New name, also of its flow
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    #[command(flatten)]
    params: ParamsArgs,
    /// What the data will be used for, instead of what was said before; repeats
    #[arg(long = "marketing-action", value_name = "ACTION")]
    marketing_actions: Vec<String>,
    /// New description
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
}

fn assignment(given: &str) -> Result<(String, String), String> {
    match given.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("it is NAME=VALUE".into()),
    }
}

impl ParamsArgs {
    /// Refuses options of files for a kind that takes none.
    fn check(&self, kind: &str, is_batch: bool) -> Result<(), Fault> {
        let has_files =
            self.path.is_some() || self.file_type.is_some() || self.compression.is_some() || !self.csv.is_empty();
        if is_batch || !has_files {
            return Ok(());
        }
        Err(Fault::input(format!("{kind} takes messages, and has no folder and no files"))
            .tried("--path, --file-type, --compression or --csv")
            .hint("`outflow catalog show KIND` lists what --param takes"))
    }

    /// The members that were given, as a destination of this kind names and types them.
    pub fn read(&self, spec: &Value) -> Result<Map<String, Value>, Fault> {
        let schema = &spec["targetSpec"]["spec"]["properties"];
        let is_batch = spec["attributes"]["isBatch"] != false;
        self.check(name(spec), is_batch)?;
        let mut members = Map::new();
        if let Some(bucket) = &self.bucket {
            known(schema, "bucketName", "--bucket")?;
            members.insert("bucketName".into(), bucket.as_str().into());
        }
        if let Some(path) = &self.path {
            let member = if schema.get("remotePath").is_some() { "remotePath" } else { "path" };
            members.insert(member.into(), path.as_str().into());
        }
        if let Some(file_type) = self.file_type {
            let file_type = match file_type {
                FileTypeArg::Csv => "CSV",
                FileTypeArg::Json => "JSON",
                FileTypeArg::Parquet => "PARQUET",
            };
            members.insert("fileType".into(), file_type.into());
        }
        if let Some(compression) = self.compression {
            let compression = match compression {
                CompressionArg::None => "NONE",
                CompressionArg::Gzip => "GZIP",
                CompressionArg::Zstd => "ZSTD",
            };
            members.insert("compression".into(), compression.into());
        }
        if !self.csv.is_empty() {
            let options = self.csv.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str())));
            members.insert("csvOptions".into(), Value::Object(options.collect()));
        }
        for (member, value) in &self.params {
            let value = match schema.get(member) {
                Some(spec) => typed(spec, member, value)?,
                None if is_batch && member == "rowsPerFile" => typed(&json!({"type": "integer"}), member, value)?,
                None if is_batch && FILE_MEMBERS.contains(&member.as_str()) => value.as_str().into(),
                None => return Err(known(schema, member, "--param").err().unwrap_or_else(|| Fault::input(member))),
            };
            members.insert(member.clone(), value);
        }
        Ok(members)
    }
}

fn known(schema: &Value, member: &str, option: &str) -> Result<(), Fault> {
    let members: Vec<&str> = schema.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    if members.contains(&member) {
        return Ok(());
    }
    let near = suggestion(member, members.iter().copied());
    Err(Fault::input(format!("destinations of this kind have no {member}{near}"))
        .tried(option)
        .hint(format!("there are {}", members.join(", "))))
}

/// Runs `outflow destinations update`.
pub async fn update(client: &Client, args: &UpdateArgs) -> Result<Answer, Fault> {
    let target = client.find(&DESTINATIONS, &args.destination.destination).await?;
    let spec = client.spec(&text(&target["connectionSpec"]["id"])).await?;
    let mut patch = Vec::new();
    let mut add = |path: String, value: Value| patch.push(json!({"op": "add", "path": path, "value": value}));
    for (member, given) in [("name", &args.name), ("description", &args.description)] {
        if let Some(given) = given {
            add(format!("/{member}"), given.as_str().into());
        }
    }
    for (member, value) in args.params.read(&spec)? {
        match (member.as_str(), value, target["params"]["csvOptions"].as_object()) {
            // Options that are not named stay as they are.
            ("csvOptions", Value::Object(options), Some(_)) => {
                options.into_iter().for_each(|(option, value)| add(format!("/params/csvOptions/{option}"), value));
            }
            (_, value, _) => add(format!("/params/{member}"), value),
        }
    }
    if patch.is_empty() && args.marketing_actions.is_empty() {
        return Err(Fault::input("nothing was given to change").hint("see outflow destinations update --help"));
    }
    // Before anything is changed: a name that means nothing changes nothing.
    let actions = match args.marketing_actions.as_slice() {
        [] => None,
        given => Some(references(client, given).await?),
    };
    let mut changed = json!({"id": id(&target), "etag": etag(&target)});
    if !patch.is_empty() {
        changed =
            client.probed(Method::PATCH, DESTINATIONS.id(id(&target)), Some(&patch.into()), etag(&target)).await?;
    }
    let notes = update_flows(client, &target, args.name.as_deref(), actions.as_ref()).await?;
    let mut lines = probe::lines(&changed);
    lines.push(format!("{} is changed", name(&target)));
    lines.extend(notes);
    Ok(Answer::new(changed, lines))
}

/// What a destination shares with the flows to it: the name, where they had the same, and what the data is for. Answers
/// what the server found odd.
async fn update_flows(
    client: &Client,
    target: &Value,
    new_name: Option<&str>,
    actions: Option<&Value>,
) -> Result<Vec<String>, Fault> {
    let mut notes = Vec::new();
    for flow in client.flows_to(id(target)).await? {
        let mut patch = Vec::new();
        if let Some(new) = new_name.filter(|_| name(&flow) == name(target)) {
            patch.push(json!({"op": "add", "path": "/name", "value": new}));
        }
        if let Some(actions) = actions {
            patch.push(json!({"op": "add", "path": "/policy", "value": {"enforcementRefs": actions}}));
        }
        if !patch.is_empty() {
            let changed = client.patch(FLOWS.id(id(&flow)), etag(&flow), &patch.into()).await?;
            notes.extend(warnings(&changed));
        }
    }
    Ok(notes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(path: &str, params: &[(&str, &str)]) -> ParamsArgs {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        ParamsArgs {
            bucket: None,
            path: Some(path.into()),
            file_type: Some(FileTypeArg::Csv),
            compression: None,
            csv: vec![("delimiter".into(), ";".into())],
            params: params.iter().map(own).collect(),
        }
    }

    #[test]
    fn members_are_called_as_the_kind_calls_them() {
        let sftp = json!({"targetSpec": {"spec": {"properties": {"remotePath": {"type": "string"}}}}});
        let read = params("/in", &[("rowsPerFile", "10")]).read(&sftp).unwrap();
        let expected =
            json!({"remotePath": "/in", "fileType": "CSV", "csvOptions": {"delimiter": ";"}, "rowsPerFile": 10});
        assert_eq!(Value::Object(read), expected);
        let fault = params("/in", &[("remotPath", "x")]).read(&sftp).unwrap_err();
        assert!(fault.message.contains("did you mean remotePath?"), "{fault}");
    }

    #[test]
    fn a_stream_has_no_files_and_its_members_have_types() {
        let schema = json!({"stream": {"type": "string"}, "includeSegmentNames": {"type": "boolean"}});
        let kinesis = json!({"name": "Amazon Kinesis", "targetSpec": {"spec": {"properties": schema}},
            "attributes": {"isBatch": false}});
        let fault = params("/in", &[]).read(&kinesis).unwrap_err();
        assert!(fault.message.starts_with("Amazon Kinesis takes messages"), "{fault}");
        let mut given = params("/in", &[("stream", "live"), ("includeSegmentNames", "true")]);
        (given.path, given.file_type) = (None, None);
        given.csv.clear();
        let read = given.read(&kinesis).unwrap();
        assert_eq!(Value::Object(read), json!({"stream": "live", "includeSegmentNames": true}));
    }
}
