// `next/compat/router` in server components, where there is no router at all.
/** There is none. */
export function useRouter(): null {
  return null;
}
