import { ChannelError } from "../errors.ts";

/** What is wrong with a part of a payload that its schema accepts. */
export function invalid(path: string, message: string): ChannelError {
  return new ChannelError("invalid_payload", `${path}: ${message}`, { details: { issues: [{ path, message }] } });
}

/** `limit` is in Unicode code points. */
export function checkLength(content: string, limit: number): void {
  if (content.length <= limit) return;
  let codePoints = 0;
  for (const _ of content) codePoints += 1;
  if (codePoints <= limit) return;
  const message = `The message has ${codePoints} characters. At most ${limit} are allowed.`;
  throw new ChannelError("content_too_long", message, { details: { limit, length: codePoints } });
}

export function checkEngine(path: string, engine: string | null | undefined, engines: object): void {
  if (engine === undefined || engine === null || Object.hasOwn(engines, engine)) return;
  throw invalid(path, `must be one of ${Object.keys(engines).join(", ")}`);
}

export function checkModel(model: string | undefined, allowed: ReadonlySet<string>): void {
  if (model === undefined || allowed.has(model)) return;
  throw new ChannelError("model_not_allowed", "This server does not offer that model.", {
    details: { models: [...allowed] },
  });
}
