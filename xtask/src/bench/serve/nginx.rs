//! nginx with the same bytes: as fast as this machine serves files.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::super::server::{Server, free_port};
use crate::prepare::{self, Need};

/// The server itself.
pub(super) const NGINX: Need = Need::new("nginx", "nginx-light", || prepare::has_program("nginx"));

/// Serves each body at its path.
pub(super) fn start(dir: &Path, files: &[(&'static str, Vec<u8>)]) -> anyhow::Result<Server> {
    let _ = fs::remove_dir_all(dir);
    for (path, body) in files {
        let file = dir.join("html").join(path.trim_start_matches('/'));
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(file, body)?;
    }
    fs::create_dir_all(dir.join("tmp"))?;
    fs::write(dir.join("html/ready"), "ready")?;
    let port = free_port()?;
    let tmp = dir.join("tmp");
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .iter()
        .map(|name| format!("{name}_temp_path {};\n", tmp.join(name).display()))
        .collect();
    let configuration = format!(
        // Who starts it as root keeps its files where nobody else looks.
        "user root;\nworker_processes auto;\ndaemon off;\npid {pid};\nerror_log /dev/null;\nevents {{ worker_connections 1024; }}\n\
         http {{\naccess_log off;\nsendfile on;\ntcp_nopush on;\nopen_file_cache max=100;\nkeepalive_requests 1000000000;\n\
         default_type text/html;\n{temporary}server {{ listen 127.0.0.1:{port}; root {root}; }}\n}}\n",
        pid = dir.join("pid").display(),
        root = dir.join("html").display(),
    );
    let file = dir.join("nginx.conf");
    fs::write(&file, configuration)?;
    let mut command = Command::new("nginx");
    command.arg("-p").arg(dir).arg("-c").arg(file);
    Server::start(command, port, "/ready")
}
