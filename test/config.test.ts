import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";

import { allowedModels, config } from "../src/config.ts";

describe("settings", () => {
  it("every setting has its documented default", () => {
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

  it("an empty setting counts as not set", () => {
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
    ["ENGINES", "assistant", /ENGINES: expected \+name or -name/],
    ["ENGINES", "+assistent", /ENGINES: there is no engine assistent; there are simple, /],
    ["ENGINES", "-simple,-complex,-analysis,-generation,-problem_solving,-multi_step", /at least one engine/],
    ["PORT", "tcp://10.0.0.1:4000", /PORT: expected a whole number .*, got "tcp:/],
    ["PORT", "4000/tcp", /PORT: expected a whole number/],
    ["PORT", "/run/chat.sock", /PORT: expected a whole number/],
    ["DRAIN_TIMEOUT_MS", "30s", /DRAIN_TIMEOUT_MS: expected a whole number/],
    ["TRUSTED_PROXIES", "*", /TRUSTED_PROXIES: expected addresses/],
    ["TRUSTED_PROXIES", "true", /TRUSTED_PROXIES: expected addresses/],
    ["ALLOWED_ORIGINS", "*", /ALLOWED_ORIGINS: expected origins/],
    ["ALLOWED_ORIGINS", "null", /ALLOWED_ORIGINS: expected origins/],
    ["ALLOWED_ORIGINS", "file://", /ALLOWED_ORIGINS: expected origins/],
    ["ALLOWED_ORIGINS", "https://a.example/chat", /ALLOWED_ORIGINS: expected origins/],
    ["ALLOWED_ORIGINS", "https://a.example https://b.example", /ALLOWED_ORIGINS: expected origins/],
  ])("%s=%s stops the start, with a message that names what was expected", (name, value, message) => {
    expect(() => config({ [name]: value })).toThrow(message);
  });

  it.each(["1", "true", "True", "TRUE", "yes", "On", " on "])("WORKBENCH=%j is a yes", (value) => {
    expect(config({ WORKBENCH: value }).WORKBENCH).toBe(true);
  });

  it("quotes around a value are dropped: docker run --env-file passes them on", () => {
    const quoted = { PORT: '"4001"', API_KEYS: '"k=alice,l=bob"', MODEL: "'small model'", WORKBENCH: '""', HOST: '"' };
    expect(config(quoted)).toMatchObject({
      PORT: 4001,
      API_KEYS: ["k=alice", "l=bob"],
      MODEL: "small model",
      WORKBENCH: undefined,
      HOST: '"',
    });
    expect(config({ OPENAI_API_KEY: '"sk-1"' }).OPENAI_API_KEY).toBe("sk-1");
  });

  it("words count in any case", () => {
    const settings = config({ LOG_LEVEL: "WARN", ROUTING: "Local", NODE_ENV: "Production", WORKBENCH: "NO" });
    expect(settings).toMatchObject({ LOG_LEVEL: "warn", ROUTING: "local", NODE_ENV: "production", WORKBENCH: false });
  });

  it("a key may have all characters of base64, also at its end", () => {
    expect(config({ API_KEYS: "q83vASNFZ4mrze/+3cs==alice,abc===*" }).API_KEYS).toHaveLength(2);
    expect(() => config({ API_KEYS: "q83vASNFZ4mrze/+3cs=" })).toThrow(
      /a key may have letters, digits and \. _ ~ \+ \/ = -/,
    );
  });

  it.each([
    ["9464", { host: "127.0.0.1", port: 9464 }],
    [":9464", { host: "127.0.0.1", port: 9464 }],
    ["0.0.0.0:9464", { host: "0.0.0.0", port: 9464 }],
    ["[::1]:9464", { host: "::1", port: 9464 }],
    ["metrics.internal:0", { host: "metrics.internal", port: 0 }],
  ])("METRICS_ADDRESS=%s is an address and a port", (value, address) => {
    expect(config({ METRICS_ADDRESS: value }).METRICS_ADDRESS).toEqual(address);
  });

  it("the message about an invalid API_KEYS contains no key", () => {
    expect(() => config({ API_KEYS: "very-secret" })).not.toThrow(/very-secret/);
  });

  it("an invalid setting ends the process with a message and no stack", () => {
    const env = { ...process.env, PORT: "nowhere" };
    const { status, stderr } = spawnSync(process.execPath, ["src/main.ts"], { env, encoding: "utf8" });
    expect(status).toBe(1);
    expect(stderr).toContain("PORT: expected a whole number");
    expect(stderr).not.toContain("    at ");
  });

  it("clients may choose the default model and gpt-4, or those in MODELS", () => {
    expect([...allowedModels(config({ MODEL: "small" }))]).toEqual(["small", "gpt-4"]);
    expect([...allowedModels(config({ MODEL: "small", MODELS: "big, huge" }))]).toEqual(["small", "big", "huge"]);
  });
});
