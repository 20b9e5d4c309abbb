// Values that travel to the browser and back, and that nobody there may read or change: AES-GCM, bound to the function
// that they belong to.
const NONCE_BYTES = 12;
const encoder = new TextEncoder();
/** As it is before somebody watches who calls it: what is sealed while a page is prerendered is no unstable value of its own. */
const fill = crypto.getRandomValues.bind(crypto);

/** The key of a build: base64 of 16, 24 or 32 bytes. */
export function importKey(base64: string): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", fromBase64(base64), "AES-GCM", false, ["encrypt", "decrypt"]);
}

/** Encrypts bytes for the function `id`. */
export async function sealBytes(key: CryptoKey, id: string, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const iv = fill(new Uint8Array(NONCE_BYTES));
  const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: encoder.encode(id) }, key, bytes));
  const whole = new Uint8Array(NONCE_BYTES + sealed.length);
  whole.set(iv);
  whole.set(sealed, NONCE_BYTES);
  return toBase64(whole);
}

/** Decrypts what was sealed for the function `id`; rejects whatever else it is given. */
export async function openBytes(key: CryptoKey, id: string, text: string): Promise<Uint8Array<ArrayBuffer>> {
  const whole = fromBase64(text);
  const iv = whole.subarray(0, NONCE_BYTES);
  return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData: encoder.encode(id) }, key, whole.subarray(NONCE_BYTES)));
}

function toBase64(bytes: Uint8Array): string {
  let binary = "";
  // Not spread whole: arguments are limited.
  for (let at = 0; at < bytes.length; at += 0x8000) binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(binary);
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}
