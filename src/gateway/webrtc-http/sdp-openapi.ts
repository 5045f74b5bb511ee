import { PROBLEM_TYPE } from '../api/http-errors.js';

/** Operations by method, as an OpenAPI document has them by path. */
type PathItem = Readonly<Record<string, unknown>>;

/** Whether a client plays (`whep`) or publishes (`whip`). */
type Protocol = 'whep' | 'whip';

interface Answer {
  readonly description: string;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const SDP = 'application/sdp';
const FRAGMENT = 'application/trickle-ice-sdpfrag';
const SERVERS = 'STUN and TURN servers, with user names that expire (RFC 9725, 4.6)';
const RETRY = { 'retry-after': 'Seconds' };

const DOCUMENTS: Readonly<Record<Protocol, string>> = { whep: 'draft-ietf-wish-whep-03', whip: 'RFC 9725' };
const DOES: Readonly<Record<Protocol, string>> = { whep: 'Plays a stream', whip: 'Publishes to a stream' };
const MEDIA: Readonly<Record<Protocol, string>> = {
  whep: 'H.264 or Opus is not offered to be received',
  whip: 'no video is sent, or in no codec that is taken; the message names those that are',
};
const CONFLICTS: Readonly<Record<Protocol, string>> = {
  whep: 'the stream has no media at the moment',
  whip: 'somebody else publishes to the stream, or its source is another',
};

const UNREADABLE: Answer = { description: 'The request is not of the expected form' };
const UNKNOWN: Answer = { description: 'Who asks did not show who they are, or showed a token that is not known' };
const FORBIDDEN: Answer = {
  description: 'Who asks has a role that may not do this; or the gateway is called by a name that is not its own',
};
const FLOOD: Answer = {
  description: 'Too many requests or wrong tokens from one address, or too many viewers',
  headers: RETRY,
};
const ROLES: Readonly<Record<Protocol, 'view' | 'operate'>> = { whep: 'view', whip: 'operate' };
/** A client that can send no header gives its token in the URL. */
const SECURITY = [{ token: [] }, { session: [] }, { tokenInUrl: [] }];
const FAILED: Answer = { description: 'The gateway failed; the reason is in its log' };

/** The paths under `/whep` and `/whip`, for the OpenAPI document. */
export function sdpPaths(): Readonly<Record<string, PathItem>> {
  return { ...pathsOf('whip'), ...pathsOf('whep') };
}

const pathsOf = (protocol: Protocol): Readonly<Record<string, PathItem>> => ({
  [`/${protocol}/{id}`]: endpointOf(protocol),
  [`/${protocol}/{id}/{session}`]: sessionItem(protocol),
});

function endpointOf(protocol: Protocol): PathItem {
  const title = `${DOES[protocol]} (${DOCUMENTS[protocol]})`;
  return {
    parameters: [parameter('id', 'path', 'Name of the stream')],
    options: operation(`${protocol}Options`, `What is taken. ${title}`, {
      200: {
        description: 'Methods, type of the body, and servers',
        headers: { link: SERVERS, 'accept-post': SDP, allow: 'Methods' },
      },
    }),
    ...looks(protocol),
    post: {
      ...operation(`${protocol}Begin`, `${title}: an SDP offer, with all candidates or before them`, {
        201: {
          description: 'The session has begun',
          type: SDP,
          headers: {
            location: 'Path of the session',
            etag: 'Of its ICE session',
            link: SERVERS,
            'accept-patch': FRAGMENT,
          },
        },
        400: { description: 'It is no offer that can be read' },
        404: { description: 'There is no such stream' },
        406: { description: `It cannot be accepted: ${MEDIA[protocol]}` },
        409: { description: `Try again later: ${CONFLICTS[protocol]}`, headers: RETRY },
        413: { description: 'It is larger than limits.bodyKb allows' },
        415: { description: `It is not of the type ${SDP}`, headers: { 'accept-post': SDP } },
        503: { description: 'There is no room, or the media server is starting again', headers: RETRY },
      }),
      requestBody: textBody(SDP),
    },
  };
}

function sessionItem(protocol: Protocol): PathItem {
  return {
    parameters: [parameter('id', 'path', 'Name of the stream'), parameter('session', 'path', 'As Location has it')],
    options: operation(`${protocol}SessionOptions`, 'What is taken', {
      200: { description: 'Methods and type of the body', headers: { 'accept-patch': FRAGMENT, allow: 'Methods' } },
    }),
    ...looks(`${protocol}Session`),
    patch: {
      ...operation(`${protocol}Patch`, 'Adds candidates, or restarts ICE where the user name fragment is another', {
        200: {
          description: 'ICE begins anew, with these credentials',
          type: FRAGMENT,
          headers: { etag: 'Of the new ICE session' },
        },
        204: { description: 'The candidates are taken' },
        400: { description: 'It is no fragment that can be read' },
        404: { description: 'There is no such session any more' },
        412: { description: 'If-Match names another ICE session than the one that goes on' },
        413: { description: 'It is larger than limits.bodyKb allows' },
        415: { description: `It is not of the type ${FRAGMENT}`, headers: { 'accept-patch': FRAGMENT } },
        428: { description: 'The header If-Match is missing' },
      }),
      parameters: [parameter('if-match', 'header', 'ETag of the ICE session; * restarts whichever there is')],
      requestBody: textBody(FRAGMENT),
    },
    delete: operation(`${protocol}End`, 'Ends the session', {
      200: { description: 'It has ended' },
      404: { description: 'There is no such session any more' },
    }),
  };
}

function operation(id: string, summary: string, answers: Readonly<Record<number, Answer>>): Record<string, unknown> {
  const protocol = id.startsWith('whep') ? 'whep' : 'whip';
  const isOpen = id.endsWith('Options');
  const refusals = { ...(!isOpen && { 401: UNKNOWN }), 403: FORBIDDEN, 429: FLOOD };
  const responses = Object.entries({ 400: UNREADABLE, ...refusals, ...answers, 500: FAILED }).map(
    ([status, { description, type, headers }]) => [
      status,
      {
        description,
        ...(type !== undefined && { content: { [type]: { schema: { type: 'string' } } } }),
        ...(Number(status) >= 400 && {
          content: { [PROBLEM_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } },
        }),
        ...(headers && {
          headers: Object.fromEntries(
            Object.entries(headers).map(([name, what]) => [name, { description: what, schema: { type: 'string' } }]),
          ),
        }),
      },
    ],
  );
  return {
    operationId: id,
    tags: ['webrtc'],
    summary,
    'x-required-role': isOpen ? 'none' : ROLES[protocol],
    security: isOpen ? [] : SECURITY,
    responses: Object.fromEntries(responses),
  };
}

/** For clients that look whether it is there. */
const looks = (id: string): PathItem =>
  Object.fromEntries(
    ['get', 'head'].map((method) => [
      method,
      operation(`${id}${method === 'get' ? 'Get' : 'Head'}`, 'Nothing', { 204: { description: 'It is there' } }),
    ]),
  );

const parameter = (name: string, place: 'path' | 'header', description: string): object => ({
  ...{ name, in: place, description, required: true, schema: { type: 'string' } },
});

const textBody = (type: string): object => ({ required: true, content: { [type]: { schema: { type: 'string' } } } });
