import { afterAll, describe, expect, it } from "vitest";

import { filesServer, gif, jpeg, pdf, png, refusal, segment, textPage, webp } from "./support.ts";

const server = await filesServer();
afterAll(() => server.close());

const utf16 = (text: string) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, "utf16le")]);

describe("an upload", () => {
  it("is answered with 201 and the file's facts", async () => {
    const response = await server.upload("Hello\n", { name: "hello.txt" });
    expect(response.status).toBe(201);
    expect(response.headers.get("content-type")).toContain("application/json");
    expect(await response.json()).toEqual({
      file_id: expect.any(String),
      name: "hello.txt",
      size: 6,
      media_type: "text/plain",
    });
  });

  it.each<[string, Buffer<ArrayBuffer>, string]>([
    ["a PNG", png(640, 480), "image/png"],
    ["a GIF", gif(640, 480), "image/gif"],
    ["a JPEG", jpeg(640, 480), "image/jpeg"],
    [
      "a JPEG with a megabyte of metadata",
      jpeg(640, 480, Array(16).fill(segment(0xe1, Buffer.alloc(65_000)))),
      "image/jpeg",
    ],
    ["a lossy WebP", webp("VP8 ", 640, 480), "image/webp"],
    ["a lossless WebP", webp("VP8L", 640, 480), "image/webp"],
    ["an extended WebP", webp("VP8X", 640, 480), "image/webp"],
    ["a PDF", pdf([textPage("Hello")]), "application/pdf"],
    ["UTF-8", Buffer.from("déjà vu 🎉"), "text/plain"],
    ["UTF-8 with a byte order mark", Buffer.from("\ufeffa"), "text/plain"],
    ["UTF-16", utf16("déjà vu 🎉"), "text/plain"],
    ["the log of a terminal", Buffer.from("\x1b[31mred\x1b[0m\r\n\f"), "text/plain"],
  ])("%s is recognised by its content, whatever its name", async (_, bytes, type) => {
    expect(await server.kept(bytes, { name: "x.exe" })).toMatchObject({ media_type: type, size: bytes.length });
  });

  it("may come with other fields, before and after the file", async () => {
    const data = new FormData();
    data.set("a", "1");
    data.set("file", new Blob(["text"]), "a.txt");
    data.set("b", "2");
    expect((await server.post(data)).status).toBe(201);
  });

  it("may come without a name and without a length", async () => {
    const body = new Blob([
      '--x\r\ncontent-disposition: form-data; name="file"; filename=""\r\n\r\nabc\r\n--x--\r\n',
    ]).stream();
    const response = await server.post(body, { headers: { "content-type": "multipart/form-data; boundary=x" } });
    expect(await response.json()).toMatchObject({ name: "file", size: 3 });
  });
});

describe("a file", () => {
  it("comes back to its owner byte by byte, as a download that no browser executes", async () => {
    const bytes = Buffer.from("<script>alert(1)</script>");
    const { file_id } = await server.kept(bytes, { name: 'a "quoted" ü.html' });
    const response = await server.get(file_id);
    expect(response.status).toBe(200);
    expect(Buffer.from(await response.arrayBuffer())).toEqual(bytes);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "text/plain; charset=utf-8",
      "content-length": String(bytes.length),
      "x-content-type-options": "nosniff",
      "content-security-policy": "sandbox; default-src 'none'",
      "content-disposition": expect.stringMatching(
        /^attachment; filename="a .* _\.html"; filename\*=UTF-8''a%20.*%C3%BC\.html$/,
      ),
    });
  });

  it("has a tag, with which it is sent once", async () => {
    const { file_id } = await server.kept("once");
    const etag = (await server.get(file_id)).headers.get("etag") ?? "";
    const again = await server.get(file_id, { headers: { "if-none-match": etag } });
    expect([again.status, await again.text()]).toEqual([304, ""]);
  });

  it("answers HEAD without its bytes", async () => {
    const { file_id } = await server.kept("head");
    const response = await server.get(file_id, {}, { method: "HEAD", headers: { authorization: "Bearer key-a" } });
    expect([response.status, response.headers.get("content-length"), await response.text()]).toEqual([200, "4", ""]);
  });

  it("of another user looks like one that does not exist", async () => {
    const { file_id } = await server.kept("secret");
    const foreign = await refusal(await server.get(file_id, { key: "key-b" }));
    const unknown = await refusal(await server.get("01900000-0000-7000-8000-000000000000", { key: "key-b" }));
    expect(foreign).toEqual(unknown);
    expect(foreign).toMatchObject({ status: 404, reason: "not_found" });
  });

  it.each(["..%2f..%2fpackage.json", "%00", "arriving-x", "a".repeat(9_000), "%ff", "bytes"])(
    "with the id %s does not exist",
    async (fileId) => expect((await server.get(fileId)).status).toBe(404),
  );

  it("is still there after a restart", async () => {
    const { file_id } = await server.kept("lasting");
    await server.restart();
    expect(await (await server.get(file_id)).text()).toBe("lasting");
  });
});

describe("who may", () => {
  it.each([
    ["no key", {}],
    ["a wrong key", { authorization: "Bearer wrong" }],
    ["a key in another scheme", { authorization: "Basic key-a" }],
  ])("%s is 401", async (_, headers) => {
    for (const [path, method] of [
      ["/files", "POST"],
      ["/files/x", "GET"],
    ] as const) {
      const response = await fetch(`${server.http}${path}`, { method, headers });
      expect(response.headers.get("www-authenticate")).toBe("Bearer");
      expect(await refusal(response)).toMatchObject({ status: 401, reason: "unauthorized" });
    }
  });

  it("a trusted back end names the user", async () => {
    const headers = { "x-user-id": Buffer.from("jörg").toString("latin1") };
    const { file_id } = await server.kept("for Jörg", { key: "key-any", headers });
    expect((await server.get(file_id, { key: "key-any", headers })).status).toBe(200);
    expect((await server.get(file_id, { key: "key-any" })).status).toBe(404);
  });

  it("every other key names only its own user", async () => {
    expect((await server.upload("a", { headers: { "x-user-id": "user-a" } })).status).toBe(201);
    const other = await server.upload("a", { headers: { "x-user-id": "user-b" } });
    expect(await refusal(other)).toMatchObject({ status: 403, reason: "not_allowed" });
  });
});

it.each([
  ["GET", "/files"],
  ["PUT", "/files"],
  ["DELETE", "/files/x"],
  ["POST", "/files/x"],
  ["GET", "/files/x/y"],
  ["GET", "/filesx"],
])("%s %s is 404", async (method, path) => {
  const response = await fetch(`${server.http}${path}`, { method, headers: { authorization: "Bearer key-a" } });
  expect(response.status).toBe(404);
});
