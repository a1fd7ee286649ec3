/** Settings that stop the start. Each problem begins with the name of its setting, and contains no secret. */
export class InvalidSettings extends Error {
  constructor(problems: readonly string[]) {
    super(`Invalid settings:\n${problems.map((problem) => `  ${problem}`).join("\n")}`);
    this.name = "InvalidSettings";
  }
}
