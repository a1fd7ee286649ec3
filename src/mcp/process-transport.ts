import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { getDefaultEnvironment } from "@modelcontextprotocol/sdk/client/stdio.js";
import { ReadBuffer, serializeMessage } from "@modelcontextprotocol/sdk/shared/stdio.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";

import type { ProcessSettings } from "./server-file.ts";

/** How long a process may take to end by itself, and after SIGTERM. */
const graceMs = 1_000;

/** The processes that run, by the ids of their groups. */
const running = new Set<number>();

/**
 * Speaks with a process over its stdin and stdout. Unlike the protocol's own transport, it ends whatever the process has started, too: `npx`
 * and shells start the server as their child.
 */
export class ProcessTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: Transport["onmessage"];
  readonly #settings: ProcessSettings;
  readonly #said: (text: string) => void;
  readonly #buffer = new ReadBuffer();
  #child: ChildProcessWithoutNullStreams | undefined;
  #closing: Promise<void> | undefined;

  /** `said` gets what the process writes to stderr. */
  constructor(settings: ProcessSettings, said: (text: string) => void) {
    this.#settings = settings;
    this.#said = said;
  }

  async start(): Promise<void> {
    const { command, args, env: own, cwd } = this.#settings;
    const env = { ...getDefaultEnvironment(), ...own }; // PATH, HOME, USER and the like, and nothing else of ours
    const child = spawn(command, args, { env, cwd, detached: true, stdio: "pipe" });
    child.on("error", (error) => this.onerror?.(error));
    child.stdin.on("error", (error) => this.onerror?.(error));
    await once(child, "spawn");
    this.#child = child;
    remember(child.pid ?? 0);
    child.stderr.on("data", (bytes: Buffer) => this.#said(bytes.toString("utf8")));
    child.stdout.on("data", (bytes: Buffer) => this.#read(bytes));
    child.once("exit", () => end(child, "SIGKILL"));
    child.once("close", () => this.onclose?.());
  }

  async send(message: JSONRPCMessage): Promise<void> {
    const { stdin } = this.#child ?? {};
    if (!stdin?.writable) throw new Error("The process has ended.");
    if (!stdin.write(serializeMessage(message))) await once(stdin, "drain");
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const child = this.#child;
    if (!child) return;
    const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
    const exit = hasEnded() ? Promise.resolve() : once(child, "exit");
    child.stdin.end();
    await Promise.race([exit, sleep(graceMs)]);
    if (!hasEnded()) end(child, "SIGTERM");
    await Promise.race([exit, sleep(graceMs)]);
    end(child, "SIGKILL");
    await exit;
  }

  #read(bytes: Buffer): void {
    try {
      this.#buffer.append(bytes);
    } catch (error) {
      this.onerror?.(error as Error); // the message is too long
      void this.close();
    }
    for (;;) {
      try {
        const message = this.#buffer.readMessage();
        if (message === null) return;
        this.onmessage?.(message);
      } catch (error) {
        this.onerror?.(error as Error); // a line that is no message
      }
    }
  }
}

function remember(group: number): void {
  if (running.size === 0) process.once("exit", endAll);
  running.add(group);
}

/** Sends a signal to the process and to all that it has started. */
function end({ pid = 0 }: { pid?: number | undefined }, signal: NodeJS.Signals): void {
  if (!running.has(pid)) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // all of them have ended
  }
  if (signal !== "SIGKILL") return;
  running.delete(pid);
  if (running.size === 0) process.off("exit", endAll);
}

function endAll(): void {
  for (const pid of running) end({ pid }, "SIGKILL");
}
