//! The one client for what the framework itself fetches: rewrites to other servers today, images and fonts later.
//!
//! Whose word names the host decides what it may reach: a host of the app's own configuration may be anywhere, one that
//! comes with a request has to have a public address, which is looked at after DNS has answered. Redirects are never
//! followed. Nothing waits for ever, and no head is larger than its cap.

mod addresses;
pub(super) mod idle;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, Uri, Version};
use http_body_util::BodyExt as _;
use http_body_util::combinators::UnsyncBoxBody;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use thiserror::Error;

use self::addresses::PublicResolver;
use self::idle::{Activity, Patience, Sent, Watched};
use crate::engine::BodyError;

/// A body on its way out or in.
pub type OutboundBody = UnsyncBoxBody<Bytes, BodyError>;

/// What an outgoing request may take.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct OutboundOptions {
    /// How long a connection may take to be made.
    pub connect_timeout: Duration,
    /// How long nothing may be sent or received; `None` for ever.
    pub idle_timeout: Option<Duration>,
    /// How many bytes the head of an answer may have.
    pub head_bytes: usize,
    /// How many headers an answer may have.
    pub headers: usize,
    /// Authorities to trust beside Mozilla's.
    pub authorities: Vec<CertificateDer<'static>>,
}

impl Default for OutboundOptions {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            idle_timeout: Some(Duration::from_secs(30)),
            head_bytes: 64 * 1024,
            headers: 200,
            authorities: Vec::new(),
        }
    }
}

impl OutboundOptions {
    /// Trusts the certificates of a PEM file as well, as Node does with the one that `NODE_EXTRA_CA_CERTS` names.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn trust_file(&mut self, path: impl AsRef<std::path::Path>) -> io::Result<()> {
        let pem = std::fs::read(path)?;
        let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
        self.authorities.extend(found.map_err(|error| io::Error::other(error.to_string()))?);
        Ok(())
    }
}

/// What a host may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// The app's configuration names it: it may be on this machine or in a private network.
    Anywhere,
    /// A request has a say in it: its addresses have to be public ones.
    Public,
}

/// A URL that may be asked.
///
/// ```
/// use vinext_adapters::native::outbound::{Reach, Target};
///
/// assert!(Target::new("https://api.example/v1?x=1", Reach::Public).is_ok());
/// for url in ["ftp://files.example/", "https://user@api.example/", "/v1", "http://169.254.169.254/", "http://[::1]/"] {
///     assert!(Target::new(url, Reach::Public).is_err(), "{url}");
/// }
/// assert!(Target::new("http://[::1]:4000/", Reach::Anywhere).is_ok());
/// ```
///
/// No URL becomes one without having been looked at:
///
/// ```compile_fail,E0451
/// use vinext_adapters::native::outbound::{Reach, Target};
///
/// let uri = "http://169.254.169.254/".parse().unwrap();
/// let unchecked = Target { uri, reach: Reach::Public };
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    uri: Uri,
    reach: Reach,
}

impl Target {
    /// Checks the URL: its scheme, its host, and an address that stands in the place of a host.
    pub fn new(url: &str, reach: Reach) -> Result<Self, OutboundError> {
        let refused = || OutboundError::Url { url: url.to_owned() };
        let uri: Uri = url.parse().map_err(|_| refused())?;
        let authority = uri.authority().ok_or_else(refused)?;
        let is_http = matches!(uri.scheme_str(), Some("http" | "https"));
        if !is_http || authority.host().is_empty() || authority.as_str().contains('@') {
            return Err(refused());
        }
        if reach == Reach::Public && addresses::literal(authority.host()).is_some_and(|ip| !addresses::is_public(ip)) {
            return Err(OutboundError::NotPublic { host: authority.host().to_owned() });
        }
        Ok(Self { uri, reach })
    }
}

/// Why there is no answer.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OutboundError {
    /// Not a URL that this client asks.
    #[error("{url:?} is no plain http(s) URL")]
    Url {
        /// The URL.
        url: String,
    },
    /// The host is on this machine or in a private network, and a request had a say in it.
    #[error("{host:?} has no public address")]
    NotPublic {
        /// The host.
        host: String,
    },
    /// It was silent for too long.
    #[error("no answer within {} ms", .after.as_millis())]
    TimedOut {
        /// The cap.
        after: Duration,
    },
    /// It cannot be reached, or what it says is no HTTP.
    #[error("the request failed")]
    Failed(#[from] hyper_util::client::legacy::Error),
    /// The client cannot be made.
    #[error("TLS cannot be set up")]
    Tls(#[from] rustls::Error),
}

type Pool<R> = Client<HttpsConnector<HttpConnector<R>>, OutboundBody>;

/// The client. It keeps its connections; HTTP/1.1 is spoken.
#[derive(Debug, Clone)]
pub struct Outbound {
    anywhere: Pool<hyper_util::client::legacy::connect::dns::GaiResolver>,
    public: Pool<PublicResolver>,
    idle_timeout: Option<Duration>,
}

impl Outbound {
    /// A client with these caps.
    pub fn new(options: &OutboundOptions) -> Result<Self, OutboundError> {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        roots.add_parsable_certificates(options.authorities.iter().cloned());
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self {
            anywhere: pool(HttpConnector::new(), tls.clone(), options),
            public: pool(HttpConnector::new_with_resolver(PublicResolver::new()), tls, options),
            idle_timeout: options.idle_timeout,
        })
    }

    /// Sends the request to the target. Its body is read as the target takes it, the answer's as it is read here; an
    /// answer of any status is one.
    pub async fn send(
        &self,
        target: &Target,
        request: Request<OutboundBody>,
    ) -> Result<Response<OutboundBody>, OutboundError> {
        let (mut parts, body) = request.into_parts();
        parts.uri = target.uri.clone();
        parts.version = Version::HTTP_11;
        let activity = Arc::new(Activity::new());
        let request = Request::from_parts(parts, Sent::new(body, Arc::clone(&activity)).boxed_unsync());
        let answer = match target.reach {
            Reach::Anywhere => self.anywhere.request(request),
            Reach::Public => self.public.request(request),
        };
        let mut patience = Patience::new(activity, self.idle_timeout);
        let response = tokio::select! {
            answer = answer => answer?,
            after = patience.exhausted() => return Err(OutboundError::TimedOut { after }),
        };
        Ok(response.map(|body| Watched::new(body, patience).boxed_unsync()))
    }
}

fn pool<R>(mut http: HttpConnector<R>, tls: ClientConfig, options: &OutboundOptions) -> Pool<R>
where
    HttpsConnector<HttpConnector<R>>: hyper_util::client::legacy::connect::Connect + Clone,
{
    http.enforce_http(false);
    http.set_nodelay(true);
    http.set_connect_timeout(Some(options.connect_timeout));
    let connector =
        HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().wrap_connector(http);
    Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(Duration::from_secs(4))
        .http1_max_buf_size(options.head_bytes.max(8 * 1024))
        .http1_max_headers(options.headers)
        .build(connector)
}
