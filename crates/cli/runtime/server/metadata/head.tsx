// Collects elements of a document's head. React hoists them, whichever place they are rendered in.
import type { ReactNode } from "react";

function text(value: unknown): string | undefined {
  if (value === null || value === undefined || value === "") return undefined;
  if (value instanceof Date) return value.toISOString();
  return value instanceof URL ? value.href : String(value);
}

/** A list of elements, each with a key of its own. */
export class Head {
  readonly elements: ReactNode[] = [];
  #key = 0;

  meta(name: string, content: unknown): void {
    const value = text(content);
    if (value !== undefined) this.push((key) => <meta key={key} name={name} content={value} />);
  }

  property(property: string, content: unknown): void {
    const value = text(content);
    if (value !== undefined) this.push((key) => <meta key={key} property={property} content={value} />);
  }

  link(rel: string, href: unknown, attributes: Record<string, string | undefined> = {}): void {
    const value = text(href);
    if (value !== undefined) this.push((key) => <link key={key} rel={rel} href={value} {...attributes} />);
  }

  push(element: (key: number) => ReactNode): void {
    this.elements.push(element(this.#key++));
  }
}
