/**
 * Every error a user can meet, by its stable code. The text says what the code stands for;
 * the message of an instance says what was wrong, where, and what to do.
 */
export const ERROR_CODES = {
  DIPTYCH_E_USAGE: 'the command line is wrong',
  DIPTYCH_E_CONFIG: 'the configuration is wrong',
  DIPTYCH_E_INTERRUPTED: 'the command was interrupted before it was done',
  DIPTYCH_E_INTERNAL: 'Diptych itself failed',
  DIPTYCH_E_PTS_NOT_MONOTONIC: 'a presentation time stamp did not increase',
  DIPTYCH_E_GRAPH: 'a GStreamer graph could not be built or failed',
  DIPTYCH_E_ELEMENT_MISSING: 'a GStreamer element this needs is not installed',
  DIPTYCH_E_PROGRAM_MISSING: 'a program that this starts is not installed',
  DIPTYCH_E_NATIVE: 'the native addon is missing or refused an argument',
  DIPTYCH_E_SOURCE_UNREACHABLE: 'the source could not be reached, or its connection ended',
  DIPTYCH_E_SOURCE_REFUSED: 'nothing takes connections at the address and port of the source',
  DIPTYCH_E_SOURCE_NAME: 'the host name of the source is not known',
  DIPTYCH_E_SOURCE_SILENT: 'the source accepts connections and does not answer or send',
  DIPTYCH_E_SOURCE_TLS: 'no encrypted connection to the source that can be trusted',
  DIPTYCH_E_SOURCE_AUTH: 'the source refused the user name or password',
  DIPTYCH_E_SOURCE_PATH: 'the source has no stream at that path',
  DIPTYCH_E_SOURCE_BUSY: 'the source takes no more viewers, or is not ready',
  DIPTYCH_E_SOURCE_TRANSPORT: 'the source does not send over the transport that was asked for',
  DIPTYCH_E_SOURCE_PROTOCOL: 'the source does not speak RTSP, or answered a request with an error',
  DIPTYCH_E_SOURCE_REDIRECT: 'the source sends on to somewhere else, in a circle or to no source',
  DIPTYCH_E_SOURCE_FILE: 'the file that is the source is missing, or cannot be read',
  DIPTYCH_E_SOURCE_ENDED: 'the source came to its end',
  DIPTYCH_E_SOURCE_STALLED: 'no picture comes from the source at the moment',
  DIPTYCH_E_SOURCE_KEYFRAME: 'the source sends, and a keyframe is yet to come',
  DIPTYCH_E_SOURCE_FROZEN: 'the source sends the same picture again and again',
  DIPTYCH_E_OVERLOADED: 'this machine is too slow for all pictures of the source',
  DIPTYCH_E_PROCESS: 'the process, or its thread, that runs a stream crashed or hangs',
  DIPTYCH_E_SOURCE_UNPUBLISHED: 'nobody publishes to the source',
  DIPTYCH_E_SOURCE_FORMAT: 'the source sends something that cannot be decoded',
  DIPTYCH_E_MODEL: 'a model is missing, damaged or not of the declared shape',
  DIPTYCH_E_GPU: 'the NVIDIA GPU cannot be used',
  DIPTYCH_E_GPU_LOST: 'the NVIDIA GPU failed while it was in use',
  DIPTYCH_E_MEDIA: 'the server that forwards media to browsers failed',
  DIPTYCH_E_TARGET: 'a target failed',
  DIPTYCH_E_RECORDING: 'the folder for recordings cannot be written',
  DIPTYCH_E_DISK_FULL: 'the disk for recordings is full',
  DIPTYCH_E_NOT_FOUND: 'it does not exist',
  DIPTYCH_E_NOT_READY: 'it is not ready yet; try again a moment later',
  DIPTYCH_E_LIMIT_STREAMS: 'there are as many streams as limits.streams allows',
  DIPTYCH_E_LIMIT_TARGETS: 'a stream has as many targets as limits.targets allows',
  DIPTYCH_E_LIMIT_MEMORY: 'there is too little memory for one more stream',
  DIPTYCH_E_LIMIT_VIEWERS: 'there are as many viewers as limits.viewers or limits.viewersPerStream allows',
  DIPTYCH_E_LIMIT_SOCKETS: 'there are as many WebSockets as limits.webSockets or limits.webSocketsPerAddress allows',
  DIPTYCH_E_LIMIT_SESSIONS:
    'there are as many sessions of WHEP or WHIP as limits.whepPlayers or limits.whipPublishers allows',
  DIPTYCH_E_LIMIT_PROBES: 'as many sources are being tried as limits.probes allows',
  DIPTYCH_E_LIMIT_READERS: 'as many readers follow events as limits.eventReaders allows',
  DIPTYCH_E_LIMIT_RATE: 'more requests came from one address than limits.requestsPerS allows',
  DIPTYCH_E_LIMIT_SIZE: 'a request or message is larger than limits.bodyKb, limits.headerKb or limits.messageKb allows',
  DIPTYCH_E_LIMIT_TIME: 'a request took longer to arrive than limits.requestS or limits.headersS allows',
  DIPTYCH_E_NOT_ACCEPTABLE: 'nothing of what was offered can be used',
  DIPTYCH_E_CLUSTER: 'the hosts that share streams, or etcd, cannot be reached or do not agree',
  DIPTYCH_E_MOVED: 'another host of the cluster runs the stream, or is to send it to this viewer',
  DIPTYCH_E_PENDING: 'no host of the cluster runs the stream at the moment',
  DIPTYCH_E_FENCED: 'this host may not publish or record until etcd has renewed its lease',
  DIPTYCH_E_STATE: 'what was changed could not be kept, or what was kept could not be read',
  DIPTYCH_E_UNAUTHENTICATED: 'who asks did not show who they are, and has to',
  DIPTYCH_E_TOO_MANY_FAILURES: 'too many wrong tokens came from that address; try again later',
  DIPTYCH_E_FORBIDDEN: 'who asks may not do that',
  DIPTYCH_E_ADDRESS_NOT_ALLOWED: 'the configuration lets sources or targets not reach that address, or be of that kind',
  DIPTYCH_E_FILE_NOT_ALLOWED: 'the configuration lets the API name no files there',
  DIPTYCH_E_CONFLICT: 'that name or port is taken',
  DIPTYCH_E_BAD_INPUT: 'an input file or message is not of the expected form',
} as const;

/** A key of {@link ERROR_CODES}; codes are stable between versions. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** The one error class that crosses module borders; `main.ts` prints it as one line. */
export class DiptychError extends Error {
  /** What kind of mistake it is, for programs; the message is for people. */
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DiptychError';
    this.code = code;
  }
}
