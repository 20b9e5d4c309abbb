export default function HomePage() {
  return (
    <section>
      <h1>Thirty-three routes</h1>
      <p>
        Rendered at <time>{new Date().toISOString()}</time>.
      </p>
      <p>Five layouts, three client components and three dynamic segments, and nothing that an app would not have.</p>
    </section>
  );
}
