const notice =
  "**This is the built-in demo model.** No `OPENAI_API_KEY` or `OPENAI_BASE_URL` is set, so nothing here was thought out by a language model; it only shows how an answer arrives.";

/** What the demo finds in a structured step, by the prompt's name; undefined for prompts that want a text. */
export function demoFinding(prompt: string, question: string): object | undefined {
  const topic = quoted(question);
  switch (prompt) {
    case "complex.outline":
      return { questions: [`What does ${topic} have to achieve?`, `What speaks against the obvious way?`] };
    case "analysis.inspect":
      return {
        points: [
          `Demo point: ${topic} was received and looked at.`,
          "Demo point: a model would name what matters here.",
        ],
        recommendations: ["Demo recommendation: set a key to get a real analysis."],
      };
    case "generation.plan":
      return { steps: ["Demo step: write the function", "Demo step: call it", "Demo step: explain it"] };
    case "problem-solver.diagnose":
      return {
        hypotheses: ["Demo hypothesis: the demo model has no hypotheses."],
        root_cause: "Demo root cause: a real model would name the cause here.",
        solution_steps: ["Demo step: set OPENAI_API_KEY", "Demo step: start the server again", "Demo step: ask again"],
        missing: ["Demo: the full error message"],
      };
    default:
      return undefined;
  }
}

/** So much of the instructions is repeated, in UTF-16 units. */
const longestInstructions = 300;

/** What the demo says where a text is wanted; an answer tells what it was told, so that an edited prompt can be seen at work. */
export function demoAnswer(prompt: string, question: string, instructions: string): string {
  const text = demoText(prompt, question);
  if (!text.startsWith(notice)) return text;
  return `${text}\n\nIts instructions, \`prompts/${prompt}.md\`, are: ${quoted(instructions, longestInstructions)} Change them, save, and ask again.`;
}

function demoText(prompt: string, question: string): string {
  const about = `You asked ${quoted(question)}.`;
  switch (prompt) {
    case "summary":
      return "A demo conversation; the demo model remembers nothing of it.";
    case "complex.reason":
      return "The demo model weighs nothing; a real model would conclude something here.";
    case "generation.answer":
      return `${notice}\n\n${about} Generated code arrives like this:\n\n\`\`\`js\nexport function greet(name) {\n  return \`Hello, \${name}!\`;\n}\n\`\`\`\n\nThe block above is also in the response's metadata, as \`generated_code\`.`;
    case "complex.answer":
      return `${notice}\n\n${about} The engine \`complex\` outlined it, reasoned on each question, and now answers; its findings are in the metadata, as \`steps\`.`;
    case "analysis.answer":
      return `${notice}\n\n${about} The engine \`analysis\` looked at it first; what it saw is in the metadata, as \`analysis_points\` and \`recommendations\`.`;
    case "problem-solver.answer":
      return `${notice}\n\n${about} The engine \`problem_solving\` made a diagnosis first; it is in the metadata, as \`root_cause\` and \`solution_steps\`.`;
    case "multi-step":
      return `${notice}\n\n${about} The engine \`multi_step\` got the earlier turns of this conversation along with it.`;
    default:
      return `${notice}\n\n${about} Each word of this answer is a piece of its own, so that you see the stream.`;
  }
}

function quoted(text: string, longest = 80): string {
  const line = text.replace(/\s+/g, " ").trim();
  return `“${line.length > longest ? `${line.slice(0, longest - 1).toWellFormed()}…` : line}”`;
}
