// Copies of responses. One that was made here has no URL of its own, and a plain copy of it would have none either.

/** The response with a URL, which its copies have as well. */
export function withUrl(response: Response, url: string): Response {
  return Object.defineProperties(response, {
    url: { value: url, configurable: true },
    clone: { value: () => copyOf(response), configurable: true },
  });
}

/** A copy that can be read by itself. */
export function copyOf(response: Response): Response {
  const copy = Response.prototype.clone.call(response);
  return copy.url === response.url ? copy : withUrl(copy, response.url);
}
