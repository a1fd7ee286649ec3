import { type Cause, causeOf } from "../causes.ts";
import type { HttpError } from "../http/http-error.ts";
import type { Change, RequestBody } from "./changes.ts";
import * as changes from "./changes.ts";

/** The changes that all requests without a form may need, from the one that costs least. */
export const guessable: readonly Change[] = [
  changes.withoutStreamOptions,
  changes.withoutTemperature,
  changes.withoutTopP,
  changes.withoutMaxTokens,
  changes.instructionsAsUser,
  changes.unstreamed,
];

/** How servers name what they refuse, and how to ask without it. The first that is named and part of the request counts. */
const named: [name: RegExp, changes: (said: string, body: RequestBody) => Change[]][] = [
  [/stream_options|include_usage/, () => [changes.withoutStreamOptions]],
  [/temperature/, () => [changes.withoutTemperature]],
  [/\btop_?p\b/, () => [changes.withoutTopP]],
  [/max_?(completion_|output_|new_)?tokens/, limits],
  [/\bstrict\b/, () => [changes.notStrict]],
  [/tool[_ ]choice/, (said) => [...(/\brequired\b/.test(said) ? [changes.anyTool] : []), changes.maybeTool]],
];

const form = /response[_ ]?format|json[_ ]?(schema|object|mode)|structured|guided|grammar|schema|\btools?\b|function/;

const streaming =
  /\bstream(ing)?\b.{0,40}(not (yet )?(support|available|allow|enabled|implement|permit)|unsupported|disabled|must be (false|disabled))|(not support|unsupported|cannot|disable|without|verified to)\b.{0,30}\bstream|["'`]stream["'`]|^stream\b/;

const roles = /\broles?\b|(system|developer)[_ -]?(role|message|prompt|instruction)|["'`](system|developer)["'`]/;

/** What the server says of the request otherwise: nothing that can be left out. */
const essential = /\bmessages?\b|\bimages?(?:_url)?\b|multi-?modal|\bvision\b|\bcontent\b|\bprompt\b|encoding/;

/** Otherwise the key, the model, the credit or the moment is to blame. */
const ofRequest = new Set<Cause>(["bad_request", "server_error", "wrong_path"]);

/** The changes to try after this error, in order. Empty if it names nothing, or nothing that this request has. */
export function namedChanges(error: HttpError, body: RequestBody): Change[] {
  const cause = causeOf(error);
  // A length limit counts as a part of the context.
  if (cause === "context_overflow") return [changes.withoutMaxTokens].filter((change) => change.fits(body));
  if (!ofRequest.has(cause)) return [];
  const { param } = error;
  const said = `${param ?? ""} ${error.code ?? ""} ${error.message}`.toLowerCase();
  const both = changes.withoutTopPBesideTemperature;
  if (both.fits(body) && said.includes("temperature") && /top_?p\b/.test(said)) return [both];
  const places = param === undefined ? [said] : [param.toLowerCase(), said];
  for (const place of places) {
    for (const [name, wanted] of named) {
      const fitting = name.test(place) ? wanted(said, body).filter((change) => change.fits(body)) : [];
      if (fitting.length > 0) return fitting;
    }
    if (form.test(place) && hasForm(body)) return [];
    if (roles.test(place)) {
      const fitting = roleChanges(said, body);
      if (fitting.length > 0) return fitting;
    }
    if (streaming.test(place) && changes.unstreamed.fits(body)) return [changes.unstreamed];
  }
  return [];
}

/** The server says nothing of what it refuses. */
export function isUnnamed(error: HttpError): boolean {
  const said = error.message.toLowerCase();
  if (error.param !== undefined || essential.test(said)) return false;
  return ![...named.map(([name]) => name), form, roles, streaming].some((name) => name.test(said));
}

/** The server says that it does not take the form of reply that the request asks for. */
export function namesForm({ param, message }: HttpError): boolean {
  return form.test(`${param ?? ""} ${message}`.toLowerCase());
}

/** The request asks for a reply in a certain form. Structured steps ask in another one by themselves. */
export function hasForm({ response_format, tools }: RequestBody): boolean {
  return response_format !== undefined || tools !== undefined;
}

/** A limit by the other name, if the server asks for it, or without one. `max_completion_tokens` is the newer name. */
function limits(said: string, body: RequestBody): Change[] {
  if (/too (large|high|big)|at most|maximum|less than|exceed|range|<=|>/.test(said)) return [changes.withoutMaxTokens];
  if (body.max_completion_tokens !== undefined) return [changes.maxTokens, changes.withoutMaxTokens];
  const isAskedFor = said.includes("max_completion_tokens");
  return [...(isAskedFor ? [changes.maxCompletionTokens] : []), changes.withoutMaxTokens];
}

function roleChanges(said: string, body: RequestBody): Change[] {
  const { systemRole, developerRole, instructionsAsUser } = changes;
  const isWanted = said.includes("developer") && !systemRole.fits(body);
  return [systemRole, ...(isWanted ? [developerRole] : []), instructionsAsUser].filter((change) => change.fits(body));
}
