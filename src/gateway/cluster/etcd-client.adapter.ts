import { readFileSync } from 'node:fs';
import * as http from 'node:http';
import * as https from 'node:https';
import type { ClusterConfig } from '../../shared/config/cluster-schema.js';
import { DiptychError } from '../../shared/domain/errors.js';
import { answerIn, fromBase64, isAboutNames, toBase64, transactionBody } from './etcd-json.js';
import type { Transaction } from './transactions.js';
import type { WatchedKey } from './watched-cluster.js';

/** What etcd tells with each answer. */
export interface EtcdHeader {
  /** Of the member that answered, in decimal. */
  readonly memberId: string;
  /** Raft term as that member knows it. */
  readonly term: number;
  /** Of the store. */
  readonly revision: number;
}

/** How one request is made. */
interface RequestOptions {
  /** How long one member may take, ms. */
  readonly timeoutMs?: number;
  /** Whether the next member is asked where it is not known if the first one has done it. @defaultValue true */
  readonly isRepeatable?: boolean;
}

/** An answer of the JSON gateway. */
type Json = Readonly<Record<string, unknown>>;

/** A member that hangs is left for the next one after so long, ms. */
const MEMBER_TIMEOUT_MS = 400;
const GRPC_UNAUTHENTICATED = 16;

/**
 * etcd by its JSON gateway: the few calls that hosts need, and nothing between them and the wire, because the time at
 * which a renewal is sent decides. Members are asked in turn; the one that answered last is asked first.
 */
export class EtcdClient {
  readonly #config: ClusterConfig['etcd'];
  readonly #agents: { readonly http: http.Agent; readonly https: https.Agent };
  #first = 0;
  #token: string | undefined;

  /** Connects to nothing yet. @throws {@link DiptychError} `DIPTYCH_E_CONFIG` where a file of `tls` cannot be read */
  constructor(config: ClusterConfig['etcd']) {
    this.#config = config;
    this.#agents = {
      http: new http.Agent({ keepAlive: true }),
      https: new https.Agent({ keepAlive: true, ...tlsOptions(config) }),
    };
  }

  /** The member that is asked first. */
  get endpoint(): string {
    const { endpoints } = this.#config;
    return (endpoints[this.#first % endpoints.length] ?? '').replace(/\/$/, '');
  }

  /** All keys below the prefix, without it, and the revision that they are of. */
  async readAll(): Promise<{ readonly keys: readonly WatchedKey[]; readonly revision: number }> {
    const { prefix } = this.#config;
    const range = { key: toBase64(prefix), range_end: toBase64(endOf(prefix)) };
    const answer = await this.#call('kv/range', range, { timeoutMs: 2000 });
    const keys = Array.isArray(answer['kvs']) ? (answer['kvs'] as Json[]) : [];
    return { keys: keys.map((key) => this.#watchedKey(key)), revision: headerOf(answer).revision };
  }

  /** One key; absent where there is none. Needs a majority of the members. */
  async read(
    key: string,
    options: RequestOptions = {},
  ): Promise<{ readonly header: EtcdHeader; readonly value?: WatchedKey }> {
    const answer = await this.#call('kv/range', { key: toBase64(this.#config.prefix + key) }, options);
    const [found] = Array.isArray(answer['kvs']) ? (answer['kvs'] as Json[]) : [];
    return { header: headerOf(answer), ...(found && { value: this.#watchedKey(found) }) };
  }

  /** Does a transaction. @returns whether its conditions held */
  async commit(transaction: Transaction): Promise<boolean> {
    const body = transactionBody(transaction, this.#config.prefix);
    const answer = await this.#call('kv/txn', body, { timeoutMs: 1500, isRepeatable: false });
    return answer['succeeded'] === true;
  }

  /** A new lease. @returns its id, in decimal */
  async grant(ttlS: number): Promise<string> {
    const answer = await this.#call('lease/grant', { TTL: ttlS }, { timeoutMs: 1500 });
    return text(answer['ID']);
  }

  /** Renews a lease. @returns for how long, s; 0 where etcd does not know it */
  async renew(lease: string): Promise<{ readonly header: EtcdHeader; readonly ttlS: number }> {
    const answer = await this.#call('lease/keepalive', { ID: lease });
    const result = isJson(answer['result']) ? answer['result'] : answer;
    return { header: headerOf(result), ttlS: Number(result['TTL'] ?? 0) };
  }

  /** Ends a lease, and with it its keys. */
  async revoke(lease: string): Promise<void> {
    await this.#call('lease/revoke', { ID: lease }, { timeoutMs: 1000 });
  }

  /**
   * Tells all changes below the prefix after a revision, until `signal` aborts.
   *
   * @throws where the connection ends, or etcd has forgotten the revision
   */
  async watch(
    revision: number,
    signal: AbortSignal,
    onChanges: (changes: readonly WatchedChange[]) => void,
  ): Promise<void> {
    const { prefix } = this.#config;
    const create = { key: toBase64(prefix), range_end: toBase64(endOf(prefix)), start_revision: revision + 1 };
    const response = await this.#open(this.endpoint, 'watch', { create_request: create }, signal);
    let rest = '';
    for await (const chunk of response) {
      rest += String(chunk);
      const lines = rest.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.#takeWatched(line, onChanges);
    }
    throw new Error('the connection to etcd ended');
  }

  /** Ends all connections. */
  close(): void {
    this.#agents.http.destroy();
    this.#agents.https.destroy();
  }

  /** The next member is asked first. */
  leaveEndpoint(): void {
    this.#first++;
  }

  #takeWatched(line: string, onChanges: (changes: readonly WatchedChange[]) => void): void {
    if (line.trim() === '') return;
    const message: unknown = JSON.parse(line);
    const result = isJson(message) && isJson(message['result']) ? message['result'] : undefined;
    if (!result || result['canceled'] === true) throw new Error(`etcd ended the watch: ${line.slice(0, 200)}`);
    const events = Array.isArray(result['events']) ? (result['events'] as Json[]) : [];
    const changes = events.flatMap((event): WatchedChange[] => {
      const { kv } = event;
      if (!isJson(kv)) return [];
      const key = this.#watchedKey(kv);
      return [event['type'] === 'DELETE' ? { key: key.key } : { key: key.key, now: key }];
    });
    if (changes.length > 0) onChanges(changes);
  }

  #watchedKey(kv: Json): WatchedKey {
    const lease = kv['lease'] === undefined ? '0' : text(kv['lease']);
    return {
      key: fromBase64(text(kv['key'])).slice(this.#config.prefix.length),
      value: fromBase64(text(kv['value'] ?? '')),
      created: Number(kv['create_revision'] ?? 0),
      revision: Number(kv['mod_revision'] ?? 0),
      ...(lease !== '0' && { lease }),
    };
  }

  /** Asks one member after another. @throws {@link DiptychError} `DIPTYCH_E_CLUSTER` */
  async #call(
    path: string,
    body: Json,
    { timeoutMs = MEMBER_TIMEOUT_MS, isRepeatable = true }: RequestOptions = {},
  ): Promise<Json> {
    let reason = '';
    for (let tried = 0; tried < this.#config.endpoints.length; tried++) {
      const { endpoint } = this;
      try {
        return await this.#callMember(endpoint, path, body, timeoutMs);
      } catch (error) {
        if (error instanceof EtcdRefusal) throw clusterError(`${endpoint}: ${error.message}`, error);
        reason = `${endpoint}: ${error instanceof Error ? error.message : String(error)}`;
        if (this.endpoint === endpoint) this.leaveEndpoint();
        const { code } = error as NodeJS.ErrnoException;
        if (!isRepeatable && code !== 'ECONNREFUSED' && code !== 'EHOSTUNREACH') break;
      }
    }
    throw clusterError(`etcd does not answer (${reason})`);
  }

  async #callMember(endpoint: string, path: string, body: Json, timeoutMs: number, isSecondTry = false): Promise<Json> {
    if (this.#config.user !== undefined && this.#token === undefined) await this.#signIn(endpoint, timeoutMs);
    const response = await this.#open(endpoint, path, body, AbortSignal.timeout(timeoutMs));
    const json = await answerOf(response);
    if (response.statusCode === 200 && json['error'] === undefined) return json;
    const failure = isJson(json['error']) ? json['error'] : json;
    const isOldToken = failure['code'] === GRPC_UNAUTHENTICATED || failure['grpc_code'] === GRPC_UNAUTHENTICATED;
    if (isOldToken && !isSecondTry && this.#config.user !== undefined) {
      this.#token = undefined;
      return this.#callMember(endpoint, path, body, timeoutMs, true);
    }
    const message = text(failure['message'] ?? failure['error'] ?? `HTTP ${response.statusCode ?? 0}`);
    if (isTransient(message)) throw new Error(message);
    throw new EtcdRefusal(message);
  }

  async #signIn(endpoint: string, timeoutMs: number): Promise<void> {
    const { user: name, password = '' } = this.#config;
    const response = await this.#open(
      endpoint,
      'auth/authenticate',
      { name, password },
      AbortSignal.timeout(timeoutMs),
    );
    const answer = await answerOf(response);
    if (response.statusCode !== 200 || typeof answer['token'] !== 'string') {
      if (isAboutNames(text(answer['message']))) throw new EtcdRefusal(text(answer['message']));
      throw new EtcdRefusal(`user ${name ?? ''} is refused; look at cluster.etcd.user and password`);
    }
    this.#token = answer['token'];
  }

  #open(endpoint: string, path: string, body: Json, signal: AbortSignal): Promise<http.IncomingMessage> {
    const url = `${endpoint}/v3/${path}`;
    const isTls = url.startsWith('https:');
    const headers = {
      'content-type': 'application/json',
      ...(this.#token !== undefined && { authorization: this.#token }),
    };
    const options = { method: 'POST', headers, signal, agent: isTls ? this.#agents.https : this.#agents.http };
    return new Promise((resolve, reject) => {
      const request = (isTls ? https : http).request(url, options, resolve);
      request.on('error', (error) => {
        reject(signal.aborted ? new Error('no answer in time') : error);
      });
      request.end(JSON.stringify(body));
    });
  }
}

/** All that a member says. */
async function answerOf(response: http.IncomingMessage): Promise<Json> {
  let said = '';
  for await (const chunk of response) said += String(chunk);
  return answerIn(said);
}

/** A change of one key; without a value it was deleted. */
export interface WatchedChange {
  /** Below the prefix. */
  readonly key: string;
  /** As it is now. */
  readonly now?: WatchedKey;
}

/** What etcd has understood and refused: asking another member changes nothing. */
class EtcdRefusal extends Error {}

/** What passes by itself while members choose a leader. */
const isTransient = (message: string): boolean =>
  /no leader|leader changed|timed out|unavailable|too many requests|not capable|deadline exceeded|canceled/i.test(
    message,
  );

const clusterError = (message: string, cause?: unknown): DiptychError =>
  new DiptychError('DIPTYCH_E_CLUSTER', message, cause === undefined ? {} : { cause });

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');

/** The first key after all that begin with a text. */
const endOf = (prefix: string): string =>
  prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);

function headerOf({ header }: Json): EtcdHeader {
  const fields = isJson(header) ? header : {};
  return {
    memberId: text(fields['member_id']),
    term: Number(fields['raft_term'] ?? 0),
    revision: Number(fields['revision'] ?? 0),
  };
}

function tlsOptions({ tls }: ClusterConfig['etcd']): https.AgentOptions {
  const read = (file: string | undefined): Buffer | undefined => {
    try {
      return file === undefined ? undefined : readFileSync(file);
    } catch (error) {
      throw new DiptychError('DIPTYCH_E_CONFIG', `cluster.etcd.tls: ${String(file)} cannot be read`, { cause: error });
    }
  };
  const [ca, cert, key] = [read(tls.caFile), read(tls.certFile), read(tls.keyFile)];
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
}
