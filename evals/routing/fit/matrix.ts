/** The inverse of a symmetric positive matrix, given by its lower triangle [row × width + column]; by Cholesky's decomposition. Packed by rows. */
export function invertedLowerTriangle(matrix: Float64Array, width: number): Float32Array {
  const root = cholesky(matrix, width);
  const packed = new Float32Array((width * (width + 1)) / 2);
  for (let column = 0; column < width; column++) {
    const unit = new Float64Array(width);
    unit[column] = 1;
    const solution = solve(root, unit);
    for (let row = column; row < width; row++) packed[(row * (row + 1)) / 2 + column] = solution[row] ?? 0;
  }
  return packed;
}

/** Solves `matrix · x = right`, for a symmetric positive matrix given by its lower triangle. */
export function solveSymmetric(matrix: Float64Array, right: Float64Array): Float64Array {
  return solve(cholesky(matrix, right.length), right);
}

function cholesky(matrix: Float64Array, width: number): Float64Array {
  const root = new Float64Array(width * width);
  for (let row = 0; row < width; row++) {
    for (let column = 0; column <= row; column++) {
      let sum = matrix[row * width + column] ?? 0;
      for (let k = 0; k < column; k++) sum -= (root[row * width + k] ?? 0) * (root[column * width + k] ?? 0);
      root[row * width + column] =
        row === column ? Math.sqrt(Math.max(sum, 1e-12)) : sum / (root[column * width + column] ?? 1);
    }
  }
  return root;
}

/** Forward, then backward substitution. */
function solve(root: Float64Array, right: Float64Array): Float64Array {
  const width = right.length;
  const x = right.slice();
  for (let row = 0; row < width; row++) {
    let sum = x[row] ?? 0;
    for (let k = 0; k < row; k++) sum -= (root[row * width + k] ?? 0) * (x[k] ?? 0);
    x[row] = sum / (root[row * width + row] ?? 1);
  }
  for (let row = width - 1; row >= 0; row--) {
    let sum = x[row] ?? 0;
    for (let k = row + 1; k < width; k++) sum -= (root[k * width + row] ?? 0) * (x[k] ?? 0);
    x[row] = sum / (root[row * width + row] ?? 1);
  }
  return x;
}
