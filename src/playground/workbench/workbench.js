/** Fills the `#workbench` beside the chat: prompts, replays and graphs of the conversation. */
export function workbenchPanel() {}
