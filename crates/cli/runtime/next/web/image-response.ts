/** Has moved. */
export function ImageResponse(): never {
  throw new Error('ImageResponse moved from "next/server" to "next/og": import it from there');
}
