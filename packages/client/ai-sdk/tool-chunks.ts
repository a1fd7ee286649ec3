import type { toolPartsOf } from "./approvals.ts";
import type { Chunk } from "./message.ts";

type UITool = NonNullable<ReturnType<ReturnType<typeof toolPartsOf>["get"]>>[number];

/** What is new in the tool parts of a message. */
export function toolChunks(tools: readonly UITool[] = [], before: readonly UITool[] = []): Chunk[] {
  return tools.flatMap((tool) => {
    const { toolCallId, toolName, input } = tool;
    const known = before.find((other) => other.toolCallId === toolCallId);
    if (known && isSame(known, tool)) return [];
    const call = { toolCallId, dynamic: true, providerExecuted: true };
    const begun: Chunk[] = known ? [] : [{ ...call, type: "tool-input-available", toolName, input }];
    return [...begun, ...outcome(tool, call)];
  });
}

function isSame(one: UITool, other: UITool): boolean {
  return one.state === other.state && one.output === other.output && one.errorText === other.errorText;
}

function outcome(tool: UITool, call: { toolCallId: string; dynamic: boolean; providerExecuted: boolean }): Chunk[] {
  const { toolCallId } = call;
  switch (tool.state) {
    case "approval-requested":
      return [{ type: "tool-approval-request", toolCallId, approvalId: tool.approval.id }];
    case "approval-responded": {
      const approvalId = tool.approval.id;
      return [
        { type: "tool-approval-request", toolCallId, approvalId },
        { type: "tool-approval-response", approvalId, approved: true },
      ];
    }
    case "output-available": {
      const { output, preliminary } = tool;
      return [{ ...call, type: "tool-output-available", output, ...(preliminary && { preliminary }) }];
    }
    case "output-error":
      return [{ ...call, type: "tool-output-error", errorText: tool.errorText }];
    case "output-denied":
      return [{ type: "tool-output-denied", toolCallId }];
    default:
      return [];
  }
}
