import type { AmfObject, AmfValue } from './amf0.js';

/** What a server says to `connect`. */
export type ConnectAnswer =
  | { readonly outcome: 'accepted' }
  /** Another server is to be asked, at `url`. */
  | { readonly outcome: 'redirected'; readonly url: string }
  /** `code` as the server names it, such as `NetConnection.Connect.InvalidApp`. */
  | { readonly outcome: 'rejected'; readonly code: string; readonly description: string };

/**
 * Reads the answer to `connect` (transaction 1) out of the values of a command.
 *
 * @returns undefined where the command is another one
 */
export function readConnectAnswer([name, transaction, , info]: readonly AmfValue[]): ConnectAnswer | undefined {
  if (transaction !== 1) return undefined;
  if (name === '_result') return { outcome: 'accepted' };
  if (name !== '_error') return undefined;
  const { code, description, ex } = asObject(info);
  const redirect = asObject(ex)['redirect'];
  if (typeof redirect === 'string' && redirect !== '') return { outcome: 'redirected', url: redirect };
  return { outcome: 'rejected', code: asText(code), description: asText(description) };
}

const asObject = (value: AmfValue): AmfObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as AmfObject) : {};

const asText = (value: AmfValue): string => (typeof value === 'string' ? value : '');
