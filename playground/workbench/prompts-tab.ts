import { type Signal, useSignal } from "@preact/signals";

import { html } from "../html.ts";
import { prompts } from "./data/prompts.ts";
import { PromptEditor } from "./prompt-editor.ts";
import { PromptList } from "./prompt-list.ts";

interface PromptsTabProps {
  opened: Signal<string | undefined>;
  replayWith: () => void;
}

/** The list of prompt files, or an editor for one of them. */
export function PromptsTab({ opened, replayWith }: PromptsTabProps) {
  const left = useSignal<string | undefined>(undefined);
  const name = opened.value;
  function back() {
    left.value = name;
    opened.value = undefined;
  }
  if (name === undefined || !prompts.file(name)) {
    const open = (chosen: string) => {
      opened.value = chosen;
    };
    return html`<${PromptList} open=${open} left=${left.value} />`;
  }
  return html`<${PromptEditor} key=${name} name=${name} replayWith=${replayWith} back=${back} />`;
}
