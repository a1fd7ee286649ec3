import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { BucketAddress } from "../../settings/files-url.ts";
import type { Log } from "../../telemetry/log.ts";
import { FilesUnavailable } from "./file-bytes.ts";

/** A file on this machine's disk. */
export interface LocalFile {
  path: string;
  size: number;
  /** In hexadecimal digits. The server refuses other bytes. */
  sha256: string;
}

const connectMs = 2_000;

/** For an answer to begin, each time that a request is sent. */
const answerMs = 5_000;

/** How fast bytes have to be taken at least, in bytes per ms. */
const slowest = 1_000;

export type BucketClient = ReturnType<typeof bucketClient>;

/** The requests to a bucket, each sent three times at most. They reject with `FilesUnavailable`. */
export function bucketClient({ bucket, prefix, endpoint, region, isPathStyle, credentials }: BucketAddress, log: Log) {
  const client = new S3Client({
    ...(endpoint !== undefined && { endpoint }),
    ...(region !== undefined && { region }),
    ...(credentials && { credentials }),
    forcePathStyle: isPathStyle,
    // Other servers than AWS's do not know the newer checksums.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    maxAttempts: 3,
    requestHandler: {
      connectionTimeout: connectMs,
      requestTimeout: answerMs,
      throwOnRequestTimeout: true,
      httpAgent: { maxSockets: Number.POSITIVE_INFINITY },
      httpsAgent: { maxSockets: Number.POSITIVE_INFINITY },
    },
  });
  let isDown = false;

  async function told<Result>(request: Promise<Result>): Promise<Result> {
    try {
      const result = await request;
      if (isDown) log.info({ bucket }, "uploaded files can be stored and read again");
      isDown = false;
      return result;
    } catch (error) {
      if (!isDown) log.error({ bucket, reason: reasonOf(error) }, "uploaded files cannot be stored or read");
      isDown = true;
      throw new FilesUnavailable({ cause: error });
    }
  }

  return {
    async put(key: string, { path, size, sha256 }: LocalFile): Promise<void> {
      const command = new PutObjectCommand({ Bucket: bucket, Key: prefix + key, ContentLength: size });
      command.middlewareStack.add((next) => (args) => next(withHash(args, sha256)), { step: "build" });
      command.middlewareStack.add(withBody(path), { step: "deserialize", priority: "low" });
      await told(client.send(command, { requestTimeout: answerMs + size / slowest }));
    },
    async putText(key: string, text: string): Promise<void> {
      const command = new PutObjectCommand({ Bucket: bucket, Key: prefix + key, Body: text });
      await told(client.send(command, { requestTimeout: answerMs + text.length / slowest }));
    },
    /** Undefined if there is no such object. The stream has no time limit. */
    async get(key: string, range?: string): Promise<Readable | undefined> {
      const command = new GetObjectCommand({ Bucket: bucket, Key: prefix + key, Range: range });
      const answer = await told(client.send(command).catch(undefinedIfGone));
      return answer?.Body as Readable | undefined; // Node's, in Node
    },
    async remove(key: string): Promise<void> {
      await told(client.send(new DeleteObjectCommand({ Bucket: bucket, Key: prefix + key })));
    },
    /** What the address leaves to the environment. Rejects with the library's error if it is not there. */
    async checkSettings(): Promise<void> {
      await client.config.region();
      await client.config.credentials();
    },
    close(): void {
      client.destroy();
    },
  };
}

/** Signs this hash. The library would sign that of a body that it has. */
function withHash<Args extends { request: unknown }>(args: Args, sha256: string): Args {
  const { headers } = args.request as { headers: Record<string, string> };
  headers["x-amz-content-sha256"] = sha256;
  return args;
}

/** Reads the file each time that the request is sent. The library would send a stream once only. */
function withBody(path: string): Parameters<PutObjectCommand["middlewareStack"]["add"]>[0] {
  return (next) => async (args) => {
    const body = createReadStream(path);
    try {
      return await next({ ...args, request: { ...(args.request as object), body } });
    } finally {
      body.destroy();
    }
  };
}

function undefinedIfGone(error: unknown): undefined {
  if (error instanceof Error && error.name === "NoSuchKey") return undefined;
  throw error;
}

/** What the server or the network says. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : typeof error;
}
