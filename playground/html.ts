import htm from "htm";
import { type ComponentChildren, h, type VNode } from "preact";

/** JSX as a tagged template: html`<${Turn} key=${id} />`. One root, since a component returns one node; use arrays for more. */
export const html = htm.bind<ComponentChildren>(h) as (
  strings: TemplateStringsArray,
  ...values: unknown[]
) => VNode<unknown>;
