import { z } from "zod";

import { optional } from "./kinds.ts";

/** Where uploaded files are on a server that speaks S3. What is undefined comes from the `AWS_` variables. */
export interface BucketAddress {
  bucket: string;
  /** Empty, or with a slash at its end. */
  prefix: string;
  endpoint: string | undefined;
  region: string | undefined;
  /** The bucket is a part of the path, instead of the host. */
  isPathStyle: boolean;
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken: string | undefined } | undefined;
}

const options = z
  .strictObject({
    endpoint: z
      .url({ protocol: /^https?$/ })
      .refine((url) => /^https?:\/\/[^/?#@]+\/?$/.test(url))
      .optional(),
    region: z
      .string()
      .regex(/^[\w-]+$/)
      .optional(),
    path_style: z.enum(["0", "1"]).default("1"),
    access_key_id: z.string().min(1).optional(),
    secret_access_key: z.string().min(1).optional(),
    session_token: z.string().min(1).optional(),
  })
  .refine((given) => (given.access_key_id === undefined) === (given.secret_access_key === undefined), {
    path: ["secret_access_key"],
  })
  .refine((given) => given.session_token === undefined || given.access_key_id !== undefined, {
    path: ["session_token"],
  });

const expected = "expected s3://bucket/prefix";

/** The setting FILES_URL. */
export const filesUrl = optional.transform((value, context) => {
  if (value === undefined) return undefined;
  const found = bucketAddress(value);
  if (!("problem" in found)) return found;
  context.addIssue({ code: "custom", message: found.problem });
  return z.NEVER;
});

/** Returns what is wrong with it, without its secrets, if it is not the address of a bucket. */
function bucketAddress(given: string): BucketAddress | { problem: string } {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url?.protocol !== "s3:" || url.username || url.port || url.hash) return { problem: expected };
  const segments = decoded(url.pathname)?.split("/").filter(Boolean);
  if (!/^[A-Za-z0-9][\w.-]{1,254}$/.test(url.hostname) || !segments?.every(isPlain)) return { problem: expected };
  const query = options.safeParse(Object.fromEntries(url.searchParams));
  if (!query.success) {
    const names = query.error.issues.flatMap((issue) => ("keys" in issue ? issue.keys : [issue.path.join(".")]));
    return { problem: `${expected}?endpoint=…&region=…; wrong: ${[...new Set(names)].join(", ")}` };
  }
  const { endpoint, region, path_style, access_key_id, secret_access_key, session_token } = query.data;
  return {
    bucket: url.hostname,
    prefix: segments.map((segment) => `${segment}/`).join(""),
    endpoint,
    region: region ?? (endpoint === undefined ? undefined : "us-east-1"),
    isPathStyle: path_style === "1",
    credentials:
      access_key_id === undefined || secret_access_key === undefined
        ? undefined
        : {
            accessKeyId: access_key_id,
            secretAccessKey: withPlus(secret_access_key),
            sessionToken: session_token && withPlus(session_token),
          },
  };
}

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

function isPlain(segment: string): boolean {
  return /^[\w.+=@ -]+$/.test(segment) && !/^\.+$/.test(segment);
}

/** A plus in a query is a space, but these have pluses, which nobody encodes, and no spaces. */
function withPlus(secret: string): string {
  return secret.replaceAll(" ", "+");
}
