import { createHash, randomBytes } from 'node:crypto';
import type { OddCameraOptions } from './odd-camera.js';

const ALGORITHMS = {
  md5: { name: 'MD5', hash: 'md5' },
  'md5-sess': { name: 'MD5-sess', hash: 'md5' },
  sha256: { name: 'SHA-256', hash: 'sha256' },
  sha512: { name: 'SHA-512', hash: 'sha512' },
} as const;
const REALM = 'IP Camera(GH455)';

/** Asks who a client is, and checks the answer (RFC 7616, RFC 7617). */
export class OddAuth {
  readonly #options: OddCameraOptions;
  #nonce = randomBytes(8).toString('hex');
  #uses = 0;

  constructor(options: OddCameraOptions) {
    this.#options = options;
  }

  challenges(): string[] {
    const { schemes = [], hasQop = false } = this.#options.auth ?? {};
    this.#uses = 0;
    return schemes.map((scheme) => {
      if (scheme === 'basic') return `WWW-Authenticate: Basic realm="${REALM}"`;
      // Old cameras name no algorithm where it is MD5.
      const algorithm = scheme === 'md5' ? '' : `, algorithm=${ALGORITHMS[scheme].name}`;
      return `WWW-Authenticate: Digest realm="${REALM}", nonce="${this.#nonce}"${algorithm}${hasQop ? ', qop="auth"' : ''}`;
    });
  }

  accepts(method: string, answer = ''): boolean {
    const { auth } = this.#options;
    if (!auth) return true;
    if (answer.startsWith('Basic ')) {
      const said = Buffer.from(answer.slice(6), 'base64').toString();
      return auth.schemes.includes('basic') && said === `${auth.user}:${auth.password}`;
    }
    const said = new Map(
      [...answer.matchAll(/(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^,\s]+))/g)].map(([, name = '', quoted, plain]) => [
        name,
        quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '',
      ]),
    );
    const named = (said.get('algorithm') ?? 'MD5').toUpperCase();
    const scheme = auth.schemes.find((known) => known !== 'basic' && ALGORITHMS[known].name.toUpperCase() === named);
    if (scheme === undefined || scheme === 'basic' || said.get('nonce') !== this.#nonce) return false;
    const isRight =
      said.get('username') === auth.user &&
      said.get('response') === this.#expected(ALGORITHMS[scheme].hash, method, said);
    this.#uses += 1;
    if (isRight && this.#uses === auth.requestsPerNonce) this.#nonce = randomBytes(8).toString('hex');
    return isRight;
  }

  #expected(hashName: string, method: string, said: ReadonlyMap<string, string>): string {
    const { user = '', password = '' } = this.#options.auth ?? {};
    const hash = (...parts: readonly string[]): string => createHash(hashName).update(parts.join(':')).digest('hex');
    const of = (name: string): string => said.get(name) ?? '';
    const secret = hash(user, REALM, password);
    const isSession = of('algorithm').toLowerCase().endsWith('-sess');
    const key = isSession ? hash(secret, of('nonce'), of('cnonce')) : secret;
    const request = hash(method, of('uri'));
    return said.has('qop')
      ? hash(key, of('nonce'), of('nc'), of('cnonce'), of('qop'), request)
      : hash(key, of('nonce'), request);
  }
}
