import { it } from "vitest";

import { bearsLock } from "./locked.ts";

it("a lock of 0.5 s on the database delays writes, and nothing else", () => bearsLock(500));
