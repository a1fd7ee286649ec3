import { fenced, paragraphs, table } from "../markdown.ts";

const matching = `
case File.read("config.json") do
  {:ok, text} -> Jason.decode!(text)
  {:error, :enoent} -> %{}
  {:error, reason} -> raise "cannot read the file: #{reason}"
end
`;

const heads = `
defmodule Area do
  def of({:circle, r}), do: 3.14159 * r * r
  def of({:rectangle, w, h}), do: w * h
end

Area.of({:rectangle, 3, 4})  # 12
`;

const erlang = `
area({circle, R}) -> math:pi() * R * R;
area({rectangle, W, H}) -> W * H.
`;

export const patternMatching = {
  fits: /pattern.?matching/i,
  simple: paragraphs(
    "**Pattern matching** compares the shape of a value with a pattern and binds the variables in it. In Elixir, `=` is the match operator: the left side is a pattern, and the match fails if the right side does not fit it.",
    fenced("elixir", matching),
    "Functions match their arguments the same way, so that each case is a clause of its own instead of a branch:",
    fenced("elixir", heads),
    table(
      ["Pattern", "Matches", "Binds"],
      [
        ["`{:ok, value}`", "`{:ok, 42}`", "`value = 42`"],
        ["`[first | rest]`", "`[1, 2, 3]`", "`first = 1`, `rest = [2, 3]`"],
        ["`%{name: name}`", '`%{name: "Ada", age: 36}`', '`name = "Ada"`'],
        ["`^expected`", "the value that `expected` already has", "nothing"],
      ],
    ),
    "Use `^` to compare with a variable instead of binding it again, and add guards (`when r > 0`) where the shape alone does not decide.",
  ),
  followUp: paragraphs(
    "Erlang has the same idea, and Elixir took it from there. The `Area` module from before looks like this:",
    fenced("erlang", erlang),
    table(
      ["", "Elixir", "Erlang"],
      [
        ["Variables", "may be bound again", "are bound once"],
        ["Compare with a variable", "`^x`", "`X`, once it is bound"],
        ["Clauses", "separate `def`s", "joined by `;`, ended by `.`"],
        ["Maps", "`%{name: n}`", "`#{name := N}`"],
      ],
    ),
    "The pin operator `^` is therefore an Elixir matter only: in Erlang, a bound variable always compares.",
  ),
};
