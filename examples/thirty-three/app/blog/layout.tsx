import type { ReactNode } from "react";
import { Search } from "../_components/search";

export default function BlogLayout({ children }: { children: ReactNode }) {
  return (
    <div>
      <Search placeholder="Search the blog" />
      {children}
    </div>
  );
}
