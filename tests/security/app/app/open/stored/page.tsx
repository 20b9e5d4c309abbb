export default function OpenStored() {
  return <main>OPEN-STORED</main>;
}
