import type { Answer } from "../channel/dispatch.ts";
import { rateLimited } from "../channel/refusal.ts";
import type { Config } from "../config.ts";
import { ChannelError } from "../errors.ts";
import { offeredModels } from "../models/http/offered.ts";
import { isDemo } from "../models/models.ts";
import { connectionProblem, type ModelChecks } from "./model-checks.ts";
import type { ModelMessage } from "./model-messages.ts";
import type { Workbench } from "./services.ts";

const notAllowed =
  "Connecting a model is off for this key. Set PLAYGROUND_EDIT=1 or use `npm run dev`, and name the key in WORKBENCH_KEYS.";

/** The time limit for listing a server's models, in ms. */
const offerMs = 3_000;

type Handlers = { [Event in keyof ModelMessage]: (payload: ModelMessage[Event]) => Promise<Answer<object>> };

/** The handlers that check and connect models. Keys are never logged, and only sent to the model's server. */
export function modelHandlers(workbench: Workbench, userId: string, checks: ModelChecks): Handlers {
  const { model, canEdit, limits, log } = workbench;

  function allow(): void {
    if (!canEdit) throw new ChannelError("not_allowed", notAllowed);
  }

  return {
    async check_model({ model: name, api_key, base_url }) {
      allow();
      const waitMs = await limits.messages(userId);
      if (waitMs > 0) throw rateLimited(waitMs);
      const connection = { model: name, apiKey: api_key || undefined, baseURL: base_url || undefined };
      const problem = connectionProblem(connection);
      if (problem) throw new ChannelError("invalid_payload", problem);
      const { checkId, begin } = checks.start(connection);
      return { response: { check_id: checkId }, after: begin };
    },
    async get_models({ api_key, base_url }) {
      allow();
      const inTime = AbortSignal.any([checks.left, AbortSignal.timeout(offerMs)]);
      const models = await offeredModels(api_key || undefined, base_url || undefined, inTime).catch(() => []);
      return { response: { models } };
    },
    async stop_check() {
      return { response: { stopped: checks.stop() } };
    },
    async use_model({ check_id, save }) {
      allow();
      const config = checks.checked(check_id);
      const overridden = save ? saved(workbench, config) : [];
      const after = () => model.inUse.use(config);
      log.info({ model: config.MODEL, server: serverOf(config) }, "a model was connected in the playground");
      return { response: { overridden }, after };
    },
  };
}

/** The settings whose saved value has no effect, because the process's environment overrides it. */
function saved({ model }: Workbench, config: Config): string[] {
  if (!model.save) throw new ChannelError("not_allowed", "Settings are saved only under `npm run dev`.");
  const { MODEL, OPENAI_API_KEY = "", OPENAI_BASE_URL = "" } = config;
  try {
    return model.save({ OPENAI_API_KEY, OPENAI_BASE_URL, MODEL });
  } catch (error) {
    throw new ChannelError(
      "not_allowed",
      `The .env file was not changed: ${error instanceof Error ? error.message : error}`,
    );
  }
}

/** What members see of the model in use. Only those who may replace it see the server's address. */
export function shownModel({ model, canEdit }: Workbench): object {
  const { config } = model.inUse.current();
  const isDemoModel = isDemo(config);
  return {
    name: isDemoModel ? "demo" : config.MODEL,
    is_demo: isDemoModel,
    can_connect: canEdit,
    can_save: canEdit && model.save !== undefined,
    ...(canEdit && !isDemoModel && { server: serverOf(config) }),
  };
}

/** Without its query, which may contain a key. */
function serverOf({ OPENAI_BASE_URL = "https://api.openai.com/v1" }: Config): string {
  const { origin, pathname } = new URL(OPENAI_BASE_URL);
  return origin + pathname;
}
