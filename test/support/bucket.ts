import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse, request as send } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import S3rver from "@20minutes/s3rver";
import { DeleteObjectCommand, GetObjectCommand, S3Client } from "@aws-sdk/client-s3";

/** What the server does with the next requests: answers 503, says nothing, or cuts an answer in its middle. */
export type Trouble = "busy" | "silent" | "cut";

/** The keys that the server takes. It verifies each signature. */
const keys = { accessKeyId: "S3RVER", secretAccessKey: "S3RVER" };

/**
 * An S3 server with the bucket `files`, on a free port. In front of it is a proxy that verifies the hash of what is uploaded, which the
 * server itself does not, and makes trouble.
 */
export async function startBucket() {
  const directory = mkdtempSync(join(tmpdir(), "bucket-"));
  const s3 = new S3rver({
    address: "127.0.0.1",
    port: 0,
    silent: true,
    directory,
    configureBuckets: [{ name: "files" }],
  });
  const { port } = await s3.run();
  const own = new S3Client({
    endpoint: `http://127.0.0.1:${port}`,
    region: "us-east-1",
    forcePathStyle: true,
    credentials: keys,
  });
  const troubles: Trouble[] = [];
  const requests: string[] = [];
  let passed = 0;

  const front = createServer((request, response) => {
    requests.push(`${request.method} ${request.url?.replace(/\?.*/, "")}`);
    const trouble = troubles.shift();
    request.on("error", () => {});
    if (trouble === "silent") return void request.resume();
    if (trouble === "busy") return void request.resume().on("end", () => response.writeHead(503).end());
    pass(request, response, trouble === "cut").catch(() => response.destroy());
  });

  async function pass(request: IncomingMessage, response: ServerResponse, isCut: boolean): Promise<void> {
    const body = Buffer.concat(await request.toArray());
    const hash = createHash("sha256").update(body).digest("hex");
    if (request.headers["x-amz-content-sha256"] !== hash) return void response.writeHead(400).end();
    const { method, url, headers } = request;
    const upstream = send({ port, host: "127.0.0.1", method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.on("data", (chunk: Buffer) => {
        passed += chunk.length;
        if (isCut) response.write(chunk, () => response.destroy());
      });
      if (!isCut) answer.pipe(response);
    });
    upstream.on("error", () => response.destroy());
    upstream.end(body);
  }

  const listening = (at: number) => new Promise<void>((resolve) => front.listen(at, "127.0.0.1", resolve));
  await listening(0);
  const address = front.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  const down = () => {
    front.closeAllConnections();
    return new Promise((resolve) => front.close(resolve));
  };

  return {
    /** For FILES_URL. */
    url({ bucket = "files", secret = keys.secretAccessKey } = {}): string {
      const query = { endpoint: `http://127.0.0.1:${address.port}`, access_key_id: keys.accessKeyId };
      return `s3://${bucket}/of/chat?${new URLSearchParams({ ...query, secret_access_key: secret })}`;
    },
    /** The keys of all objects, as the server has them on its disk. */
    keys(): string[] {
      const names = readdirSync(join(directory, "files"), { recursive: true, encoding: "utf8" });
      return names.flatMap((name) => /^(.*)\._S3rver_object$/.exec(name)?.[1] ?? []).sort();
    },
    async object(key: string): Promise<Uint8Array | undefined> {
      const { Body } = await own.send(new GetObjectCommand({ Bucket: "files", Key: key }));
      return await Body?.transformToByteArray();
    },
    async remove(key: string): Promise<void> {
      await own.send(new DeleteObjectCommand({ Bucket: "files", Key: key }));
    },
    /** Methods and paths, in order. */
    requests,
    /** What the next requests meet. */
    troubles,
    /** How many bytes of answers the proxy has taken from the server. */
    passed: () => passed,
    down,
    up: () => listening(address.port),
    async [Symbol.asyncDispose]() {
      if (front.listening) await down();
      own.destroy();
      await s3.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
