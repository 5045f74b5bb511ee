/** What is known of the ways between two hosts. */
export interface PipeAddressOptions {
  /** Where media listens: an address, a host name, or `0.0.0.0` and `::` for all. */
  readonly listenIp: string;
  /** Address of this host by which the hosts have reached each other over HTTP. */
  readonly localAddress: string | undefined;
  /** Address of the other one there. */
  readonly remoteAddress: string | undefined;
  /** Addresses of this host that browsers are told, the best first. */
  readonly addresses: readonly string[];
}

/** An address, no host name. */
const ADDRESS = /^[\d.]+$|:/;
const ANY: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/** IPv4 in the form of IPv6 is IPv4 for media. */
const plain = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');

const isLoopback = (address: string): boolean => /^127\.|^::1$/.test(address);

/**
 * The address of this host that the media between two hosts goes through: that of media where it listens on one; else
 * the one by which the hosts have reached each other, unless a proxy of this machine stands between.
 */
export function pipeAddress({ listenIp, localAddress, remoteAddress, addresses }: PipeAddressOptions): string {
  if (ADDRESS.test(listenIp) && !ANY.has(listenIp)) return listenIp;
  const [first = '127.0.0.1'] = addresses;
  const local = plain(localAddress ?? '');
  const isBehindProxy = isLoopback(local) && isLoopback(plain(remoteAddress ?? ''));
  const outside = addresses.find((address) => !isLoopback(address));
  if (local === '' || (isBehindProxy && outside !== undefined)) return outside ?? first;
  return local;
}
