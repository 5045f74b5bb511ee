import { formatPath } from '../../shared/config/explain-issue.js';
import { holdsReference } from '../../shared/config/references.js';
import { isSecretName, SECRET_FILES } from '../../shared/config/secret-name.js';
import { DiptychError } from '../../shared/domain/errors.js';
import { isBlock } from '../../shared/is-block.js';

type Block = Readonly<Record<string, unknown>>;
type Path = readonly PropertyKey[];

/** Host and port of a URL; user and password before them may hold any character but `/`, `?` and `#`. */
const HOST = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#]*@)?([^/?#]*)/i;

/**
 * Holds secrets to the host that they were given for: who may change a URL could have them sent to a host of their own
 * otherwise. A secret goes with another host only where it was sent with it.
 *
 * @param wanted - a stream as it is to be, with its secrets
 * @param current - as it is
 * @param sent - what a client sent for it, whole or as a merge patch
 * @throws {@link DiptychError} `DIPTYCH_E_BAD_INPUT`
 */
export function refuseCarriedSecrets(wanted: unknown, current: unknown, sent: unknown): void {
  look(wanted, current, sent, []);
  const [source, known, given] = [blockAt(wanted, 'source'), blockAt(current, 'source'), blockAt(sent, 'source')];
  const service = source && blockAt(source, 'onvif');
  // Services without a password of their own are told that of the source.
  if (!source || !service || hasSecret(service)) return;
  const hosts = [source, known, known && blockAt(known, 'onvif')].map((block) => block && hostOf(block));
  if (!hosts.includes(hostOf(service))) refuseKept(source, known, given, ['source']);
}

function look(wanted: unknown, current: unknown, sent: unknown, path: Path): void {
  if (Array.isArray(wanted)) {
    for (const [index, each] of (wanted as unknown[]).entries()) {
      look(each, counterpart(each, current, index), counterpart(each, sent, index), [...path, index]);
    }
    return;
  }
  if (!isBlock(wanted)) return;
  const known = isBlock(current) ? current : undefined;
  const given = isBlock(sent) ? sent : undefined;
  const host = hostOf(wanted);
  if (known && host !== '' && host !== hostOf(known)) refuseKept(wanted, known, given, path);
  for (const [key, value] of Object.entries(wanted)) look(value, known?.[key], given?.[key], [...path, key]);
}

/** Secrets that are as they were and were not sent. */
function refuseKept(wanted: Block, known: Block | undefined, sent: Block | undefined, path: Path): void {
  for (const [key, value] of Object.entries(wanted)) {
    if (!isSecret(key, value) || value !== known?.[key]) continue;
    const isSent = sent?.[key] === value && !Object.hasOwn(SECRET_FILES, key) && !holdsReference(value);
    if (isSent) continue;
    throw new DiptychError(
      'DIPTYCH_E_BAD_INPUT',
      `${formatPath([...path, key])}: it was given for another host, and is not sent to a new one; write it anew, or take it out with null`,
    );
  }
}

const isSecret = (key: string, value: unknown): value is string =>
  typeof value === 'string' && value !== '' && isSecretName(key);

const hasSecret = (block: Block): boolean => Object.entries(block).some(([key, value]) => isSecret(key, value));

/** Empty where a block has no URL with a host, so that nothing is sent anywhere. */
const hostOf = ({ url }: Block): string => (typeof url === 'string' ? (HOST.exec(url)?.[1] ?? '').toLowerCase() : '');

const blockAt = (value: unknown, key: string): Block | undefined => {
  const inner = isBlock(value) ? value[key] : undefined;
  return isBlock(inner) ? inner : undefined;
};

/** What a list has a name for is known by its name, everything else by its place. */
function counterpart(item: unknown, list: unknown, index: number): unknown {
  if (!Array.isArray(list)) return undefined;
  if (!isBlock(item) || typeof item['id'] !== 'string') return (list as unknown[])[index];
  return (list as unknown[]).find((one) => isBlock(one) && one['id'] === item['id']);
}
