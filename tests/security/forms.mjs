// One page, in each form in which its data can be asked for, and in each spelling of its path.

/** Spellings of a path that a server might take for it. */
export function spellings(path, buildId) {
  const first = path.charCodeAt(1).toString(16);
  const last = path.slice(path.lastIndexOf("/") + 1);
  return [
    path, `${path}/`, `/${path}`, `//${path}`, `/.${path}`, `/x/..${path}`, `/open/%2e%2e${path}`, `/open/..%2f${path.slice(1)}`, `/open/..;${path}`, `\\${path.slice(1)}`, `/%5c${path.slice(1)}`, `/%2f${path.slice(1)}`,
    `/%${first}${path.slice(2)}`, `/%25${first}${path.slice(2)}`, path.toUpperCase(), `${path}%20`, `${path}%00`, `${path}%0a`, `${path};x=1`, `${path}?`, `${path}?x=1`, `${path}#x`, `${path}%23x`, `${path}%3Fx`, `${path}.`, `${path}%2f`, `${path}//`, `${path}/.`, `${path}/./`, `${path}/x/..`,
    `/index${path}`, `${path}/index`, `/en${path}`, `/default${path}`, `${path}?__nextLocale=en`, `${path}?__nextDataReq=1`, `${path}?nxtPid=1`, `${path}?_rsc=abcde`, `${path}?__nextDefaultLocale=en`,
    // How payloads are, or were, asked for by their URL alone.
    `${path}.rsc`, `${path}/.rsc`, `${path}.rsc/`, `${path}.prefetch.rsc`, `${path}.segments/_tree.segment.rsc`, `${path}.segments/_full.segment.rsc`, `${path}.segments/${last}/__PAGE__.segment.rsc`, `${path}%2ersc`, `${path}.json`, `${path}.html`, `${path}.txt`,
    `/_next/data/${buildId}${path}.json`, `/_next/data/x${path}.json`, `/_next/data/${buildId}/en${path}.json`, `/_next${path}`, `/_next/static/..${path}`, `/_next/image?url=${encodeURIComponent(path)}&w=64&q=75`, `/_next/action${path}`,
    `http://127.0.0.1${path}`, `http://127.0.0.1:1${path}`, `http://elsewhere.example${path}`, `//127.0.0.1${path}`, `/http://127.0.0.1${path}`,
  ];
}

/** Headers that ask for a page's data in another form, or that once switched a guard off. */
export const DISGUISES = {
  none: {},
  payload: { rsc: "1" },
  prefetch: { rsc: "1", "next-router-prefetch": "1" },
  "runtime prefetch": { rsc: "1", "next-router-prefetch": "2" },
  "segment of the tree": { rsc: "1", "next-router-prefetch": "1", "next-router-segment-prefetch": "/_tree" },
  "segment of the page": { rsc: "1", "next-router-prefetch": "1", "next-router-segment-prefetch": "/secret/__PAGE__" },
  interception: { rsc: "1", "next-url": "/secret" },
  "interception from what is guarded": { rsc: "1", "next-url": "/inner" },
  "interception of what is guarded": { rsc: "1", "next-url": "/feed" },
  "state of the router": { rsc: "1", "next-router-state-tree": encodeURIComponent(JSON.stringify(["", { children: ["secret", { children: ["__PAGE__", {}] }] }])) },
  data: { "x-nextjs-data": "1" },
  "middleware as a subrequest": { "x-middleware-subrequest": "proxy:proxy:proxy:proxy:proxy" },
  "middleware of old as a subrequest": { "x-middleware-subrequest": "src/middleware:src/middleware:src/middleware:src/middleware:src/middleware", "x-middleware-subrequest-id": "0" },
  "middleware that is over": { "x-middleware-next": "1", "x-middleware-invoke": "1", "x-middleware-skip": "1", "x-middleware-prefetch": "1" },
  "another path": { "x-middleware-rewrite": "/secret", "x-matched-path": "/secret", "x-invoke-path": "/secret", "x-invoke-output": "/secret/page", "x-nextjs-rewritten-path": "/secret", "x-rewrite-url": "/secret", "x-original-url": "/secret", "x-now-route-matches": "1=secret" },
  resumed: { "next-resume": "1", "x-next-resume-state-length": "3" },
  "a revalidation": { "x-prerender-revalidate": "x", "x-prerender-revalidate-if-generated": "1" },
  "forwarded action": { "x-action-forwarded": "1" },
  "another host": { host: "elsewhere.example", "x-forwarded-host": "elsewhere.example", "x-forwarded-proto": "https" },
};

/** How one page can be asked for, by what its answer is. */
export const FORMS = {
  document: {},
  "data header": DISGUISES.data,
  payload: DISGUISES.payload,
  prefetch: DISGUISES.prefetch,
  "runtime prefetch": DISGUISES["runtime prefetch"],
  "segment of the tree": DISGUISES["segment of the tree"],
  "segment of the page": DISGUISES["segment of the page"],
  "state of the router": DISGUISES["state of the router"],
};

/** Of a page that is made for each request, this is all that there is in advance. */
export const NOTHING = "0:null\n";

export const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "get"];
