import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

import type { Problem } from "../../src/workbench/wire/prompts.ts";
import { html } from "../html.ts";
import { problemsOf, prompts } from "./data/prompts.ts";
import type { PromptEditor } from "./editor/editor.ts";

/** Whether a text is valid, and its problems. */
export interface Verdict {
  state: "" | "valid" | "invalid" | "unknown" | "saved";
  words: string;
  problems: readonly Problem[];
}

export const noVerdict: Verdict = { state: "", words: "", problems: [] };

interface SourceFieldProps {
  name: string;
  /** Holds the verdict, if the parent sets it as well. */
  verdict?: Signal<Verdict>;
  save?: () => void;
}

/** The delay after the last keystroke. */
const checkAfterMs = 300;

/** An editor for a prompt or its draft, checked while the user types. The editor is loaded when the first one is opened. */
export function SourceField({ name, verdict: given, save = () => {} }: SourceFieldProps) {
  const own = useSignal(noVerdict);
  const verdict = given ?? own;
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<PromptEditor | undefined>(undefined);
  const saveNow = useRef(save);
  const isLoading = useSignal(true);
  const source = prompts.source(name);
  const isDraft = prompts.isDraft(name);
  const fault = prompts.file(name)?.fault ?? null;
  saveNow.current = save;

  useEffect(() => {
    let isClosed = false;
    import("./editor/editor.ts").then(
      ({ promptEditor }) => {
        if (isClosed || !host.current) return;
        editor.current = promptEditor(host.current, {
          text: prompts.source(name),
          label: `Text of the prompt ${name}`,
          known: () => knownOf(name),
          changed: (text) => prompts.write(name, text),
          save: () => saveNow.current(),
        });
        editor.current.setProblems(verdict.peek().problems);
        editor.current.focus();
        isLoading.value = false;
      },
      () => {
        verdict.value = { ...noVerdict, state: "unknown", words: "The editor could not be loaded. Reload the page." };
      },
    );
    return () => {
      isClosed = true;
      editor.current?.close();
      editor.current = undefined;
    };
  }, [name]);

  useEffect(() => {
    editor.current?.setText(prompts.source(name)); // effects run later: meanwhile the user may have typed more
  }, [source]);
  useEffect(() => editor.current?.setProblems(verdict.value.problems), [verdict.value]);
  useEffect(() => {
    if (!isDraft && fault === null) {
      if (verdict.peek().state !== "saved") verdict.value = noVerdict;
      return;
    }
    let isCurrent = true;
    const timer = setTimeout(() => {
      verdictOf(name, source).then((found) => {
        if (isCurrent) verdict.value = found;
      });
    }, checkAfterMs);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [name, source, isDraft, fault]);

  return html`<div class="source-field">
    <div class="source" ref=${host} aria-busy=${isLoading.value ? "true" : "false"}></div>
    <${VerdictView} verdict=${verdict.value} goTo=${(problem: Problem) => editor.current?.goTo(problem)} />
  </div>`;
}

function knownOf(name: string) {
  const { frontMatterKeys, models } = prompts;
  return { variables: prompts.file(name)?.variables ?? [], keys: frontMatterKeys.value, models: models.value };
}

/** Never rejects. */
async function verdictOf(name: string, source: string): Promise<Verdict> {
  try {
    const { hash } = await prompts.check(name, source);
    return { state: "valid", words: `Valid: ${hash}`, problems: [] };
  } catch (refusal) {
    return refusedVerdict(refusal);
  }
}

export function refusedVerdict(refusal: unknown): Verdict {
  const { code, message } = refusal as { code?: string; message: string };
  const problems = problemsOf(refusal);
  if (code !== "invalid_prompt") return { state: "unknown", words: `Not checked: ${message}`, problems };
  return { state: "invalid", words: problems.length > 0 ? countWords(problems.length) : message, problems };
}

/** The message without its line, which is shown next to it. */
function messageOf({ message, line }: Problem): string {
  return message.replace(`, in line ${line}`, "");
}

function countWords(problems: number): string {
  return problems === 1 ? "1 problem" : `${problems} problems`;
}

interface VerdictViewProps {
  verdict: Verdict;
  goTo: (problem: Problem) => void;
}

function VerdictView({ verdict: { state, words, problems }, goTo }: VerdictViewProps) {
  return html`<div class="verdict" data-state=${state}>
    <p role="status">${words}</p>
    ${
      problems.length > 0 &&
      html`<ul>
        ${problems.map(
          (problem) => html`<li key=${`${problem.line}:${problem.column}:${problem.message}`}>
            <button type="button" onClick=${() => goTo(problem)}>
              <span class="place">line ${problem.line}:${problem.column}</span> ${messageOf(problem)}
            </button>
          </li>`,
        )}
      </ul>`
    }
  </div>`;
}
