import { type ErrorText, errorTextOf, isFields } from "../http/error-text.ts";
import { HttpError } from "../http/http-error.ts";
import { isRefusal } from "./finish.ts";

/** The error that an event of a reply tells of, if it does. */
export function errorIn(event: Record<string, unknown>): unknown {
  const { error, choices, base_resp, error_message, error_type, object, type } = event;
  if (isError(error)) return event;
  if (isFields(base_resp) && base_resp.status_code) return event; // MiniMax; 0 is success
  if (isError(error_message) || isError(error_type)) return event;
  if (object === "error" || type === "error") return event;
  if (choices !== undefined && choices !== null) return undefined;
  const { detail, errors, message, msg, code, status, success } = event;
  if (isError(detail) || isError(errors) || success === false) return event;
  const said = typeof message === "string" || typeof msg === "string";
  return said && (isError(code) || isError(status) || object === undefined) ? event : undefined;
}

/** Some gateways send an empty error with every reply. */
export function isError(value: unknown, depth = 4): boolean {
  if (typeof value !== "object" || value === null) return Boolean(value);
  return depth === 0 || Object.values(value).some((inner) => isError(inner, depth - 1));
}

/** An error in a reply, with the status that an HTTP failure would have had. */
export function replyError(error: unknown, secrets: string[]): HttpError {
  const said = errorTextOf(error, secrets);
  const names = [said.code, said.type].filter((name) => name !== undefined);
  if (names.some(isRefusal) || refusedNumbers.has(numberIn(error, 3) ?? 0)) {
    return new HttpError(400, {}, { ...said, code: "content_filter" });
  }
  return new HttpError(statusOf(error, said), {}, said);
}

function statusOf(error: unknown, { code, type, message }: ErrorText): number {
  const number = numberIn(error, 3) ?? 0;
  if (number >= 400 && number < 600) return number;
  const known = providerStatuses.get(number);
  if (known !== undefined) return known;
  for (const [status, pattern] of byName) if ([code, type].some((name) => name && pattern.test(name))) return status;
  for (const [status, pattern] of byMessage) if (message && pattern.test(message)) return status;
  return 500;
}

/** MiniMax's and Zhipu's numbers. */
const providerStatuses = new Map([
  [1002, 429],
  [1004, 401],
  [1008, 402],
  [1039, 429],
  [1302, 429],
  [1305, 429],
]);
const refusedNumbers = new Set([1026, 1027, 1301]);

const byName: [number, RegExp][] = [
  [429, /rate.?limit|too.?many.?requests|throttl|quota|resource.?exhausted/i],
  [401, /auth|invalid.?api.?key|unauthori/i],
  [402, /billing|payment|insufficient.?(balance|credit|funds)/i],
  [403, /permission|forbidden|denied/i],
  [404, /not.?found/i],
  [503, /overload|unavailable|capacity/i],
  [504, /time.?out|deadline/i],
  [400, /invalid|bad.?request|context.?length|unsupported|validation/i],
];

/** For servers that give neither a code nor a kind. */
const byMessage: [number, RegExp][] = [
  [429, /rate.?limit|too many requests/i],
  [503, /overloaded|temporarily unavailable/i],
  [400, /context (length|window|size)|prompt is too long|too many tokens/i],
];

const numberFields = ["code", "status", "status_code", "http_status", "http_code", "error_code"];

/** The first number that is not 0 in the fields for codes, here or in a wrapped error. */
function numberIn(error: unknown, depth: number): number | undefined {
  if (!isFields(error) || depth === 0) return undefined;
  for (const field of numberFields) {
    const value = error[field];
    const number = typeof value === "string" && /^\d{3,5}$/.test(value) ? Number(value) : value;
    if (typeof number === "number" && Number.isSafeInteger(number) && number !== 0) return number;
  }
  return (
    numberIn(error.error, depth - 1) ?? numberIn(error.base_resp, depth - 1) ?? numberIn(error.metadata, depth - 1)
  );
}
