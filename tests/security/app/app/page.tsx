import Link from "next/link";

export default function Home() {
  return (
    <main>
      HOME <Link href="/open">open</Link>
    </main>
  );
}
