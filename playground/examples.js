import { element } from "./element.js";

const examples = [
  "What is pattern matching in Elixir?",
  "Generate a GenServer that manages a shopping cart",
  "My GenServer keeps crashing with a timeout error",
  "Should we use Kafka or RabbitMQ for order events?",
];

/** Shows example messages, each for a different engine. */
export function showExamples(list, send) {
  for (const example of examples) {
    const button = element("button", "", example);
    button.type = "button";
    button.addEventListener("click", () => send(example));
    list.append(element("li", "", button));
  }
}
