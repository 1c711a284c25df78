//! `outflow flows activate`: which segments a flow exports, when and under which names, and with which columns; or which it
//! sends messages about.

use clap::{Args, ValueEnum};
use outflow_export::MappedField;
use outflow_model::Fault;
use outflow_model::membership::header_of;
use serde_json::{Map, Value, json};

use super::super::fields::{parse_fields, parse_paths};
use super::super::served::{Answer, warnings};
use super::streaming::{StreamingArgs, add_segment, attributes};
use crate::client::Client;
use crate::client::nouns::{FLOWS, SEGMENTS, etag, id, name};
use crate::environment;
use crate::numbers::counted;

/// Options of `activate`.
#[derive(Args)]
pub struct ActivateArgs {
    /// Name or id of the flow
    #[arg(value_name = "FLOW")]
    flow: String,
    /// Name or id of a segment to export, or whose export is to be changed; repeats
    #[arg(long = "segment", value_name = "SEGMENT")]
    segments: Vec<String>,
    /// Name or id of a segment not to export any more; repeats
    #[arg(long = "remove", value_name = "SEGMENT")]
    removed: Vec<String>,
    #[command(flatten)]
    schedule: ScheduleArgs,
    /// Columns, instead of those there are: paths, each with an optional header; to a stream, attributes without headers
    #[arg(long = "map", value_name = "PATH[:HEADER],…")]
    mapping: Vec<String>,
    /// Attributes without which a profile is left out, instead of those there are
    #[arg(long = "require", value_name = "PATH,…")]
    mandatory: Vec<String>,
    /// One row for each value of this attribute, or of these two
    #[arg(long, value_name = "PATH[,PATH]", conflicts_with_all = ["dedup_identity", "no_dedup"])]
    dedup: Option<String>,
    /// One profile for each group that shares identities of this namespace
    #[arg(long, value_name = "NAMESPACE", conflicts_with = "no_dedup")]
    dedup_identity: Option<String>,
    /// Do not deduplicate any more
    #[arg(long)]
    no_dedup: bool,
    #[command(flatten)]
    streaming: StreamingArgs,
}

/// When the segments that are named are exported, and as what. What is not given stays; for a segment that is new to the
/// flow it is as said.
#[derive(Args)]
struct ScheduleArgs {
    /// Who is in a file [default: full]
    #[arg(long, value_enum)]
    mode: Option<ModeArg>,
    /// How often [default: daily]
    #[arg(long, value_enum)]
    frequency: Option<FrequencyArg>,
    /// What begins an export [default: scheduled]
    #[arg(long, value_enum)]
    trigger: Option<TriggerArg>,
    /// First day, UTC [default: today]
    #[arg(long, value_name = "YYYY-MM-DD")]
    start_date: Option<String>,
    /// Day before which the last export is, UTC [default: none]
    #[arg(long, value_name = "YYYY-MM-DD")]
    end_date: Option<String>,
    /// Time of the first export of a day, UTC [default: 00:00]
    #[arg(long, value_name = "HH:MM")]
    start_time: Option<String>,
    /// File name, with macros [default: %DESTINATION_NAME%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%]
    #[arg(long, value_name = "TEMPLATE")]
    file_name: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum ModeArg {
    /// All members, each time
    Full,
    /// All members at first, then who entered; and who left, where the membership's status is a column
    Incremental,
}

#[derive(Clone, Copy, ValueEnum)]
enum FrequencyArg {
    Once,
    Daily,
    Weekly,
    Monthly,
    #[value(name = "every-3-hours")]
    Every3Hours,
    #[value(name = "every-6-hours")]
    Every6Hours,
    #[value(name = "every-8-hours")]
    Every8Hours,
    #[value(name = "every-12-hours")]
    Every12Hours,
}

impl FrequencyArg {
    fn text(self) -> &'static str {
        match self {
            FrequencyArg::Once => "ONCE",
            FrequencyArg::Daily => "DAILY",
            FrequencyArg::Weekly => "WEEKLY",
            FrequencyArg::Monthly => "MONTHLY",
            FrequencyArg::Every3Hours => "EVERY_3_HOURS",
            FrequencyArg::Every6Hours => "EVERY_6_HOURS",
            FrequencyArg::Every8Hours => "EVERY_8_HOURS",
            FrequencyArg::Every12Hours => "EVERY_12_HOURS",
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
enum TriggerArg {
    /// The time
    Scheduled,
    /// The end of an evaluation of the segment
    AfterEvaluation,
}

/// Runs `outflow flows activate`.
pub async fn activate(client: &Client, args: &ActivateArgs) -> Result<Answer, Fault> {
    let flow = client.find(&FLOWS, &args.flow).await?;
    let is_stream = client.is_stream(&flow).await?;
    args.check(name(&flow), is_stream)?;
    let mut params = flow["transformations"][0]["params"].as_object().cloned().unwrap_or_default();
    let mut selectors = selectors(&params, "segmentSelectors");
    for segment in &args.removed {
        let segment = client.find(&SEGMENTS, segment).await?;
        let before = selectors.len();
        selectors.retain(|selector| selector["value"]["id"] != segment["id"]);
        if selectors.len() == before {
            return Err(Fault::input(format!("{} does not export {}", name(&flow), name(&segment)))
                .tried("--remove")
                .hint(
                    "where an activation of it was refused, nothing of that was saved, and there is nothing to remove",
                ));
        }
    }
    for segment in &args.segments {
        let segment = client.find(&SEGMENTS, segment).await?;
        match is_stream {
            true => add_segment(&segment, &mut selectors),
            false => args.schedule.apply(&segment, &mut selectors),
        }
    }
    set_selectors(&mut params, "segmentSelectors", selectors);
    args.streaming.apply(&mut params);
    if is_stream && !args.mapping.is_empty() {
        set_selectors(&mut params, "profileSelectors", attributes(&args.mapping)?);
    } else {
        args.apply_columns(&mut params)?;
    }
    let transformation = json!({"name": "GeneralTransform", "params": params});
    let mut transformations = flow["transformations"].as_array().cloned().unwrap_or_default();
    match transformations.first_mut() {
        Some(first) => first["params"] = transformation["params"].clone(),
        None => transformations.push(transformation),
    }
    if flow["transformations"] == Value::from(transformations.as_slice()) {
        return Ok(Answer::line(
            json!({"id": id(&flow), "etag": etag(&flow)}),
            format!("{} is so already", name(&flow)),
        ));
    }
    let patch = json!([{"op": "add", "path": "/transformations", "value": transformations}]);
    let changed = client.patch(FLOWS.id(id(&flow)), etag(&flow), &patch).await?;
    let count = transformations[0]["params"]["segmentSelectors"]["selectors"].as_array().map_or(0, Vec::len);
    let verb = if is_stream { "sends messages about" } else { "exports" };
    let mut lines = vec![format!("{} {verb} {}", name(&flow), counted(count as u64, "segment"))];
    lines.extend(warnings(&changed));
    Ok(Answer::new(changed, lines))
}

fn selectors(params: &Map<String, Value>, kind: &str) -> Vec<Value> {
    params.get(kind).and_then(|selectors| selectors["selectors"].as_array()).cloned().unwrap_or_default()
}

fn set_selectors(params: &mut Map<String, Value>, kind: &str, selectors: Vec<Value>) {
    let place = params.entry(kind).or_insert_with(|| json!({}));
    place["selectors"] = selectors.into();
}

impl ActivateArgs {
    /// Refuses what flows of this kind do not have.
    fn check(&self, flow: &str, is_stream: bool) -> Result<(), Fault> {
        let refuse = |what: &str, hint: &str| Err(Fault::input(format!("{flow} {what}")).hint(hint));
        match is_stream {
            true if self.schedule.is_given() => refuse(
                "sends messages as profiles change, and has no schedule, mode or file name",
                "leave --mode, --frequency, --trigger, --start-date, --end-date, --start-time and --file-name out",
            ),
            false if self.streaming.is_given() => {
                refuse("delivers files, and sends no messages", "leave --send-on, --rewrites and --coalesce out")
            }
            _ => Ok(()),
        }
    }
}

impl ScheduleArgs {
    fn is_given(&self) -> bool {
        let texts = [&self.start_date, &self.end_date, &self.start_time, &self.file_name];
        let has_text = texts.iter().any(|text| text.is_some());
        has_text || self.mode.is_some() || self.frequency.is_some() || self.trigger.is_some()
    }

    /// Adds the segment's selector, or changes the one there is.
    fn apply(&self, segment: &Value, selectors: &mut Vec<Value>) {
        let found = selectors.iter().position(|selector| selector["value"]["id"] == segment["id"]);
        let at = found.unwrap_or_else(|| {
            selectors.push(self.new_selector(segment));
            selectors.len() - 1
        });
        let value = &mut selectors[at]["value"];
        if let Some(mode) = self.mode {
            value["exportMode"] = match mode {
                ModeArg::Full => "DAILY_FULL_EXPORT",
                ModeArg::Incremental => "FIRST_FULL_THEN_INCREMENTAL",
            }
            .into();
        }
        if let Some(template) = &self.file_name {
            let member = if value["fileNameTemplate"].is_string() { "fileNameTemplate" } else { "filenameTemplate" };
            value[member] = template.as_str().into();
        }
        let schedule = &mut value["schedule"];
        if let Some(frequency) = self.frequency {
            schedule["frequency"] = frequency.text().into();
        }
        match self.trigger {
            Some(TriggerArg::Scheduled) => schedule["triggerType"] = "SCHEDULED".into(),
            Some(TriggerArg::AfterEvaluation) => schedule["triggerType"] = "AFTER_SEGMENT_EVAL".into(),
            None => {}
        }
        for (member, given) in
            [("startDate", &self.start_date), ("endDate", &self.end_date), ("startTime", &self.start_time)]
        {
            if let Some(given) = given {
                schedule[member] = given.as_str().into();
            }
        }
        if schedule["triggerType"] == "AFTER_SEGMENT_EVAL" && self.start_time.is_none() {
            // What begins with an evaluation has no time of its own.
            schedule.as_object_mut().map(|members| members.remove("startTime"));
        } else if schedule["startTime"].is_null() {
            schedule["startTime"] = "00:00".into();
        }
    }

    fn new_selector(&self, segment: &Value) -> Value {
        json!({"type": "PLATFORM_SEGMENT", "value": {
            "id": id(segment),
            "name": name(segment),
            "filenameTemplate": "%DESTINATION_NAME%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%",
            "exportMode": "DAILY_FULL_EXPORT",
            "schedule": {
                "frequency": "DAILY",
                "triggerType": "SCHEDULED",
                "startDate": environment::now().format("%Y-%m-%d").to_string(),
            },
        }})
    }
}

impl ActivateArgs {
    /// Puts columns, mandatory attributes and deduplication where they were given.
    fn apply_columns(&self, params: &mut Map<String, Value>) -> Result<(), Fault> {
        if !self.mapping.is_empty() {
            let fields = parse_fields(&self.mapping).map_err(|fault| fault.tried("--map"))?;
            set_selectors(params, "profileSelectors", fields.iter().map(selector).collect());
        }
        if !self.mandatory.is_empty() {
            let paths = parse_paths("--require", &self.mandatory)?;
            place(params, "mandatoryFields", paths.iter().map(|path| Value::from(path.to_string())).collect());
        }
        if let Some(namespace) = &self.dedup_identity {
            place(params, "primaryFields", json!([{"fieldType": "IDENTITY", "identityNamespace": namespace}]));
        }
        if let Some(paths) = &self.dedup {
            let paths = parse_paths("--dedup", std::slice::from_ref(paths))?;
            if paths.len() > 2 {
                return Err(Fault::input("profiles are deduplicated by one attribute or by two").tried("--dedup"));
            }
            let fields = paths.iter().map(|path| json!({"fieldType": "ATTRIBUTE", "attributePath": path.to_string()}));
            place(params, "primaryFields", fields.collect());
        }
        if self.no_dedup {
            place(params, "primaryFields", json!([]));
        }
        Ok(())
    }
}

/// Puts a member, and takes it away from the other place that it may stand in.
fn place(params: &mut Map<String, Value>, member: &str, value: Value) {
    if let Some(selectors) = params.get_mut("profileSelectors").and_then(Value::as_object_mut) {
        selectors.remove(member);
    }
    params.insert(member.to_owned(), value);
}

/// A column as the API takes it. A header that follows from the path is left to the server.
fn selector(field: &MappedField) -> Value {
    let path = field.path.to_string();
    let mut value = json!({"path": path, "operator": "EXISTS"});
    if field.header != header_of(&field.path) {
        let header = field.header.as_str();
        value["mapping"] =
            json!({"sourceType": "text/x.schema-path", "source": path, "destination": header, "header": header});
    }
    json!({"type": "JSON_PATH", "value": value})
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        args: ActivateArgs,
    }

    fn args(words: &[&str]) -> ActivateArgs {
        Cli::parse_from([&["x", "flow"], words].concat()).args
    }

    #[test]
    fn a_new_segment_gets_defaults_and_a_known_one_keeps_what_is_not_named() {
        let segment = json!({"id": "s1", "name": "gold"});
        let mut selectors = Vec::new();
        args(&["--segment", "gold"]).schedule.apply(&segment, &mut selectors);
        let value = selectors[0]["value"].clone();
        assert_eq!(
            (&value["exportMode"], &value["schedule"]["startTime"]),
            (&"DAILY_FULL_EXPORT".into(), &"00:00".into())
        );
        let change = args(&["--segment", "gold", "--mode", "incremental", "--frequency", "every-3-hours"]);
        change.schedule.apply(&segment, &mut selectors);
        assert_eq!(selectors.len(), 1);
        let changed = &selectors[0]["value"];
        assert_eq!(changed["schedule"]["frequency"], "EVERY_3_HOURS");
        assert_eq!(changed["schedule"]["startDate"], value["schedule"]["startDate"]);
        args(&["--trigger", "after-evaluation"]).schedule.apply(&segment, &mut selectors);
        assert!(selectors[0]["value"]["schedule"].get("startTime").is_none());
    }

    #[test]
    fn options_of_the_other_kind_are_refused() {
        let files = args(&["--segment", "gold", "--start-time", "06:00"]);
        assert!(files.check("f", false).is_ok());
        assert!(files.check("f", true).unwrap_err().hint.contains("--start-time"));
        let stream = args(&["--segment", "gold", "--rewrites", "true"]);
        assert!(stream.check("f", true).is_ok());
        assert!(stream.check("f", false).unwrap_err().hint.contains("--rewrites"));
    }

    #[test]
    fn columns_are_cut_outside_backticks() {
        let args = args(&["--map", "a.`x,y:z`.b:`h`,c", "--require", "c,d", "--dedup", "c,d"]);
        let mut params = json!({"profileSelectors": {"selectors": [1], "mandatoryFields": ["old"]}});
        let params = params.as_object_mut().unwrap();
        args.apply_columns(params).unwrap();
        let columns = params["profileSelectors"]["selectors"].as_array().unwrap();
        assert_eq!((columns.len(), &columns[0]["value"]["path"]), (2, &"a.`x,y:z`.b".into()));
        assert_eq!(columns[0]["value"]["mapping"]["header"], "`h`");
        assert!(columns[1]["value"].get("mapping").is_none());
        assert_eq!(params["mandatoryFields"], json!(["c", "d"]));
        assert!(params["profileSelectors"].get("mandatoryFields").is_none());
        assert_eq!(params["primaryFields"].as_array().unwrap().len(), 2);
    }
}
