// Builds that are about what they say: a fixture, with files that are laid over it.
import { BuildFailure } from "./serve.mjs";

/** The words are each side's own, but these have to be there. */
export function unsaid(patterns, said) {
  return patterns.filter((pattern) => !pattern.test(said)).map(String);
}

/** Builds one case: `broken` is what a build that fails has to say, `warns` what one says that does not. */
export async function tryCase(build, name, { files, broken, warns = [] }) {
  try {
    const said = await build(name, files);
    const missing = broken === undefined ? unsaid(warns, said) : ["a build that fails"];
    return missing.length === 0 ? { fails: false } : { fails: false, missing, said };
  } catch (error) {
    if (!(error instanceof BuildFailure)) throw error;
    const missing = broken === undefined ? ["a build that succeeds"] : unsaid(broken, error.message);
    return missing.length === 0 ? { fails: true } : { fails: true, missing, said: error.message };
  }
}
