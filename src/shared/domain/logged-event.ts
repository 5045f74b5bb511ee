/** Something that happened to a stream, as the API tells it. */
export interface LoggedEvent {
  /** Rises with every event of the stream, also over restarts of the gateway. */
  readonly id: number;
  /** ISO 8601, when it happened; where it happened again and again, for the first time. */
  readonly time: string;
  /** What happened, for programs, such as `source_lost`. */
  readonly kind: string;
  /** One sentence, for people. */
  readonly text: string;
  /** Depends on the kind; no secrets. */
  readonly data: Readonly<Record<string, unknown>>;
  /** How often it happened in a row; absent: once. */
  readonly count?: number;
  /** ISO 8601, when it happened for the last time; present with `count`. */
  readonly lastTime?: string;
}
