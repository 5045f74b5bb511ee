import type { Comparison, Operation, Transaction } from './transactions.js';

/** Bytes of a text as the JSON gateway of etcd takes them. */
export const toBase64 = (text: string): string => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

/** Takes back {@link toBase64}. */
export const fromBase64 = (text: string): string =>
  new TextDecoder().decode(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)));

/** A transaction as the JSON gateway of etcd takes it. */
export const transactionBody = ({ when, then }: Transaction, prefix: string): Readonly<Record<string, unknown>> => ({
  compare: when.map((comparison) => compareBody(comparison, prefix)),
  success: then.map((operation) => operationBody(operation, prefix)),
});

function compareBody(comparison: Comparison, prefix: string): object {
  const key = toBase64(prefix + comparison.key);
  if ('modified' in comparison) return { key, target: 'MOD', result: 'EQUAL', mod_revision: comparison.modified };
  const { created } = comparison;
  const isAny = created === 'any';
  return { key, target: 'CREATE', result: isAny ? 'GREATER' : 'EQUAL', create_revision: isAny ? 0 : created };
}

function operationBody(operation: Operation, prefix: string): object {
  const key = toBase64(prefix + operation.key);
  if (operation.type === 'delete') return { request_delete_range: { key } };
  const { value, lease } = operation;
  return { request_put: { key, value: toBase64(value), ...(lease !== undefined && { lease }) } };
}

/** Letters of what a member says that are told. */
const MAX_MESSAGE = 200;
const COMMON_NAME = /^CommonName/;

/** Whether a member refuses the name in a certificate: where it has users, it could be taken for another one. */
export const isAboutNames = (message: string): boolean => COMMON_NAME.test(message);

/** The first line of what a member says; a text that is not JSON is a message. */
export function answerIn(said: string): Readonly<Record<string, unknown>> {
  const [line = ''] = said.trim().split('\n');
  try {
    const answer: unknown = JSON.parse(line === '' ? '{}' : line);
    return typeof answer === 'object' && answer !== null ? (answer as Record<string, unknown>) : {};
  } catch {
    const advice = isAboutNames(line)
      ? '; give cluster.etcd.tls.certFile a certificate without common name (CN), or etcd no users'
      : '';
    return { message: line.slice(0, MAX_MESSAGE) + advice };
  }
}
