// React gives a fragment's elements to anything that can observe them; its types name only two observers.
import "react";

declare module "react" {
  interface FragmentInstance {
    observeUsing(observer: { observe(element: Element): void; unobserve(element: Element): void }): void;
    unobserveUsing(observer: { observe(element: Element): void; unobserve(element: Element): void }): void;
  }
}
