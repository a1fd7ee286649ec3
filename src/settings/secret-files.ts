import { InvalidSettings } from "./invalid-settings.ts";
import { readingProblem, readText } from "./text-file.ts";

/** The settings whose value may be in a file: `OPENAI_API_KEY_FILE` names the file of `OPENAI_API_KEY`. */
const secret = /^(?:[A-Z0-9_]+_API_KEY|AUTH_JWT_SECRET|METRICS_TOKEN|DATABASE_URL|REDIS_URL|FILES_URL)$/;

/** Adds the secrets that are in files. Throws InvalidSettings if a file cannot be read or is empty, or if the secret is set as well. */
export function secretsFromFiles(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const found: NodeJS.ProcessEnv = {};
  const problems: string[] = [];
  for (const [setting, path] of Object.entries(environment)) {
    const name = setting.replace(/_FILE$/, "");
    if (!path || name === setting || !secret.test(name)) continue;
    const problem = environment[name] ? `${name} is set, too: use one of them` : undefined;
    const value = problem ?? valueIn(path);
    if (typeof value === "string") problems.push(`${setting}: ${value}`);
    else found[name] = value.text;
  }
  if (problems.length > 0) throw new InvalidSettings(problems);
  return { ...environment, ...found };
}

/** The text of a file, or what is wrong with it. */
function valueIn(path: string): { text: string } | string {
  try {
    const text = readText(path).trim();
    return text === "" ? `${path} is empty` : { text };
  } catch (error) {
    return `cannot read ${path}: ${readingProblem(error)}`;
  }
}
