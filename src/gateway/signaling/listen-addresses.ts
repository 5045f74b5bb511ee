/** What mediasoup needs to know of one address that media listens on. */
export interface ListenAddress {
  /** Address to listen on. */
  readonly ip: string;
  /** Address that is sent to browsers instead of `ip`. */
  readonly announcedAddress?: string;
}

/** An address of this machine, as `os.networkInterfaces` gives it. */
export interface NetworkAddress {
  /** IPv4 or IPv6, in text. */
  readonly address: string;
  /** `IPv4` or `IPv6`. */
  readonly family: string;
  /** Whether it is a loopback address. */
  readonly internal: boolean;
}

const ANY_ADDRESS = new Set(['0.0.0.0', '::']);

/**
 * The addresses a viewer's media listens on. "All addresses" means nothing to a browser, so it
 * becomes each address the machine has, unless one is announced for all. IPv6 addresses of a
 * single link are left out: browsers do not reach them without a zone.
 */
export function listenAddresses(
  { listenIp, announcedAddress }: { readonly listenIp: string; readonly announcedAddress?: string | undefined },
  interfaces: readonly NetworkAddress[],
): ListenAddress[] {
  if (announcedAddress !== undefined) return [{ ip: listenIp, announcedAddress }];
  if (!ANY_ADDRESS.has(listenIp)) return [{ ip: listenIp }];
  const wanted = interfaces
    .filter(({ family, address }) => family === 'IPv4' || (listenIp === '::' && !/^fe80:/i.test(address)))
    .sort((a, b) => Number(a.internal) - Number(b.internal));
  return wanted.map(({ address }) => ({ ip: address }));
}
