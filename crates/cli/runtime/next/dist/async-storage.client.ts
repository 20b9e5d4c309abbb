// `next/dist/server/app-render/*-async-storage.external` in a browser: no request is being answered there.
interface Store {
  getStore(): undefined;
}

export const workAsyncStorage: Store = { getStore: () => undefined };
export const workUnitAsyncStorage: Store = { getStore: () => undefined };
