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

/** The paths under `/whep` and `/whip`, for the OpenAPI document. */
export function sdpPaths(): Readonly<Record<string, PathItem>> {
  return { ...pathsOf('whip'), ...pathsOf('whep') };
}

const pathsOf = (protocol: Protocol): Readonly<Record<string, PathItem>> => ({
  [`/${protocol}/{id}`]: endpointOf(protocol),
  [`/${protocol}/{id}/{session}`]: sessionItem(),
});

function endpointOf(protocol: Protocol): PathItem {
  const title = `${DOES[protocol]} (${DOCUMENTS[protocol]})`;
  return {
    parameters: [parameter('id', 'path', 'Name of the stream')],
    options: operation(`What is taken. ${title}`, {
      200: {
        description: 'Methods, type of the body, and servers',
        headers: { link: SERVERS, 'accept-post': SDP, allow: 'Methods' },
      },
    }),
    ...LOOKS,
    post: {
      ...operation(`${title}: an SDP offer, with all candidates or before them`, {
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
        413: { description: 'It is larger than 64 KiB' },
        415: { description: `It is not of the type ${SDP}`, headers: { 'accept-post': SDP } },
        503: { description: 'There is no room, or the media server is starting again', headers: RETRY },
      }),
      requestBody: textBody(SDP),
    },
    ...refused(['put', 'patch', 'delete']),
  };
}

function sessionItem(): PathItem {
  return {
    parameters: [parameter('id', 'path', 'Name of the stream'), parameter('session', 'path', 'As Location has it')],
    options: operation('What is taken', {
      200: { description: 'Methods and type of the body', headers: { 'accept-patch': FRAGMENT, allow: 'Methods' } },
    }),
    ...LOOKS,
    patch: {
      ...operation('Adds candidates, or restarts ICE where the user name fragment is another', {
        200: {
          description: 'ICE begins anew, with these credentials',
          type: FRAGMENT,
          headers: { etag: 'Of the new ICE session' },
        },
        204: { description: 'The candidates are taken' },
        400: { description: 'It is no fragment that can be read' },
        404: { description: 'There is no such session any more' },
        412: { description: 'If-Match names another ICE session than the one that goes on' },
        413: { description: 'It is larger than 64 KiB' },
        415: { description: `It is not of the type ${FRAGMENT}`, headers: { 'accept-patch': FRAGMENT } },
        428: { description: 'The header If-Match is missing' },
      }),
      parameters: [parameter('if-match', 'header', 'ETag of the ICE session; * restarts whichever there is')],
      requestBody: textBody(FRAGMENT),
    },
    delete: operation('Ends the session', {
      200: { description: 'It has ended' },
      404: { description: 'There is no such session any more' },
    }),
    ...refused(['put', 'post']),
  };
}

function operation(summary: string, answers: Readonly<Record<number, Answer>>): Record<string, unknown> {
  const responses = Object.entries(answers).map(([status, { description, type, headers }]) => [
    status,
    {
      description,
      ...(type !== undefined && { content: { [type]: { schema: { type: 'string' } } } }),
      ...(Number(status) >= 400 && {
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      }),
      ...(headers && {
        headers: Object.fromEntries(
          Object.entries(headers).map(([name, what]) => [name, { description: what, schema: { type: 'string' } }]),
        ),
      }),
    },
  ]);
  return { summary, responses: Object.fromEntries(responses) };
}

const refused = (methods: readonly string[]): PathItem =>
  Object.fromEntries(
    methods.map((method) => [
      method,
      operation('Refused', {
        405: { description: 'There is no such method here', headers: { allow: 'Those there are' } },
      }),
    ]),
  );

/** For clients that look whether it is there. */
const LOOKS: PathItem = Object.fromEntries(
  ['get', 'head'].map((method) => [method, operation('Nothing', { 204: { description: 'It is there' } })]),
);

const parameter = (name: string, place: 'path' | 'header', description: string): object => ({
  ...{ name, in: place, description, required: true, schema: { type: 'string' } },
});

const textBody = (type: string): object => ({ required: true, content: { [type]: { schema: { type: 'string' } } } });
