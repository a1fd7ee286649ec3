/** A model's answer to "Generate a GenServer that manages a shopping cart". */
export const cartPlan = {
  steps: [
    "Hold the items in a map from SKU to quantity",
    "Offer add/3 and items/1 as its API",
    "Explain how to start it",
  ],
};

export const cartAnswer = `Here is a cart as one process per customer. Quantities live in a map, so adding an item twice **adds up** instead of duplicating it:

\`\`\`elixir
defmodule ShoppingCart do
  use GenServer

  def start_link(_), do: GenServer.start_link(__MODULE__, %{})
  def add(cart, sku, count \\\\ 1), do: GenServer.cast(cart, {:add, sku, count})
  def items(cart), do: GenServer.call(cart, :items)

  @impl true
  def init(items), do: {:ok, items}

  @impl true
  def handle_cast({:add, sku, count}, items) do
    {:noreply, Map.update(items, sku, count, &(&1 + count))}
  end

  @impl true
  def handle_call(:items, _from, items), do: {:reply, items, items}
end
\`\`\`

- \`add/3\` is a cast: the caller does not wait.
- Start it under a \`DynamicSupervisor\`, so that a crash loses one cart, not all.`;
