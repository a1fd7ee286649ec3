/** A message that shows an engine. */
export interface Suggestion {
  engine: string;
  /** What the button says. */
  label: string;
  message: string;
}

const review = `Review this code:

\`\`\`python
def find_user(name):
    query = "SELECT * FROM users WHERE name = '" + name + "'"
    return db.execute(query)
\`\`\``;

const configuration = `What does this configuration do, and is anything risky in it?

\`\`\`nginx
server {
  listen 80;
  location / { proxy_pass http://127.0.0.1:4000; }
  location /files { autoindex on; root /srv; }
}
\`\`\``;

/** For an empty conversation. The router sends each to the engine that it is listed with. */
export const suggestions: readonly Suggestion[] = [
  { engine: "simple", label: "What is pattern matching in Elixir?", message: "What is pattern matching in Elixir?" },
  { engine: "simple", label: "Undo my last Git commit", message: "How do I undo my last Git commit?" },
  {
    engine: "complex",
    label: "WebSockets or server-sent events?",
    message: "WebSockets or server-sent events for a chat that streams answers: which one should we choose, and why?",
  },
  {
    engine: "complex",
    label: "A monolith or microservices?",
    message: "Should a team of five start with a monolith or microservices? Weigh the trade-offs.",
  },
  { engine: "analysis", label: "Review a Python function", message: review },
  { engine: "analysis", label: "What is risky in this nginx file?", message: configuration },
  {
    engine: "generation",
    label: "Write a GenServer that counts",
    message: "Write a GenServer in Elixir that counts, with a test.",
  },
  {
    engine: "generation",
    label: "Write a retry with backoff",
    message: "Write a TypeScript function that retries a request with exponential backoff, with a test.",
  },
  {
    engine: "problem_solving",
    label: "Why is our query slow?",
    message:
      "My Postgres query is slow and fails with `Error: statement timeout` since the table grew. How do I fix it?",
  },
  {
    engine: "problem_solving",
    label: "React renders in a loop",
    message: "My React page fails with `Error: Too many re-renders` since I added a useEffect. How do I fix it?",
  },
];

/** For a conversation that has an answer. */
export const followUps: readonly Suggestion[] = [
  { engine: "multi_step", label: "Show another example", message: "Show me that with another example." },
  { engine: "multi_step", label: "Why is that?", message: "Why is that?" },
];
