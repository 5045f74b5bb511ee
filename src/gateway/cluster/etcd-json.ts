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
