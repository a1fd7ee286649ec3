const maxUnits = 200;

/** What no name needs: control characters, and those that turn the direction of text, which can hide an extension. */
const unwanted = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** The name of an uploaded file for people: without folders, short, and on one line. It never becomes a path. */
export function fileName(given: string): string {
  const last = given.toWellFormed().replaceAll("\\", "/").split("/").at(-1) ?? "";
  const name = last.normalize("NFC").replace(unwanted, "").trim();
  if (name === "" || /^\.+$/.test(name)) return "file";
  if (name.length <= maxUnits) return name;
  const [ending = ""] = /\.[\w-]{1,16}$/.exec(name) ?? [];
  return name.slice(0, maxUnits - ending.length).toWellFormed() + ending;
}

/** For a `Content-Disposition` header (RFC 6266): a plain name for old programs, and the real one. */
export function disposition(name: string): string {
  const plain = name.replace(/[^\w .,()+-]/g, "_");
  const encoded = encodeURIComponent(name).replace(
    /['()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
