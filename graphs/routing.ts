import { z } from "zod";

/** Who chose the engine, how sure (0 to 1), and why. */
export const Routing = z.object({
  decided_by: z.enum(["local", "model", "client", "rule"]),
  confidence: z.number().min(0).max(1),
  reason: z.string(),
});
export type Routing = z.infer<typeof Routing>;
