// Where things are.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const here = dirname(fileURLToPath(import.meta.url));
export const fixturesFolder = join(here, "../../crates/cli/tests/fixtures");
export const recordsFolder = join(here, "records");
