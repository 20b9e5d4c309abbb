import type { Metadata } from "next";

export const metadata: Metadata = { title: "Analytics" };

const rows = [
  { page: "/", views: 6872, bounce: 41 },
  { page: "/about", views: 3925, bounce: 29 },
  { page: "/products", views: 6752, bounce: 85 },
  { page: "/products/3", views: 2997, bounce: 91 },
  { page: "/blog", views: 2263, bounce: 11 },
  { page: "/blog/post-1", views: 8501, bounce: 82 },
  { page: "/docs", views: 8093, bounce: 58 },
  { page: "/pricing", views: 725, bounce: 83 },
  { page: "/faq", views: 1553, bounce: 93 },
  { page: "/contact", views: 3744, bounce: 4 },
];

export default function AnalyticsPage() {
  return (
    <section>
      <h1>Analytics</h1>
      <table>
        <thead>
          <tr>
            <th>Page</th>
            <th>Views</th>
            <th>Bounce rate</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.page}>
              <td>{row.page}</td>
              <td>{row.views}</td>
              <td>{row.bounce} %</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
