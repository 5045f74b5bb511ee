import { maskUrl } from '../../shared/config/mask-url.js';
import { formatPath } from '../../shared/config/explain-issue.js';
import { holdsReference } from '../../shared/config/references.js';
import { isSecretName, SECRET_FILES } from '../../shared/config/secret-name.js';
import { DiptychError } from '../../shared/domain/errors.js';
import { isBlock } from '../../shared/is-block.js';
import { refuseDeep } from './merge-patch.js';

/** What stands in the place of a secret. */
const MASK = '***';
/** Nothing but a reference: it tells no secret, and people want to see which it is. */
const ONLY_A_REFERENCE = /^\$\{[^{}]*\}$/;
/** Scheme, user and password, host and port, and the rest of a URL. */
const URL_PARTS = /^([a-z][a-z0-9+.-]*:\/\/)([^@]*)@([^/?#]*)(.*)$/is;

/** A configuration as it may be shown: each secret is `***`, references to variables and files stay. */
export const maskConfig = (written: unknown): unknown => mask('', written);

/**
 * Puts the secrets that are there back into the places of `***`, and holds references to what is there: only the
 * configuration file may name environment variables and files with secrets, for what the API sends somewhere could
 * be any of them.
 *
 * @param wanted - what a client sent, whole
 * @param current - what is there; absent: nothing
 * @throws {@link DiptychError} `DIPTYCH_E_BAD_INPUT` where a `***` or a reference has no counterpart, or blocks go
 *   deeper than any option
 */
export function restoreSecrets(wanted: unknown, current: unknown): unknown {
  return restore(wanted, current, []);
}

function restore(wanted: unknown, current: unknown, path: readonly PropertyKey[]): unknown {
  if (typeof wanted === 'string') return restoreText(wanted, current, path);
  refuseDeep(path.length);
  if (Array.isArray(wanted)) {
    const list: readonly unknown[] = Array.isArray(current) ? (current as unknown[]) : [];
    return wanted.map((each: unknown, index) => restore(each, counterpart(each, list, index), [...path, index]));
  }
  if (!isBlock(wanted)) return wanted;
  return Object.fromEntries(
    Object.entries(wanted).map(([key, value]) => {
      const before = isBlock(current) && Object.hasOwn(current, key) ? current[key] : undefined;
      return [key, restore(value, before, [...path, key])];
    }),
  );
}

/** What a list has a name for is known by its name, everything else by its place. */
function counterpart(item: unknown, list: readonly unknown[], index: number): unknown {
  if (!isBlock(item) || typeof item['id'] !== 'string') return list[index];
  return list.find((one) => isBlock(one) && one['id'] === item['id']);
}

function restoreText(wanted: string, current: unknown, path: readonly PropertyKey[]): string {
  const key = path.findLast((step) => typeof step === 'string') ?? '';
  if (current === wanted) return wanted;
  if (Object.hasOwn(SECRET_FILES, key)) throw refusal(path, 'only the configuration file may name files with secrets');
  if (isMasked(key, wanted)) {
    if (typeof current === 'string') {
      if (mask(key, current) === wanted) return current;
      const restored = restoreUserInfo(wanted, current);
      if (restored !== undefined) return restored;
    }
    throw refusal(path, `${MASK} stands for a secret that is there already, and here is none; write the secret itself`);
  }
  if (holdsReference(wanted.replaceAll('$${', ''))) {
    throw refusal(
      path,
      'only the configuration file may refer to environment variables; write $${ where the text itself is meant',
    );
  }
  return wanted;
}

const isMasked = (key: string, text: string): boolean =>
  isSecretName(key) ? text === MASK : text.includes('://') && text.includes(MASK);

/** User and password go on with another path, and with no other host: it might be anybody's. */
function restoreUserInfo(wanted: string, current: string): string | undefined {
  const [, scheme, userInfo, host, rest = ''] = URL_PARTS.exec(wanted) ?? [];
  const [, oldScheme, secret = '', oldHost] = URL_PARTS.exec(current) ?? [];
  if (userInfo !== MASK || scheme !== oldScheme || host !== oldHost || rest.includes(MASK)) return undefined;
  return `${scheme ?? ''}${secret}@${host ?? ''}${rest}`;
}

function mask(key: string, value: unknown): unknown {
  if (typeof value === 'string') {
    if (ONLY_A_REFERENCE.test(value) || Object.hasOwn(SECRET_FILES, key)) return value;
    return isSecretName(key) ? MASK : maskUrl(value);
  }
  if (Array.isArray(value)) return value.map((each) => mask(key, each));
  if (!isBlock(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([inner, each]) => [inner, mask(inner, each)]));
}

const refusal = (path: readonly PropertyKey[], message: string): DiptychError =>
  new DiptychError('DIPTYCH_E_BAD_INPUT', `${formatPath(path)}: ${message}`);
