import { headers } from "next/headers";

async function Deep() {
  await new Promise((resolve) => setTimeout(resolve, 5));
  return <i>{(await headers()).get("x-visitor")}</i>;
}

export default async function Slow({ params }: { params: Promise<{ id: string }> }) {
  return (
    <main>
      SLOW <b>{(await params).id}</b> <Deep />
    </main>
  );
}
