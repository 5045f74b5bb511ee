/**
 * Optimal linear assignment with a cost limit: pairs rows with columns so that the sum of
 * (cost − limit) over the pairs is smallest; a row or a column may stay alone. A pair that costs
 * more than the limit is never made. This is the problem that `lap.lapjv(…, extend_cost=True,
 * cost_limit=limit)` solves, which the published trackers use.
 *
 * Method: shortest augmenting paths with dual variables (Jonker & Volgenant 1987), a row at a time,
 * with one more possible end of a path: a row on it goes without a column. O(n²m) at worst, O(nm) where
 * few rows compete; memory is kept between calls.
 */
export class AssignmentSolver {
  /** Dual variables of columns (≤ 0) and of rows (≤ 0: staying alone costs nothing). */
  #columnPrice = new Float64Array(0);
  #rowPrice = new Float64Array(0);
  #distance = new Float64Array(0);
  #reachedFrom = new Int32Array(0);
  #isDone = new Uint8Array(0);
  #columnToRow = new Int32Array(0);
  #treeRows = new Int32Array(0);
  #treeRowDistance = new Float64Array(0);
  #treeSize = 0;
  /** End of the path found last: a free column, or else (−1) the row that gives up its column. */
  #endColumn = -1;
  #aloneRow = -1;
  #endDistance = 0;

  /**
   * Solves one problem.
   *
   * @param costs - row-major, `rows` × `columns`, finite or +Infinity
   * @param limit - a pair that costs more is not made
   * @param rowToColumn - receives the column of each row, −1 for none; at least `rows` long
   * @returns number of pairs
   */
  solve(costs: Float64Array, rows: number, columns: number, limit: number, rowToColumn: Int32Array): number {
    this.#reserve(rows, columns);
    this.#columnToRow.fill(-1, 0, columns);
    this.#columnPrice.fill(0, 0, columns);
    this.#rowPrice.fill(0, 0, rows);
    rowToColumn.fill(-1, 0, rows);
    let pairs = 0;
    for (let row = 0; row < rows; row += 1) this.#augment(costs, columns, limit, row, rowToColumn);
    for (let row = 0; row < rows; row += 1) if (rowToColumn[row]! >= 0) pairs += 1;
    return pairs;
  }

  /** Finds the cheapest way to place `start`, moving others along it. */
  #augment(costs: Float64Array, columns: number, limit: number, start: number, rowToColumn: Int32Array): void {
    this.#search(costs, columns, limit, start);
    for (let index = 0; index < this.#treeSize; index += 1) {
      this.#rowPrice[this.#treeRows[index]!]! += this.#endDistance - this.#treeRowDistance[index]!;
    }
    for (let column = 0; column < columns; column += 1) {
      if (this.#isDone[column] === 1) this.#columnPrice[column]! -= this.#endDistance - this.#distance[column]!;
    }
    this.#reassign(start, rowToColumn);
  }

  /** Grows a tree of shortest paths from `start` to the nearest end: a free column, or a row that stays alone. */
  #search(costs: Float64Array, columns: number, limit: number, start: number): void {
    const distance = this.#distance;
    const reachedFrom = this.#reachedFrom;
    const isDone = this.#isDone;
    distance.fill(Infinity, 0, columns);
    isDone.fill(0, 0, columns);
    let treeSize = 0;
    let row = start;
    let rowDistance = 0;
    /** The cheapest row to stay alone so far. */
    let aloneRow = -1;
    let aloneDistance = Infinity;
    for (;;) {
      this.#treeRows[treeSize] = row;
      this.#treeRowDistance[treeSize] = rowDistance;
      treeSize += 1;
      const price = this.#rowPrice[row]!;
      // Going without a column costs 0, so its reduced cost is 0 − price.
      if (rowDistance - price < aloneDistance) {
        aloneDistance = rowDistance - price;
        aloneRow = row;
      }
      const base = row * columns;
      let nearest = -1;
      let nearestDistance = Infinity;
      for (let column = 0; column < columns; column += 1) {
        if (isDone[column] === 1) continue;
        const cost = costs[base + column]! - limit;
        if (cost < 0) {
          const through = rowDistance + cost - price - this.#columnPrice[column]!;
          if (through < distance[column]!) {
            distance[column] = through;
            reachedFrom[column] = row;
          }
        }
        if (distance[column]! < nearestDistance) {
          nearestDistance = distance[column]!;
          nearest = column;
        }
      }
      this.#treeSize = treeSize;
      if (nearest < 0 || aloneDistance <= nearestDistance) return this.#endAt(-1, aloneRow, aloneDistance);
      isDone[nearest] = 1;
      const owner = this.#columnToRow[nearest]!;
      if (owner < 0) return this.#endAt(nearest, -1, nearestDistance);
      row = owner;
      rowDistance = nearestDistance;
    }
  }

  #endAt(column: number, aloneRow: number, distance: number): void {
    this.#endColumn = column;
    this.#aloneRow = aloneRow;
    this.#endDistance = distance;
  }

  /** Walks back from the end to `start`; `column` is what the row on the way is given. */
  #reassign(start: number, rowToColumn: Int32Array): void {
    let column = this.#endColumn;
    if (column < 0) {
      if (this.#aloneRow === start) return;
      column = rowToColumn[this.#aloneRow]!;
      rowToColumn[this.#aloneRow] = -1;
    }
    for (;;) {
      const giver = this.#reachedFrom[column]!;
      const previous = rowToColumn[giver]!;
      rowToColumn[giver] = column;
      this.#columnToRow[column] = giver;
      if (giver === start) return;
      column = previous;
    }
  }

  #reserve(rows: number, columns: number): void {
    if (this.#columnPrice.length < columns) {
      const size = 2 * columns;
      this.#columnPrice = new Float64Array(size);
      this.#distance = new Float64Array(size);
      this.#reachedFrom = new Int32Array(size);
      this.#isDone = new Uint8Array(size);
      this.#columnToRow = new Int32Array(size);
    }
    if (this.#treeRows.length < rows + 1) {
      const size = 2 * (rows + 1);
      this.#treeRows = new Int32Array(size);
      this.#treeRowDistance = new Float64Array(size);
      this.#rowPrice = new Float64Array(size);
    }
  }
}
