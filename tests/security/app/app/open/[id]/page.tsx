import { cookies } from "next/headers";

type Props = { params: Promise<{ id: string }>; searchParams: Promise<Record<string, string | string[] | undefined>> };

export default async function OpenOf({ params, searchParams }: Props) {
  const { id } = await params;
  const query = await searchParams;
  const visitor = (await cookies()).get("visitor")?.value ?? "nobody";
  return (
    <main>
      OPEN-OF <i>{id}</i> <b>{JSON.stringify(query)}</b> <u>{visitor}</u>
    </main>
  );
}
