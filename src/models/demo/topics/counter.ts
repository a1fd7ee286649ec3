import { bulleted, fenced, paragraphs } from "../markdown.ts";

const module = `
defmodule Counter do
  use GenServer

  # Client

  def start_link(initial \\\\ 0), do: GenServer.start_link(__MODULE__, initial, name: __MODULE__)
  def increment(by \\\\ 1), do: GenServer.cast(__MODULE__, {:increment, by})
  def value, do: GenServer.call(__MODULE__, :value)

  # Server

  @impl true
  def init(initial), do: {:ok, initial}

  @impl true
  def handle_cast({:increment, by}, count), do: {:noreply, count + by}

  @impl true
  def handle_call(:value, _from, count), do: {:reply, count, count}
end
`;

const test = `
defmodule CounterTest do
  use ExUnit.Case

  test "counts" do
    start_supervised!({Counter, 40})
    Counter.increment()
    Counter.increment()
    assert Counter.value() == 42
  end
end
`;

const reset = `
def reset, do: GenServer.cast(__MODULE__, :reset)

@impl true
def handle_cast(:reset, _count), do: {:noreply, 0}
`;

export const counter = {
  fits: /gen_?server|\bcounter\b/i,
  simple: paragraphs(
    "A **GenServer** is a process that keeps a state and answers messages one at a time. `call` waits for a reply, `cast` does not.",
    fenced("elixir", module),
  ),
  generation: {
    steps: [
      "Define the module and the functions that callers use",
      "Keep the count as the process's state",
      "Answer `increment` with a cast and `value` with a call",
      "Test it under a supervisor",
    ],
    answer: paragraphs(
      "The counter is a process whose state is one integer.",
      fenced("elixir", module),
      "A test that starts it under ExUnit's supervisor, so that it ends with the test:",
      fenced("elixir", test),
      bulleted([
        "`increment` is a **cast**: the caller does not wait, and order per caller is kept.",
        "`value` is a **call**: it comes after all increments that the same caller sent before.",
        "In an application, add `{Counter, 0}` to the children of your supervisor.",
        "I assumed one counter per node, since it is registered under its module's name.",
      ]),
    ),
  },
  followUp: paragraphs(
    "On the `Counter` from before: add one function for callers and one clause for the server. The clauses of `handle_cast` have to stand together.",
    fenced("elixir", reset),
    "The rest of the module stays as it is. `Counter.value()` returns `0` after a reset, because a process handles the messages of one caller in order.",
  ),
};
