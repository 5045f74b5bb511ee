import XMLBuilder from 'fast-xml-builder';
import { XMLParser } from 'fast-xml-parser';

/** Namespaces of the services that are asked. */
export const ONVIF = {
  device: 'http://www.onvif.org/ver10/device/wsdl',
  media1: 'http://www.onvif.org/ver10/media/wsdl',
  media2: 'http://www.onvif.org/ver20/media/wsdl',
  schema: 'http://www.onvif.org/ver10/schema',
} as const;

/** An element: text, or what is in it by names without prefixes; of several of one name a list. */
export type SoapNode = string | { readonly [name: string]: SoapNode | readonly SoapNode[] };

/** A user in a request: the WS-Security UsernameToken Profile 1.0 with a digest. */
export interface UsernameToken {
  /** Not escaped. */
  readonly username: string;
  /** `Base64(SHA-1(nonce + created + password))`. */
  readonly digest: string;
  /** In Base64. */
  readonly nonce: string;
  /** By the camera's clock, as in `2026-01-31T12:00:00.000Z`. */
  readonly created: string;
}

/** What a service is asked. */
export interface SoapRequest {
  /** Of the service. */
  readonly namespace: string;
  /** Its operation, such as `GetProfiles`. */
  readonly operation: string;
  /** In the order of the service's schema, with their prefixes: `s:` of the service, `tt:` of ONVIF's types. */
  readonly parameters?: Readonly<Record<string, SoapNode>>;
}

/**
 * What came back. `answer`: the element in the body · `fault`: the service refuses, in its own words; `isRefused` where
 * it does not take the user · `other`: no SOAP.
 */
export type SoapAnswer =
  | { readonly type: 'answer'; readonly body: SoapNode }
  | { readonly type: 'fault'; readonly reason: string; readonly isRefused: boolean }
  | { readonly type: 'other' };

const ENVELOPE = 'http://www.w3.org/2003/05/soap-envelope';
const SECURITY = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd';
const UTILITY = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd';
const DIGEST = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordDigest';
const BASE64 = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary';
const MAX_REASON = 200;

const builder = new XMLBuilder({ ignoreAttributes: false });
// Entities that a document declares itself are not wanted: they can stand for gigabytes.
const parser = new XMLParser({
  ...{ ignoreAttributes: false, attributeNamePrefix: '@', removeNSPrefix: true },
  ...{ parseTagValue: false, parseAttributeValue: false },
});

/** A SOAP 1.2 request, as UTF-8 text. */
export function soapRequest({ namespace, operation, parameters = {} }: SoapRequest, user?: UsernameToken): string {
  const token = user && {
    '@_xmlns:w': SECURITY,
    '@_xmlns:u': UTILITY,
    '@_e:mustUnderstand': '1',
    'w:UsernameToken': {
      'w:Username': user.username,
      'w:Password': { '@_Type': DIGEST, '#text': user.digest },
      'w:Nonce': { '@_EncodingType': BASE64, '#text': user.nonce },
      'u:Created': user.created,
    },
  };
  return builder.build({
    '?xml': { '@_version': '1.0', '@_encoding': 'UTF-8' },
    'e:Envelope': {
      '@_xmlns:e': ENVELOPE,
      ...(token && { 'e:Header': { 'w:Security': token } }),
      'e:Body': { [`s:${operation}`]: { '@_xmlns:s': namespace, '@_xmlns:tt': ONVIF.schema, ...parameters } },
    },
  });
}

/** Reads what a service sent, SOAP 1.1 or 1.2. */
export function parseSoap(text: string): SoapAnswer {
  const envelope = parseXml(text);
  const body = envelope && nodeAt(envelope, 'Envelope', 'Body');
  if (body === undefined) return { type: 'other' };
  const fault = nodeAt(body, 'Fault');
  return fault === undefined ? { type: 'answer', body } : faultOf(fault);
}

/** The element behind these names, the first of several; `undefined` where there is none. */
export function nodeAt(node: SoapNode, ...names: readonly string[]): SoapNode | undefined {
  let found: SoapNode | undefined = node;
  for (const name of names) found = found === undefined ? undefined : nodesAt(found, name)[0];
  return found;
}

/** The elements of this name. */
export function nodesAt(node: SoapNode, name: string): readonly SoapNode[] {
  if (typeof node === 'string' || !Object.hasOwn(node, name)) return [];
  const found = node[name];
  if (found === undefined) return [];
  return isList(found) ? found : [found];
}

/** The text of an element behind these names, without space around it; empty where there is none. */
export function textAt(node: SoapNode, ...names: readonly string[]): string {
  const found = nodeAt(node, ...names);
  if (found === undefined) return '';
  if (typeof found === 'string') return found.trim();
  const text = nodeAt(found, '#text');
  return typeof text === 'string' ? text.trim() : '';
}

function parseXml(text: string): SoapNode | undefined {
  try {
    if (/<!DOCTYPE/i.test(text)) return undefined;
    return parser.parse(text) as SoapNode;
  } catch {
    return undefined;
  }
}

function faultOf(fault: SoapNode): SoapAnswer {
  const codes = [
    textAt(fault, 'Code', 'Value'),
    textAt(fault, 'Code', 'Subcode', 'Value'),
    textAt(fault, 'Code', 'Subcode', 'Subcode', 'Value'),
    textAt(fault, 'faultcode'),
  ].filter((code) => code !== '');
  const words = textAt(fault, 'Reason', 'Text') || textAt(fault, 'faultstring') || codes.at(-1) || 'without a reason';
  return {
    type: 'fault',
    reason: words.replace(/[\s\p{C}]+/gu, ' ').slice(0, MAX_REASON),
    isRefused: codes.some((code) => /NotAuthorized|FailedAuthentication|InvalidSecurity/i.test(code)),
  };
}

const isList = (value: SoapNode | readonly SoapNode[]): value is readonly SoapNode[] => Array.isArray(value);
