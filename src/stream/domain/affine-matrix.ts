/** x' = a·x + b·y + c, y' = d·x + e·y + f: a 2×3 matrix, row-major. */
export type AffineMatrix = readonly [a: number, b: number, c: number, d: number, e: number, f: number];
