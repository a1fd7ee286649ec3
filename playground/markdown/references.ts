import type { Source } from "conversation-channel-client";
import { type ComponentChildren, createContext, h } from "preact";
import { useContext } from "preact/hooks";

/** The sources that the numbers in a text refer to. */
export const Sources = createContext<readonly Source[]>([]);

const reference = /(\[\d{1,2}(?:, ?\d{1,2})*\])/;

/** A text whose references, such as [1], lead to the sources. */
export function withReferences(text: string): ComponentChildren {
  if (!text.includes("[")) return text;
  return text.split(reference).map((part, at) => (at % 2 === 1 ? h(Reference, { text: part }) : part));
}

/** Plain text if there is no such source. */
function Reference({ text }: { text: string }) {
  const sources = useContext(Sources);
  const numbers = text.slice(1, -1).split(/, ?/).map(Number);
  if (!numbers.every((number) => sources[number - 1])) return h("span", {}, text);
  return numbers.map((number) => {
    const title = sources[number - 1]?.title ?? "";
    const onClick = ({ currentTarget }: { currentTarget: HTMLElement }) => showSource(currentTarget, number);
    const attributes = {
      type: "button",
      class: "reference",
      "aria-label": `Source ${number}: ${title}`,
      title,
      onClick,
    };
    return h("button", attributes as object, `[${number}]`);
  });
}

/** Moves the focus to a source in the list below the answer. The list may be folded. */
function showSource(from: HTMLElement, number: number): void {
  const list = from.closest(".turn")?.querySelector(".sources");
  const item = () => list?.querySelector<HTMLElement>(`[data-source="${number}"]`);
  if (!item()) list?.querySelector<HTMLElement>(".fold")?.click();
  requestAnimationFrame(() => item()?.focus());
}
