import type { Metadata } from "next";
import Link from "next/link";

export const metadata: Metadata = { title: "Blog" };

const topics = ["Rendering", "Routing", "Caching", "Streaming", "Bundling"];

const posts = Array.from({ length: 25 }, (_, index) => ({
  slug: `post-${index + 1}`,
  title: `${topics[index % topics.length]}, part ${Math.floor(index / topics.length) + 1}`,
  date: `2025-01-${String(index + 1).padStart(2, "0")}`,
}));

export default function BlogPage() {
  return (
    <section>
      <h1>Blog</h1>
      {posts.map((post) => (
        <article key={post.slug} style={{ marginBottom: 12 }}>
          <h2 style={{ margin: 0, fontSize: 18 }}>
            <Link href={`/blog/${post.slug}`}>{post.title}</Link>
          </h2>
          <time dateTime={post.date}>{post.date}</time>
        </article>
      ))}
    </section>
  );
}
