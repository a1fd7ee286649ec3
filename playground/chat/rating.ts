import { useLayoutEffect, useRef, useState } from "preact/hooks";

import { html } from "../html.ts";
import { isComposing } from "../parts/composing.ts";
import { current } from "../session/conversations.ts";
import { engineName, engines } from "../session/engines.ts";

const maxCharacters = 2_000;

interface RatingProps {
  turnId: string;
  /** `words` are shown instead of the form. */
  close: (words?: string) => void;
}

/** The form that rates an answer. */
export function Rating({ turnId, close }: RatingProps) {
  const first = useRef<HTMLInputElement>(null);
  const [score, setScore] = useState<1 | -1 | undefined>(undefined);
  const [comment, setComment] = useState("");
  const [expected, setExpected] = useState("");
  const [problem, setProblem] = useState("");
  useLayoutEffect(() => first.current?.focus(), []);

  async function send(event: Event) {
    event.preventDefault();
    const words = comment.trim();
    if (score === undefined) return setProblem("Choose good or bad first.");
    try {
      await current.value?.conversation.push("feedback", {
        turn_id: turnId,
        score,
        ...(words && { comment: words }),
        ...(expected && { expected: expected as "simple" }), // the server knows its engines
      });
      close("Thank you.");
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  }

  function press(event: KeyboardEvent) {
    if (event.key !== "Escape" || isComposing(event)) return;
    event.preventDefault();
    event.stopPropagation();
    close();
  }

  const choice = (value: 1 | -1, words: string) => html`<label>
    <input
      type="radio"
      name=${`score-${turnId}`}
      ref=${value === 1 ? first : undefined}
      checked=${score === value}
      onChange=${() => setScore(value)}
    />
    ${words}
  </label>`;

  return html`<form class="rating" aria-label="Rate the answer" onSubmit=${send} onKeyDown=${press}>
    <fieldset class="row">
      <legend class="visually-hidden">The answer is</legend>
      ${choice(1, "Good answer")} ${choice(-1, "Bad answer")}
    </fieldset>
    <textarea
      rows="2"
      dir="auto"
      maxlength=${maxCharacters}
      placeholder="What was good or bad?"
      aria-label="Comment"
      value=${comment}
      onInput=${(event: { currentTarget: HTMLTextAreaElement }) => setComment(event.currentTarget.value)}
    ></textarea>
    <div class="row">
      <label>
        Should have been answered by${" "}
        <select
          value=${expected}
          onChange=${(event: { currentTarget: HTMLSelectElement }) => setExpected(event.currentTarget.value)}
        >
          <option value="">this engine was right</option>
          ${engines.value.map((type) => html`<option value=${type}>${engineName(type)}</option>`)}
        </select>
      </label>
      <span class="space"></span>
      <button type="button" onClick=${() => close()}>Close</button>
      <button type="submit" class="primary">Send</button>
    </div>
    <p class="refusal" role="alert">${problem}</p>
  </form>`;
}
