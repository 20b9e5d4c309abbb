// What differs from Next on purpose, with the reason. `fixture`, `answer` and `path` are regular expressions.
export default [
  { fixture: ".*", answer: ".*", path: "headers\\.refresh", reason: "beside a permanent redirect it was for Internet Explorer 11" },
  { fixture: "navigation", answer: "flow: a link to nowhere", path: "documents", reason: "the payload of a 404 shows the same as its document" },
  { fixture: "handlers", answer: "(POST|DELETE) /api/get", path: "headers\\.allow", reason: "HTTP asks for `allow` with a 405 (RFC 9110, section 15.5.6)" },
  { fixture: "statuses", answer: "GET /gone", path: "document\\..*", reason: "the not-found interface is in the document, not left to the browser" },
  { fixture: "statuses", answer: "GET /(away|moved|outside|static-away)", path: "headers\\.(content-type|vary)|document|body", reason: "a redirect needs no body" },
  { fixture: "statuses", answer: "GET /%70er-request", path: ".*", reason: "an encoded letter is that letter (RFC 3986, section 6.2.2.2); one canonical path is what keeps guards and routes in agreement" },
  { fixture: "links", answer: "GET /(about|docsabout)", path: ".*", reason: "what lies outside the base path is not there, with or without a slash: no redirect on the way to the 404" },
  { fixture: "links", answer: "GET /docs/about/\\?to=.*", path: "headers\\.(content-type|vary)|document|body", reason: "a redirect needs no body" },
  { fixture: "layouts", answer: "GET /%5Funderscore", path: ".*", reason: "an encoded underscore is an underscore: the same rule" },
  { fixture: "statuses", answer: "payload of /(per-request|hourly)", path: ".*", reason: "not done yet: a payload request without `_rsc` is answered instead of redirected" },
  { fixture: "dynamic", answer: "GET /options", path: "document\\..*", reason: "`dynamic({ loader })` shows its component, as its types say; Next shows nothing" },
  { fixture: "navigation-functions", answer: "GET /render/(redirect|push|permanent|outside)", path: "headers\\.(content-type|vary)|document|body", reason: "a redirect needs no body" },
  { fixture: "navigation-functions", answer: "GET /render/missing", path: "document\\..*", reason: "the not-found interface is in the document, not left to the browser" },
  { fixture: "catch-error", answer: "GET /away", path: "headers\\.(content-type|vary)|document|body", reason: "a redirect needs no body" },
  { fixture: "catch-error", answer: "GET /missing", path: "document\\..*", reason: "the not-found interface is in the document, not left to the browser" },
  { fixture: "catch-error", answer: "GET /missing", path: "headers\\.cache-control", reason: "what is not there today may be there tomorrow: no cache outside of this server is told to keep a 404" },
];
