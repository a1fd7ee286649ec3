import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import type { Version } from "../../src/workbench/wire/prompts.ts";
import { html } from "../html.ts";
import { dollars } from "../parts/dollars.ts";
import { duration } from "../parts/duration.ts";
import { Badge } from "./badge.ts";
import { prompts } from "./data/prompts.ts";
import { Compared } from "./line-diff.ts";

/** The versions that answered turns, with what they took, and how they differ from the text in the editor. */
export function VersionsView({ name }: { name: string }) {
  const versions = useSignal<readonly Version[] | undefined>(undefined);
  const problem = useSignal("");
  const chosen = useSignal<string | undefined>(undefined);
  const file = prompts.file(name);
  const source = prompts.source(name);

  useEffect(() => {
    let isCurrent = true;
    prompts.versions(name).then(
      (found) => {
        if (isCurrent) versions.value = found;
      },
      ({ message }: Error) => {
        if (isCurrent) problem.value = message;
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [name, file?.hash]);

  if (problem.value) return html`<p class="problem" role="status">${problem.value}</p>`;
  if (!versions.value) return html`<p class="about" role="status">Loading…</p>`;
  const version = versions.value.find(({ hash }) => hash === chosen.value);
  return html`<div class="versions">
    <p class="about">
      The texts that answered your latest turns, and what these answers took. First word and time are medians; cost and tokens are per turn.
    </p>
    <div class="scroll" tabindex="0" role="region" aria-label="Versions of the prompt">
      <table>
        <thead>
          <tr>
            ${["Version", "Turns", "First word", "Time", "Tokens out", "Cost", "Last used"].map(
              (title) => html`<th key=${title} scope="col">${title}</th>`,
            )}
          </tr>
        </thead>
        <tbody>
          ${versions.value.map(
            (one) => html`<${Row}
              key=${one.hash}
              version=${one}
              isChosen=${one.hash === chosen.value}
              choose=${() => {
                chosen.value = one.hash === chosen.value ? undefined : one.hash;
              }}
            />`,
          )}
        </tbody>
      </table>
    </div>
    ${version && html`<${Difference} name=${name} version=${version} source=${source} />`}
  </div>`;
}

interface RowProps {
  version: Version;
  isChosen: boolean;
  choose: () => void;
}

function Row({ version, isChosen, choose }: RowProps) {
  const { hash, is_current, turns, first_word_ms, processing_time, output_tokens, cost_usd, last_used } = version;
  const unless = (value: number | null, written: (value: number) => string) => (value === null ? "–" : written(value));
  return html`<tr data-version=${hash}>
    <th scope="row">
      <button type="button" aria-pressed=${isChosen ? "true" : "false"} onClick=${choose}>
        <code>${hash.slice(0, 7)}</code><span class="visually-hidden">, compare</span>
      </button>
      ${is_current && html`<${Badge} words="in use" kind="current" />`}
    </th>
    <td>${turns}</td>
    <td>${unless(first_word_ms, duration)}</td>
    <td>${unless(processing_time, duration)}</td>
    <td>${unless(output_tokens, (tokens) => String(Math.round(tokens)))}</td>
    <td class="pair">${unless(cost_usd, dollars)}</td>
    <td>${last_used ? new Date(last_used).toLocaleString(undefined, { dateStyle: "short", timeStyle: "short" }) : "–"}</td>
  </tr>`;
}

interface DifferenceProps {
  name: string;
  version: Version;
  /** The text in the editor. */
  source: string;
}

function Difference({ name, version: { hash, source: older }, source }: DifferenceProps) {
  if (older === null) return html`<p class="about">The text of this version is not stored.</p>`;
  return html`<section aria-label="Difference">
    <h4>From ${hash.slice(0, 7)} (−) to ${prompts.isDraft(name) ? "your draft" : "the text in use"} (+)</h4>
    <${Compared} before=${older} after=${source} label="Differences between the version and the text in the editor" />
    <div class="choices">
      <button type="button" disabled=${older === source} onClick=${() => prompts.write(name, older)}>
        Restore as draft
      </button>
    </div>
  </section>`;
}
