import { networkInterfaces } from 'node:os';
import { deviceAddresses } from './listen-addresses.js';

/** The addresses of the page in the networks of this machine. */
export function urlsForDevices(url: string, host: string): string[] {
  const interfaces = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return deviceAddresses(host, interfaces).map((address) => {
    const other = new URL(url);
    other.hostname = address.includes(':') ? `[${address}]` : address;
    return other.href;
  });
}
