import { z } from "zod";

/** Trimmed text; undefined if it is empty. Quotes around it are dropped: `docker run --env-file` passes them on. */
export const optional = z
  .string()
  .optional()
  .transform((value) => (value && unquoted(value.trim())) || undefined);

function unquoted(text: string): string {
  return /^(["'])(.*)\1$/s.exec(text)?.[2]?.trim() ?? text;
}

export function list(fallback: string[], expected = "expected a list separated by commas") {
  return optional.transform((value, context) => {
    if (value === undefined) return fallback;
    const entries = value.split(",").map((entry) => entry.trim());
    const filled = entries.filter(Boolean);
    if (filled.length > 0) return filled;
    context.addIssue({ code: "custom", message: expected });
    return z.NEVER;
  });
}

export function integer<Fallback extends number | undefined>(
  fallback: Fallback,
  min: number,
  max = Number.MAX_SAFE_INTEGER,
) {
  const expected = `expected a whole number from ${min} to ${max}`;
  return optional.transform((value, context) => {
    if (value === undefined) return fallback;
    const number = Number(value);
    if (/^\d+$/.test(value) && number >= min && number <= max) return number;
    context.addIssue({ code: "custom", message: `${expected}, got ${JSON.stringify(value)}` });
    return z.NEVER;
  });
}

/** Node's timers overflow above this and fire at once. */
const maxTimerMs = 2_147_483_647;

export function milliseconds(fallback: number, min: number) {
  return integer(fallback, min, maxTimerMs);
}

/** Undefined if it is not set, because the default depends on other settings. */
export function flag() {
  return optional.transform((value, context) => {
    if (value === undefined) return undefined;
    const isOn = flagOf(value);
    if (isOn === undefined) context.addIssue({ code: "custom", message: flagExpected(value) });
    return isOn ?? z.NEVER;
  });
}

/** Undefined if the value is neither a yes nor a no. */
export function flagOf(value: string): boolean | undefined {
  if (/^(?:1|true|on|yes)$/i.test(value.trim())) return true;
  return /^(?:0|false|off|no)$/i.test(value.trim()) ? false : undefined;
}

export function flagExpected(value: string): string {
  return `expected 1 or 0, got ${JSON.stringify(value)}`;
}

export function fraction() {
  return optional.transform((value, context) => {
    if (value === undefined) return undefined;
    const number = Number(value);
    if (number >= 0 && number <= 1) return number;
    context.addIssue({ code: "custom", message: `expected a number from 0 to 1, got ${JSON.stringify(value)}` });
    return z.NEVER;
  });
}

export function url(protocols: string[]) {
  return optional.refine(
    (value) => value === undefined || (URL.canParse(value) && protocols.includes(new URL(value).protocol)),
    `expected a URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(" or ")}`,
  );
}

export interface Address {
  host: string;
  port: number;
}

/** `host:port`, `[::1]:port` or only a port of this machine. */
export function address() {
  return optional.transform((value, context): Address | undefined => {
    if (value === undefined) return undefined;
    const [, host, port] = /^(?:(\[[0-9a-f:.]+\]|[^:\s/]*):)?(\d{1,5})$/i.exec(value) ?? [];
    if (port !== undefined && Number(port) <= 65_535) {
      return { host: withoutBrackets(host || "127.0.0.1"), port: Number(port) };
    }
    context.addIssue({ code: "custom", message: "expected an address and a port, such as 127.0.0.1:9464" });
    return z.NEVER;
  });
}

/** The brackets of an IPv6 address belong to URLs; sockets do not take them. */
export function withoutBrackets(host: string): string {
  return host.replace(/^\[(.*)\]$/, "$1");
}
