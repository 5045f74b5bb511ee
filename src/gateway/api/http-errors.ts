import { DiptychError, ERROR_CODES, type ErrorCode } from '../../shared/domain/errors.js';
import { RefusedRequest } from './refused-request.js';

/** A failed request, as it is answered. */
export interface HttpFailure {
  /** HTTP status, 4xx or 5xx. */
  readonly status: number;
  /** Stable, for programs. */
  readonly code: ErrorCode;
  /** What was wrong and what to do, for people. */
  readonly message: string;
  /** Headers that the status asks for. @defaultValue none */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What fastify, its plugins and Node's HTTP parser throw. */
export interface HttpLibraryError {
  /** `FST_ERR_…` or `HPE_…`. */
  readonly code?: string;
  /** HTTP status. @defaultValue 500 */
  readonly statusCode?: number;
  /** For programmers; answered only where nothing better is known. */
  readonly message: string;
}

const STATUS_OF: Partial<Record<ErrorCode, number>> = {
  DIPTYCH_E_BAD_INPUT: 400,
  DIPTYCH_E_CONFIG: 400,
  DIPTYCH_E_UNAUTHENTICATED: 401,
  DIPTYCH_E_TOO_MANY_FAILURES: 429,
  DIPTYCH_E_FORBIDDEN: 403,
  DIPTYCH_E_ADDRESS_NOT_ALLOWED: 403,
  DIPTYCH_E_FILE_NOT_ALLOWED: 403,
  DIPTYCH_E_NOT_FOUND: 404,
  DIPTYCH_E_NOT_ACCEPTABLE: 406,
  DIPTYCH_E_CONFLICT: 409,
  DIPTYCH_E_LIMIT_STREAMS: 429,
  DIPTYCH_E_LIMIT_TARGETS: 429,
  DIPTYCH_E_LIMIT_MEMORY: 503,
  DIPTYCH_E_LIMIT_VIEWERS: 429,
  DIPTYCH_E_LIMIT_SOCKETS: 429,
  DIPTYCH_E_LIMIT_SESSIONS: 503,
  DIPTYCH_E_LIMIT_PROBES: 429,
  DIPTYCH_E_LIMIT_READERS: 429,
  DIPTYCH_E_LIMIT_RATE: 429,
  DIPTYCH_E_LIMIT_SIZE: 413,
  DIPTYCH_E_LIMIT_TIME: 408,
  DIPTYCH_E_NOT_READY: 503,
  DIPTYCH_E_MOVED: 307,
  DIPTYCH_E_PENDING: 503,
  DIPTYCH_E_CLUSTER: 503,
  DIPTYCH_E_STATE: 507,
};

/** HTTP status that a code is answered with. */
export const statusOf = (code: ErrorCode): number => STATUS_OF[code] ?? 500;

const NOT_HTTP = 'this is no request that can be read; send HTTP/1.1';
const BAD_ESCAPE = 'the path holds a % that is followed by no two hexadecimal digits, or by no UTF-8; write % as %25';
const NOT_JSON = 'expected JSON, with content-type: application/json';

/** What to do, by the code of the library's error. */
const WORDS: Readonly<Record<string, string>> = {
  FST_ERR_BAD_URL: BAD_ESCAPE,
  FST_ERR_MAX_PARAM_LENGTH: 'a name in the path is longer than any here; names have at most 63 characters',
  FST_ERR_CTP_BODY_TOO_LARGE: 'the body is larger than limits.bodyKb allows; send less, or raise it',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'the body is empty; send JSON, or leave content-type out',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'the body is not as long as content-length says; correct the header',
  FST_ERR_CTP_INVALID_JSON_BODY:
    'the body is no JSON that can be read; check its quotes, commas and brackets (the keys __proto__ and constructor.prototype are refused)',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: NOT_JSON,
  FST_ERR_CTP_INVALID_TYPE: NOT_JSON,
  HPE_HEADER_OVERFLOW: 'the path and the headers are larger than limits.headerKb allows; send less, or raise it',
  ERR_HTTP_REQUEST_TIMEOUT:
    'the request did not arrive within limits.requestS, or its headers within limits.headersS; send it again',
};

const STATUS_WORDS: Readonly<Record<number, string>> = {
  403: 'there is no such file',
  416: 'the file has no bytes in the range that the header Range names; leave it out',
};

/** Status, code and words of a failure, whoever found it. */
export function describeFailure(error: DiptychError | HttpLibraryError): HttpFailure {
  if (error instanceof RefusedRequest) {
    const { status, code, message, headers } = error;
    return { status, code, message, headers };
  }
  if (error instanceof DiptychError) {
    return { status: statusOf(error.code), code: error.code, message: error.message };
  }
  const { statusCode: status = 500, code = '', message } = error;
  if (status >= 500) {
    return { status, code: 'DIPTYCH_E_INTERNAL', message: 'the gateway failed; the reason is in its log' };
  }
  const words = WORDS[code] ?? STATUS_WORDS[status] ?? message;
  if (status === 413) return { status, code: 'DIPTYCH_E_LIMIT_SIZE', message: words };
  if (status === 403 || status === 404) return { status: 404, code: 'DIPTYCH_E_NOT_FOUND', message: words };
  return { status, code: 'DIPTYCH_E_BAD_INPUT', message: words };
}

/** The failure of bytes that Node could not read as HTTP. */
export function describeClientFailure({ code = '' }: { readonly code?: string }): HttpFailure {
  const message = WORDS[code] ?? NOT_HTTP;
  if (code === 'HPE_HEADER_OVERFLOW') return { status: 431, code: 'DIPTYCH_E_LIMIT_SIZE', message };
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return { status: 408, code: 'DIPTYCH_E_LIMIT_TIME', message };
  return { status: 400, code: 'DIPTYCH_E_BAD_INPUT', message };
}

/** Content type of every answer that is not a success. */
export const PROBLEM_TYPE = 'application/problem+json';

/** Problem details, RFC 9457. */
export interface ProblemBody {
  /** Where the code is explained: a URI reference with the whole path on this gateway. */
  readonly type: string;
  /** What the code stands for. */
  readonly title: string;
  /** HTTP status. */
  readonly status: number;
  /** What was wrong and what to do. */
  readonly detail: string;
  /** Path that was asked; absent where none could be read. */
  readonly instance?: string;
  /** Stable, for programs. */
  readonly code: ErrorCode;
  /** Code and detail once more, as they were before problem details. */
  readonly error: { readonly code: ErrorCode; readonly message: string };
}

/** Where a request was answered. */
export interface ProblemPlace {
  /** Before every path of this gateway, as people see it; empty without one. */
  readonly pathPrefix: string;
  /** What was asked, below the prefix. */
  readonly url?: string | undefined;
}

/** The body of an answer: errors of every kind have this form. */
export function problemBody({ status, code, message }: HttpFailure, { pathPrefix, url }: ProblemPlace): ProblemBody {
  const instance = url?.startsWith('/') === true ? instanceOf(`${pathPrefix}${url}`) : undefined;
  return {
    type: `${pathPrefix}/api/v1/problems/${code}`,
    title: ERROR_CODES[code],
    status,
    detail: message,
    ...(instance !== undefined && { instance }),
    code,
    error: { code, message },
  };
}

/** HTTP statuses that a code is answered with. */
export const statusesOf = (code: ErrorCode): readonly number[] => {
  if (code === 'DIPTYCH_E_BAD_INPUT') return [400, 405, 412, 414, 415, 416, 428];
  if (code === 'DIPTYCH_E_LIMIT_SIZE') return [413, 431];
  return code.startsWith('DIPTYCH_E_SOURCE_') ? [422] : [statusOf(code)];
};

/** Characters of a path that is named. */
const MAX_INSTANCE = 200;

/** The path, as a URI may be written; absent where it is too long to be of use. */
function instanceOf(url: string): string | undefined {
  const path = url.split('?', 1)[0] ?? '';
  if (path.length > MAX_INSTANCE) return undefined;
  return path.replaceAll(/[^\x21-\x7e]|["<>\\^`{|}]/g, (character) => encodeURIComponent(character));
}
