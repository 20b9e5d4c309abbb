export default async function Photo({ params }: { params: Promise<{ id: string }> }) {
  return <main>PHOTO {(await params).id}</main>;
}
