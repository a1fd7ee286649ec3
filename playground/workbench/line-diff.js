/** The line diff of two texts. Signs: `−` only in the first, `+` only in the second, a space for both. */
export function lineDiff(before, after) {
  const [one, other] = [before.split("\n"), after.split("\n")];
  const common = commonLengths(one, other);
  const lines = [];
  let [i, j] = [0, 0];
  while (i < one.length || j < other.length) {
    if (i < one.length && one[i] === other[j]) {
      lines.push({ sign: " ", line: one[i] });
      i += 1;
      j += 1;
    } else if (j === other.length || (i < one.length && common[i + 1][j] >= common[i][j + 1])) {
      lines.push({ sign: "−", line: one[i++] });
    } else lines.push({ sign: "+", line: other[j++] });
  }
  return lines;
}

/** Entry [i][j] is the length of the longest common subsequence of the lines from `i` and from `j` on. */
function commonLengths(one, other) {
  const table = Array.from({ length: one.length + 1 }, () => new Uint32Array(other.length + 1));
  for (let i = one.length - 1; i >= 0; i--) {
    for (let j = other.length - 1; j >= 0; j--) {
      table[i][j] = one[i] === other[j] ? table[i + 1][j + 1] + 1 : Math.max(table[i + 1][j], table[i][j + 1]);
    }
  }
  return table;
}
