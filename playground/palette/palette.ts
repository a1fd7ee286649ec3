import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

import { html } from "../html.ts";
import { isComposing } from "../parts/composing.ts";
import { isPaletteOpen } from "../session/open.ts";
import { type Command, commands, matching } from "./commands.ts";

/** More are found by typing. */
const maxShown = 50;

/** A field that finds commands, engines and conversations. */
export function Palette() {
  const dialog = useRef<HTMLDialogElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const [typed, setTyped] = useState("");
  const [chosen, setChosen] = useState(0);
  const found = matching(commands(), typed).slice(0, maxShown);
  useLayoutEffect(() => dialog.current?.showModal(), []);
  useEffect(() => list.current?.children[chosen]?.scrollIntoView({ block: "nearest" }), [chosen]);

  function run(command: Command | undefined) {
    if (!command) return;
    dialog.current?.close();
    isPaletteOpen.value = false;
    command.run();
  }

  function press(event: KeyboardEvent) {
    if (isComposing(event)) return;
    const last = found.length - 1;
    if (event.key === "ArrowDown") setChosen(chosen >= last ? 0 : chosen + 1);
    else if (event.key === "ArrowUp") setChosen(chosen <= 0 ? last : chosen - 1);
    else if (event.key === "Enter") run(found[chosen]);
    else return;
    event.preventDefault();
  }

  function type({ currentTarget: { value } }: { currentTarget: HTMLInputElement }) {
    setTyped(value);
    setChosen(0);
  }

  return html`<dialog id="palette" ref=${dialog} aria-label="Commands" onClose=${() => (isPaletteOpen.value = false)}>
    <input
      type="text"
      role="combobox"
      aria-label="Find a command"
      aria-expanded="true"
      aria-controls="palette-list"
      aria-activedescendant=${found[chosen] && `command-${chosen}`}
      autocomplete="off"
      spellcheck=${false}
      placeholder="Find a command, an engine or a conversation"
      value=${typed}
      onInput=${type}
      onKeyDown=${press}
    />
    <ul id="palette-list" role="listbox" aria-label="Commands" ref=${list}>
      ${found.map(
        (command, index) => html`<li
          key=${`${command.kind}${command.name}${index}`}
          id=${`command-${index}`}
          role="option"
          aria-selected=${index === chosen}
          onPointerMove=${() => setChosen(index)}
          onClick=${() => run(command)}
        >
          <span class="name">${command.name}</span> <span class="kind">${command.kind}</span>
        </li>`,
      )}
    </ul>
    ${found.length === 0 && html`<p class="quiet" role="status">No matches.</p>`}
  </dialog>`;
}
