import type { Log } from "../../../src/socket/log.ts";

export const quietLog: Log = { debug() {}, warn() {}, error() {} };
