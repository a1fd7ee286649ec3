import { bulleted, fenced, paragraphs } from "../markdown.ts";
import type { Topic } from "./topic.ts";

interface Language {
  fits: RegExp;
  id: string;
  name: (words: string[]) => string;
  code: (name: string, comment: string) => string;
}

const snake = (words: string[]) => words.join("_");
const camel = (words: string[]) =>
  words.map((word, index) => (index === 0 ? word : `${word.charAt(0).toUpperCase()}${word.slice(1)}`)).join("");

const languages: Language[] = [
  {
    fits: /\bpython\b|\bpytest\b|\bdjango\b/i,
    id: "python",
    name: snake,
    code: (name, comment) =>
      `def ${name}(value):\n    """${comment}"""\n    if value is None:\n        raise ValueError("a value is needed")\n    raise NotImplementedError("a real model writes this part")\n\n\ndef test_${name}_needs_a_value():\n    with pytest.raises(ValueError):\n        ${name}(None)`,
  },
  {
    fits: /\belixir\b|\bphoenix\b/i,
    id: "elixir",
    name: snake,
    code: (name, comment) =>
      `@doc "${comment}"\ndef ${name}(nil), do: {:error, :no_value}\ndef ${name}(_value), do: {:error, :written_by_a_real_model}\n\ntest "a value is needed" do\n  assert ${name}(nil) == {:error, :no_value}\nend`,
  },
  {
    fits: /\bsql\b|\bquery\b/i,
    id: "sql",
    name: snake,
    code: (name, comment) =>
      `-- ${comment}\nCREATE VIEW ${name} AS\nSELECT id, created_at\nFROM items -- a real model names your tables here\nWHERE created_at >= now() - interval '7 days'\nORDER BY created_at DESC;`,
  },
  {
    fits: /\bbash\b|\bshell\b/i,
    id: "sh",
    name: snake,
    code: (name, comment) =>
      `#!/usr/bin/env bash\n# ${comment}\nset -euo pipefail\n\n${name}() {\n  local input="\${1:?usage: ${name} <input>}"\n  echo "a real model writes what happens with $input"\n}\n\n${name} "$@"`,
  },
];

const typescript: Language = {
  fits: /^/,
  id: "ts",
  name: camel,
  code: (name, comment) =>
    `/** ${comment} */\nexport function ${name}(value: string): string {\n  if (value === "") throw new Error("a value is needed");\n  throw new Error("a real model writes this part");\n}\n\nit("needs a value", () => {\n  expect(() => ${name}("")).toThrow("a value is needed");\n});`,
};

/** A skeleton of code that the demo model does not know. Its language, name and test come from the question. */
export function piece(question: string, subject: string): Topic["generation"] {
  const { id, name, code } = languages.find(({ fits }) => fits.test(question)) ?? typescript;
  const called = name(wordsOf(subject));
  const comment = `${subject.charAt(0).toUpperCase()}${subject.slice(1)}`.replace(/["*\\`]/g, "");
  return {
    steps: [
      `Settle what \`${called}\` takes and returns`,
      "Refuse wrong input first",
      "Write the rule itself",
      "Test both",
    ],
    answer: paragraphs(
      `The frame for **${subject}**. A real model would fill in its middle:`,
      fenced(id, code(called, comment)),
      bulleted([
        "Wrong input is refused first, so that the rest can rely on what it gets.",
        "The test says what callers may expect, not how it is done.",
        "I assumed one value in and one out.",
      ]),
    ),
  };
}

const fillers =
  /^(?:a|an|the|that|which|for|with|in|of|to|and|my|me|function|python|elixir|typescript|javascript|bash|sql|code|script)$/;

function wordsOf(subject: string): string[] {
  const words = subject.toLowerCase().match(/[a-z][a-z0-9]*/g) ?? [];
  const kept = words.filter((word) => !fillers.test(word)).slice(0, 4);
  return kept.length > 0 ? kept : ["example"];
}
