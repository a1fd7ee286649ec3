import { v7 } from "uuid";

import { type FileFacts, isImage, maxImageBytes } from "../../graphs/files.ts";
import type { JsonObject, Sampling } from "../../graphs/host.ts";
import { ChannelError } from "../errors.ts";
import type { Conversation } from "../store/conversations.ts";
import type { NewTurn } from "../store/turns.ts";

/** A validated message. */
export interface Submission {
  /** May be empty if there are attachments. */
  query: string;
  attachments?: readonly FileFacts[];
  clientId?: string;
  /** For this message only. */
  context: JsonObject;
  options: JsonObject;
  preferences: JsonObject;
  sampling: Sampling[];
  engine?: string;
  /** See `TurnRequest`. */
  traceparent?: string;
  whenBusy: "queue" | "replace" | "reject";
  /** Id of the turn to replace. */
  replaces?: string;
}

/** Makes a turn of a submission. Its id is a UUIDv7: ids that sort by time keep the index compact. */
export function turnOf(conversation: Conversation, submission: Submission): NewTurn {
  const { query, attachments = [], clientId, context, options, preferences, sampling, replaces } = submission;
  const { engine, traceparent } = submission;
  return {
    id: v7(),
    conversationId: conversation.id,
    sessionId: conversation.sessionId,
    userId: conversation.owner,
    clientId,
    replaces,
    ...(attachments.length > 0 && { attachments }),
    request: {
      query,
      context: { ...conversation.context, ...context },
      options,
      preferences,
      sampling,
      engine,
      ...(traceparent !== undefined && { traceparent }),
    },
  };
}

/** The model that a message asks for; undefined for the default. True if it sees images. */
export type Sees = (model: string | undefined) => Promise<boolean>;

/** Throws a ChannelError if the message is empty, or the model could not see its images. */
export async function checkSubmission({ query, attachments = [], sampling }: Submission, sees: Sees): Promise<void> {
  if (query === "" && attachments.length === 0) throw invalid("content", "must not be empty");
  const model = sampling.find((given) => given.model !== undefined)?.model;
  const images = attachments.filter(isImage);
  if (images.reduce((sum, { size }) => sum + size, 0) > maxImageBytes)
    throw invalid(
      "attachments",
      `the images have more than ${maxImageBytes / 1_000_000} MB together; send them one by one`,
    );
  if (images.length > 0 && !(await sees(model)))
    throw invalid("attachments", `${model ?? "the model"} cannot see images; choose another model, or leave them out`);
}

function invalid(path: string, message: string): ChannelError {
  return new ChannelError("invalid_payload", `${path}: ${message}`, { details: { issues: [{ path, message }] } });
}
