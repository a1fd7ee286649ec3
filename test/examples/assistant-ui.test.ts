import { describe } from "vitest";

import { threadTests } from "./thread-tests.ts";

describe("assistant-ui on useStream, in a browser", () => {
  threadTests("assistant-ui");
});
