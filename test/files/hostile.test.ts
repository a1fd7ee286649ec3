import { readdirSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { createConnection } from "node:net";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

import { filesServer, form, gif, jpeg, pdf, png, refusal, segment, textPage, webp } from "./support.ts";

const server = await filesServer({ FILE_MAX_MB: "1" });
afterAll(() => server.close());

const mega = 1_048_576;
const folder = join(server.folder, "files");

/** What is in the folder of the files: nothing may be left of a refused upload. */
const entries = () => [folder, join(folder, "arriving")].map((path) => readdirSync(path).length);

function raw(body: string, boundary = "x") {
  return server.post(Buffer.from(body, "latin1"), {
    headers: { "content-type": `multipart/form-data; boundary=${boundary}` },
  });
}

describe("what is refused, by its content", () => {
  const executable = Buffer.concat([Buffer.from("\x7fELF\x02\x01\x01\0", "latin1"), Buffer.alloc(100)]);
  const zip = Buffer.from("PK\x03\x04\x14\0\0\0\x08\0", "latin1");

  it.each<[string, Buffer<ArrayBuffer>, number, string]>([
    ["an executable that is called a picture", executable, 415, "unsupported_type"],
    ["a ZIP archive, hence also Word and JAR files", zip, 415, "unsupported_type"],
    ["a gzip archive", Buffer.from("\x1f\x8b\x08\0\0\0\0\0\0\x03", "latin1"), 415, "unsupported_type"],
    ["a TIFF", Buffer.from("II*\0\x08\0\0\0", "latin1"), 415, "unsupported_type"],
    ["text with a null byte", Buffer.from("abc\0def"), 415, "unsupported_type"],
    ["text that is not UTF-8", Buffer.from("d\xe9j\xe0 vu", "latin1"), 415, "unsupported_type"],
    ["text that ends in the middle of a character", Buffer.from("é").subarray(0, 1), 415, "unsupported_type"],
    ["UTF-16 without a byte order mark", Buffer.from("abc", "utf16le"), 415, "unsupported_type"],
    [
      "a surrogate that stands alone in UTF-16",
      Buffer.from([0xff, 0xfe, 0x00, 0xd8, 0x41, 0]),
      415,
      "unsupported_type",
    ],
    ["nothing at all", Buffer.alloc(0), 400, "invalid_payload"],
    ["a picture as wide as a street", png(60_000, 10), 413, "content_too_long"],
    ["a picture of 4 billion pixels", png(65_535, 65_535), 413, "content_too_long"],
    ["a picture whose size overflows", png(0xffffffff, 0xffffffff), 413, "content_too_long"],
    ["a JPEG with too many pixels", jpeg(16_000, 16_000), 413, "content_too_long"],
    ["a GIF with too many pixels", gif(16_000, 16_000), 413, "content_too_long"],
    ["a WebP with too many pixels", webp("VP8X", 16_000_000, 16_000_000), 413, "content_too_long"],
    ["a picture without height", png(100, 0), 415, "unsupported_type"],
    ["half the header of a picture", png(10, 10).subarray(0, 20), 415, "unsupported_type"],
    [
      "a JPEG that never says its size",
      jpeg(1, 1, Array(2_000).fill(segment(0xe1, Buffer.alloc(0)))),
      415,
      "unsupported_type",
    ],
    ["a JPEG whose segment has no end", Buffer.from("ffd8ffe1ffff00", "hex"), 415, "unsupported_type"],
    ["a JPEG whose segment has the length 0", Buffer.from("ffd8ffe10000000000000000", "hex"), 415, "unsupported_type"],
    ["a PDF in name only", Buffer.from("%PDF-1.7\nnothing"), 415, "unsupported_type"],
    ["a PDF that is cut off", pdf([textPage("a")]).subarray(0, 60), 415, "unsupported_type"],
  ])("%s", async (_, bytes, status, reason) => {
    const before = entries();
    const told = await refusal(await server.upload(bytes, { name: "picture.png" }));
    expect(told).toEqual({ status, reason, message: expect.stringMatching(/^[A-Z].*\.$/) });
    expect(told.message).not.toContain(folder);
    expect(entries()).toEqual(before);
  });

  it("a PDF with a password", async () => {
    const encrypt = `/Encrypt << /Filter /Standard /V 1 /R 2 /O <${"00".repeat(32)}> /U <${"11".repeat(32)}> /P -4 >> /ID [<00> <00>]`;
    const told = await refusal(await server.upload(pdf([textPage("a")], { encrypt })));
    expect(told).toMatchObject({ status: 415, message: expect.stringContaining("password") });
  });
});

describe("what is kept is harmless", () => {
  it.each([
    ["an SVG with a script", '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'],
    ["a web page", "<!doctype html><script>alert(1)</script>"],
    ["XML with entities that grow", '<!DOCTYPE a [<!ENTITY b "b"><!ENTITY c "&b;&b;">]><a>&c;</a>'],
    ["a shell script", "#!/bin/sh\nrm -rf /\n"],
  ])("%s is plain text", async (_, content) => {
    const { file_id, media_type } = await server.kept(content, { name: "a.svg" });
    const { headers } = await server.get(file_id);
    expect([media_type, headers.get("content-type")]).toEqual(["text/plain", "text/plain; charset=utf-8"]);
    expect(headers.get("content-disposition")).toMatch(/^attachment/);
  });

  it("a GIF that is also a script is a GIF", async () => {
    const polyglot = Buffer.from(`${gif(0x2f2a, 10).toString("latin1")}*/=alert(1)`, "latin1");
    expect(await server.kept(polyglot, { name: "a.js" })).toMatchObject({ media_type: "image/gif" });
  });

  it("a PDF that is also an archive is a PDF", async () => {
    const polyglot = Buffer.concat([pdf([textPage("a")]), Buffer.from(`PK\x05\x06${"\0".repeat(18)}`, "latin1")]);
    expect(await server.kept(polyglot, { name: "a.jar" })).toMatchObject({ media_type: "application/pdf" });
  });

  it("a PDF that wants to run a program", async () => {
    const catalog =
      "/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >> /AA << /O << /S /Launch /F (calc.exe) >> >>";
    expect(await server.kept(pdf([textPage("a")], { catalog }))).toMatchObject({ media_type: "application/pdf" });
  });
});

const plainHeader = /^attachment; filename="[\w .,()+-]*"; filename\*=UTF-8''[\w.%!~-]*$/;

describe("a name", () => {
  it.each([
    ["../../etc/passwd", "passwd"],
    ["C:\\windows\\system32\\evil.txt", "evil.txt"],
    ["..", "file"],
    ["a\u202etxt.exe", "atxt.exe"],
    ["a\u0000\u0007b\u2028.txt", "ab.txt"],
    ["<img src=x onerror=alert(1)>.txt", "<img src=x onerror=alert(1)>.txt"],
    ['a"; x="b.txt', "a%22; x=%22b.txt"], // as browsers send it
    [`${"ä".repeat(5_000)}.txt`, `${"ä".repeat(196)}.txt`],
    ["e\u0301.txt", "é.txt"],
  ])("%j becomes %j", async (given, name) => {
    const facts = await server.kept("a", { name: given });
    expect(facts.name).toBe(name);
    const { headers } = await server.get(facts.file_id);
    expect(headers.get("content-disposition")).toMatch(plainHeader);
  });
});

describe("a broken request", () => {
  const part = 'content-disposition: form-data; name="file"; filename="a.txt"\r\n\r\n';

  it.each([
    ["no form", () => server.post("hello", { headers: { "content-type": "text/plain" } })],
    ["a form of another kind", () => server.post(new URLSearchParams({ file: "a" }))],
    ["no boundary", () => server.post("--x", { headers: { "content-type": "multipart/form-data" } })],
    ["no body", () => raw("")],
    ["a form that ends too early", () => raw(`--x\r\n${part}hello`)],
    ["a form that ends in the headers of its part", () => raw('--x\r\ncontent-disposition: form-data; name="fi')],
    ["a form with another boundary", () => raw(`--y\r\n${part}hello\r\n--y--\r\n`)],
    ["an empty form", () => raw("--x--\r\n")],
    ["headers without an end", () => raw(`--x\r\n${"a: b\r\n".repeat(10_000)}`)],
    ["one endless header", () => raw(`--x\r\nx: ${"a".repeat(200_000)}\r\n\r\na\r\n--x--\r\n`)],
    ["the field is text", () => raw('--x\r\ncontent-disposition: form-data; name="file"\r\n\r\nhello\r\n--x--\r\n')],
    ["the field has another name", () => server.post(form("a", "a.txt", "picture"))],
    ["a field named as a part of every object", () => server.post(form("a", "a.txt", "__proto__"))],
    [
      "two files",
      () => {
        const data = form("a");
        data.append("file", new Blob(["b"]), "b.txt");
        return server.post(data);
      },
    ],
    [
      "many fields",
      () => {
        const data = new FormData();
        for (let index = 0; index < 100; index += 1) data.append(`f${index}`, "1");
        data.append("file", new Blob(["b"]), "b.txt");
        return server.post(data);
      },
    ],
  ])("with %s is 400", async (_, send) => {
    const before = entries();
    expect(await refusal(await send())).toMatchObject({ status: 400, reason: "invalid_payload" });
    expect(entries()).toEqual(before);
  });
});

describe("a large upload", () => {
  it("of the largest size is kept", async () => {
    expect(await server.kept("a".repeat(mega))).toMatchObject({ size: mega });
  });

  it.each([
    ["one byte more", () => server.upload("a".repeat(mega + 1))],
    ["much more", () => server.upload("a".repeat(30 * mega))],
    [
      "much more, without a length",
      () => {
        const bytes = new Blob([
          '--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n',
          "a".repeat(30 * mega),
        ]);
        return server.post(bytes.stream(), { headers: { "content-type": "multipart/form-data; boundary=x" } });
      },
    ],
    [
      "much more beside the file",
      () => {
        const data = form("a");
        data.set("other", new Blob(["a".repeat(5 * mega)]), "other");
        return server.post(data);
      },
    ],
  ])("of %s is 413", async (_, send) => {
    const before = entries();
    expect(await refusal(await send())).toMatchObject({ status: 413, reason: "content_too_long" });
    expect(entries()).toEqual(before);
  });

  it("is refused before it is sent, if its length is known", async () => {
    const request = httpRequest(`${server.http}/files`, {
      method: "POST",
      headers: {
        authorization: "Bearer key-a",
        "content-type": "multipart/form-data; boundary=x",
        "content-length": String(1e12),
      },
    });
    request.on("error", () => {});
    request.flushHeaders();
    const status = await new Promise((resolve) => request.once("response", (response) => resolve(response.statusCode)));
    request.destroy();
    expect(status).toBe(413);
  });
});

it.each(["before", "after"])("a client may send the rest %s it reads that its upload is refused", async (order) => {
  const request = httpRequest(`${server.http}/files`, {
    method: "POST",
    headers: { authorization: "Bearer key-a", "content-type": "multipart/form-data; boundary=x" },
  });
  const answered = new Promise<number | undefined>((resolve, reject) => {
    request.once("response", (response) => resolve(response.resume().statusCode)).once("error", reject);
  });
  const part = (name: string) => `--x\r\ncontent-disposition: form-data; name="file"; filename="${name}"\r\n\r\n`;
  request.write(`${part("a")}a\r\n${part("b")}bbb`);
  if (order === "after") expect(await answered).toBe(400);
  await new Promise<void>((resolve) => request.end("b".repeat(30 * mega), resolve));
  expect(await answered).toBe(400);
});

it("an upload that breaks off leaves nothing, and the next one works", async () => {
  const [kept = 0] = entries();
  const { hostname, port } = new URL(server.http);
  const socket = createConnection(Number(port), hostname);
  socket.write(
    "POST /files HTTP/1.1\r\nhost: x\r\nauthorization: Bearer key-a\r\ncontent-length: 100000\r\n" +
      'content-type: multipart/form-data; boundary=x\r\n\r\n--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nhello',
  );
  await expect.poll(entries).toEqual([kept, 1]);
  socket.destroy();
  await expect.poll(entries).toEqual([kept, 0]);
  expect((await server.upload("a")).status).toBe(201);
});
