import { expect, it } from "vitest";

import { authenticationOf } from "../../src/auth/settings.ts";
import { config } from "../../src/config.ts";
import { logger } from "../../src/telemetry/log.ts";

const secret = "a secret of some length for HS256 signatures";

it.each<[Record<string, string>, RegExp[]]>([
  [{ NODE_ENV: "production" }, [/^nobody can connect: set API_KEYS/]],
  [{ AUTH_JWKS_URL: "https://issuer.example/keys" }, [/^AUTH_JWT_AUDIENCE is not set/]],
  [{ AUTH_JWKS_URL: "https://issuer.example/keys", AUTH_JWT_AUDIENCE: "chat" }, []],
  [{ AUTH_JWT_SECRET: "short" }, [/^AUTH_JWT_SECRET has less than 32 bytes/]],
  [{ AUTH_JWT_SECRET: secret }, []],
  [{ API_KEYS: "k=alice", AUTH_JWT_ISSUER: "https://issuer.example" }, [/^AUTH_JWT_AUDIENCE and AUTH_JWT_ISSUER need/]],
  [{ API_KEYS: "k=alice", WORKBENCH_KEYS: "other" }, [/^WORKBENCH_KEYS has a key that is not in API_KEYS$/]],
  [{ API_KEYS: "k=alice", WORKBENCH_KEYS: "k" }, []],
])("the start with %j warns as it should", (env, expected) => {
  const settings = config(env);
  const warned: string[] = [];
  const log = Object.assign(logger("silent"), { warn: (message: string) => void warned.push(message) });
  authenticationOf(settings, { apiKeys: settings.API_KEYS }, log).keys.close();
  expect(warned).toEqual(expected.map((pattern) => expect.stringMatching(pattern)));
});
