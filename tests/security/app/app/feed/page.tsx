import Link from "next/link";

export default function Feed() {
  return (
    <main>
      FEED <Link href="/secret/7">a secret</Link>
    </main>
  );
}
