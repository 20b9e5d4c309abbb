//! A server that is measured: started on a free port, and ended with the measurement however that went.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

/// How long a server may take until it answers.
const READY: Duration = Duration::from_secs(30);

/// A running server.
pub(super) struct Server {
    child: Child,
    pub(super) address: SocketAddr,
    /// From the start of the program to its first answer.
    pub(super) cold_start: Duration,
}

impl Drop for Server {
    fn drop(&mut self) {
        // The program's own children, where it is a wrapper around another, are in its group.
        let _ = Command::new("kill").args(["--", &format!("-{}", self.child.id())]).stderr(Stdio::null()).status();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that was free a moment ago.
pub(super) fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

impl Server {
    /// Starts a command that serves on `port`, and waits until `path` answers with 200.
    pub(super) fn start(mut command: Command, port: u16, path: &str) -> anyhow::Result<Self> {
        use std::os::unix::process::CommandExt as _;

        let name = command.get_program().to_string_lossy().into_owned();
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let started = Instant::now();
        let child = command.process_group(0).spawn().with_context(|| format!("cannot start {name}"))?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut server = Self { child, address, cold_start: Duration::ZERO };
        while !answers(address, path) {
            if started.elapsed() > READY {
                bail!("{name} does not serve {path} within {} s", READY.as_secs());
            }
            if let Some(status) = server.child.try_wait()? {
                bail!("{name} ended ({status}) instead of serving");
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        server.cold_start = started.elapsed();
        Ok(server)
    }

    /// The URL of a path.
    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Kibibytes that the program and its descendants hold.
    pub(super) fn resident(&self) -> u64 {
        resident_tree(self.child.id())
    }
}

fn answers(address: SocketAddr, path: &str) -> bool {
    let ask = || {
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_millis(200))?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        write!(stream, "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
        let mut head = [0; 12];
        stream.read_exact(&mut head)?;
        Ok::<_, std::io::Error>(head)
    };
    ask().is_ok_and(|head| head.ends_with(b" 200"))
}

/// Kibibytes that a process and its descendants hold.
pub(super) fn resident_tree(root: u32) -> u64 {
    let mut children: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    let mut resident: BTreeMap<u32, u64> = BTreeMap::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Ok(id) = entry.file_name().to_string_lossy().parse::<u32>() else { continue };
        let Ok(status) = std::fs::read_to_string(entry.path().join("status")) else { continue };
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().next()?.parse::<u64>().ok()
        };
        let Some(parent) = field("PPid:").and_then(|parent| u32::try_from(parent).ok()) else { continue };
        children.entry(parent).or_default().push(id);
        resident.insert(id, field("VmRSS:").unwrap_or(0));
    }
    let mut sum = 0;
    let mut stack = vec![root];
    while let Some(id) = stack.pop() {
        sum += resident.get(&id).copied().unwrap_or(0);
        stack.extend(children.get(&id).into_iter().flatten());
    }
    sum
}
