import { it } from "vitest";

import { bearsLock } from "./locked.ts";

it("a lock of .5 s on the database delays what has to be written, and nothing else", () => bearsLock(500));
