export default function Fresh() {
  return <main>FRESH</main>;
}
