import { z } from "zod";

const optional = z
  .string()
  .optional()
  .transform((value) => value?.trim() || undefined);

function list(fallback: string[], expected = "expected a list separated by commas") {
  return optional.transform((value, context) => {
    if (value === undefined) return fallback;
    const entries = value.split(",").map((entry) => entry.trim());
    const filled = entries.filter(Boolean);
    if (filled.length > 0) return filled;
    context.addIssue({ code: "custom", message: expected });
    return z.NEVER;
  });
}

function integer(fallback: number, least: number, most = Number.MAX_SAFE_INTEGER) {
  const expected = `expected a whole number from ${least} to ${most}`;
  return optional.transform((value, context) => {
    if (value === undefined) return fallback;
    const number = Number(value);
    if (/^\d+$/.test(value) && number >= least && number <= most) return number;
    context.addIssue({ code: "custom", message: `${expected}, got ${JSON.stringify(value)}` });
    return z.NEVER;
  });
}

/** The longest time that a timer takes; a longer one would be over at once. */
const longestMs = 2_147_483_647;

function milliseconds(fallback: number, least: number) {
  return integer(fallback, least, longestMs);
}

/** Undefined where it is not set: what that means depends on other settings. */
function flag() {
  return optional.transform((value, context) => {
    if (value === undefined) return undefined;
    if (/^(?:1|true|on|yes)$/i.test(value)) return true;
    if (/^(?:0|false|off|no)$/i.test(value)) return false;
    context.addIssue({ code: "custom", message: `expected 1 or 0, got ${JSON.stringify(value)}` });
    return z.NEVER;
  });
}

function share() {
  return optional.transform((value, context) => {
    if (value === undefined) return undefined;
    const number = Number(value);
    if (number >= 0 && number <= 1) return number;
    context.addIssue({ code: "custom", message: `expected a number from 0 to 1, got ${JSON.stringify(value)}` });
    return z.NEVER;
  });
}

function url(protocols: string[]) {
  return optional.refine(
    (value) => value === undefined || (URL.canParse(value) && protocols.includes(new URL(value).protocol)),
    `expected a URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(" or ")}`,
  );
}

/** `model=input/output`, in US dollars for a million tokens. */
export const price = /^([^=\s]+)=(\d+(?:\.\d+)?)\/(\d+(?:\.\d+)?)$/;

function keyOf(entry: string): string {
  return entry.slice(0, entry.indexOf("="));
}

const key = /^[A-Za-z0-9._~-]+=(\*|[^,=\s]{1,128})$/;

/** The settings, by their names in the environment. */
export const Settings = z.object({
  PORT: integer(4000, 0, 65_535).describe("Listen port; 0 takes a free one."),
  HOST: optional.transform((value) => value ?? "127.0.0.1").describe("Listen address."),
  API_KEYS: list([], "expected key=user_id or key=*, separated by commas")
    .refine((keys) => keys.every((entry) => key.test(entry)), "expected key=user_id or key=*, separated by commas")
    .refine((keys) => new Set(keys.map(keyOf)).size === keys.length, "expected each key once")
    .describe("Comma-separated `key=user_id`, or `key=*` for a trusted back end. Without it one key is made at start."),
  AUTH_JWT_SECRET: optional.describe("Verifies JWTs signed with HS256."),
  AUTH_JWKS_URL: url(["http:", "https:"]).describe("Where the keys for RS256 and ES256 JWTs are."),
  ALLOWED_ORIGINS: list([])
    .refine((origins) => origins.every((origin) => /^([a-z][a-z0-9+.-]*:)?\/\/[^/\s]+$/i.test(origin)), {
      message: "expected origins such as https://example.com, //example.com or //*.example.com, separated by commas",
    })
    .describe("Phoenix's check_origin list; default: the server's own host."),
  OPENAI_API_KEY: optional.describe(
    "Key of the model server; with neither this nor the base URL the demo model answers.",
  ),
  OPENAI_BASE_URL: url(["http:", "https:"]).describe("Any OpenAI-compatible server."),
  OPENAI_ORG_ID: optional.describe("OpenAI's organization that requests count for, if a key belongs to several."),
  OPENAI_PROJECT_ID: optional.describe("OpenAI's project that requests count for."),
  MODEL: optional.transform((value) => value ?? "gpt-4.1-mini").describe("The default model."),
  MODELS: list([]).describe("Models that `llm_config.model` may name, beside MODEL; default: gpt-4."),
  FALLBACK_MODELS: list([]).describe("Tried in order when the first model fails before or during the stream."),
  MODEL_PRICES: list([])
    .refine(
      (entries) => entries.every((entry) => price.test(entry)),
      "expected model=input/output, separated by commas",
    )
    .describe(
      "Prices that come before the published ones: `model=input/output` in US dollars for a million tokens, separated by commas.",
    ),
  MODEL_TIMEOUT_MS: milliseconds(30_000, 1).describe(
    "Longest silence of the model, in ms: before its first token, and between two chunks.",
  ),
  TURN_TIMEOUT_MS: milliseconds(300_000, 1).describe("Longest turn, in ms."),
  DRAIN_TIMEOUT_MS: milliseconds(30_000, 0).describe("How long running turns may go on after SIGTERM, in ms."),
  MAX_RUNNING_TURNS: integer(500, 0).describe(
    "Turns that run at the same time; the others wait in order. 0 disables the limit.",
  ),
  MAX_RUNNING_TURNS_PER_USER: integer(8, 0).describe("The same for one user. 0 disables the limit."),
  SOCKET_IDLE_MS: milliseconds(75_000, 1).describe("No bytes from the client for so long, in ms: closed."),
  RATE_LIMIT_MESSAGES: integer(60, 0).describe("Messages a minute and user; 0 switches it off."),
  RATE_LIMIT_PUSHES: integer(600, 0).describe("Pushes a minute and user; 0 switches it off."),
  RATE_LIMIT_JOINS: integer(600, 0).describe("Joins a minute and user; 0 switches it off."),
  RATE_LIMIT_CONNECTIONS: integer(300, 0).describe("Handshakes a minute and address; 0 switches it off."),
  RATE_LIMIT_REFUSED: integer(120, 0).describe("Refused handshakes a minute and address; 0 switches it off."),
  ROUTING: optional
    .transform((value) => value ?? "model")
    .pipe(z.enum(["local", "model", "speculative"]))
    .describe(
      "Who chooses the engine where the local stage is not sure: `model` asks the model, `speculative` begins the likeliest engine's first step meanwhile, `local` asks nobody.",
    ),
  ROUTING_THRESHOLD: share().describe(
    "How sure the local stage has to be to decide alone, from 0 to 1; default: the threshold it was trained with.",
  ),
  DATABASE_URL: optional
    .transform((value) => value ?? "sqlite:data/conversations.db")
    .refine((value) => /^sqlite:[^:]+$/.test(value), "expected sqlite:<path of a file>")
    .describe("Where conversations are stored."),
  PROMPTS_DIR: optional.transform((value) => value ?? "prompts").describe("Where the prompt files are."),
  WORKBENCH: flag().describe(
    "Shows prompts, graphs and what turns were asked with to their owners, for replays; default: 1 without API_KEYS and JWT settings, and under `npm run dev`. Never with NODE_ENV=production.",
  ),
  PLAYGROUND_EDIT: flag().describe(
    "Lets the playground save prompt files; default: 1 under `npm run dev`. Never with NODE_ENV=production.",
  ),
  NODE_ENV: optional.describe("`production` switches the workbench off, whatever else is set."),
  LOG_LEVEL: optional
    .transform((value) => value ?? "info")
    .pipe(z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]))
    .describe("How much is logged."),
  LANGSMITH_TRACING: optional
    .transform((value) => value === "true")
    .describe("Sends each turn as one trace to LangSmith, with LangSmith's own variables."),
});

export type Config = Readonly<z.infer<typeof Settings>>;

/** Reads the environment. Throws an error that names each bad setting and what was expected, never its secret value. */
export function config(environment: Record<string, string | undefined>): Config {
  const settings = Settings.safeParse(environment);
  if (settings.success) return Object.freeze(settings.data);
  const faults = settings.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw new Error(`Bad settings:\n${faults.map((fault) => `  ${fault}`).join("\n")}`);
}

/** The models that clients may name: the default, and those listed. */
export function allowedModels({ MODEL, MODELS }: Config): ReadonlySet<string> {
  return new Set([MODEL, ...(MODELS.length > 0 ? MODELS : ["gpt-4"])]);
}

/** What a developer may do, by the settings; `isDev` under `npm run dev`. Prompts are the operator's: where others have keys, they are shown to nobody unasked. */
export function workbenchOf(settings: Config, isDev: boolean): { isOpen: boolean; canEdit: boolean } {
  if (settings.NODE_ENV === "production") return { isOpen: false, canEdit: false };
  const isOneself = settings.API_KEYS.length === 0 && !settings.AUTH_JWT_SECRET && !settings.AUTH_JWKS_URL;
  const canEdit = settings.PLAYGROUND_EDIT ?? isDev;
  return { isOpen: settings.WORKBENCH ?? (isOneself || isDev || canEdit), canEdit };
}
