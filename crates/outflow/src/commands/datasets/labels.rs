//! `outflow datasets labels` and `outflow datasets suggestions`: which labels a dataset and its fields have.

use clap::Args;
use outflow_governance::SchemaPath;
use outflow_model::Fault;
use serde_json::{Value, json};

use super::super::served::Answer;
use super::super::violating::{OnViolationArgs, paused_lines};
use super::NameArgs;
use crate::client::Client;
use crate::client::nouns::{DATASETS, LABELLED_DATASETS, id, name};
use crate::client::violation::{listed, shown_field};
use crate::numbers::counted;
use crate::table::{Table, text};

/// Options of `labels`.
#[derive(Args)]
pub struct LabelsArgs {
    #[command(flatten)]
    name: NameArgs,
    /// Labels of the whole dataset, instead of those it has; an empty text takes all off
    #[arg(long = "dataset", value_name = "LABEL,…")]
    whole: Option<String>,
    /// Labels of a field, instead of those it has; nothing behind the = takes all off; repeats
    #[arg(long = "field", value_name = "PATH=LABEL,…")]
    fields: Vec<String>,
    /// Labels to add to a field, or without a path to the whole dataset; repeats
    #[arg(long = "add", value_name = "[PATH=]LABEL,…")]
    added: Vec<String>,
    /// Labels to take off a field, or without a path off the whole dataset; repeats
    #[arg(long = "remove", value_name = "[PATH=]LABEL,…")]
    removed: Vec<String>,
    #[command(flatten)]
    on_violation: OnViolationArgs,
}

/// Options of `suggestions`.
#[derive(Args)]
pub struct SuggestionsArgs {
    #[command(flatten)]
    name: NameArgs,
    /// A suggestion to accept: the field has the label from then on; repeats
    #[arg(long = "accept", value_name = "PATH=LABEL,…", conflicts_with = "accept_all")]
    accepted: Vec<String>,
    /// A suggestion not to be made again; repeats
    #[arg(long = "refuse", value_name = "PATH=LABEL,…")]
    refused: Vec<String>,
    /// Accept all that is suggested and not refused here
    #[arg(long)]
    accept_all: bool,
    #[command(flatten)]
    on_violation: OnViolationArgs,
}

/// Labels of one place: a field's path in the schema, or none for the whole dataset.
#[derive(Debug, PartialEq, Eq)]
struct At {
    field: Option<String>,
    labels: Vec<String>,
}

impl At {
    /// Reads `PATH=LABEL,…`.
    fn of_field(given: &str, option: &str) -> Result<At, Fault> {
        let wrong = || {
            Fault::input(format!("{given:?} is not PATH=LABEL,…"))
                .tried(option)
                .hint("for example personalEmail.address=I1,C2")
        };
        let (path, labels) = given.rsplit_once('=').ok_or_else(wrong)?;
        let place = SchemaPath::parse_field(path).map_err(|problem| {
            Fault::input(format!("{path:?} {problem}")).tried(option).hint("`outflow datasets schema` shows the fields")
        })?;
        Ok(At { field: Some(place.to_string()), labels: words(labels) })
    }

    /// Reads `PATH=LABEL,…`, or `LABEL,…` of the whole dataset.
    fn of(given: &str, option: &str) -> Result<At, Fault> {
        if given.contains('=') { At::of_field(given, option) } else { Ok(At { field: None, labels: words(given) }) }
    }
}

fn words(given: &str) -> Vec<String> {
    given.split(',').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn all_of(given: &[String], option: &str, read: fn(&str, &str) -> Result<At, Fault>) -> Result<Vec<At>, Fault> {
    given.iter().map(|given| read(given, option)).collect()
}

/// Runs `outflow datasets labels`.
pub async fn labels(client: &Client, args: &LabelsArgs) -> Result<Answer, Fault> {
    let dataset = client.find(&DATASETS, &args.name.dataset).await?;
    let (mut body, etag) = client.dataset_labels(id(&dataset)).await?;
    let before = body.clone();
    args.change(&mut body)?;
    if body == before {
        let lines = shown(&body, "no labels; --dataset and --field set some");
        return Ok(Answer::new(body, lines));
    }
    super::super::labels::check(client, named_in(&body)).await?;
    let place = args.on_violation.at(LABELLED_DATASETS.id(id(&dataset)).then("labels"));
    let saved = client.put(place, Some(&etag), &body).await.map_err(in_paths)?;
    let mut lines = paused_lines(&saved);
    lines.extend(shown(&saved, &format!("{} has no labels now", name(&dataset))));
    Ok(Answer::new(saved, lines))
}

impl LabelsArgs {
    /// Changes what is there as the options say.
    fn change(&self, body: &mut Value) -> Result<(), Fault> {
        if let Some(labels) = &self.whole {
            body["labels"] = json!(words(labels));
        }
        for At { field, labels } in all_of(&self.fields, "--field", At::of_field)? {
            set(body, field.as_deref(), &labels);
        }
        for At { field, labels } in all_of(&self.added, "--add", At::of)? {
            let mut there = of(body, field.as_deref());
            there.extend(labels.into_iter().filter(|label| !there.contains(label)).collect::<Vec<_>>());
            set(body, field.as_deref(), &there);
        }
        for At { field, labels } in all_of(&self.removed, "--remove", At::of)? {
            let mut there = of(body, field.as_deref());
            if let Some(label) = labels.iter().find(|label| !there.contains(label)) {
                let place = field.as_deref().map_or_else(|| "the dataset itself".to_owned(), shown_field);
                return Err(Fault::input(format!("{place} has no label {label}"))
                    .tried("--remove")
                    .hint("a label that a field has from what is around it is taken off there"));
            }
            there.retain(|label| !labels.contains(label));
            set(body, field.as_deref(), &there);
        }
        Ok(())
    }
}

fn of(body: &Value, field: Option<&str>) -> Vec<String> {
    let labels = match field {
        None => &body["labels"],
        Some(field) => {
            let mut fields = body["optionalLabels"].as_array().into_iter().flatten();
            fields.find(|at| at["option"]["schemaPath"] == field).map_or(&Value::Null, |at| &at["labels"])
        }
    };
    labels.as_array().into_iter().flatten().map(text).collect()
}

fn set(body: &mut Value, field: Option<&str>, labels: &[String]) {
    let Some(field) = field else {
        body["labels"] = json!(labels);
        return;
    };
    let mut fields = body["optionalLabels"].as_array().cloned().unwrap_or_default();
    let at = fields.iter().position(|at| at["option"]["schemaPath"] == field);
    match (at, labels.is_empty()) {
        (Some(at), true) => drop(fields.remove(at)),
        (Some(at), false) => fields[at]["labels"] = json!(labels),
        (None, true) => {}
        (None, false) => fields.push(json!({"option": {"schemaPath": field}, "labels": labels})),
    }
    body["optionalLabels"] = fields.into();
}

fn shown(body: &Value, nothing: &str) -> Vec<String> {
    let mut table = Table::new(&["FIELD", "LABELS"]);
    let whole = listed(&body["labels"], text);
    if !whole.is_empty() {
        table.row(["(the whole dataset)".to_owned(), whole]);
    }
    for at in body["optionalLabels"].as_array().into_iter().flatten() {
        table.row([shown_field(&text(&at["option"]["schemaPath"])), listed(&at["labels"], text)]);
    }
    table.lines_or(nothing)
}

/// Every label that a body names.
fn named_in(body: &Value) -> Vec<&str> {
    let fields = body["optionalLabels"].as_array().into_iter().flatten().map(|at| &at["labels"]);
    let lists = std::iter::once(&body["labels"]).chain(fields).filter_map(Value::as_array);
    lists.flatten().filter_map(Value::as_str).collect()
}

/// What the server says of places in a schema, in the words of the options.
fn in_paths(mut fault: Fault) -> Fault {
    let mut words: Vec<String> = Vec::new();
    for word in fault.message.split(' ') {
        let place = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '/');
        if place.starts_with("/optionalLabels/") {
            continue;
        }
        let is_place = place.starts_with("/properties/");
        words.push(if is_place { word.replace(place, &shown_field(place)) } else { word.to_owned() });
    }
    fault.message = words.join(" ");
    fault
}

/// Runs `outflow datasets suggestions`.
pub async fn suggestions(client: &Client, args: &SuggestionsArgs) -> Result<Answer, Fault> {
    let dataset = client.find(&DATASETS, &args.name.dataset).await?;
    let base = LABELLED_DATASETS.id(id(&dataset)).then("labels").then("suggestions");
    let mut lines = Vec::new();
    let refused = named(&args.refused, "--refuse")?;
    if !refused.is_empty() {
        let place = base.clone().then("refuse");
        client.post(place, Some(&json!({"suggestions": refused}))).await.map_err(in_paths)?;
        lines.push(format!("{} refused", counted(refused.len() as u64, "suggestion")));
    }
    let mut accepted = named(&args.accepted, "--accept")?;
    if args.accept_all {
        let found = client.get(base.clone()).await?;
        let all = found["suggestions"].as_array().into_iter().flatten();
        accepted = all.map(|one| json!({"schemaPath": one["schemaPath"], "label": one["label"]})).collect();
    }
    if !accepted.is_empty() {
        let place = args.on_violation.at(base.clone().then("accept"));
        let saved = client.post(place, Some(&json!({"suggestions": accepted}))).await.map_err(in_paths)?;
        lines.push(format!("{} accepted", counted(accepted.len() as u64, "suggestion")));
        lines.extend(paused_lines(&saved));
    }
    let left = client.get(base).await?;
    let mut table = Table::new(&["FIELD", "LABEL", "LOOKS LIKE", "BY", "VALUES"]);
    for one in left["suggestions"].as_array().into_iter().flatten() {
        table.row([
            shown_field(&text(&one["schemaPath"])),
            text(&one["label"]),
            text(&one["likeness"]),
            listed(&one["reasons"], text),
            format!("{} of {}", text(&one["valuesAlike"]), text(&one["valuesSampled"])),
        ]);
    }
    lines.extend(table.lines_or("nothing is suggested"));
    Ok(Answer::new(left, lines))
}

fn named(given: &[String], option: &str) -> Result<Vec<Value>, Fault> {
    let places = all_of(given, option, At::of_field)?;
    let one = |at: &At| {
        let named = |label: &String| json!({"schemaPath": at.field, "label": label});
        at.labels.iter().map(named).collect::<Vec<_>>()
    };
    Ok(places.iter().flat_map(one).collect())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Given {
        #[command(flatten)]
        args: LabelsArgs,
    }

    fn changed(options: &[&str]) -> Result<Value, Fault> {
        let args = Given::parse_from([&["labels", "crm"], options].concat()).args;
        let mut body = json!({"labels": ["C9"], "optionalLabels": [
            {"option": {"schemaPath": "/properties/a/properties/b", "id": "kept"}, "labels": ["I1", "C2"]}]});
        args.change(&mut body).map(|()| body)
    }

    #[test]
    fn labels_are_set_added_and_taken_off_and_others_stay() {
        let set = changed(&["--dataset", "C1, C2", "--field", "a.b=S1", "--field", "c=I2"]).unwrap();
        assert_eq!(
            shown(&set, ""),
            [
                "FIELD                LABELS",
                "(the whole dataset)  C1, C2",
                "a.b                  S1",
                "c                    I2"
            ]
        );
        assert_eq!(set["optionalLabels"][0]["option"]["id"], "kept");
        let added = changed(&["--add", "C9,C1", "--add", "a.b=C2,S1"]).unwrap();
        assert_eq!(
            (&added["labels"], &added["optionalLabels"][0]["labels"]),
            (&json!(["C9", "C1"]), &json!(["I1", "C2", "S1"]))
        );
        let removed = changed(&["--remove", "C9", "--remove", "a.b=I1,C2"]).unwrap();
        assert_eq!(shown(&removed, "none"), ["none"]);
        assert_eq!(changed(&["--field", "a.b="]).unwrap()["optionalLabels"], json!([]));
    }

    #[test]
    fn what_is_not_there_cannot_be_taken_off() {
        for (options, told) in [
            (["--remove", "a.b=S1"], "a.b has no label S1"),
            (["--remove", "C1"], "the dataset itself has no label C1"),
            (["--field", "a.b"], "is not PATH=LABEL"),
            (["--add", "a..b=C1"], "is no path of a field"),
        ] {
            let fault = changed(&options).unwrap_err();
            assert!(fault.message.contains(told), "{}", fault.message);
        }
    }

    #[test]
    fn places_in_a_schema_are_told_as_paths() {
        let told = in_paths(Fault::input(
            "/optionalLabels/1/option/schemaPath `a` has no field `x`; did you mean `/properties/a/properties/b`?",
        ));
        assert_eq!(told.message, "`a` has no field `x`; did you mean `a.b`?");
    }

    #[test]
    fn suggestions_are_named_one_by_one() {
        let expected = [
            json!({"schemaPath": "/properties/a", "label": "I1"}),
            json!({"schemaPath": "/properties/a", "label": "C2"}),
        ];
        assert_eq!(named(&["a=I1,C2".into()], "--accept").unwrap(), expected);
    }
}
