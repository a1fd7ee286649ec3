/** Formats a size: 312 bytes, 48 KB, 2.3 MB. */
export function bytes(size: number): string {
  if (size < 1_000) return `${size} bytes`;
  if (size < 999_500) return `${Math.round(size / 1_000)} KB`;
  return `${(size / 1_000_000).toFixed(1)} MB`;
}
