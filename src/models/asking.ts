import type { CallbackManagerForLLMRun } from "@langchain/core/callbacks/manager";
import type { ChatGenerationChunk, ChatResult } from "@langchain/core/outputs";

import type { ModelCallOptions } from "../../graphs/chat-model.ts";
import { pulled } from "./pulled.ts";
import type { Piece } from "./reading/piece.ts";
import { generationChunks, WholeReply } from "./reply.ts";

/** A form of reply that fails twice is not asked for again: `structured.ts` asks in another one. */
export const formRetries = 1;

/** What a model's requests report while they are made. */
export interface Observer {
  /** A request is sent; what came before it does not count. */
  onAttempt: () => void;
  /** Returns false to end the reply. */
  onPiece: (piece: Piece) => boolean;
}

/** Sends requests until one is answered. */
export type Ask<Options> = (options: Options, observer: Observer) => Promise<{ isAdapted: boolean }>;

/** Asks, hands on what comes as `options` wants it, and returns the whole reply. Tracers hear of its first piece alone, and so know when it came. */
export async function collected<Options extends ModelCallOptions>(
  options: Options,
  ask: Ask<Options>,
  runManager?: CallbackManagerForLLMRun,
): Promise<ChatResult> {
  let whole = new WholeReply();
  let hasBegun = false;
  const onAttempt = () => {
    whole = new WholeReply();
  };
  const onPiece = (piece: Piece) => {
    whole.add(piece);
    if (!hasBegun && (piece.text || piece.reasoning || piece.toolCalls)) {
      hasBegun = true;
      void runManager?.handleLLMNewToken(piece.text);
    }
    if (piece.isRestart) options.onRestart?.(whole.reasoning);
    else if (piece.reasoning) options.onReasoning?.(piece.reasoning);
    const args = options.onArguments && piece.toolCalls?.map((part) => part.args ?? "").join("");
    if (args && options.onArguments?.(args) === false) return false;
    return piece.text === "" || options.onText?.(piece.text, piece.model) !== false;
  };
  const { isAdapted } = await ask(options, { onAttempt, onPiece });
  const message = whole.message();
  if (isAdapted) message.response_metadata.adapted = true;
  return { generations: [{ text: message.text, message }] };
}

/** Asks, and returns the reply as LangChain's chunks. */
export function streamed<Options extends ModelCallOptions>(
  options: Options,
  ask: Ask<Options>,
  runManager?: CallbackManagerForLLMRun,
): AsyncGenerator<ChatGenerationChunk> {
  const pieces = pulled<Piece>(async (push, closed) => {
    const signal = options.signal ? AbortSignal.any([options.signal, closed]) : closed;
    await ask({ ...options, signal }, { onAttempt() {}, onPiece: push });
  });
  return generationChunks(pieces, options, runManager);
}
