import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, it } from "vitest";

import { events, listen, modelAt } from "./support.ts";

interface Seen {
  path: string | undefined;
  headers: IncomingMessage["headers"];
  body: unknown;
}

const running: ReturnType<typeof createServer>[] = [];

afterEach(() => {
  for (const server of running.splice(0)) server.close().closeAllConnections();
});

async function server(answer: (response: ServerResponse) => void = (response) => response.end(events("Here"))) {
  const seen: Seen[] = [];
  const listener = createServer(async (request, response) => {
    seen.push({ path: request.url, headers: request.headers, body: JSON.parse(await text(request)) });
    answer(response);
  });
  running.push(listener);
  return { url: await listen(listener), seen };
}

const redirect = (status: number, location: string) => (response: ServerResponse) =>
  response.writeHead(status, { location }).end("moved");

describe("a request", () => {
  it.each([
    ["", "/chat/completions"],
    ["/", "/chat/completions"],
    ["/v1", "/v1/chat/completions"],
    ["/proxy/v1/", "/proxy/v1/chat/completions"],
    ["/v1?api-version=2", "/v1/chat/completions?api-version=2"],
    ["/v1/?a=1&b=%20", "/v1/chat/completions?a=1&b=%20"],
    ["/v1/chat/completions", "/v1/chat/completions"],
    ["/proxy/chat/completions/?a=1", "/proxy/chat/completions?a=1"],
  ])("of the base URL's path %j goes to %s", async (path, expected) => {
    const { url, seen } = await server();
    expect(await modelAt(url + path).ask()).toBe("Here");
    expect(seen[0]?.path).toBe(expected);
  });

  it("has the expected headers and body", async () => {
    const { url, seen } = await server();
    await modelAt(url, { OPENAI_ORG_ID: "org-1", OPENAI_PROJECT_ID: "proj-1", MODEL: "some-model" }).ask();
    expect(seen[0]).toMatchObject({
      headers: {
        authorization: "Bearer sk-test",
        "content-type": "application/json",
        accept: "application/json",
        "user-agent": "conversation-channel",
        "openai-organization": "org-1",
        "openai-project": "proj-1",
      },
      body: {
        model: "some-model",
        stream: true,
        stream_options: { include_usage: true },
        messages: [{ role: "user", content: "Hi" }],
      },
    });
  });

  const notFound = (response: ServerResponse) =>
    response.writeHead(404, { "content-type": "application/json" }).end('{"detail":"Not Found"}');

  it.each([
    ["", "/v1/chat/completions"],
    ["/proxy?a=1", "/proxy/v1/chat/completions?a=1"],
  ])(
    "of the base URL's path %j goes to %s too if the server knows nothing else, and to it alone from then on",
    async (path, works) => {
      const { url, seen } = await server((response) => {
        if (seen.at(-1)?.path === works) response.end(events("Here"));
        else notFound(response);
      });
      const model = modelAt(url + path);
      for (let asked = 0; asked < 3; asked += 1) expect(await model.ask()).toBe("Here");
      expect(seen.map((request) => request.path).slice(1)).toEqual([works, works, works]);
      expect({ requests: seen.length, counted: model.sent }).toEqual({ requests: 4, counted: 4 });
    },
  );

  it("goes to the configured path again if the other one is gone", async () => {
    let works = "/v1/chat/completions";
    const { url, seen } = await server((response) => {
      if (seen.at(-1)?.path === works) response.end(events("Here"));
      else notFound(response);
    });
    const model = modelAt(url);
    await model.ask();
    works = "/chat/completions";
    expect([await model.ask(), await model.ask()]).toEqual(["Here", "Here"]);
    expect(seen.at(-1)?.path).toBe(works);
  });

  it.each(["", "/v1", "/v1beta/openai"])("of the path %j fails with the address if nothing is there", async (path) => {
    const { url, seen } = await server(notFound);
    await expect(modelAt(`${url}${path}?key=sk-canary`).ask()).rejects.toMatchObject({
      code: "model_unavailable",
      message: "The model server answered 404.",
      diagnosis: { model: "gpt-4.1-mini", address: `${url}${path}/chat/completions`, status: 404, said: "Not Found" },
      help: expect.stringContaining("OPENAI_BASE_URL, which usually ends in /v1"),
    });
    expect(seen).toHaveLength(path === "" ? 2 : 1);
  });

  it.each([
    [301, 2],
    [302, 4],
    [307, 4],
    [308, 2],
  ])(
    "is sent again as it is to where a redirect on the same host leads (%i), and there at once if it is for good",
    async (status, later) => {
      const { url, seen } = await server((response) => {
        if (seen.at(-1)?.path === "/moved") response.end(events("There"));
        else redirect(status, "/moved")(response);
      });
      const model = modelAt(url);
      expect([await model.ask(), await model.ask(), await model.ask()]).toEqual(["There", "There", "There"]);
      expect(seen[1]).toMatchObject({ body: seen[0]?.body, headers: { authorization: "Bearer sk-test" } });
      expect(seen).toHaveLength(2 + later);
    },
  );

  it.each([301, 302, 303])(
    "is not sent to another host by a redirect that may change its method (%i)",
    async (status) => {
      const other = await server();
      const { url } = await server(redirect(status, `${other.url}/v1?key=1`));
      await expect(modelAt(url).ask()).rejects.toMatchObject({
        help: expect.stringContaining(`redirects to ${other.url}/v1: set OPENAI_BASE_URL`),
      });
      expect(other.seen).toEqual([]);
    },
  );

  it.each([307, 308])("follows a redirect that keeps its method (%i)", async (status) => {
    const { url, seen } = await server((response) => {
      if (seen.length === 1) redirect(status, "/elsewhere?x=1")(response);
      else response.end(events("There"));
    });
    const model = modelAt(url);
    expect(await model.ask()).toBe("There");
    expect(seen.map(({ path }) => path)).toEqual(["/chat/completions", "/elsewhere?x=1"]);
    expect(seen[1]?.body).toEqual(seen[0]?.body);
    expect(seen[1]?.headers.authorization).toBe("Bearer sk-test");
    expect(model.sent).toBe(1);
  });

  it("does not take the key to another origin", async () => {
    const other = await server();
    const { url } = await server(redirect(307, `${other.url}/v1`));
    expect(await modelAt(url, { OPENAI_ORG_ID: "org-1" }).ask()).toBe("Here");
    expect(other.seen[0]?.headers).not.toHaveProperty("authorization");
    expect(other.seen[0]?.headers).not.toHaveProperty("openai-organization");
  });

  it("follows neither endless nor invalid redirects", async () => {
    const round = await server(redirect(307, "/again"));
    const nowhere = await server(redirect(308, "http://"));
    for (const { url } of [round, nowhere]) {
      await expect(modelAt(url).ask({ retries: 0 })).rejects.toMatchObject({ code: "model_unavailable" });
    }
    expect([round.seen.length, nowhere.seen.length]).toEqual([4, 1]);
  });
});

describe("a server that is not reached", () => {
  it.each([
    [
      "has a name that does not resolve",
      "http://model.invalid/v1",
      /The name of model\.invalid cannot be resolved: check OPENAI_BASE_URL/,
    ],
    ["does not listen", "http://127.0.0.1:1/v1", /Nothing listens at 127\.0\.0\.1:1/],
  ])("and %s is told with what to do", async (_what, url, help) => {
    await expect(modelAt(url).ask({ retries: 0 })).rejects.toMatchObject({
      code: "model_unavailable",
      message: "The model server cannot be reached.",
      diagnosis: { address: `${url}/chat/completions` },
      help: expect.stringMatching(help),
      mayBeForm: false,
    });
  });

  it("because it does not speak TLS is given up at once", async () => {
    const { url } = await server();
    const model = modelAt(`${url.replace("http", "https")}/v1`);
    await expect(model.ask()).rejects.toMatchObject({ help: expect.stringContaining("try http://") });
    expect(model.sent).toBe(1);
  });
});

describe("an error response", () => {
  const refuse = (status: number, body: string) => (response: ServerResponse) =>
    response.writeHead(status, { "content-type": "application/json" }).end(body);

  it.each([
    [400, { error: { code: "content_filter" } }, { code: "model_refused" }],
    [400, { error: { code: "context_length_exceeded" } }, { code: "model_unavailable", unsupported: false }],
    [400, { error: { code: null } }, { code: "model_unavailable", unsupported: true }],
    [422, "no JSON", { code: "model_unavailable", unsupported: true }],
    [401, [], { code: "model_unavailable", unsupported: false }],
    [429, null, { code: "model_rate_limited" }],
  ])("with %i and %j is %j", async (status, body, failure) => {
    const { url } = await server(refuse(status, typeof body === "string" ? body : JSON.stringify(body)));
    await expect(modelAt(url).ask({ retries: 0 })).rejects.toMatchObject(failure);
  });

  it("is not read to its end if it is too long", async () => {
    const { url } = await server((response) => {
      response.writeHead(400);
      const write = () => {
        if (!response.destroyed) response.write("x".repeat(10_000), () => setImmediate(write));
      };
      write();
    });
    await expect(modelAt(url).ask({ retries: 0 })).rejects.toMatchObject({ unsupported: true });
  });

  it("counts even if its connection breaks before its end", async () => {
    const { url } = await server((response) => {
      response.writeHead(429).write("{", () => response.destroy());
    });
    await expect(modelAt(url).ask({ retries: 0 })).rejects.toMatchObject({ code: "model_rate_limited" });
  });
});
