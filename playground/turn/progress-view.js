import { element } from "../element.js";
import { engineName } from "../engines.js";
import { timeline } from "./timeline.js";

const deciders = {
  local: "chosen locally",
  model: "chosen by the model",
  client: "chosen by you",
  rule: "chosen by a rule",
};

/** Shows the engine with the reason for its choice, and the engine's steps as they run. */
export function progressView() {
  const route = element("p", "route");
  const steps = timeline();
  return {
    route,
    list: steps.list,
    started: steps.started,
    finished: steps.finished,
    over: steps.over,
    routed(type, routing) {
      if (!type) return;
      route.replaceChildren(element("span", "engine", engineName(type)));
      if (!routing) return;
      const { decided_by, confidence, reason } = routing;
      const sure = decided_by === "client" ? "" : `, ${Math.round(confidence * 100)} % sure`;
      route.append(
        element("span", "why", `${deciders[decided_by] ?? decided_by}${sure}${reason ? `: ${reason}` : ""}`),
      );
    },
  };
}
