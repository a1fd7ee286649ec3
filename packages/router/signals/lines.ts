import { zones } from "./tokens.ts";

/** Tells if a line is prose, code, a log or a quote. Does not look at code fences. */
export function zoneOf(text: string, from: number, to: number): number {
  let at = from;
  while (at < to && text.charCodeAt(at) <= 32) at++;
  if (at === to) return zones.prose;
  const first = text.charCodeAt(at);
  if (first === 62 && text.charCodeAt(at + 1) !== 62) return zones.quote;
  if (isLog(text, at, to, first)) return zones.log;
  return isCode(text, from, at, to, first) ? zones.code : zones.prose;
}

export function isFence(text: string, from: number, to: number): boolean {
  let at = from;
  while (at < to && text.charCodeAt(at) <= 32) at++;
  return text.startsWith("```", at) || text.startsWith("~~~", at);
}

const logStart =
  /(?:at [\w$.<>[\] ]+[(:]|at (?:async |new )?\S+:\d+|File "|Traceback|Caused by:|Exception in thread|thread '|\*\* \(|npm (?:ERR|error|warn)|\[?(?:error|warn(?:ing)?|fatal|info|debug|critical)\]?:? |error\[|fatal:|panic:|goroutine \d|\[?\d{4}-\d\d-\d\d[T ]\d\d:|\[?\d\d:\d\d:\d\d|\w*(?:Error|Exception): |Uncaught |Unhandled|WARN|ERROR|E\/|\(node:\d+\)|-+> .+:\d+:\d+|\s*\^+\s*$|[\w.]+(?:Error|Exception)\b.*:|make(?:\[\d\])?: \*\*\*|ORA-\d|SQLSTATE|Segmentation fault|TS\d{4}:|\S+:\d+:\d+: (?:error|warning))/iy;

function isLog(text: string, from: number, to: number, first: number): boolean {
  if (to - from < 6) return false;
  if (first > 127) return false;
  logStart.lastIndex = from;
  return logStart.test(text) && logStart.lastIndex <= to;
}

const codeStart =
  /(?:import |from \w+ import|def |class \w+|function |async |const |let |var |return\b|public |private |protected |static |void |int |#include|#define|using |namespace |package |func |fn |pub |impl |struct |enum |interface |type \w+ =|select .+ from|insert into|update \w+ set|create table|alter table|where |group by|order by|join |elif |else:|except|try:|catch|while ?\(|for ?\(|if ?\(|for \w+ in .+:|if .+:|switch|case |end$|do$|defmodule |defp? |module |require|print|echo |sudo |npm |pip |docker |git |cd |<\/?\w|\/\/|\/\*|\* @|#!|@\w+\(|\$ |>>> |\+\+\+ |--- a|@@ |diff --git|\}|\{|\)|\]|[A-Z_]+=|\w+\s*[:=]\s*[[{(]?$)/iy;

/** Decides by a line's beginning and its share of punctuation, unless it reads like a sentence. */
function isCode(text: string, from: number, start: number, to: number, first: number): boolean {
  const scanned = Math.min(to, start + 160);
  let signs = 0;
  let plainWords = 0;
  let wordStart = -1;
  for (let at = start; at < scanned; at++) {
    const code = text.charCodeAt(at);
    const letter = (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code > 191;
    if (letter) {
      if (wordStart < 0) wordStart = at;
    } else {
      if (wordStart >= 0 && (code === 32 || code === 44 || code === 46 || code === 63) && before(text, wordStart))
        plainWords++;
      wordStart = -1;
      if (isSign(code)) signs++;
    }
  }
  if (wordStart >= 0 && before(text, wordStart)) plainWords++;
  const length = scanned - start;
  let end = to;
  while (end > start && text.charCodeAt(end - 1) <= 32) end--;
  const last = text.charCodeAt(end - 1);
  const density = signs / length;
  if (last === 63 || first > 191) return density > 0.2;
  if (plainWords >= 7 && density < 0.12) return false;
  if ((last === 59 || last === 123 || last === 125) && plainWords < 7) return true;
  if (first === 45 || first === 42 || (first >= 48 && first <= 57)) return density > 0.22;
  codeStart.lastIndex = start;
  const begins = codeStart.test(text);
  const indented = start - from >= 2;
  if (begins && (signs >= 2 || indented)) return density > 0.03 || indented;
  return density > 0.14 && (signs >= 3 || indented) && plainWords < 7;
}

function before(text: string, at: number): boolean {
  const code = text.charCodeAt(at - 1);
  return !(code === 46 || code === 47 || code === 95 || code === 36 || code === 64);
}

function isSign(code: number): boolean {
  switch (code) {
    case 123:
    case 125:
    case 40:
    case 41:
    case 91:
    case 93:
    case 61:
    case 60:
    case 62:
    case 59:
    case 124:
    case 38:
    case 36:
    case 43:
    case 34:
    case 42:
    case 92:
    case 95:
    case 37:
    case 94:
    case 35:
    case 58:
      return true;
    default:
      return false;
  }
}
