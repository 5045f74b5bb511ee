/** What mediasoup needs to know of one address that media listens on. */
export interface ListenAddress {
  readonly ip: string;
  readonly announcedAddress?: string;
}

export interface NetworkAddress {
  readonly address: string;
  readonly family: string;
  readonly internal: boolean;
}

const ANY_ADDRESS = new Set(['0.0.0.0', '::']);

/**
 * The addresses a viewer's media listens on. "All addresses" cannot be told to a browser, so it
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
