import type { Token, Tokens } from "marked";
import { type ComponentChildren, h } from "preact";

import { Formula } from "../math/formula.ts";
import { decoded } from "./entities.ts";
import { Sources, withReferences } from "./references.ts";

/** Other schemes are not linked. */
const safe = /^(?:https?:\/\/|mailto:)/i;

/** The inline content of a block. HTML is shown as text. Images become links, since they would be loaded from other hosts. */
export function inline(tokens: Token[] = []): ComponentChildren {
  return tokens.map((token) => one(token as Tokens.Generic));
}

function one(token: Tokens.Generic): ComponentChildren {
  switch (token.type) {
    case "strong":
    case "em":
    case "del":
      return h(token.type, {}, inline(token.tokens));
    case "codespan":
      return h("code", { dir: "ltr" }, token.text);
    case "br":
      return h("br", {});
    case "link":
      return link(token.href, token.title, inline(token.tokens));
    case "image":
      return link(token.href, token.title, decoded(token.text || token.href));
    case "html":
      return /^<br\s*\/?>$/i.test(token.text) ? h("br", {}) : token.text;
    case "checkbox":
      return undefined; // its item shows it
    case "formula":
      return h(Formula, { source: token.formula });
    case "escape":
      return token.text;
    case "text":
      return token.tokens ? inline(token.tokens) : withReferences(token.escaped ? token.text : decoded(token.text));
    default:
      return token.raw;
  }
}

function link(href: string, title: string | null | undefined, words: ComponentChildren): ComponentChildren {
  const named = title ? { title: decoded(title) } : {};
  const to = safe.test(href) ? { href } : {};
  const noReferences = h(Sources.Provider, { value: [], children: words }); // a link has no buttons in it
  return h("a", { ...to, ...named, target: "_blank", rel: "noopener noreferrer" }, noReferences);
}
