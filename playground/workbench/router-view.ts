import type { Message, RouterView as Seen } from "../../src/workbench/wire/turns.ts";
import { html } from "../html.ts";
import { engineName } from "../session/engines.ts";
import { JsonView, Section } from "./json-view.ts";

const deciders = {
  local: "The local classifier",
  model: "The model",
  client: "The client",
  rule: "A rule",
};

const percent = (share: number, digits = 0) => `${(share * 100).toFixed(digits)} %`;

/** What the router read of a turn, what was decided, by whom, and why. */
export function RouterView({ router }: { router: Seen | null }) {
  if (!router) return html`<p class="about">What the router saw was not stored.</p>`;
  const { decision, local, message, history, earlier_messages, context, asked, mode, chosen_engine } = router;
  const isLocal = decision.routing?.decided_by === "local"; // then the reasons are the decision's
  return html`<div class="router">
    <p class="decision">${decisionWords(decision)}</p>
    ${decision.routing && decision.routing.decided_by !== "client" && html`<p class="about" dir="auto">${decision.routing.reason}</p>`}
    <h4>The local classifier, with its present weights</h4>
    <${Probabilities} local=${local} taken=${decision.conversation_type} />
    <p class="about">${isLocal ? "" : `${local.reasons.join(" ")} `}${sureness(router)}</p>
    ${asked !== null && html`<${JsonView} title="What the model replied" value=${asked} />`}
    ${asked === null && !chosen_engine && !local.sure && html`<p class="about">${notAsked(mode)}</p>`}
    <${Section} title=${`What the router read (1 + ${history.length} messages)`}>
      <dl class="read">
        <${MessageView} role="message" content=${message} />
        ${history.toReversed().map((one, index) => html`<${MessageView} key=${index} ...${one} />`)}
      </dl>
      ${
        earlier_messages > 0 &&
        html`<p class="about">${earlier_messages} earlier messages are read by the local classifier alone.</p>`
      }
    <//>
    <${JsonView} title="Context" value=${context} isOpen=${false} />
  </div>`;
}

function decisionWords({ conversation_type, routing }: Seen["decision"]) {
  if (!routing || !conversation_type) return "The turn ended before it was routed.";
  return html`${deciders[routing.decided_by]} chose <strong>${engineName(conversation_type)}</strong>
    ${routing.decided_by === "client" ? "." : `, ${percent(routing.confidence)} sure.`}`;
}

function notAsked(mode: Seen["mode"]): string {
  if (mode !== "local") return "The model was not asked.";
  return "The model was not asked: with ROUTING=local, and with the demo model, the classifier decides everything.";
}

function sureness({ local: { sure, confidence, threshold }, chosen_engine }: Seen): string {
  const digits = percent(confidence) === percent(threshold) && confidence !== threshold ? 2 : 0;
  const bound = `${percent(confidence, digits)} against a threshold of ${percent(threshold, digits)}`;
  if (chosen_engine) return `Nobody asked it, since the client chose the engine.`;
  return sure ? `It decides alone: ${bound}.` : `It is not sure enough to decide alone: ${bound}.`;
}

/** The likeliest engines. The mark is the threshold above which the classifier decides alone. */
function Probabilities({ local, taken }: { local: Seen["local"]; taken: string | null }) {
  const sorted = Object.entries(local.probabilities).toSorted(([, one], [, other]) => other - one);
  return html`<ol class="probabilities">
    ${sorted.map(
      ([type, share]) => html`<li key=${type} class=${type === taken ? "taken" : ""}>
        <span class="name">${engineName(type)}</span>
        <span class="meter" aria-hidden="true">
          <i class="share" style=${{ width: `${share * 100}%` }}></i>
          <i class="threshold" style=${{ left: `${local.threshold * 100}%` }}></i>
        </span>
        <span class="percent">${percent(share)}</span>
      </li>`,
    )}
  </ol>`;
}

function MessageView({ role, content }: { role: Message["role"] | "message"; content: string }) {
  return html`<div>
    <dt>${role === "message" ? "message" : `before: ${role}`}</dt>
    <dd dir="auto">${content}</dd>
  </div>`;
}
