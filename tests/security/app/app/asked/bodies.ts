type Init = Pick<RequestInit, "method" | "headers" | "body">;

function form(...fields: [string, string | File][]): FormData {
  const data = new FormData();
  for (const [name, value] of fields) data.append(name, value);
  return data;
}

function stream(text: string): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const letter of text) controller.enqueue(new TextEncoder().encode(letter));
      controller.close();
    },
  });
}

const file = (text: string, name: string, type: string) => new File([text], name, { type });

/** What is sent to one URL, where one differs from the next by what a careless key leaves out or runs together. */
export const INITS: Record<string, () => Init> = {
  none: () => ({ method: "POST" }),
  "none put": () => ({ method: "PUT" }),
  text: () => ({ body: "a=1" }),
  "text put": () => ({ method: "PUT", body: "a=1" }),
  "text of another type": () => ({ body: "a=1", headers: { "content-type": "a/b" } }),
  query: () => ({ body: new URLSearchParams("a=1") }),
  "byte fe": () => ({ body: new Uint8Array([0xfe]) }),
  "byte ff": () => ({ body: new Uint8Array([0xff]) }),
  "what no byte is": () => ({ body: "\ufffd" }),
  "part of a buffer": () => ({ body: new Uint8Array([1, 2, 3, 4]).subarray(1, 3) }),
  "another part of it": () => ({ body: new Uint8Array([1, 2, 3, 4]).subarray(2, 4) }),
  blob: () => ({ body: new Blob(["b"], { type: "a/b" }) }),
  "blob of another type": () => ({ body: new Blob(["b"], { type: "c/d" }) }),
  stream: () => ({ body: stream("one") }),
  "another stream": () => ({ body: stream("two") }),
  "two fields": () => ({ body: form(["a", "b"], ["c", "d"]) }),
  "two fields turned": () => ({ body: form(["c", "d"], ["a", "b"]) }),
  "one field with a comma": () => ({ body: form(["a", "b,c,d"]) }),
  "one field with an ampersand": () => ({ body: form(["a", "b&c=d"]) }),
  "one field with a line": () => ({ body: form(["a", "b\nc=d"]) }),
  "a field twice": () => ({ body: form(["a", "b"], ["a", "d"]) }),
  "field as text": () => ({ body: form(["f", "x"]) }),
  "field as a file": () => ({ body: form(["f", file("x", "n", "a/b")]) }),
  "file of another name": () => ({ body: form(["f", file("x", "m", "a/b")]) }),
  "file of another type": () => ({ body: form(["f", file("x", "n", "c/d")]) }),
  "file of other bytes": () => ({ body: form(["f", file("y", "n", "a/b")]) }),
  "one header": () => ({ body: "h", headers: { "x-one": "1, x-two: 2" } }),
  "two headers": () => ({ body: "h", headers: { "x-one": "1", "x-two": "2" } }),
};
