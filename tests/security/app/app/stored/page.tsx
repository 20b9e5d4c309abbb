export default function Stored() {
  return <main>STORED</main>;
}
