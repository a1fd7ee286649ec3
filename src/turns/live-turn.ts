import type { JsonObject } from "../../graphs/host.ts";
import { GrowingText } from "./growing-text.ts";

/** A running turn: its stage and its texts so far. */
export class LiveTurn {
  readonly id: string;
  readonly query: string;
  /** The payload of the latest `thinking` event, for members that join later. */
  stage: JsonObject = { stage: "accepted" };
  readonly answer: GrowingText;
  /** What the model told about its thinking. Undefined as long as there is none. */
  reasoning: GrowingText | undefined;

  /** `restarts` is the number of earlier attempts. */
  constructor(id: string, query: string, restarts: number) {
    this.id = id;
    this.query = query;
    this.answer = new GrowingText(restarts);
  }

  /** Appends a piece of the reasoning. */
  think(piece: { restarts: number; text: string }): void {
    this.reasoning ??= new GrowingText(piece.restarts);
    this.reasoning.append(piece);
  }
}
