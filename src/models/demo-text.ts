const notice =
  "**This is the built-in demo model.** No `OPENAI_API_KEY` or `OPENAI_BASE_URL` is set, so no language model was asked; this canned answer only shows how answers arrive.";

/** The demo's reply to a structured step, by the prompt's name; undefined for prompts that expect a text. */
export function demoFinding(prompt: string, question: string): object | undefined {
  const topic = quoted(question);
  switch (prompt) {
    case "complex.outline":
      return { questions: [`What does ${topic} have to achieve?`, `What are the drawbacks of the obvious solution?`] };
    case "analysis.inspect":
      return {
        points: [`Demo point: ${topic} was received.`, "Demo point: a real model would list its findings here."],
        recommendations: ["Demo recommendation: set a key to get a real analysis."],
      };
    case "generation.plan":
      return { steps: ["Demo step: write the function", "Demo step: call it", "Demo step: explain it"] };
    case "problem-solver.diagnose":
      return {
        hypotheses: ["Demo hypothesis: the demo model has no hypotheses."],
        root_cause: "Demo root cause: a real model would name the cause here.",
        solution_steps: ["Demo step: set OPENAI_API_KEY", "Demo step: restart the server", "Demo step: ask again"],
        missing: ["Demo: the full error message"],
      };
    default:
      return undefined;
  }
}

/** In UTF-16 units. How much of its instructions an answer quotes. */
const maxInstructionUnits = 300;

/** The demo's reply to a prompt that expects a text. Answers quote their instructions, so that the effect of an edited prompt is visible. */
export function demoAnswer(prompt: string, question: string, instructions: string): string {
  const text = demoText(prompt, question);
  if (!text.startsWith(notice)) return text;
  return `${text}\n\nIts instructions, \`prompts/${prompt}.md\`, are: ${quoted(instructions, maxInstructionUnits)} Change them, save, and ask again.`;
}

function demoText(prompt: string, question: string): string {
  const about = `You asked ${quoted(question)}.`;
  switch (prompt) {
    case "summary":
      return "A demo conversation; the demo model remembers nothing of it.";
    case "complex.reason":
      return "The demo model does not reason; a real model would state its conclusion here.";
    case "generation.answer":
      return `${notice}\n\n${about} Generated code arrives like this:\n\n\`\`\`js\nexport function greet(name) {\n  return \`Hello, \${name}!\`;\n}\n\`\`\`\n\nThe code is also in the response's metadata, as \`generated_code\`.`;
    case "complex.answer":
      return `${notice}\n\n${about} The engine \`complex\` split it into questions, reasoned about each, and now answers; its findings are in the metadata, as \`steps\`.`;
    case "analysis.answer":
      return `${notice}\n\n${about} The engine \`analysis\` inspected it first; its findings are in the metadata, as \`analysis_points\` and \`recommendations\`.`;
    case "problem-solver.answer":
      return `${notice}\n\n${about} The engine \`problem_solving\` made a diagnosis first; it is in the metadata, as \`root_cause\` and \`solution_steps\`.`;
    case "multi-step":
      return `${notice}\n\n${about} The engine \`multi_step\` also got the earlier turns of this conversation.`;
    default:
      return `${notice}\n\n${about} Each word of this answer is a separate piece, so that you see it stream.`;
  }
}

function quoted(text: string, limit = 80): string {
  const line = text.replace(/\s+/g, " ").trim();
  return `“${line.length > limit ? `${line.slice(0, limit - 1).toWellFormed()}…` : line}”`;
}
