// Names on the wire between the client's router and the server. They are Next's, so that CDNs and tools know them.

/** Asks for the Flight payload instead of the document. */
export const RSC_HEADER = "rsc";
/** Which segments the client already shows. */
export const STATE_TREE_HEADER = "next-router-state-tree";
/** Says that the request is speculative. */
export const PREFETCH_HEADER = "next-router-prefetch";
/** Names one segment to prefetch. */
export const SEGMENT_PREFETCH_HEADER = "next-router-segment-prefetch";
/** The path that the navigation came from, for interception. */
export const NEXT_URL_HEADER = "next-url";
/** Keeps caches that ignore `Vary` from mixing documents and payloads. */
export const RSC_QUERY = "_rsc";
/** The media type of a payload. */
export const RSC_CONTENT_TYPE = "text/x-component";
/** What a page's response depends on. */
export const RSC_VARY = "rsc, next-router-state-tree, next-router-prefetch, next-router-segment-prefetch";

/** Of a payload that is not all of the page: what differs by request is left out. */
export const POSTPONED_HEADER = "x-nextjs-postponed";
/** Seconds for which a client may show a payload without asking, where what it is made of says so. */
export const STALE_TIME_HEADER = "x-nextjs-stale-time";
