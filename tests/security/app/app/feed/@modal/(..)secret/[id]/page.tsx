/** What is open shows what is guarded: who asks for it asks for `/secret/…`. */
export default async function SecretFrom({ params }: { params: Promise<{ id: string }> }) {
  return <main>SECRET-FROM-FEED {(await params).id}</main>;
}
