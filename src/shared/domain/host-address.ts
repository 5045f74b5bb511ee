/** A host of a cluster. */
export interface HostAddress {
  /** Its name. */
  readonly host: string;
  /** Where its page and API are. */
  readonly url: string;
}
