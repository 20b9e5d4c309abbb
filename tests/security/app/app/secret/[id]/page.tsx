export default async function SecretOf({ params }: { params: Promise<{ id: string }> }) {
  return <main>SECRET-OF {(await params).id}</main>;
}
