//! Starting and stopping all practice targets together.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::describe::{EventHubsEndpoint, EventHubsPolicy, KinesisEndpoint, S3Endpoint, SftpEndpoint};
use crate::event_hubs::PracticeEventHubs;
use crate::faults::Faults;
use crate::seed::{Credentials, load_or_create_key};
use crate::tls::PracticeTls;
use crate::{PracticeError, control, kinesis, net, s3, sftp};

/// The bucket that is there from the start.
pub const BUCKET: &str = "exports";
/// The SFTP folder that is there from the start.
pub const SFTP_FOLDER: &str = "/upload";

/// The Kinesis stream that is there from the start.
pub const STREAM: &str = "exports";
/// The event hub that is there from the start.
pub const EVENT_HUB: &str = "exports";

/// Where and how the practice targets run.
#[derive(Clone, Debug)]
pub struct PracticeOptions {
    /// Folder of the objects, files, keys and credentials; made when it is not there. One process at a time uses it.
    pub data_dir: PathBuf,
    /// Where the S3 endpoint listens. All addresses must be loopback addresses; port 0 takes any free port.
    pub s3_addr: SocketAddr,
    /// Where the SFTP endpoint listens.
    pub sftp_addr: SocketAddr,
    /// Where the Kinesis endpoint listens.
    pub kinesis_addr: SocketAddr,
    /// Where the Event Hubs namespace listens.
    pub event_hubs_addr: SocketAddr,
    /// With what the Event Hubs namespace speaks TLS. `None`: it speaks AMQP in clear, as emulators do.
    pub event_hubs_tls: Option<PracticeTls>,
    /// Where the control endpoint (`GET` and `PUT /_faults`) listens.
    pub control_addr: SocketAddr,
    /// The region of the S3 and Kinesis endpoints; requests signed for another are refused.
    pub region: String,
    /// Randomness for the credentials of a new data folder. A folder that has credentials keeps them.
    pub seed: [u8; 32],
}

impl PracticeOptions {
    /// Targets at any free ports, in the region `us-east-1`, all in clear.
    pub fn on_free_ports(data_dir: impl Into<PathBuf>, seed: [u8; 32]) -> PracticeOptions {
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        PracticeOptions {
            data_dir: data_dir.into(),
            s3_addr: any,
            sftp_addr: any,
            kinesis_addr: any,
            event_hubs_addr: any,
            event_hubs_tls: None,
            control_addr: any,
            region: "us-east-1".to_owned(),
            seed,
        }
    }
}

/// Running practice targets. Dropping it stops them; [`Practice::shutdown`] also waits until their ports are free.
pub struct Practice {
    s3: S3Endpoint,
    sftp: SftpEndpoint,
    kinesis: KinesisEndpoint,
    event_hubs: EventHubsEndpoint,
    control_url: String,
    faults: Faults,
    stop: watch::Sender<bool>,
    servers: Vec<JoinHandle<()>>,
    /// Held for as long as the targets run.
    _lock: fs::File,
}

impl Practice {
    /// Starts all targets and answers when they listen. Must be called within a Tokio runtime.
    pub async fn start(options: PracticeOptions) -> Result<Practice, PracticeError> {
        let root = make_folder(&options.data_dir, 0o755)?;
        let hidden = make_folder(&root.join(".practice"), 0o700)?;
        let lock = lock(&hidden.join("lock"))?;
        let credentials = Arc::new(Credentials::load_or_create(&hidden.join("credentials.json"), &options.seed)?);
        let host_key = load_or_create_key(&hidden.join("sftp_host_key"), &options.seed, "sftp host key")?;
        let client_key_path = hidden.join("sftp_client_key");
        let client_key = load_or_create_key(&client_key_path, &options.seed, "sftp client key")?;

        let sockets = Sockets::bind(&options).await?;
        let faults = Faults::default();
        let (stop, stopped) = watch::channel(false);
        let s3_folder = make_folder(&root.join("s3"), 0o755)?;
        make_folder(&s3_folder.join(BUCKET), 0o755)?;
        let s3_server =
            s3::PracticeS3::new(&s3_folder, &hidden, &options.region, Arc::clone(&credentials), faults.clone())?;
        let sftp_folder = make_folder(&root.join("sftp"), 0o755)?;
        make_folder(&sftp_folder.join(SFTP_FOLDER.trim_start_matches('/')), 0o755)?;
        let sftp_server = sftp::PracticeSftp::new(
            sftp_folder.clone(),
            &credentials,
            host_key.clone(),
            client_key.public_key().clone(),
            faults.clone(),
        );
        let kinesis_folder = make_folder(&root.join("kinesis"), 0o755)?;
        let kinesis_server = kinesis::PracticeKinesis::new(
            kinesis_folder.clone(),
            STREAM,
            &options.region,
            Arc::clone(&credentials),
            faults.clone(),
        )?;
        let hubs_folder = make_folder(&root.join("event-hubs"), 0o755)?;
        let tls = options.event_hubs_tls.as_ref().map(PracticeTls::acceptor).transpose()?;
        let is_encrypted = tls.is_some();
        let hubs_server = PracticeEventHubs::new(&hubs_folder, EVENT_HUB, &credentials, faults.clone(), tls)?;
        let policies = hubs_server.policies().iter().map(EventHubsPolicy::from).collect();
        let servers = vec![
            tokio::spawn(s3_server.serve(sockets.s3.listener, stopped.clone())),
            tokio::spawn(sftp_server.serve(sockets.sftp.listener, stopped.clone())),
            tokio::spawn(kinesis_server.serve(sockets.kinesis.listener, stopped.clone())),
            tokio::spawn(hubs_server.serve(sockets.event_hubs.listener, stopped.clone())),
            tokio::spawn(control::serve(sockets.control.listener, faults.clone(), stopped)),
        ];
        Ok(Practice {
            s3: S3Endpoint::new(sockets.s3.address, s3_folder, &options, &credentials),
            sftp: SftpEndpoint::new(
                sockets.sftp.address,
                sftp_folder,
                &credentials,
                sftp::openssh_line(host_key.public_key())?,
                client_key_path,
            ),
            kinesis: KinesisEndpoint::new(sockets.kinesis.address, kinesis_folder, &options, &credentials),
            event_hubs: EventHubsEndpoint {
                address: sockets.event_hubs.address,
                is_encrypted,
                policies,
                hub: EVENT_HUB.to_owned(),
                folder: hubs_folder,
            },
            control_url: format!("http://{}/_faults", sockets.control.address),
            faults,
            stop,
            servers,
            _lock: lock,
        })
    }

    /// The S3 endpoint.
    pub fn s3(&self) -> &S3Endpoint {
        &self.s3
    }

    /// The SFTP endpoint.
    pub fn sftp(&self) -> &SftpEndpoint {
        &self.sftp
    }

    /// The Kinesis endpoint.
    pub fn kinesis(&self) -> &KinesisEndpoint {
        &self.kinesis
    }

    /// The Event Hubs namespace.
    pub fn event_hubs(&self) -> &EventHubsEndpoint {
        &self.event_hubs
    }

    /// Where faults are read with `GET` and set with `PUT`.
    pub fn control_url(&self) -> &str {
        &self.control_url
    }

    /// The faults of all targets, to be read and set while they run.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Stops all targets and ends their connections. When it answers, the ports are free.
    pub async fn shutdown(mut self) {
        let _ = self.stop.send(true);
        for server in self.servers.drain(..) {
            // A server that panicked is over as well.
            let _ = server.await;
        }
    }
}

impl Drop for Practice {
    fn drop(&mut self) {
        for server in &self.servers {
            server.abort();
        }
    }
}

/// Where one target listens.
struct Socket {
    listener: TcpListener,
    address: SocketAddr,
}

impl Socket {
    async fn bind(address: SocketAddr, what: &str) -> Result<Socket, PracticeError> {
        let (listener, address) = net::bind(address, what).await?;
        Ok(Socket { listener, address })
    }
}

/// Where each of them listens.
struct Sockets {
    s3: Socket,
    sftp: Socket,
    kinesis: Socket,
    event_hubs: Socket,
    control: Socket,
}

impl Sockets {
    async fn bind(options: &PracticeOptions) -> Result<Sockets, PracticeError> {
        Ok(Sockets {
            s3: Socket::bind(options.s3_addr, "S3").await?,
            sftp: Socket::bind(options.sftp_addr, "SFTP").await?,
            kinesis: Socket::bind(options.kinesis_addr, "Kinesis").await?,
            event_hubs: Socket::bind(options.event_hubs_addr, "Event Hubs").await?,
            control: Socket::bind(options.control_addr, "the control endpoint").await?,
        })
    }
}

/// Makes `folder` with `mode` and answers its canonical path, so that a folder that is a link serves as a jail.
fn make_folder(folder: &Path, mode: u32) -> Result<PathBuf, PracticeError> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(mode)
        .create(folder)
        .and_then(|()| folder.canonicalize())
        .map_err(|e| PracticeError::file(folder, "make the folder", e))
}

fn lock(path: &Path) -> Result<fs::File, PracticeError> {
    let file = fs::File::create(path).map_err(|e| PracticeError::file(path, "write", e))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(PracticeError::new(
            "another process runs practice targets in this data folder",
            format!("lock {}", path.display()),
            "stop the other process, or choose another data folder",
        )),
        Err(fs::TryLockError::Error(e)) => Err(PracticeError::file(path, "lock", e)),
    }
}
