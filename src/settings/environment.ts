import { assignments, envFile } from "./env-file.ts";
import { langChainSettings } from "./langchain.ts";
import { secretsFromFiles } from "./secret-files.ts";

/**
 * The environment with the settings of the `.env` file, which it overrides, and with the secrets that are in files. A plain object, because
 * libraries read it thousands of times a second, and the real one is slow.
 */
export function environmentWith(file: string, environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return merged(envFile(file), environment);
}

/** The same with the text of the file. */
export function environmentOf(text: string, environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return merged(assignments(text), environment);
}

function merged(settings: Record<string, string>, environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return langChainSettings(secretsFromFiles({ ...settings, ...environment }));
}
