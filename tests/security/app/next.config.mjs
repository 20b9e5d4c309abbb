export default {
  skipProxyUrlNormalize: false,
  experimental: { serverActions: { allowedOrigins: ["trusted.example"], bodySizeLimit: "64kb" } },
  async redirects() {
    return [{ source: "/old/:path*", destination: "/open/:path*", permanent: false }];
  },
  async rewrites() {
    return {
      beforeFiles: [{ source: "/behind/:path*", destination: "/secret/:path*" }],
      afterFiles: [{ source: "/upstream/:path*", destination: `${process.env.UPSTREAM}/:path*` }],
      fallback: [],
    };
  },
};
