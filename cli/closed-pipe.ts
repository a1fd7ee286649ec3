/** Ends the program without an error when nobody reads its output any more: `npm run -s dataset -- --last 100 | head -1`. */
export function endWithReader(): void {
  process.stdout.on("error", () => process.exit());
}
