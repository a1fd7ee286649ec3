/** A server that speaks OpenAI's chat completions. */
export interface Preset {
  name: string;
  address: string;
  /** One of its models, as an example. */
  model: string;
  needsKey: boolean;
}

export const presets: readonly Preset[] = [
  { name: "OpenAI", address: "https://api.openai.com/v1", model: "gpt-4.1-mini", needsKey: true },
  { name: "Ollama", address: "http://localhost:11434/v1", model: "llama3.2", needsKey: false },
  { name: "LM Studio", address: "http://localhost:1234/v1", model: "qwen3-8b", needsKey: false },
  { name: "vLLM", address: "http://localhost:8000/v1", model: "Qwen/Qwen3-8B", needsKey: false },
  { name: "OpenRouter", address: "https://openrouter.ai/api/v1", model: "openai/gpt-4.1-mini", needsKey: true },
];

/** True if the model's name comes from a preset. */
export function isExample(model: string): boolean {
  return presets.some((preset) => preset.model === model);
}
