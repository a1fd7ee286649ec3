import { ModelFailure } from "../../graphs/failure.ts";

/** Turns that are remembered. */
const maxNotes = 500;

/** Why a turn failed, for the operator alone. Without keys. */
export interface OperatorNote {
  /** What the model server said, or what was wrong with it. */
  message: string;
  /** What to do. */
  help?: string;
  model?: string;
  address?: string;
  status?: number;
}

/** The notes of the latest failed turns. In memory only: what a model server said is never stored. */
export interface OperatorNotes {
  add(turnId: string, error: unknown): void;
  of(turnId: string): OperatorNote | undefined;
}

export function operatorNotes(): OperatorNotes {
  const notes = new Map<string, OperatorNote>();
  return {
    add(turnId, error) {
      if (!(error instanceof ModelFailure)) return;
      const { said, ...place } = error.diagnosis;
      notes.set(turnId, { message: said ?? error.message, ...(error.help && { help: error.help }), ...place });
      const [oldest] = notes.keys();
      if (notes.size > maxNotes && oldest !== undefined) notes.delete(oldest);
    },
    of: (turnId) => notes.get(turnId),
  };
}
