/** Longest text that is kept. */
const maxUnits = 300;

/** Of longer texts the beginning is read. */
const maxRead = 4096;

/** What looks like a key or a token, and what is left of it. */
const secretLike: [RegExp, string][] = [
  [
    /(?<![a-z\d])(sk|pk|rk|ak|gsk|xai|hf|r8|nvapi|ghp|gho|xoxb|xoxp|pplx|csk|fw|lsv2|tgp|key|token)[-_][\w*.-]{3,}/gi,
    "$1-…",
  ],
  [/(?<![a-zA-Z\d])(AIza|AKIA|ASIA|ya29\.|eyJ)[\w.*-]{6,}/g, "…"],
  [/\b(bearer|basic)\s+[^\s"',;@?&<>]{4,}/gi, "$1 …"],
  [
    /\b(api[-_ ]?key|authorization|access[-_ ]?key|token|secret|passw(?:or)?d|credentials?)(\b[^:=\n]{0,24}[:=]\s*)["'`]?(?!\s|\d+\b|(?:bearer|basic)\b)[^\s"'`,;&<>)\]}]{4,}/gi,
    "$1$2…",
  ],
  [/\/\/[^\s/@]{1,200}@/g, "//…@"],
  [/(?<![a-z\d])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, "…"],
  [/\b[\w+/=*-]{40,}/g, "…"],
  [/(?<![a-z\d])(?=[a-z]*\d)(?=\d*[a-z])[a-z\d]{16,}/gi, "…"],
];

/** A text of others on one line, short, and without `secrets` and whatever looks like one. */
export function withoutSecrets(text: string, secrets: readonly string[] = []): string {
  let clean = onOneLine(text.slice(0, maxRead));
  for (const secret of secrets) {
    for (const form of formsOf(secret)) clean = clean.replaceAll(form, "…");
  }
  for (const [pattern, left] of secretLike) clean = clean.replace(pattern, left);
  return clean.slice(0, maxUnits).toWellFormed();
}

/** Without line ends, and without characters that a terminal would obey. */
export function onOneLine(text: string): string {
  return text.replace(/[\s\p{Cc}\p{Cf}\u2028\u2029]+/gu, " ").trim();
}

/** Shorter ones may be words of any text. */
const minSecretUnits = 5;

function formsOf(secret: string): string[] {
  const forms = [secret, encodeURIComponent(secret), Buffer.from(secret).toString("base64")];
  return forms.filter((form) => form.length >= minSecretUnits);
}
