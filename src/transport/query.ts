/** A name with more brackets than this is not nested. */
const MAX_DEPTH = 16;
/** More than any client sends. */
const MAX_PARAMS = 256;

type Nested = Record<string, unknown>;

/** Decodes a query string like Phoenix: `a[b]=1` nests, `a[]=1` makes a list, the last duplicate wins. Never throws. Undefined if there are too many. */
export function decodeQuery(query: string): Nested | undefined {
  const params: Nested = Object.create(null);
  const pieces = query.split("&", MAX_PARAMS + 1);
  if (pieces.length > MAX_PARAMS) return undefined;
  for (const piece of pieces) {
    if (piece === "") continue;
    const equals = piece.indexOf("=");
    const name = decode(equals === -1 ? piece : piece.slice(0, equals));
    assign(params, name, equals === -1 ? "" : decode(piece.slice(equals + 1)));
  }
  return params;
}

function assign(params: Nested, name: string, value: string): void {
  const [first = name, ...rest] = path(name);
  let target = params;
  let key = first;
  for (const [at, next] of rest.entries()) {
    if (next === "" && at === rest.length - 1) {
      const list = target[key];
      if (Array.isArray(list)) list.push(value);
      else target[key] = [value];
      return;
    }
    target = nested(target, key);
    key = next;
  }
  target[key] = value;
}

function nested(target: Nested, key: string): Nested {
  const existing = target[key];
  if (isNested(existing)) return existing;
  const created: Nested = Object.create(null);
  target[key] = created;
  return created;
}

function isNested(value: unknown): value is Nested {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Splits `a[b][c]` into a, b, c. A name with unbalanced brackets is kept as is. */
function path(name: string): string[] {
  const match = /^([^[\]]+)((?:\[[^[\]]*\])+)$/.exec(name);
  if (!match) return [name];
  const [, first = "", brackets = ""] = match;
  const rest = brackets.slice(1, -1).split("][");
  return rest.length > MAX_DEPTH ? [name] : [first, ...rest];
}

function decode(text: string): string {
  const spaced = text.replaceAll("+", " ");
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}
