import Link from "next/link";

export default function Inner() {
  return (
    <main>
      SECRET-INNER <Link href="/photo/7">a photo</Link>
    </main>
  );
}
