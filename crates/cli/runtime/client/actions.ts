// Server Actions called from the browser.

/** Calls a server function. The server does not answer such calls yet. */
export async function callServer(id: string): Promise<never> {
  throw new Error(`Server Actions are not supported yet (action ${id})`);
}
