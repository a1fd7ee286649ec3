import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { parsePrompt, renderPrompt } from "../graphs/prompt.ts";

const variables = ["question", "plan"];
const both = "{{question}} {{plan}}";
const values = { question: "Why?", plan: "First $& this." };

/** What a model reads of a prompt with this text. Both variables are used once more behind it. */
function rendered(text: string): string {
  const file = parsePrompt("simple", `---\ndescription: x\n---\n${text}\n${both}\n`, variables);
  return renderPrompt(file, values).slice(0, -"\nWhy? First $& this.".length);
}

/** The settings that a front matter gives. */
const settings = (frontMatter: string) => parsePrompt("simple", `---\n${frontMatter}\n---\nAnswer.\n`, []).settings;

describe("braces in a prompt", () => {
  it.each([
    ["a variable", "Q: {{question}}", "Q: Why?"],
    ["a variable with blanks", "{{ question }}", "Why?"],
    ["a value with replacement patterns", "{{plan}}", "First $& this."],
    ["a variable inside of JSON", '{"q":{{question}}}', '{"q":Why?}'],
    ["a variable after a dollar sign", `\${{question}}`, "$Why?"],
    [
      "GitHub Actions",
      `\${{ secrets.TOKEN }} \${{secrets}} \${{ matrix }}`,
      `\${{ secrets.TOKEN }} \${{secrets}} \${{ matrix }}`,
    ],
    ["JSX", 'style={{color: "red"}} style={{ ...base }}', 'style={{color: "red"}} style={{ ...base }}'],
    ["a style over several lines", "style={{\n  top,\n}}", "style={{\n  top,\n}}"],
    [
      "Jinja",
      "{% raw %}{{ user.name }} {{ x | upper }}{% endraw %}",
      "{% raw %}{{ user.name }} {{ x | upper }}{% endraw %}",
    ],
    ["Handlebars with arguments", "{{#each items}} {{> card title=x}}", "{{#each items}} {{> card title=x}}"],
    ["Go", '{{"{{"}} {{ .Values.image }} {{- end }}', '{{"{{"}} {{ .Values.image }} {{- end }}'],
    ["LaTeX", "x^{{2}} \\frac{{-1}}{2}", "x^{{2}} \\frac{{-1}}{2}"],
    ["nothing", "{{}} {{ }} {{{{ }}}}", "{{}} {{ }} {{{{ }}}}"],
    ["no end", "{{question", "{{question"],
    ["an escaped name", "\\{{user}} \\{{ user }}", "{{user}} {{ user }}"],
    ["an escaped variable", "\\{{question}} is {{question}}", "{{question}} is Why?"],
    ["an escaped section", "\\{{#a}}x\\{{/a}} \\{{{b}}}", "{{#a}}x{{/a}} {{{b}}}"],
    ["a backslash before a variable", "C:\\\\{{question}}", "C:\\Why?"],
    ["two backslashes before other braces", "\\\\{{\\bf x}}", "\\\\{{\\bf x}}"],
  ])("%s", (_what, text, expected) => expect(rendered(text)).toBe(expected));

  it.each([
    [
      "a misspelt variable",
      "{{questoin}}",
      "unknown variable {{questoin}} (did you mean {{question}}?), in line 4; if it is meant literally, write \\{{questoin}}",
    ],
    [
      "a name that is like none",
      "\n{{ user }}",
      "unknown variable {{user}} (it has {{question}}, {{plan}}), in line 5; if it is meant literally, write \\{{ user }}",
    ],
    ["a section", "{{#plan}}", "only plain variables such as {{name}} are allowed, not {{#plan}}"],
    ["the end of a section", "{{/each}}", "not {{/each}}, in line 4; if it is meant literally, write \\{{/each}}"],
    ["three braces", "{{{plan}}}", "not {{{plan}}}, in line 4; if it is meant literally, write \\{{{plan}}}"],
  ])("%s is refused, with what to write instead", (_what, text, fault) => expect(() => rendered(text)).toThrow(fault));

  it("any text can be written, with a backslash before each pair of braces", () => {
    const piece = fc.constantFrom("{", "{{", "}}", "}", "\\", "plan", "#", " ", "$", "x", "\n");
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const wanted = `<${pieces.join("")}>`.replace(/\\+(?=\{\{)/g, "");
        expect(rendered(wanted.replace(/\{{2,}/g, (braces) => `\\${braces}`))).toBe(wanted);
      }),
    );
  });
});

describe("front matter", () => {
  it.each([
    ["numbers for texts", "description: 2026\nmodel: 4.10", { description: "2026", model: "4.10" }],
    [
      "texts for numbers",
      "description: x\ntemperature: \"0.4\"\nmax_tokens: '77'",
      { temperature: 0.4, max_tokens: 77 },
    ],
    ["keys without a value", "description: x\nmodel:\ntemperature: ~\ntop_p: null", { description: "x" }],
    ["a colon in a text", "description: Note: answers # all", { description: "Note: answers" }],
    ["a text over two lines", "description: >-\n  One\n  two", { description: "One two" }],
  ])("%s", (_what, text, expected) => expect(settings(text)).toMatchObject(expected));

  it("a key without a value is not set", () => {
    expect(settings("description: x\nmodel:\ntemperature:")).toEqual({ description: "x" });
  });

  it.each([
    ["no description", "model: x", "front matter: description: say what the prompt does"],
    ["an empty description", "description:", "front matter: description: say what the prompt does"],
    ["a number out of range", "description: x\ntemperature: 3", "temperature: expected a number from 0 to 2"],
    ["a decimal comma", "description: x\ntemperature: 0,4", "temperature: expected a number from 0 to 2"],
    ["a fraction of a token", "description: x\nmax_tokens: 1.5", "max_tokens: expected a whole number from 1"],
    ["a list", "description: [x]", "description: expected a text"],
    ["an unknown key", "description: x\ntop_k: 3", "top_k: expected only description, model, temperature"],
    ["a key twice", "description: x\ndescription: y", "Map keys must be unique, in line 3"],
    ["an open bracket", "description: [x", "; put a value with special characters into double quotes"],
    ["no keys", "hello", "expected lines such as description: Answers a question"],
  ])("%s is refused, with the key and what is expected", (_what, text, fault) => {
    expect(() => settings(text)).toThrow(fault);
  });
});
