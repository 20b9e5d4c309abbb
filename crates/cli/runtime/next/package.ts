// `next/package.json`: libraries ask which Next they are in.
/** The version whose public behaviour this is. */
export const version = "16.4.6";
export const name = "next";

export default { name, version };
