import { html } from "./html.ts";
import { addressOf } from "./session/address.ts";
import { current } from "./session/conversations.ts";
import { isSecondDeviceOpen } from "./session/open.ts";

/** This page is the second device. */
export const isFramed = window !== window.top;

/** The same conversation in a second frame, as another client with its own socket. */
export function SecondDevice() {
  const id = current.value?.id;
  if (!isSecondDeviceOpen.value || id === undefined) return undefined;
  return html`<iframe id="second-device" title="Second device" src=${addressOf(id)}></iframe>`;
}
