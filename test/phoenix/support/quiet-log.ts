import type { Log } from "../../../src/phoenix/log.ts";

export const quietLog: Log = { debug() {}, warn() {}, error() {} };
