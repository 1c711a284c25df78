//! How fast the targets take content. Prints figures; run with `--ignored --nocapture` on a quiet machine.

use std::time::Instant;

use crate::sftp::openssh;
use crate::support::Target;

/// No client of a demo should have to wait for the target: a floor that only a defect falls below.
const FLOOR_MB_PER_SEC: f64 = 10.0;

/// The most memory that this process, the targets included, has had in use.
fn peak_memory_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches("kB").trim().parse::<u64>().unwrap() / 1024
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes 256 MiB through each target"]
#[expect(clippy::print_stdout, reason = "the figures are what it is run for")]
async fn puts_of_256_mib() {
    let target = Target::start().await;
    let s3 = target.client("s3_client.py", "fast_put").await.as_f64().unwrap();
    let peak_mib = peak_memory_mib();
    println!("S3 multipart put by boto3: {s3:.0} MB/s, peak memory of the target {peak_mib} MiB");
    assert!(peak_mib < 128, "the body of 256 MiB must not be held in memory");
    let asyncssh = target.client("sftp_client.py", "fast_put").await.as_f64().unwrap();
    println!("SFTP put by asyncssh: {asyncssh:.0} MB/s");
    let begun = Instant::now();
    let output = openssh(&target, "put big /upload/big\n").await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let openssh = 268.435_456 / begun.elapsed().as_secs_f64();
    println!("SFTP put by OpenSSH: {openssh:.0} MB/s");
    assert_eq!(std::fs::metadata(target.uploaded("big")).unwrap().len(), 256 * 1024 * 1024);
    assert!(s3.min(asyncssh).min(openssh) > FLOOR_MB_PER_SEC);
}
