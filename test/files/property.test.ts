import { expect, it } from "vitest";

import { holdsForAnything } from "./property.ts";
import { filesServer } from "./support.ts";

it("whatever is uploaded is kept as it is, or refused by a reason", async () => {
  await using server = await filesServer();
  await expect(holdsForAnything(server, { pdfs: 1, runs: 100 })).resolves.toBeUndefined();
});
