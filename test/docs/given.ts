/** What the documents take for granted: names that a snippet uses and that its reader has. */
const names: Record<string, string> = {
  socket: 'declare const socket: import("phoenix").Socket;',
  channel: 'declare const channel: import("phoenix").Channel;',
  cursor: "declare const cursor: { turn_id: string; offset?: number };",
  chat: 'declare const chat: import("conversation-channel-client").Conversation;',
  render: "declare function render(text: string): void;",
  showStage: "declare function showStage(stage: string): void;",
  fetchToken: "declare function fetchToken(): Promise<string>;",
  Socket: 'import { Socket } from "phoenix";',
  travel: "declare const travel: object;",
  planning: "declare const planning: object;",
  support: "declare const support: object;",
  stock: "declare function stock(graph: object): object;",
};

/** Declarations of the names above that the code uses without saying where they come from. */
export function given(code: string): string {
  const used = Object.entries(names).filter(([name]) => {
    const isUsed = new RegExp(`(?<![.\\w"/-])${name}\\b(?!:)`).test(code);
    const isDeclared = new RegExp(`(const|let|function|import|class)\\b[^=(;]*\\b${name}\\b`).test(code);
    return isUsed && !isDeclared;
  });
  return used.map(([, declaration]) => declaration).join("\n");
}
