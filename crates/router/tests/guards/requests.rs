//! Requests as browsers, attackers and noise make them: from the pieces that bypasses have been made of.

/// A generator of numbers that is the same everywhere (splitmix64).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).unwrap()
    }

    fn one_in(&mut self, chances: usize) -> bool {
        self.below(chances) == 0
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(&'static str, String)>,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// Whether the guard knows who asks.
    pub(crate) fn is_known(&self) -> bool {
        self.header("x-visitor") == Some("known")
    }
}

/// Paths of the app, and of its configuration.
const REAL: [&str; 27] = [
    "",
    "/admin",
    "/admin/users",
    "/admin/7/edit",
    "/admin/files/a/b",
    "/admin/api",
    "/admin/team",
    "/admin/report.pdf",
    "/blog/x",
    "/blog",
    "/docs",
    "/docs/a/b",
    "/en/about",
    "/en/acme/settings",
    "/api/items/7",
    "/feed",
    "/feed/photo/1",
    "/gallery/1",
    "/robots.txt",
    "/door/users",
    "/blog/door",
    "/old/x",
    "/out/a",
    "/news/x",
    "/x/last",
    "/led",
    "/led/x",
];

/// What stands before a path.
const BEFORE: [&str; 30] = [
    "/",
    "//",
    "/./",
    "/x/..",
    "/x/%2e%2e",
    "/x/.%2E",
    "/..",
    "/%2f",
    "/%5c",
    "\\",
    "/\\",
    "/en",
    "/de",
    "/_next",
    "/_next/data/build",
    "/_next/data/build/en",
    "/_next/static",
    "/_next/static/..",
    "/_next/image/..",
    "/index",
    "/%00",
    "/%20",
    "/;",
    "/.",
    "/cdn",
    "/cdn/_next",
    "/cdn/_next/..",
    "/shop",
    "/admin",
    "/door",
];

/// What stands behind it.
const AFTER: [&str; 44] = [
    "/",
    "//",
    "/.",
    "/..",
    "/%2e",
    "/%2e%2e",
    "/../admin",
    "/..%2fadmin",
    "%2f",
    "%2F",
    "%5c",
    "\\",
    "/%2f",
    "%00",
    "%0a",
    "%0d%0aset-cookie:x",
    "%20",
    "%",
    "%2",
    "%zz",
    "%25",
    "%252e",
    "%c3%28",
    "%ef%bc%8f",
    ".json",
    ".rsc",
    ".txt",
    ".html",
    ".segments/_tree.segment.rsc",
    ".segments/admin.segment.rsc",
    ";",
    ";a=b",
    "%3f",
    "%23",
    "#x",
    ":",
    "@evil.example",
    "/index",
    "/index.html",
    "/page",
    "/route",
    "/_not-found",
    "%E2%80%AE",
    "\u{ff0f}",
];

const QUERIES: [&str; 22] = [
    "_rsc=abc",
    "_rsc",
    "%5Frsc=x",
    "nxtPslug=admin",
    "nxtPid=1",
    "nxtIid=1",
    "%6extPslug=x",
    "__nextLocale=de",
    "__nextDefaultLocale=de",
    "__nextDataReq=1",
    "to=users",
    "to=../admin/users",
    "to=a%2Fb",
    "to=%0d%0a",
    "x=1",
    "=",
    "&",
    "%",
    "__proto__=1",
    "next=/admin",
    "é=1",
    "a=/admin?b",
];

/// Headers by which something was once skipped, forged or led elsewhere, and those that count.
const HEADERS: [(&str, &[&str]); 23] = [
    ("x-middleware-subrequest", &["middleware", "src/middleware:src/middleware:src/middleware", "proxy"]),
    ("x-middleware-rewrite", &["/admin", "http://evil.example/"]),
    ("x-middleware-next", &["1"]),
    ("x-middleware-override-headers", &["rsc"]),
    ("x-middleware-prefetch", &["1"]),
    ("x-matched-path", &["/admin", "/admin/users"]),
    ("x-now-route-matches", &["1=admin"]),
    ("x-nextjs-data", &["1"]),
    ("x-invoke-path", &["/admin"]),
    ("x-invoke-status", &["200"]),
    ("x-rewrite-url", &["/admin"]),
    ("x-original-url", &["/admin"]),
    ("x-forwarded-host", &["evil.example"]),
    ("x-forwarded-prefix", &["/admin"]),
    ("x-http-method-override", &["GET"]),
    ("next-resume", &["1"]),
    ("rsc", &["1", "0", "true"]),
    (
        "next-url",
        &[
            "/feed",
            "/admin",
            "/feed/../admin",
            "//feed",
            "/%66eed",
            "http://evil.example/feed",
            "/admin/x",
            "/%61dmin",
            "/feed/../admin/users",
            "/ADMIN",
        ],
    ),
    ("next-router-state-tree", &["x", "%5B%22%22%5D"]),
    ("next-router-prefetch", &["1", "2"]),
    ("next-router-segment-prefetch", &["/_tree", "/admin"]),
    ("x-visitor", &["known", "unknown"]),
    ("cookie", &["__prerender_bypass=1", "NEXT_LOCALE=de"]),
];

const METHODS: [&str; 6] = ["GET", "HEAD", "POST", "OPTIONS", "PATCH", "PURGE"];

/// What is intercepted: where from, and the `_rsc` of a payload that is asked for with that `next-url` and nothing else.
const INTERCEPTED: [(&str, &str, &str); 3] = [
    ("/feed", "zt23Rs7tSakbTJyU", "/feed/photo/7"),
    ("/feed", "zt23Rs7tSakbTJyU", "/admin/users"),
    ("/admin", "uj33kMj9AvecBUQ6", "/gallery/7"),
];

const NOISE: [&str; 20] = [
    "/", "\\", ".", "..", "%2e", "%2F", "%5C", "%25", "%61dmin", "a", "admin", "Admin", "_next", "%", "é", "?", "#",
    ";", "\u{0}", " ",
];

pub(crate) fn request(random: &mut Random, base: &str) -> Request {
    let method = if random.one_in(4) { random.pick(&METHODS) } else { "GET" };
    let mut headers = vec![("host", "shop.example".to_owned())];
    for (name, values) in HEADERS {
        if random.one_in(6) {
            headers.push((name, random.pick(values).to_owned()));
        }
    }
    let mut request = Request { method: method.to_owned(), target: target(random, base), headers };
    // The client router's own requests: headers that belong together, and the page that is intercepted.
    if random.one_in(40) {
        request.headers.retain(|(name, _)| !matches!(*name, "rsc" | "next-url") && !name.starts_with("next-router"));
        let (from, digest, path) = INTERCEPTED[random.below(INTERCEPTED.len())];
        request.headers.extend([("rsc", "1".to_owned()), ("next-url", from.to_owned())]);
        request.target = format!("{base}{path}?_rsc={digest}");
    }
    request
}

fn target(random: &mut Random, base: &str) -> String {
    let mut target = String::new();
    if random.one_in(16) {
        target.push_str(random.pick(&[
            "http://shop.example",
            "https://SHOP.example",
            "http://evil.example",
            "http:/",
            "HTTP://shop.example",
        ]));
    }
    match random.below(10) {
        0 => {
            target.push('/');
            for _ in 0..random.below(9) {
                target.push_str(random.pick(&NOISE));
            }
        }
        _ => pieces(random, base, &mut target),
    }
    if random.one_in(3) {
        target.push('?');
        for number in 0..=random.below(3) {
            if number > 0 {
                target.push('&');
            }
            target.push_str(random.pick(&QUERIES));
        }
    }
    target
}

/// A path of the app, its spelling changed, with something before, within and behind.
fn pieces(random: &mut Random, base: &str, target: &mut String) {
    if random.one_in(4) {
        target.push_str(random.pick(&BEFORE));
    }
    if !random.one_in(8) {
        target.push_str(base);
    }
    if random.one_in(4) {
        target.push_str(random.pick(&BEFORE));
    }
    let start = target.len();
    target.push_str(random.pick(&REAL));
    if random.one_in(3) {
        let spelt = spelt(random, &target[start..]);
        target.truncate(start);
        target.push_str(&spelt);
    }
    for _ in 0..[0, 0, 0, 1, 1, 2][random.below(6)] {
        target.push_str(random.pick(&AFTER));
    }
    if target.is_empty() {
        target.push('/');
    }
}

/// The same path in other letters: encoded, encoded twice, in capitals, with dots and slashes in between.
fn spelt(random: &mut Random, path: &str) -> String {
    let mut out = String::new();
    let chances = 2 + random.below(12);
    for letter in path.chars() {
        if !random.one_in(chances) {
            out.push(letter);
            continue;
        }
        let code = u32::from(letter);
        match (letter, random.below(5)) {
            ('/', 0) => out.push_str("//"),
            ('/', 1) => out.push_str("/./"),
            ('/', 2) => out.push_str("/x/../"),
            ('/', 3) => out.push('\\'),
            (_, 0) => out.push_str(&format!("%{code:02x}")),
            (_, 1) => out.push_str(&format!("%{code:02X}")),
            (_, 2) => out.push_str(&format!("%25{code:02X}")),
            (_, 3) => out.push(letter.to_ascii_uppercase()),
            _ => out.push_str(&format!("%{:x}", code & 0xF)),
        }
    }
    out
}
