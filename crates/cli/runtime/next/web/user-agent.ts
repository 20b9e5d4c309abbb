// `userAgent`: what a browser says of itself, read by the few words that differ. Own rules, linear in the text's length.

/** What a `user-agent` header says. */
export interface UserAgent {
  isBot: boolean;
  ua: string;
  browser: { name?: string; version?: string; major?: string };
  device: { model?: string; type?: string; vendor?: string };
  engine: { name?: string; version?: string };
  os: { name?: string; version?: string };
  cpu: { architecture?: string };
}

type Named = { name: string; pattern: RegExp };

const BOT =
  /Googlebot|Mediapartners-Google|AdsBot-Google|Google-PageRenderer|bingbot|BingPreview|msnbot|Slurp|DuckDuckBot|baiduspider|Baiduspider|yandex|sogou|LinkedInBot|bitlybot|tumblr|vkShare|quora link preview|facebookexternalhit|facebookcatalog|Twitterbot|applebot|redditbot|Slackbot|Discordbot|WhatsApp|SkypeUriPreview|ia_archiver/i;

/** The first that fits is meant: the text of a browser also names those that it descends from. */
const BROWSERS: readonly Named[] = [
  { name: "Edge", pattern: /\bEdg(?:e|A|iOS)?\/([\d.]+)/ },
  { name: "Opera", pattern: /\bOPR\/([\d.]+)/ },
  { name: "Samsung Browser", pattern: /\bSamsungBrowser\/([\d.]+)/ },
  { name: "Firefox", pattern: /\bFxiOS\/([\d.]+)/ },
  { name: "Mobile Chrome", pattern: /\bCriOS\/([\d.]+)/ },
  { name: "Chrome", pattern: /\bChrome\/([\d.]+)/ },
  { name: "Mobile Firefox", pattern: /\bMobile;.*\bFirefox\/([\d.]+)/ },
  { name: "Firefox", pattern: /\bFirefox\/([\d.]+)/ },
  { name: "Mobile Safari", pattern: /\bVersion\/([\d.]+) Mobile\/\S+ Safari\// },
  { name: "Safari", pattern: /\bVersion\/([\d.]+) Safari\// },
];

const ENGINES: readonly Named[] = [
  { name: "EdgeHTML", pattern: /\bEdge\/([\d.]+)/ },
  { name: "Blink", pattern: /\bChrome\/([\d.]+)/ },
  { name: "WebKit", pattern: /\bAppleWebKit\/([\d.]+)/ },
  { name: "Gecko", pattern: /\brv:([\d.]+)\b.*\bGecko\// },
];

const WINDOWS: Record<string, string> = { "10.0": "10", "6.3": "8.1", "6.2": "8", "6.1": "7", "6.0": "Vista", "5.1": "XP" };

const SYSTEMS: readonly Named[] = [
  { name: "iOS", pattern: /\((?:iPhone|iPad|iPod).*?\bOS ([\d_]+)/ },
  { name: "Android", pattern: /\bAndroid ([\d.]+)/ },
  { name: "Windows", pattern: /\bWindows NT ([\d.]+)/ },
  { name: "Mac OS", pattern: /\bMac OS X ([\d_.]+)/ },
  { name: "Chrome OS", pattern: /\bCrOS \S+ ([\d.]+)/ },
  { name: "Ubuntu", pattern: /\bUbuntu(?:\/([\d.]+))?/ },
  { name: "Linux", pattern: /\bLinux(?: ([^\s;)]+))?/ },
];

function first(list: readonly Named[], text: string): { name?: string; version?: string } {
  for (const { name, pattern } of list) {
    const match = pattern.exec(text);
    if (match) return { name, ...(match[1] === undefined ? {} : { version: match[1] }) };
  }
  return {};
}

function browserOf(text: string): UserAgent["browser"] {
  const found = first(BROWSERS, text);
  const major = found.version?.split(".")[0];
  return major === undefined ? found : { ...found, major };
}

function osOf(text: string): UserAgent["os"] {
  const { name, version } = first(SYSTEMS, text);
  if (name === undefined || version === undefined) return name === undefined ? {} : { name };
  if (name === "Windows") return { name, version: WINDOWS[version] ?? version };
  return { name, version: name === "Linux" ? version : version.replaceAll("_", ".") };
}

const MAKERS: readonly { vendor: string; pattern: RegExp }[] = [
  { vendor: "Samsung", pattern: /^(?:SM-|GT-|SAMSUNG )/ },
  { vendor: "Google", pattern: /^(?:Pixel|Nexus)/ },
  { vendor: "Xiaomi", pattern: /^(?:Redmi|Mi |POCO|M2\d{3})/ },
  { vendor: "OnePlus", pattern: /^(?:ONEPLUS|OnePlus)/ },
  { vendor: "Motorola", pattern: /^(?:moto|XT\d)/i },
  { vendor: "Huawei", pattern: /^(?:HUAWEI|ELE-|VOG-)/ },
];

function deviceOf(text: string): UserAgent["device"] {
  const apple = /\((iPhone|iPad|iPod)\b/.exec(text)?.[1];
  if (apple !== undefined) return { vendor: "Apple", model: apple, type: apple === "iPad" ? "tablet" : "mobile" };
  if (text.includes("(Macintosh")) return { vendor: "Apple", model: "Macintosh" };
  const model = /\bAndroid [\d.]+; ([^;)]+?)(?: Build\/[^;)]*)?[;)]/.exec(text)?.[1];
  if (model === undefined) return {};
  const type = text.includes(" Mobile ") ? "mobile" : "tablet";
  const vendor = MAKERS.find(({ pattern }) => pattern.test(model))?.vendor;
  return vendor === undefined ? { type } : { vendor, model, type };
}

function cpuOf(text: string): UserAgent["cpu"] {
  if (/\b(?:x86_64|x64|Win64|WOW64|amd64)\b/i.test(text)) return { architecture: "amd64" };
  if (/\b(?:aarch64|arm64)\b/i.test(text)) return { architecture: "arm64" };
  if (/\b(?:i[3-6]86|x86)\b/i.test(text)) return { architecture: "ia32" };
  return {};
}

/** Reads the text of a `user-agent` header. */
export function userAgentFromString(input: string | undefined): UserAgent {
  // Longer than any browser's: nobody has to read more of it.
  const ua = (input ?? "").slice(0, 1000);
  return {
    ua,
    browser: browserOf(ua),
    engine: first(ENGINES, ua),
    os: osOf(ua),
    device: deviceOf(ua),
    cpu: cpuOf(ua),
    isBot: input === undefined ? false : BOT.test(ua),
  };
}

/** Reads the `user-agent` header of a request. */
export function userAgent({ headers }: { headers: Headers }): UserAgent {
  return userAgentFromString(headers.get("user-agent") ?? undefined);
}
