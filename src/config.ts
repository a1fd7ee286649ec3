import { z } from "zod";

import { entryExpected, keyOf } from "./auth/api-keys.ts";
import { engineChanges } from "./engine-changes.ts";
import { areProxies } from "./limits/client-address.ts";
import { mcpServers } from "./mcp/server-file.ts";
import { price } from "./models/price.ts";
import { databaseUrl } from "./settings/database-url.ts";
import { filesUrl } from "./settings/files-url.ts";
import { InvalidSettings } from "./settings/invalid-settings.ts";
import { flag, fraction, integer, list, milliseconds, optional, url, withoutBrackets } from "./settings/kinds.ts";
import { telemetrySettings } from "./settings/telemetry.ts";
import { originEntry } from "./transport/origin-entry.ts";

/** The settings, by the names of their environment variables. */
export const Settings = z.object({
  PORT: integer(4000, 0, 65_535).describe("Port to listen on; 0 picks a free one."),
  HOST: optional.transform((value) => withoutBrackets(value ?? "127.0.0.1")).describe("Address to listen on."),
  API_KEYS: list([], entryExpected)
    .refine((entries) => entries.every((entry) => keyOf(entry) !== undefined), entryExpected)
    .refine((entries) => new Set(entries.map(keyOf)).size === entries.length, "expected each key once")
    .describe(
      "Comma-separated `key=user_id`, or `key=*` for a trusted back end that names the user in each join. Without keys and JWTs, each start makes one key and prints it, except with NODE_ENV=production; `npm run dev` keeps its key in `data/dev-api-key`.",
    ),
  API_KEYS_FILE: optional.describe(
    "File with more such entries, one per line. It is read again when it changes, and on SIGHUP: new keys work at once, and sockets whose key is gone close within 60 s.",
  ),
  AUTH_JWT_SECRET: optional.describe(
    "Secret that verifies JWTs signed with HS256, at least 32 bytes. `sub` is the user, and `exp` is required; clocks may differ by 10 s.",
  ),
  AUTH_JWKS_URL: url(["http:", "https:"]).describe(
    "URL of the public keys that verify JWTs signed with RS256 or ES256.",
  ),
  AUTH_JWT_AUDIENCE: list([]).describe(
    "Audiences, comma-separated. JWTs must have one of them as `aud`. Default: any.",
  ),
  AUTH_JWT_ISSUER: list([]).describe("Issuers, comma-separated. JWTs must have one of them as `iss`. Default: any."),
  ALLOWED_ORIGINS: list([])
    .refine((origins) => origins.every((origin) => originEntry(origin)), {
      message: "expected origins such as https://example.com, //example.com or //*.example.com, separated by commas",
    })
    .describe(
      "Origins whose pages may connect, comma-separated, such as `https://example.com` or `//*.example.com`. Default: pages from the host that they connect to, if that is an address, this machine's name, HOST, or a host of a proxy in TRUSTED_PROXIES; and on this machine all pages of `localhost`.",
    ),
  OPENAI_API_KEY: optional.describe(
    "API key of the model server. If neither this nor OPENAI_BASE_URL is set, and MODEL names no provider, the built-in demo model answers.",
  ),
  OPENAI_BASE_URL: url(["http:", "https:"]).describe(
    "Base URL of an OpenAI-compatible server, such as `http://localhost:11434/v1`. Default: OpenAI.",
  ),
  OPENAI_ORG_ID: optional.describe("OpenAI organization that requests are billed to, for keys that belong to several."),
  OPENAI_PROJECT_ID: optional.describe("OpenAI project that requests are billed to."),
  MODEL: optional
    .transform((value) => value ?? "gpt-4.1-mini")
    .describe(
      "Default model. A plain name is a model of the OpenAI-compatible server; `provider:name`, such as `anthropic:claude-sonnet-4-5`, `google-genai:…` or `ollama:…`, is one of that provider, through its LangChain package. All settings that name models take both.",
    ),
  MODELS: list([]).describe(
    "Models that clients may choose with `llm_config.model`, besides MODEL; comma-separated. Default: gpt-4.",
  ),
  FALLBACK_MODELS: list([]).describe(
    "Models to try, in this order, if the first one fails before or during its answer; comma-separated.",
  ),
  MODEL_CONTEXT_TOKENS: integer(undefined, 256).describe(
    "Context of MODEL, in tokens: how much it reads and writes in one request. Earlier turns get what the prompt, the question and the answer leave of it, at most 24,000 tokens. It also limits requests to other models. Default: the length published for the model; if there is none, there is no limit until the server refuses a request.",
  ),
  MODEL_PRICES: list([])
    .refine(
      (entries) => entries.every((entry) => price.test(entry)),
      "expected model=input/output, separated by commas",
    )
    .describe(
      "Prices that override the published ones: `model=input/output` in US dollars per million tokens, comma-separated. A model may be named as in `MODEL`, without its provider, or as the server reports it.",
    ),
  MODEL_VISION: list([])
    .refine(
      (entries) => entries.every((entry) => /^[^=\s]+=(?:yes|no)$/.test(entry)),
      "expected model=yes or model=no, separated by commas",
    )
    .describe(
      "Which models see images, where what is known of them is missing or wrong: `model=yes` or `model=no`, comma-separated. A model of which nothing is known counts as seeing. A message with images for a model that does not see is refused.",
    ),
  MODEL_TIMEOUT_MS: milliseconds(30_000, 1).describe(
    "Longest silence of the model, in ms, before its first token and between two chunks.",
  ),
  DEMO_WORD_MS: milliseconds(10, 0).describe(
    "Time between two words of the built-in demo model, in ms. 0 gives its answers at once.",
  ),
  TURN_TIMEOUT_MS: milliseconds(300_000, 1).describe("Longest duration of a turn, in ms."),
  DRAIN_TIMEOUT_MS: milliseconds(30_000, 0).describe("How long running turns may continue after SIGTERM, in ms."),
  MAX_RUNNING_TURNS: integer(500, 0).describe(
    "Turns that may run at the same time; the others wait in order. 0 disables the limit.",
  ),
  MAX_RUNNING_TURNS_PER_USER: integer(8, 0).describe(
    "Turns of one user that may run at the same time. 0 disables the limit.",
  ),
  MESSAGE_MAX_CHARS: integer(4_000, 1, 200_000).describe("The longest message, in Unicode code points."),
  MAX_DEVICES_PER_CONVERSATION: integer(50, 0).describe(
    "Devices that may be in one conversation at the same time. When one more joins, the one that has been idle longest leaves. 0 disables the limit.",
  ),
  SOCKET_IDLE_MS: milliseconds(75_000, 1).describe(
    "A socket is closed after this long without a byte from its client, in ms.",
  ),
  TRUSTED_PROXIES: list([])
    .refine(
      areProxies,
      "expected addresses, ranges such as 10.0.0.0/8, loopback, linklocal or private, separated by commas",
    )
    .describe(
      "Reverse proxies in front of the server: addresses, ranges such as `10.0.0.0/8`, or `loopback`, `linklocal`, `private`; comma-separated. Their `X-Forwarded-For` or `Forwarded` says who the client is. Without it, all clients of a proxy share the limits of its address.",
    ),
  RATE_LIMIT_MESSAGES: integer(60, 0).describe(
    "Messages per user per minute, and as many uploads of files; 0 disables the limit.",
  ),
  RATE_LIMIT_PUSHES: integer(600, 0).describe(
    "Pushes per user per minute, of all events, and as many downloads of files; 0 also disables the limit of 1 MiB per second.",
  ),
  RATE_LIMIT_JOINS: integer(600, 0).describe("Joins per user per minute; 0 disables the limit."),
  RATE_LIMIT_CONNECTIONS: integer(300, 0).describe("Handshakes per client address per minute; 0 disables the limit."),
  RATE_LIMIT_REFUSED: integer(120, 0).describe(
    "Handshakes with a wrong key or token per client address per minute; 0 disables the limit.",
  ),
  ROUTING: optional
    .transform((value) => value?.toLowerCase() ?? "model")
    .pipe(z.enum(["local", "model", "speculative"]))
    .describe(
      "Who chooses the engine if the local classifier is not confident: `model` asks the model, `speculative` also starts the likeliest engine's first step meanwhile, `local` uses the classifier's best guess.",
    ),
  ROUTING_THRESHOLD: fraction().describe(
    "Confidence from 0 to 1 at which the local classifier decides alone. Default: the threshold found in training.",
  ),
  ENGINES: engineChanges.describe(
    "Engines to switch on or off, comma-separated: `+assistant` switches on an agent that searches the files of the conversation and asks the user, `-complex` switches off an engine.",
  ),
  MCP_SERVERS: mcpServers.describe(
    'JSON file that names MCP servers, as other MCP clients have it: `{"mcpServers": {"name": {"command": …, "args": …, "env": …}}}`, or `url` and `headers`. Their tools are for graphs that ask for them with `mcpTools("name")`.',
  ),
  DATABASE_URL: databaseUrl.describe(
    "The database: `sqlite:` and the path of its file, or `postgres://user:password@host/database`. `sqlite://` is relative as well, and `sqlite:///` is absolute.",
  ),
  REDIS_URL: url(["redis:", "rediss:"]).describe(
    "Redis or Valkey, such as `redis://:password@host:6379`, through which several servers with one Postgres database work together. `rediss:` uses TLS.",
  ),
  FILES_DIR: optional.describe(
    "Folder of the uploaded files. Default: the folder `files` beside the SQLite database, otherwise `data/files`.",
  ),
  FILES_URL: filesUrl.describe(
    "Bucket of the uploaded files, instead of FILES_DIR, on a server that speaks S3: `s3://bucket/prefix`. The standard `AWS_` variables and roles say the rest, or the query does: `?endpoint=https://minio.example.com&region=us-east-1&access_key_id=…&secret_access_key=…`; `path_style=0` puts the bucket into the host.",
  ),
  FILE_MAX_MB: integer(10, 1, 1_000).describe("The largest file that may be uploaded, in MB."),
  PROMPTS_DIR: optional.transform((value) => value ?? "prompts").describe("Folder of the prompt files."),
  WORKBENCH: flag().describe(
    "`1` shows users the prompts, the graphs and the inputs of their own turns, and lets them replay turns. Default: 1 if neither API_KEYS nor JWTs are set, under `npm run dev`, and with PLAYGROUND_EDIT. Always off with NODE_ENV=production.",
  ),
  PLAYGROUND_EDIT: flag().describe(
    "`1` lets the page save prompt files and connect a model, for the keys in WORKBENCH_KEYS. Default: 1 under `npm run dev`. Always off with NODE_ENV=production.",
  ),
  WORKBENCH_KEYS: list([]).describe(
    "API keys that may save prompts and connect a model with PLAYGROUND_EDIT, comma-separated. Default: the key that the start prints.",
  ),
  NODE_ENV: optional
    .transform((value) => value?.toLowerCase())
    .describe("`production` turns the workbench off, whatever else is set, and makes no API key."),
  ...telemetrySettings,
});

export type Config = Readonly<z.infer<typeof Settings>>;

/** Parses the environment. Throws an Error that names each invalid setting and what was expected, but no secret values. */
export function config(environment: Record<string, string | undefined>): Config {
  const settings = Settings.safeParse(environment);
  if (settings.success) return Object.freeze(settings.data);
  throw new InvalidSettings(settings.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`));
}

/** The models that clients may choose: MODEL and MODELS. */
export function allowedModels({ MODEL, MODELS }: Config): ReadonlySet<string> {
  return new Set([MODEL, ...(MODELS.length > 0 ? MODELS : ["gpt-4"])]);
}
