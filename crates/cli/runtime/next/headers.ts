// `next/headers`: the request, for server code.
import { isDraft, setDraft } from "../server/draft.ts";
import { currentHost } from "../server/host-access.ts";
import { cookiesOf } from "../server/request-cookies.ts";
import { answeredRequest, changeDraft, dependOnRequest, readRequest } from "../server/request-scope.ts";
import { requireWork } from "../server/work.ts";
import { ReadonlyHeaders } from "./web/headers.ts";
import { NEXT_URL_HEADER, PREFETCH_HEADER, RSC_HEADER, SEGMENT_PREFETCH_HEADER, STATE_TREE_HEADER } from "../shared/wire.ts";
import type { RequestCookies } from "../server/request-cookies.ts";
import type { Work } from "../server/work.ts";

const HIDDEN = new Set([RSC_HEADER, STATE_TREE_HEADER, PREFETCH_HEADER, SEGMENT_PREFETCH_HEADER, NEXT_URL_HEADER, "next-hmr-refresh"]);

function headersOf(work: Work): ReadonlyHeaders {
  const known = work.memo.get(ReadonlyHeaders) as ReadonlyHeaders | undefined;
  if (known !== undefined) return known;
  const headers = new ReadonlyHeaders();
  const rawHeaders = work.dynamic === "force-static" ? [] : work.request.rawHeaders;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const [name = "", value = ""] = [rawHeaders[index], rawHeaders[index + 1]];
    if (!HIDDEN.has(name)) headers.append(name, value);
  }
  work.memo.set(ReadonlyHeaders, headers.seal());
  return headers;
}

/** The headers of the request. */
export async function headers(): Promise<Headers> {
  return headersOf(await readRequest("headers"));
}

/** The cookies of the request. */
export async function cookies(): Promise<RequestCookies> {
  return cookiesOf(await readRequest("cookies"));
}

/** Whether what is shown is what will be published: turned on for one visitor, by a cookie. */
class DraftMode {
  readonly #work: Work;

  constructor(work: Work) {
    this.#work = work;
  }

  get isEnabled(): boolean {
    return this.#work.mode !== "prerender" && isDraft(this.#work, currentHost());
  }

  enable(): void {
    this.#set("enable");
  }

  disable(): void {
    this.#set("disable");
  }

  #set(call: "enable" | "disable"): void {
    const work = requireWork(`draftMode().${call}()`);
    changeDraft(work, call);
    dependOnRequest(work, `draftMode().${call}()`);
    setDraft(work, currentHost(), call === "enable");
  }
}

/** Draft mode. */
export async function draftMode(): Promise<DraftMode> {
  return new DraftMode(answeredRequest("draftMode"));
}
