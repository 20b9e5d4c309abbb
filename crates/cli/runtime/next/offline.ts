// `next/offline`, which does nothing unless an experiment is on.
/** Never says so. */
export function useOffline(): boolean {
  return false;
}
