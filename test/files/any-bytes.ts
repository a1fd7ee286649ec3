import fc from "fast-check";

import { type Bytes, gif, jpeg, pdf, png, textPage, webp } from "./support.ts";

/** What is uploaded: the content of a form's file, or a whole body. */
export type Anything = { type: "file"; bytes: Bytes; name: string } | { type: "body"; bytes: Bytes };

const images = [
  png(64, 64),
  gif(64, 64),
  jpeg(64, 64),
  webp("VP8 ", 64, 64),
  webp("VP8L", 64, 64),
  webp("VP8X", 64, 64),
];

const documents = [pdf([textPage("Hello", "there"), textPage("Page two")]), pdf([])];

/** A file with some bytes changed, cut off, or repeated. */
function damaged(originals: readonly Buffer<ArrayBuffer>[]) {
  return fc
    .record({
      original: fc.constantFrom(...originals),
      changes: fc.array(fc.tuple(fc.nat(2_000), fc.nat(255)), { maxLength: 8 }),
      end: fc.nat(3_000),
      tail: fc.uint8Array({ maxLength: 50 }),
    })
    .map(({ original, changes, end, tail }) => {
      const bytes = Buffer.concat([original.subarray(0, end), tail]);
      for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
      return bytes;
    });
}

const begun = fc
  .tuple(
    fc.constantFrom("\x89PNG\r\n\x1a\n", "GIF89a", "\xff\xd8\xff", "RIFF\0\0\0\0WEBP", "\xff\xfe", "\xfe\xff", ""),
    fc.uint8Array({ maxLength: 300 }),
  )
  .map(([start, rest]) => Buffer.concat([Buffer.from(start, "latin1"), rest]));

const name = fc.oneof(fc.string({ unit: "binary", maxLength: 300 }), fc.constantFrom("", ".", "..", "a/b", "\0"));

/** The pieces of forms, in any order. */
const body = fc
  .array(
    fc.oneof(
      fc.constantFrom("--x\r\n", "--x--", "\r\n", "\r\n\r\n", "--", "--x--\r\n", "content-type: text/plain\r\n", "abc"),
      fc.constantFrom(
        'content-disposition: form-data; name="file"; filename="a.txt"\r\n',
        'content-disposition: form-data; name="file"\r\n',
        "content-disposition: form-data; filename*=UTF-8''%ff%\r\n",
        "content-disposition: attachment\r\n",
        "content-transfer-encoding: base64\r\n",
      ),
      fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes).toString("latin1")),
    ),
    { maxLength: 20 },
  )
  .map((pieces) => Buffer.from(pieces.join(""), "latin1"));

/** Any upload. Each PDF starts a thread, so `pdfs` says how many of a hundred are one. */
export function anything(pdfs: number): fc.Arbitrary<Anything> {
  const bytes = fc.oneof(
    { weight: pdfs, arbitrary: damaged(documents) },
    { weight: 50, arbitrary: damaged(images) },
    { weight: 50 - pdfs, arbitrary: begun },
    { weight: 10, arbitrary: fc.string({ unit: "grapheme" }).map((text) => Buffer.from(text)) },
  );
  return fc.oneof(
    { weight: 3, arbitrary: fc.record({ type: fc.constant("file" as const), bytes, name }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constant("body" as const), bytes: body }) },
  );
}
