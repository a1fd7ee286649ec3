import { html } from "../../html.ts";
import { LongText } from "./long-text.ts";
import type { Request, Send } from "./request-kind.ts";
import { TextAnswer } from "./text-answer.ts";

interface QuestionFormProps {
  request: Extract<Request, { kind: "question" }>;
  send: Send;
}

/** A question with its choices as buttons, and a field for words of one's own. */
export function QuestionForm({ request: { question, choices, isFree }, send }: QuestionFormProps) {
  const answer = (text: string) => send(text, `Answered “${text.length > 60 ? `${text.slice(0, 60)}…` : text}”`);
  return html`<${LongText} class="asks" label="Question" text=${question} />
    ${
      choices.length > 0 &&
      html`<div class="choices">
        ${choices.map(
          (choice) =>
            html`<button key=${choice} type="button" dir="auto" onClick=${() => answer(choice)}>${choice}</button>`,
        )}
      </div>`
    }
    ${isFree && html`<${TextAnswer} label=${choices.length > 0 ? "Something else" : "Your answer"} send=${answer} />`}`;
}
