import { expect, it } from "vitest";

import { config } from "../../src/config.ts";

const plain = { prefix: "", endpoint: undefined, region: undefined, isPathStyle: true, credentials: undefined };

it.each([
  ["s3://files", { ...plain, bucket: "files" }],
  ["s3://files/", { ...plain, bucket: "files" }],
  ["s3://my.files/of/chat", { ...plain, bucket: "my.files", prefix: "of/chat/" }],
  ["s3://files//of%20us/?region=eu-central-1", { ...plain, bucket: "files", prefix: "of us/", region: "eu-central-1" }],
  ["s3://files?path_style=0", { ...plain, bucket: "files", isPathStyle: false }],
  [
    "s3://files/a?endpoint=http://minio:9000&access_key_id=id&secret_access_key=a+b/c%2Bd=",
    {
      ...plain,
      bucket: "files",
      prefix: "a/",
      endpoint: "http://minio:9000",
      region: "us-east-1",
      credentials: { accessKeyId: "id", secretAccessKey: "a+b/c+d=", sessionToken: undefined },
    },
  ],
])("%s is an address", (url, address) => {
  expect(config({ FILES_URL: url }).FILES_URL).toEqual({ ...address });
});

it.each([
  ["files", /^ *FILES_URL: expected s3:\/\/bucket\/prefix$/m],
  ["s3:", /expected s3/],
  ["s3:///files", /expected s3/],
  ["https://files.s3.amazonaws.com", /expected s3/],
  ["s3://id:s3cret@files", /expected s3/],
  ["s3://files/%2e%2e%2fother", /expected s3/],
  ["s3://files/a\u0000b", /expected s3/],
  ["s3://files/%ff", /expected s3/],
  ["s3://files?region=a/b", /wrong: region$/m],
  ["s3://files?endpoint=ftp://x", /wrong: endpoint$/m],
  ["s3://files?endpoint=http://id:s3cret@x", /wrong: endpoint$/m],
  ["s3://files?access_key_id=id", /wrong: secret_access_key$/m],
  ["s3://files?secret_access_key=s3cret", /wrong: secret_access_key$/m],
  ["s3://files?session_token=s3cret", /wrong: session_token$/m],
  ["s3://files?acl=public&secret=s3cret", /wrong: acl, secret$/m],
])("%s is none, and what is wrong is said without secrets", (url, message) => {
  const read = () => config({ FILES_URL: url });
  expect(read).toThrow(message);
  expect(read).not.toThrow(/s3cret/);
});

it("without a value it is not set", () => {
  expect(config({ FILES_URL: " " }).FILES_URL).toBeUndefined();
});
