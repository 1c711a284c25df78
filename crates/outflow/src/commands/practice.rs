//! `outflow practice`.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use outflow_model::{Fault, FaultClass};
use outflow_practice::{Practice, PracticeError, PracticeOptions};
use serde_json::json;
use tokio::runtime::Runtime;

use crate::{environment, output};

const EXAMPLES: &str = r#"Examples:
  outflow practice --data-dir /tmp/practice
  outflow practice --fault s3.unavailable --fault 's3.throttle={"times":3,"retryAfterSecs":1}'
  outflow practice --fault sftp.diskFull=true --fault 'eventHubs.serverBusy={"times":10}'
  outflow practice --fault 'kinesis.throttle={"every":3,"times":1000}'

Faults of s3: slowBytesPerSec, cutAtByte, unavailable, wrongCredentials, throttle, diskFull, answerLost,
ignoreConditions, noChecksums, denyActions. Faults of sftp: slowBytesPerSec, cutAtByte, unavailable, wrongCredentials,
diskFull, noRename, answerLost. Faults of kinesis: slowBytesPerSec, slowMillis, cutAtByte, unavailable, failing,
resetConnection, hang, answerLost, throttleRequests, throttle, partialFailure, shardLimits, requestBytesMax,
streamStatus, wrongCredentials, expiredToken, denyActions. Faults of eventHubs: slowBytesPerSec, answerDelayMillis,
unavailable, wrongCredentials, serverBusy, reject, release, modify, detach, attachRefused, connectionClose,
connectionDrop, storedNotSettled, answerLost, cbsFailure. They can be changed while the targets run: the control URL
that is printed takes PUT."#;

/// Options of `outflow practice`.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct PracticeArgs {
    /// Folder of the objects, files, records, keys and credentials
    #[arg(long, value_name = "DIR", default_value = "outflow-practice")]
    data_dir: PathBuf,
    /// Port of the S3 endpoint; 0 takes any that is free
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    s3_port: u16,
    /// Port of the SFTP server
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    sftp_port: u16,
    /// Port of the Kinesis endpoint
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    kinesis_port: u16,
    /// Port of the Event Hubs namespace (AMQP 1.0 over plain TCP)
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    event_hubs_port: u16,
    /// Port where faults are switched
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    control_port: u16,
    /// Region of the S3 and Kinesis endpoints; requests signed for another are refused
    #[arg(long, value_name = "REGION", default_value = "us-east-1")]
    s3_region: String,
    /// Switch a fault on from the start
    #[arg(long, value_name = "TARGET.FAULT[=VALUE]")]
    fault: Vec<String>,
    /// Print one JSON object when the targets listen
    #[arg(long)]
    pub json: bool,
}

/// Runs `outflow practice` until it is interrupted.
pub fn run(args: &PracticeArgs, runtime: &Runtime) -> ExitCode {
    match runtime.block_on(serve(args)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => output::fail(&fault, args.json),
    }
}

async fn serve(args: &PracticeArgs) -> Result<(), Fault> {
    let address = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let practice = Practice::start(PracticeOptions {
        s3_addr: address(args.s3_port),
        sftp_addr: address(args.sftp_port),
        kinesis_addr: address(args.kinesis_port),
        event_hubs_addr: address(args.event_hubs_port),
        control_addr: address(args.control_port),
        region: args.s3_region.clone(),
        ..PracticeOptions::on_free_ports(&args.data_dir, environment::random()?)
    })
    .await
    .map_err(fault)?;
    for assignment in &args.fault {
        practice.faults().apply(assignment).map_err(fault)?;
    }
    if args.json {
        output::say_json(&describe(&practice));
    } else {
        output::say(&practice.describe());
    }
    super::interrupted().await;
    practice.shutdown().await;
    Ok(())
}

fn describe(practice: &Practice) -> serde_json::Value {
    let (s3, sftp, kinesis, hubs) = (practice.s3(), practice.sftp(), practice.kinesis(), practice.event_hubs());
    let policies: Vec<_> = hubs
        .policies
        .iter()
        .map(|policy| {
            json!({
                "name": policy.name,
                "key": policy.key,
                "rights": policy.rights,
                "hub": policy.hub,
                "connectionString": hubs.connection_string(policy),
            })
        })
        .collect();
    json!({
        "s3": {
            "endpoint": s3.url,
            "region": s3.region,
            "bucket": outflow_practice::BUCKET,
            "accessKeyId": s3.access_key_id,
            "secretAccessKey": s3.secret_access_key,
        },
        "sftp": {
            "host": sftp.host,
            "port": sftp.port,
            "user": sftp.user,
            "password": sftp.password,
            "hostKey": sftp.host_key,
            "keyFile": sftp.client_key,
            "folder": sftp.upload_folder,
        },
        "kinesis": {
            "endpoint": kinesis.url,
            "region": kinesis.region,
            "stream": kinesis.stream,
            "accessKeyId": kinesis.access_key_id,
            "secretAccessKey": kinesis.secret_access_key,
        },
        "eventHubs": {"endpoint": hubs.endpoint_url(), "hub": hubs.hub, "policies": policies},
        "control": practice.control_url(),
    })
}

fn fault(error: PracticeError) -> Fault {
    Fault::new(FaultClass::Input, error.message.clone())
        .tried(error.tried.clone())
        .hint(error.hint.clone())
        .because(error)
}
