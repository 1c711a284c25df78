//! The extensions of OpenSSH that clients rely on.

use std::collections::HashMap;

use bytes::Bytes;
use russh_sftp::de::from_bytes;
use russh_sftp::extensions::{
    FSYNC, FsyncExtension, HardlinkExtension, LIMITS, LimitsExtension, STATVFS, Statvfs, StatvfsExtension,
};
use russh_sftp::protocol::{ExtendedReply, Packet, StatusCode};
use russh_sftp::ser::to_bytes;
use russh_sftp::server::StatusReply;

use super::handles::HANDLES_MAX;
use super::session::{READ_MAX_BYTES, SftpSession, failed, ok};

const POSIX_RENAME: &str = "posix-rename@openssh.com";
/// Largest packet that the server library takes, in bytes.
const PACKET_MAX_BYTES: u64 = 256 * 1024;

/// What is offered to a new client.
pub(crate) fn offered(renames: bool) -> HashMap<String, String> {
    let mut offered = HashMap::from([
        (FSYNC.to_owned(), "1".to_owned()),
        (STATVFS.to_owned(), "2".to_owned()),
        (LIMITS.to_owned(), "1".to_owned()),
    ]);
    if renames {
        offered.insert(POSIX_RENAME.to_owned(), "1".to_owned());
    }
    offered
}

/// Answers an extended request.
pub(crate) async fn extended(
    session: &mut SftpSession,
    id: u32,
    request: &str,
    data: Vec<u8>,
) -> Result<Packet, StatusReply> {
    let mut data = Bytes::from(data);
    let malformed = |_| StatusReply::new(StatusCode::BadMessage);
    match request {
        POSIX_RENAME => {
            let HardlinkExtension { oldpath, newpath } = from_bytes(&mut data).map_err(malformed)?;
            session.rename_to(id, &oldpath, &newpath, true).await.map(Packet::Status)
        }
        FSYNC => {
            let FsyncExtension { handle } = from_bytes(&mut data).map_err(malformed)?;
            let file = session.handles.file(&handle)?.try_clone().map_err(failed)?;
            tokio::task::spawn_blocking(move || file.sync_all())
                .await
                .map_err(std::io::Error::other)
                .and_then(|synced| synced)
                .map_err(failed)?;
            Ok(Packet::Status(ok(id)))
        }
        STATVFS => {
            let StatvfsExtension { path } = from_bytes(&mut data).map_err(malformed)?;
            reply(id, &statvfs(session, &path)?)
        }
        LIMITS => reply(
            id,
            &LimitsExtension {
                max_packet_len: PACKET_MAX_BYTES,
                max_read_len: u64::from(READ_MAX_BYTES),
                // Room for the header of a write, as OpenSSH leaves it.
                max_write_len: PACKET_MAX_BYTES - 1024,
                max_open_handles: HANDLES_MAX as u64,
            },
        ),
        _ => Err(StatusCode::OpUnsupported.into()),
    }
}

fn reply<T: serde::Serialize>(id: u32, body: &T) -> Result<Packet, StatusReply> {
    let data = to_bytes(body).map_err(|_| StatusReply::new(StatusCode::Failure))?;
    Ok(Packet::ExtendedReply(ExtendedReply { id, data: data.to_vec() }))
}

fn statvfs(session: &SftpSession, path: &str) -> Result<Statvfs, StatusReply> {
    let place = session.shared.jail.locate_no_link(path).map_err(failed)?;
    let found = rustix::fs::statvfs(&place).map_err(|e| failed(e.into()))?;
    let full = session.shared.faults.read(|f| f.sftp.disk_full);
    let free = |blocks: u64| if full { 0 } else { blocks };
    Ok(Statvfs {
        block_size: found.f_bsize,
        fragment_size: found.f_frsize,
        blocks: found.f_blocks,
        blocks_free: free(found.f_bfree),
        blocks_avail: free(found.f_bavail),
        inodes: found.f_files,
        inodes_free: found.f_ffree,
        inodes_avail: found.f_favail,
        fs_id: found.f_fsid,
        flags: found.f_flag.bits(),
        name_max: found.f_namemax,
    })
}
