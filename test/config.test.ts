import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";

import { allowedModels, config } from "../src/config.ts";

describe("settings", () => {
  it("need nothing: every one has the documented default", () => {
    expect(config({})).toMatchObject({
      PORT: 4000,
      HOST: "127.0.0.1",
      API_KEYS: [],
      MODEL_TIMEOUT_MS: 30_000,
      TURN_TIMEOUT_MS: 300_000,
      DRAIN_TIMEOUT_MS: 30_000,
      SOCKET_IDLE_MS: 75_000,
      RATE_LIMIT_MESSAGES: 60,
      RATE_LIMIT_CONNECTIONS: 300,
      DATABASE_URL: "sqlite:data/conversations.db",
      PROMPTS_DIR: "prompts",
      LOG_LEVEL: "info",
    });
  });

  it("that are empty count as not given", () => {
    expect(config({ PORT: "", MODEL: " ", API_KEYS: "" })).toEqual(config({}));
  });

  it.each([
    ["PORT", "80x", /PORT: expected a whole number from 0 to 65535, got "80x"/],
    ["PORT", "70000", /PORT: expected a whole number/],
    ["MODEL_TIMEOUT_MS", "0", /MODEL_TIMEOUT_MS: expected a whole number from 1/],
    ["RATE_LIMIT_JOINS", "-1", /RATE_LIMIT_JOINS: expected a whole number from 0/],
    ["API_KEYS", "no-user", /API_KEYS: expected key=user_id or key=\*/],
    ["OPENAI_BASE_URL", "localhost", /OPENAI_BASE_URL: expected a URL that begins with http:/],
    ["ALLOWED_ORIGINS", "example.com", /ALLOWED_ORIGINS: expected origins such as/],
    ["DATABASE_URL", "mysql://x", /DATABASE_URL: expected sqlite:/],
    ["LOG_LEVEL", "loud", /LOG_LEVEL: /],
  ])("stop the start when %s is %s, naming it and what was expected", (name, value, message) => {
    expect(() => config({ [name]: value })).toThrow(message);
  });

  it("never show a key in the message about it", () => {
    expect(() => config({ API_KEYS: "very-secret" })).not.toThrow(/very-secret/);
  });

  it("that are bad end the process with a message and without a stack", () => {
    const env = { ...process.env, PORT: "nowhere" };
    const { status, stderr } = spawnSync(process.execPath, ["src/main.ts"], { env, encoding: "utf8" });
    expect(status).toBe(1);
    expect(stderr).toContain("PORT: expected a whole number");
    expect(stderr).not.toContain("    at ");
  });

  it("let clients name the default model and gpt-4, or what is listed", () => {
    expect([...allowedModels(config({ MODEL: "small" }))]).toEqual(["small", "gpt-4"]);
    expect([...allowedModels(config({ MODEL: "small", MODELS: "big, huge" }))]).toEqual(["small", "big", "huge"]);
  });
});
