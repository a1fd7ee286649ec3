import type { Findings, ServerEvents } from "./protocol.ts";

type Response = ServerEvents["response"];

/** An engine. */
export type ConversationType = NonNullable<Response["conversation_type"]>;

type FoundKey = { [Type in keyof Findings]: keyof Findings[Type] }[keyof Findings];

/** The metadata that all answers have, without the index signature, so that another engine's key is a type error. */
type Common = {
  [Key in keyof Response["metadata"] as string extends Key
    ? never
    : Key extends FoundKey
      ? never
      : Key]: Response["metadata"][Key];
};

/** The metadata of an engine's answers. */
export type Metadata<Type extends ConversationType | null> = Common &
  (Type extends keyof Findings ? Findings[Type] : unknown);

/** The answer of a turn. Its metadata depends on `conversation_type`, which is null if the turn was stopped before it was routed. */
export type Answer = {
  [Type in ConversationType | "none"]: Omit<Response, "conversation_type" | "metadata"> & {
    conversation_type: Type extends "none" ? null : Type;
    metadata: Metadata<Type extends ConversationType ? Type : null>;
  };
}[ConversationType | "none"];
