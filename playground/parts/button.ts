import { html } from "../html.ts";
import { Icon, type IconName } from "./icon.ts";

interface IconButtonProps {
  icon: IconName;
  /** The accessible name, and the tooltip. */
  label: string;
  press: (event: MouseEvent) => void;
  class?: string;
  id?: string;
  isDisabled?: boolean;
  /** A shortcut or other word for the tooltip. */
  hint?: string;
  [attribute: `aria-${string}`]: unknown;
}

/** A button that shows an icon. */
export function IconButton({ icon, label, press, class: more = "", isDisabled, hint, ...rest }: IconButtonProps) {
  return html`<button
    type="button"
    class=${`icon ${more}`.trim()}
    aria-label=${label}
    title=${hint ? `${label} (${hint})` : label}
    disabled=${isDisabled}
    onClick=${press}
    ...${rest}
  >
    <${Icon} name=${icon} />
  </button>`;
}
