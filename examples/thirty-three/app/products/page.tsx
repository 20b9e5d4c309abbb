import type { Metadata } from "next";
import Link from "next/link";

export const metadata: Metadata = { title: "Products" };

const products = [
  { id: 1, name: "Desk lamp", price: 54.13 },
  { id: 2, name: "Notebook", price: 22.91 },
  { id: 3, name: "Fountain pen", price: 38.58 },
  { id: 4, name: "Coffee grinder", price: 57.64 },
  { id: 5, name: "Tea kettle", price: 32.50 },
  { id: 6, name: "Wool blanket", price: 90.62 },
  { id: 7, name: "Bookend", price: 49.25 },
  { id: 8, name: "Wall clock", price: 59.08 },
  { id: 9, name: "Plant pot", price: 20.05 },
  { id: 10, name: "Step stool", price: 89.74 },
  { id: 11, name: "Coat hook", price: 42.07 },
  { id: 12, name: "Paper tray", price: 96.46 },
  { id: 13, name: "Ruler", price: 13.98 },
  { id: 14, name: "Pencil case", price: 14.95 },
  { id: 15, name: "Door stop", price: 49.56 },
  { id: 16, name: "Serving board", price: 61.30 },
  { id: 17, name: "Water carafe", price: 39.89 },
  { id: 18, name: "Cork mat", price: 28.61 },
  { id: 19, name: "Oak shelf", price: 70.47 },
  { id: 20, name: "Linen bag", price: 30.08 },
];

export default function ProductsPage() {
  return (
    <section>
      <h1>Products</h1>
      <div style={{ display: "grid", gridTemplateColumns: "repeat(4, 1fr)", gap: 16 }}>
        {products.map((product) => (
          <Link
            key={product.id}
            href={`/products/${product.id}`}
            style={{ border: "1px solid #d0d7de", borderRadius: 8, padding: 12 }}
          >
            <strong>{product.name}</strong>
            <div>€ {product.price.toFixed(2)}</div>
          </Link>
        ))}
      </div>
    </section>
  );
}
