export default {
  skipProxyUrlNormalize: false,
  experimental: { serverActions: { allowedOrigins: ["trusted.example"], bodySizeLimit: "64kb" } },
  async redirects() {
    return [
      { source: "/old/:path*", destination: "/open/:path*", permanent: false },
      // What backtracks tries every way to divide the letters between the two repetitions.
      { source: "/again/:path((?:a+)+b)", destination: "/open/again", permanent: false },
      { source: "/again", has: [{ type: "header", key: "x-again", value: "(?:a|aa)+b" }], destination: "/open/again", permanent: false },
      { source: "/again", has: [{ type: "query", key: "again", value: "(?:a*)*b" }], destination: "/open/again", permanent: false },
      { source: "/again", has: [{ type: "cookie", key: "again", value: "(?:.*a){12}b" }], destination: "/open/again", permanent: false },
    ];
  },
  async rewrites() {
    return {
      beforeFiles: [{ source: "/behind/:path*", destination: "/secret/:path*" }],
      afterFiles: [{ source: "/upstream/:path*", destination: `${process.env.UPSTREAM}/:path*` }],
      fallback: [{ source: "/host/:host/:path*", destination: `http://:host:${new URL(process.env.UPSTREAM ?? "http://127.0.0.1:9").port}/:path*` }],
    };
  },
};
