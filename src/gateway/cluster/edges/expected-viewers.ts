/** A viewer that was sent here and has not come by then is not waited for any more, ms. */
const COMES_WITHIN_MS = 10_000;

/** Viewers that other hosts have sent to this one and that have not come yet, by stream. */
export class ExpectedViewers {
  readonly #untilMs = new Map<string, number[]>();

  /** So many are to come. @param nowMs - of a clock that does not leap */
  expect(streamId: string, count: number, nowMs: number): void {
    const known = this.#untilMs.get(streamId) ?? [];
    this.#untilMs.set(streamId, [...known, ...new Array<number>(count).fill(nowMs + COMES_WITHIN_MS)]);
  }

  /** One has come. @returns whether one was expected */
  arrive(streamId: string, nowMs: number): boolean {
    this.#forget(nowMs);
    return this.#untilMs.get(streamId)?.shift() !== undefined;
  }

  /** Those of one stream. */
  of(streamId: string, nowMs: number): number {
    this.#forget(nowMs);
    return this.#untilMs.get(streamId)?.length ?? 0;
  }

  /** Those of all streams. */
  all(nowMs: number): number {
    this.#forget(nowMs);
    return [...this.#untilMs.values()].reduce((sum, each) => sum + each.length, 0);
  }

  #forget(nowMs: number): void {
    for (const [streamId, times] of this.#untilMs) {
      const left = times.filter((untilMs) => untilMs > nowMs);
      if (left.length > 0) this.#untilMs.set(streamId, left);
      else this.#untilMs.delete(streamId);
    }
  }
}
