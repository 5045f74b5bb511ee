/** Algorithms of digests that are known here, strongest first, by the names of RFC 7616 and of Node. */
const DIGESTS = [
  { name: 'SHA-512-256', hash: 'sha512-256' },
  { name: 'SHA-256', hash: 'sha256' },
  { name: 'MD5', hash: 'md5' },
] as const;

/** Hash functions by Node's names. */
export type HashName = (typeof DIGESTS)[number]['hash'];

/** What a server asks for in one `WWW-Authenticate`. */
export interface Challenge {
  /** In lower case: `basic`, `digest` or another one. */
  readonly scheme: string;
  /** By their names in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** Who asks. */
export interface Credentials {
  /** Not escaped. */
  readonly user: string;
  /** Not escaped. */
  readonly password: string;
}

/** What an {@link Authenticator} takes from outside, so that it has neither chance nor libraries of its own. */
export interface AuthenticatorOptions {
  /** Who asks; `undefined` where no name was given. */
  readonly credentials: Credentials | undefined;
  /** In hexadecimal, of UTF-8. */
  readonly hash: (name: HashName, text: string) => string;
  /** Another one each time, at least 64 random bits in hexadecimal. */
  readonly clientNonce: () => string;
}

/**
 * What follows from a 401: ask again; or why that is of no use. `no-credentials`: a name is needed and there is none ·
 * `unknown`: nothing that is asked for is known here · `refused`: name or password is wrong.
 */
export type ChallengeOutcome = 'again' | 'no-credentials' | 'unknown' | 'refused';

interface Answering {
  readonly challenge: Challenge;
  readonly strength: number;
  /** Uses of this nonce. */
  count: number;
}

const BASIC_STRENGTH = 100;

/**
 * The answers to a server's challenges: Basic (RFC 7617) and Digest (RFC 7616, RFC 2617) with MD5, SHA-256 and
 * SHA-512-256, `-sess`, and `qop=auth`. The strongest that is offered is taken.
 */
export class Authenticator {
  readonly #options: AuthenticatorOptions;
  #answering: Answering | undefined;

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
  }

  /** The scheme that is answered, such as `Digest SHA-256`; `undefined` before the first challenge. */
  get scheme(): string | undefined {
    if (!this.#answering) return undefined;
    const { challenge } = this.#answering;
    return challenge.scheme === 'basic' ? 'Basic' : `Digest ${algorithmOf(challenge)}`;
  }

  /**
   * Takes in the `WWW-Authenticate` headers of a 401.
   *
   * @param wasAnswered - whether the request had an answer to an earlier challenge
   */
  challenged(headers: readonly string[], wasAnswered: boolean): ChallengeOutcome {
    const challenges = headers.flatMap(parseChallenges);
    const known = challenges
      .map((challenge) => ({ challenge, strength: strengthOf(challenge) }))
      .filter(({ strength }) => strength !== undefined)
      .sort((a, b) => (a.strength ?? 0) - (b.strength ?? 0));
    const [best] = known;
    if (this.#options.credentials === undefined) return 'no-credentials';
    if (best?.strength === undefined) return 'unknown';
    const isStale = best.challenge.parameters.get('stale')?.toLowerCase() === 'true';
    if (wasAnswered && !isStale && !this.#isNewRound(best.challenge)) return 'refused';
    this.#answering = { challenge: best.challenge, strength: best.strength, count: 0 };
    return 'again';
  }

  /** The value of `Authorization` for a request; `undefined` while nothing was asked for. */
  answer(method: string, uri: string): string | undefined {
    const { credentials } = this.#options;
    if (!this.#answering || !credentials) return undefined;
    this.#answering.count += 1;
    const { challenge, count } = this.#answering;
    if (challenge.scheme === 'basic') {
      return `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64')}`;
    }
    return this.#digest(challenge, credentials, count, method, uri);
  }

  /**
   * Servers that give a nonce for a single request, or for some time, do not all say `stale`: a nonce that was taken
   * before and is now replaced by another one is answered once more.
   */
  #isNewRound(challenge: Challenge): boolean {
    const before = this.#answering;
    if (!before || before.challenge.scheme !== 'digest' || challenge.scheme !== 'digest') return false;
    const isOther = before.challenge.parameters.get('nonce') !== challenge.parameters.get('nonce');
    return isOther && before.count > 1;
  }

  #digest(challenge: Challenge, { user, password }: Credentials, count: number, method: string, uri: string): string {
    const { parameters } = challenge;
    const algorithm = algorithmOf(challenge);
    const hashName = hashOf(algorithm) ?? 'md5';
    const hash = (text: string): string => this.#options.hash(hashName, text);
    const realm = parameters.get('realm') ?? '';
    const nonce = parameters.get('nonce') ?? '';
    const qop = parameters
      .get('qop')
      ?.split(',')
      .map((word) => word.trim().toLowerCase())
      .includes('auth');
    const isSession = /-sess$/i.test(algorithm);
    const clientNonce = qop === true || isSession ? this.#options.clientNonce() : '';
    const secret = hash(`${user}:${realm}:${password}`);
    const key = isSession ? hash(`${secret}:${nonce}:${clientNonce}`) : secret;
    const counter = count.toString(16).padStart(8, '0');
    const request = hash(`${method}:${uri}`);
    const response =
      qop === true
        ? hash(`${key}:${nonce}:${counter}:${clientNonce}:auth:${request}`)
        : hash(`${key}:${nonce}:${request}`);
    const opaque = parameters.get('opaque');
    return [
      `Digest username="${quoted(user)}"`,
      `realm="${quoted(realm)}"`,
      `nonce="${quoted(nonce)}"`,
      `uri="${quoted(uri)}"`,
      `response="${response}"`,
      ...(parameters.has('algorithm') ? [`algorithm=${algorithm}`] : []),
      ...(opaque === undefined ? [] : [`opaque="${quoted(opaque)}"`]),
      ...(qop === true ? ['qop=auth', `nc=${counter}`] : []),
      ...(clientNonce === '' ? [] : [`cnonce="${clientNonce}"`]),
    ].join(', ');
  }
}

/** The names of what a server asks for, such as `Digest SHA-512`, for a message. */
export function challengeNames(headers: readonly string[]): string {
  const names = headers
    .flatMap(parseChallenges)
    .map((challenge) => (challenge.scheme === 'digest' ? `Digest ${algorithmOf(challenge)}` : challenge.scheme));
  return names.length === 0 ? 'nothing that it names' : [...new Set(names)].join(', ');
}

/** The challenges of one header: servers put several into one, too. */
export function parseChallenges(header: string): Challenge[] {
  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
  // A scheme is a word that a space and no equals sign follow; a parameter is name=value.
  const token = /([\w!#$%&'*+.^`|~-]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^,\s"]*))|(?=[\s,]|$))/g;
  for (const [, name = '', inQuotes, plain] of header.matchAll(token)) {
    const value = inQuotes?.replace(/\\(.)/g, '$1') ?? plain;
    if (value === undefined) challenges.push({ scheme: name.toLowerCase(), parameters: new Map() });
    else challenges.at(-1)?.parameters.set(name.toLowerCase(), value);
  }
  return challenges;
}

/** Lower is stronger; `undefined`: not known here. */
function strengthOf(challenge: Challenge): number | undefined {
  if (challenge.scheme === 'basic') return BASIC_STRENGTH;
  if (challenge.scheme !== 'digest') return undefined;
  const qop = challenge.parameters.get('qop');
  if (qop !== undefined && qop !== '' && !/(^|[\s,])auth([\s,]|$)/i.test(qop)) return undefined;
  const index = DIGESTS.findIndex(({ hash }) => hash === hashOf(algorithmOf(challenge)));
  return index < 0 ? undefined : index;
}

const algorithmOf = ({ parameters }: Challenge): string => parameters.get('algorithm') ?? 'MD5';

function hashOf(algorithm: string): HashName | undefined {
  const plain = algorithm.toUpperCase().replace(/-SESS$/, '');
  return DIGESTS.find(({ name }) => name === plain || name.replace('-', '') === plain)?.hash;
}

const quoted = (text: string): string => text.replace(/["\\]/g, '\\$&');
