import type { ComponentChildren } from "preact";

import { html } from "../html.ts";

interface IconButtonProps {
  /** A file in `icons/`; `icons.css` names it. */
  icon: string;
  /** The accessible name, and the tooltip. */
  label: string;
  press: (event: MouseEvent) => void;
  class?: string;
  id?: string;
  isDisabled?: boolean;
  /** A shortcut or other word for the tooltip. */
  hint?: string;
  children?: ComponentChildren;
  [attribute: `aria-${string}`]: unknown;
}

/** A button that shows an icon. */
export function IconButton({
  icon,
  label,
  press,
  class: more = "",
  isDisabled,
  hint,
  children,
  ...rest
}: IconButtonProps) {
  return html`<button
    type="button"
    class=${`icon ${more}`.trim()}
    data-icon=${icon}
    aria-label=${label}
    title=${hint ? `${label} (${hint})` : label}
    disabled=${isDisabled}
    onClick=${press}
    ...${rest}
  >
    ${children}
  </button>`;
}
