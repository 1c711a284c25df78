//! Destinations that take files: S3 and SFTP.

use anyhow::{Context, Result};
use serde_json::Value;

use super::SEGMENTS;
use super::practice::Practice;
use super::product::Product;
use super::table::Row;
use crate::steps::run as run_command;

const COLUMNS: &str = "person.name.firstName:firstName,person.name.lastName:lastName,personalEmail.address:email,\
                       mobilePhone.number:phone,homeAddress.city:city,homeAddress.country:country,loyalty.tier:tier,\
                       segmentMembership.status:status";

/// Makes the accounts, with their credentials proved.
pub(super) fn accounts(product: &mut Product, practice: &Practice) -> Result<()> {
    let (s3, sftp) = (&practice.parameters.s3, &practice.parameters.sftp);
    product.set("DEMO_S3_SECRET", &s3.secret_access_key);
    product.set("DEMO_SFTP_PASSWORD", &sftp.password);
    let [access_key, region, endpoint] = [
        format!("s3AccessKey={}", s3.access_key_id),
        format!("region={}", s3.region),
        format!("endpoint={}", s3.endpoint),
    ];
    let create = ["accounts", "create", "practice-s3", "--kind", "s3", "--secret", "s3SecretKey=env:DEMO_S3_SECRET"];
    let params = ["--param", &access_key, "--param", &region, "--param", &endpoint];
    run_command(product.command(&[&create[..], &params].concat()))?;
    let [domain, port, user, host_key] = [
        format!("domain={}", sftp.host),
        format!("port={}", sftp.port),
        format!("username={}", sftp.user),
        format!("hostKey={}", sftp.host_key),
    ];
    let create =
        ["accounts", "create", "practice-sftp", "--kind", "sftp", "--secret", "password=env:DEMO_SFTP_PASSWORD"];
    let params = ["--param", &domain, "--param", &port, "--param", &user, "--param", &host_key];
    run_command(product.command(&[&create[..], &params].concat()))?;
    // What reads the files back later is a command of its own, with the target's own credentials.
    product.set("AWS_ENDPOINT_URL", &s3.endpoint);
    product.set("AWS_REGION", &s3.region);
    product.set("AWS_ACCESS_KEY_ID", &s3.access_key_id);
    product.set("AWS_SECRET_ACCESS_KEY", &s3.secret_access_key);
    product.set("OUTFLOW_SFTP_PASSWORD", &sftp.password);
    product.set("OUTFLOW_SFTP_HOST_KEY", &sftp.host_key);
    Ok(())
}

/// Makes a destination for each account; answers the names of their flows.
pub(super) fn destinations(product: &Product, practice: &Practice) -> Result<[&'static str; 2]> {
    let (s3, sftp) = (&practice.parameters.s3, &practice.parameters.sftp);
    let create = ["destinations", "create", "s3-daily", "--account", "practice-s3", "--bucket", &s3.bucket];
    run_command(product.command(&[&create[..], &["--path", "audiences"]].concat()))?;
    let create = ["destinations", "create", "sftp-daily", "--account", "practice-sftp", "--path", &sftp.folder];
    run_command(product.command(&[&create[..], &["--marketing-action", "emailTargeting"]].concat()))?;
    Ok(["s3-daily", "sftp-daily"])
}

pub(super) fn activate(product: &Product, flow: &str) -> Result<()> {
    let mut args = vec!["flows", "activate", flow, "--frequency", "daily", "--start-time", "06:00", "--map", COLUMNS];
    args.extend(["--require", "personalEmail.address", "--dedup", "personalEmail.address"]);
    args.extend(SEGMENTS.iter().flat_map(|(name, _)| ["--segment", *name]));
    run_command(product.command(&args))
}

/// Exports now, and reads back what arrived.
pub(super) fn export(product: &Product, flow: &str) -> Result<Vec<Row>> {
    let ran = product.json(&["flows", "run", flow, "--watch", "--json"])?;
    let mut rows = Vec::new();
    for run in ran["items"].as_array().context("outflow flows run --json names no runs")? {
        let manifest = run["manifest"].as_str().context("a run has no manifest")?;
        let verified = run_command(product.command(&["verify", manifest])).is_ok();
        for file in run["files"].as_array().into_iter().flatten() {
            rows.push(Row::of_file(file, &segment_name(product, run)?, verified));
        }
    }
    Ok(rows)
}

fn segment_name(product: &Product, run: &Value) -> Result<String> {
    let id = run["segmentId"].as_str().unwrap_or_default();
    let segment = product.json(&["segments", "show", id, "--json"])?;
    Ok(segment["name"].as_str().unwrap_or(id).to_owned())
}

impl Row {
    fn of_file(file: &Value, segment: &str, verified: bool) -> Row {
        let (destination, name) = split_url(file["url"].as_str().unwrap_or_default());
        Row {
            destination,
            segment: segment.to_owned(),
            name,
            rows: file["rows"].as_u64().unwrap_or(0),
            bytes: file["bytes"].as_u64().unwrap_or(0),
            sha256: file["sha256"].as_str().unwrap_or_default().to_owned(),
            verified,
        }
    }
}

/// `s3://bucket/folder/a.csv` as `s3://bucket/folder` and `a.csv`.
fn split_url(url: &str) -> (String, String) {
    let (folder, name) = url.rsplit_once('/').unwrap_or(("", url));
    (folder.to_owned(), name.to_owned())
}
