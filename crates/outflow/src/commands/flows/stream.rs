//! What only flows of messages have: how their stream is, what it refused, and what messages look like.

use clap::Args;
use outflow_model::Fault;
use serde_json::{Value, json};

use super::super::served::Answer;
use super::NameArgs;
use crate::client::nouns::{FLOWS, id, name};
use crate::client::{Client, next_page, unexpected};
use crate::numbers::{bytes, counted, thousands};
use crate::table::{Table, text, time};

/// Refused messages that are shown when nothing else is asked for.
const SHOWN_MAX: usize = 100;

/// Options of `letters`.
#[derive(Args)]
pub struct LettersArgs {
    #[command(flatten)]
    flow: NameArgs,
    /// Messages to show at most, the oldest first
    #[arg(long, value_name = "N", default_value_t = SHOWN_MAX)]
    limit: usize,
}

/// Options of `redeliver`.
#[derive(Args)]
pub struct RedeliverArgs {
    #[command(flatten)]
    flow: NameArgs,
    /// Event ids of refused messages; all of them when none is given
    #[arg(value_name = "EVENT")]
    events: Vec<String>,
}

/// Runs `outflow flows letters`.
pub async fn letters(client: &Client, args: &LettersArgs) -> Result<Answer, Fault> {
    let flow = client.find(&FLOWS, &args.flow.flow).await?;
    let mut items = Vec::new();
    let (mut total, mut next): (u64, Option<(String, String)>) = (0, None);
    while items.len() < args.limit {
        let wanted = (args.limit - items.len()).min(100).to_string();
        let mut place = FLOWS.id(id(&flow)).then("letters").with("limit", &wanted);
        if let Some((parameter, value)) = &next {
            place = place.with(parameter, value);
        }
        let mut page = client.get(place).await?;
        let Some(Value::Array(found)) = page.get_mut("items").map(Value::take) else {
            return Err(unexpected("a list of messages"));
        };
        items.extend(found);
        total = page["count"].as_u64().unwrap_or(0);
        next = next_page(&page);
        if next.is_none() {
            break;
        }
    }
    let mut table = Table::new(&["REFUSED AT", "PROFILE", "SEQUENCE", "BYTES", "CLASS", "EVENT", "REASON"]);
    for letter in &items {
        table.row([
            time(&letter["at"]),
            text(&letter["profileId"]),
            text(&letter["sequence"]),
            bytes(letter["bytes"].as_u64().unwrap_or(0)),
            text(&letter["class"]),
            text(&letter["eventId"]),
            text(&letter["message"]),
        ]);
    }
    let mut lines = table.lines_or("no message was refused");
    if total > items.len() as u64 {
        lines.push(format!("{} of {}; --limit shows more", items.len(), counted(total, "message")));
    }
    if !items.is_empty() {
        lines.push(format!("`outflow flows redeliver {:?}` sends their profiles as they are now", name(&flow)));
    }
    Ok(Answer::new(json!({"items": items, "count": total}), lines))
}

/// Runs `outflow flows redeliver`.
pub async fn redeliver(client: &Client, args: &RedeliverArgs) -> Result<Answer, Fault> {
    let flow = client.find(&FLOWS, &args.flow.flow).await?;
    let body = (!args.events.is_empty()).then(|| json!({"eventIds": args.events}));
    let asked = client.post(FLOWS.id(id(&flow)).then("letters").then("redeliver"), body.as_ref()).await?;
    let letters = asked["letters"].as_u64().unwrap_or(0);
    Ok(Answer::line(asked, format!("the profiles of {} are sent again", counted(letters, "refused message"))))
}

/// Runs `outflow flows message-schema`.
pub async fn message_schema(client: &Client, args: &NameArgs) -> Result<Answer, Fault> {
    let flow = client.find(&FLOWS, &args.flow).await?;
    let schema = client.get(FLOWS.id(id(&flow)).then("messageSchema")).await?;
    let shown = serde_json::to_string_pretty(&schema).map_err(|_| unexpected("a schema"))?;
    let lines = shown.lines().map(str::to_owned).collect();
    Ok(Answer::new(schema, lines))
}

/// How a flow's stream is, as a line for each thing to know; none for a flow of files.
pub fn status_lines(flow: &Value) -> Vec<String> {
    let status = &flow["streamStatus"];
    let Some(state) = status["state"].as_str() else { return Vec::new() };
    let number = |member: &str| status[member].as_u64().unwrap_or(0);
    let since = time(&status["since"]);
    let since = if since.is_empty() { String::new() } else { format!(" since {since}") };
    let last = if number("sequence") > 0 { format!(", last sequence {}", number("sequence")) } else { String::new() };
    let mut lines = vec![format!("stream: {state}{since}{last}")];
    if number("messages") > 0 {
        let of = counted(number("messages"), "message");
        lines.push(format!("  {} of {of} are not acknowledged yet", thousands(number("pending"))));
    }
    if number("waiting") > 0 {
        lines.push(format!("  {} to derive", counted(number("waiting"), "evaluation")));
    }
    if number("leftOut") > 0 {
        let left_out = counted(number("leftOut"), "evaluation");
        lines.push(format!("  {left_out} came while too many waited, and count with the next"));
    }
    if number("letters") > 0 {
        let letters = counted(number("letters"), "message");
        lines.push(format!("  {letters} refused for good: `outflow flows letters {:?}`", name(flow)));
    }
    if number("lettersForgotten") > 0 {
        let forgotten = counted(number("lettersForgotten"), "refused message");
        lines.push(format!("  {forgotten} forgotten, because too many were kept"));
    }
    let fault = &status["fault"];
    if fault.is_object() {
        lines.push(format!("  {} ({})", text(&fault["message"]), text(&fault["class"])));
        for (label, member) in [("tried", "tried"), ("to do", "hint")] {
            if !text(&fault[member]).is_empty() {
                lines.push(format!("    {label}: {}", text(&fault[member])));
            }
        }
        if !status["nextTryAt"].is_null() {
            lines.push(format!("    tried again at {}", time(&status["nextTryAt"])));
        }
    }
    lines
}

/// What sends a message, as a line; none for a flow of files, and none where it is as it begins.
pub fn options_line(params: &Value) -> Option<String> {
    let streaming = params["streaming"].as_object()?;
    let triggers = streaming.get("triggers");
    let off = |name: &&str| triggers.is_some_and(|triggers| triggers[*name] == false);
    let mut told: Vec<String> = Vec::new();
    let (silent, heard): (Vec<&str>, Vec<&str>) = TRIGGERS.into_iter().partition(off);
    if !silent.is_empty() {
        told.push(format!("changes of {}", if heard.is_empty() { "nothing".to_owned() } else { heard.join(", ") }));
    }
    for (member, meaning) in [("rewrites", "rewrites too"), ("coalesce", "only the newest state after an outage")] {
        if streaming.get(member) == Some(&json!(true)) {
            told.push(meaning.to_owned());
        }
    }
    (!told.is_empty()).then(|| format!("sends: {}", told.join("; ")))
}

/// What a change may be of.
pub const TRIGGERS: [&str; 3] = ["segmentation", "attributes", "identities"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blocked_stream_is_told_with_what_to_do() {
        let flow = json!({"name": "live", "streamStatus": {
            "state": "blocked", "since": "2026-11-25T06:00:00Z", "sequence": 1_764_050_400, "messages": 1200, "pending": 1100,
            "waiting": 1, "leftOut": 0, "letters": 2, "nextTryAt": "2026-11-25T06:10:00Z",
            "fault": {"class": "config", "message": "there is no stream audiences", "tried": "", "hint": "make it"}}});
        let told = status_lines(&flow);
        assert_eq!(told[0], "stream: blocked since 2026-11-25T06:00:00Z, last sequence 1764050400");
        for part in
            ["1,100 of 1,200 messages", "1 evaluation to", "2 messages refused", "audiences (config)", "make it"]
        {
            assert!(told.iter().any(|line| line.contains(part)), "{part}: {told:?}");
        }
        assert_eq!(status_lines(&json!({"name": "files"})), Vec::<String>::new());
    }

    #[test]
    fn what_sends_is_told_where_it_is_not_everything() {
        assert_eq!(options_line(&json!({})), None);
        assert_eq!(options_line(&json!({"streaming": {"triggers": {"attributes": true}}})), None);
        let some = json!({"streaming": {"triggers": {"identities": false}, "coalesce": true}});
        assert_eq!(
            options_line(&some).unwrap(),
            "sends: changes of segmentation, attributes; only the newest state after an outage"
        );
    }
}
