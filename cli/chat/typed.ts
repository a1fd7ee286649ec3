import { createInterface } from "node:readline";

/** Tells the terminal to mark what is pasted, or to stop that. */
const markPastes = "\x1b[?2004h";
const markNothing = "\x1b[?2004l";

export interface Reader {
  message: (text: string) => void;
  interrupt: () => void;
  end: () => void;
}

/**
 * Reads messages, a line each. With a `terminal`, lines that are pasted together are one message, which ends with the next
 * Enter.
 */
export function typed(input: NodeJS.ReadableStream, terminal: NodeJS.WritableStream | undefined, reader: Reader) {
  const lines = createInterface(terminal ? { input, output: terminal, terminal: true, prompt: "› " } : { input });
  let pasted: string[] = [];
  let isPasting = false;
  let isOpen = true;

  function tell(line: string): void {
    const text = [...pasted, line].join("\n");
    pasted = [];
    reader.message(text);
  }

  if (terminal) {
    terminal.write(markPastes);
    process.once("exit", () => terminal.write(markNothing));
    input.on("keypress", (_characters, { name }: { name?: string }) => {
      if (name === "paste-start") isPasting = true;
      if (name === "paste-end") isPasting = false;
    });
  }
  lines.on("line", (line) => (isPasting ? pasted.push(line) : tell(line)));
  lines.on("SIGINT", reader.interrupt);
  lines.on("close", () => {
    isOpen = false;
    if (pasted.length > 0) tell("");
    reader.end();
  });

  return {
    prompt(): void {
      if (terminal && isOpen) lines.prompt();
    },
    /** Forgets what has been typed since the last Enter. False if that is nothing. */
    discard(): boolean {
      if (!terminal || !isOpen) return false;
      const isEmpty = pasted.length === 0 && lines.line === "";
      pasted = [];
      lines.write(null, { ctrl: true, name: "e" });
      lines.write(null, { ctrl: true, name: "u" });
      return !isEmpty;
    },
  };
}
