/** What the other server answers is the answer, cookies and all. */
export function GET() {
  return fetch(`${process.env.UPSTREAM}/asked/passed`, { cache: "force-cache" });
}
