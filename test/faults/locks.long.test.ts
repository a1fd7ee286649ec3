import { it } from "vitest";

import { bearsLock } from "./locked.ts";

it.each([3, 6])("a lock of %i s on the database delays writes, and nothing else", (seconds) =>
  bearsLock(seconds * 1_000),
);
