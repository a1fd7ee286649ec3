import type { Part, RequestPart, ToolPart, TurnState } from "conversation-channel-client";
import { useState } from "preact/hooks";

import { html } from "../../html.ts";
import { AnsweredRow } from "./answered-row.ts";
import { CustomRow } from "./custom-row.ts";
import { ToolRow } from "./tool-row.ts";

/** More rows are folded to the last ones. */
const maxRows = 8;

type Row = ToolPart | RequestPart | { type: "custom"; all: readonly unknown[] };

/** What an answer did on its way: tool calls, answered questions and custom data, in their order. */
export function Activity({ turn }: { turn: TurnState }) {
  const [isWhole, setWhole] = useState(false);
  const rows = rowsOf(turn.parts);
  if (rows.length === 0) return undefined;
  const hidden = isWhole || rows.length <= maxRows + 1 ? 0 : rows.length - maxRows;
  return html`<div class="activity">
    ${
      hidden > 0 &&
      html`<button type="button" class="fold quiet-button" onClick=${() => setWhole(true)}>Show ${hidden} earlier steps</button>`
    }
    <ol aria-label="Tools and events" start=${hidden + 1}>
      ${rows.slice(hidden).map((row, at) => html`<li key=${hidden + at}>${shown(row, turn)}</li>`)}
    </ol>
  </div>`;
}

function shown(row: Row, { turn_id = "" }: TurnState) {
  if (row.type === "tool") return html`<${ToolRow} call=${row} />`;
  if (row.type === "request") return html`<${AnsweredRow} turnId=${turn_id} request=${row} />`;
  return html`<${CustomRow} all=${row.all} />`;
}

/** Custom data is one row, where its first piece was. */
function rowsOf(parts: readonly Part[]): Row[] {
  const all = parts.flatMap((part) => (part.type === "custom" ? [part.data] : []));
  const first = parts.findIndex(({ type }) => type === "custom");
  return parts.flatMap((part, at): Row[] => {
    if (part.type === "tool") return [part];
    if (part.type === "request") return part.status === "open" ? [] : [part];
    return at === first ? [{ type: "custom", all }] : [];
  });
}
