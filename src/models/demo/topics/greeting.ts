import { paragraphs, table } from "../markdown.ts";

export const greeting = {
  fits: /^\s*(?:hi|hello|hey|thanks|thank you|good (?:morning|evening)|test|ping|help)\b[\s!.,a-z]{0,20}$/i,
  simple: paragraphs(
    "Hello! Each message goes to one of six engines. Try one of these, and watch the graph above the answer:",
    table(
      ["Ask", "Engine"],
      [
        ["What is pattern matching in Elixir?", "simple"],
        ["WebSockets or server-sent events: which one should we choose, and why?", "complex"],
        ["Review this code: …", "analysis"],
        ["Write a GenServer in Elixir that counts, with a test.", "generation"],
        ["Our Postgres query is slow since the table grew. Why?", "problem_solving"],
        ["And how is that done in Erlang?", "multi_step, after another question"],
      ],
    ),
  ),
};
