/** What is guarded shows what is open: who asks for it asks for `/photo/…`. */
export default async function PhotoFrom({ params }: { params: Promise<{ id: string }> }) {
  return <main>SECRET-MODAL {(await params).id}</main>;
}
