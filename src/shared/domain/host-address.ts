/** A host of a cluster. */
export interface HostAddress {
  /** Its name. */
  readonly host: string;
  /** Where its page and API are. */
  readonly url: string;
}

/** A host of a cluster that pulls a stream from the one that runs it, for viewers of its own. */
export interface EdgeViewers extends HostAddress {
  /** Browsers and players that it sends the stream to. */
  readonly viewers: number;
}
