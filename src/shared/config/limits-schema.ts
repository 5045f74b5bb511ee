import * as z from 'zod';

/** A number of things at the same time. */
const count = (most: number, fallback: number, description: string): z.ZodDefault<z.ZodNumber> =>
  z.int().min(1).max(most).default(fallback).describe(description);

/** What the gateway does not let happen, however long it runs. */
export const limitsSchema = z.strictObject({
  processMemoryMb: z
    .int()
    .min(0)
    .max(1_000_000)
    .default(3000)
    .describe(
      'memory that a stream process may take for each stream in it, MB; one that takes more is replaced at a quiet moment, or after half an hour; higher tolerates more, lower replaces sooner, 0 never does',
    ),
  streams: z
    .union([z.literal('auto'), z.int().min(1).max(256)])
    .default('auto')
    .describe(
      'streams at a time that API and page may add; higher lets them add more, lower bounds memory and CPU; auto adds as long as what streams really take leaves room for one more of what diptych bench capacity found, or 64 streams where that was not run',
    ),
  targets: count(64, 16, 'targets of a stream; higher lets API and page add more, lower bounds the upload'),
  freeMemoryMb: z
    .int()
    .min(0)
    .max(1_000_000)
    .default(300)
    .describe(
      'memory of this machine, or of its container, that is left free by streams that API and page add, MB; higher refuses them sooner, lower lets more start, 0 does not look',
    ),
  streamMemoryMb: z
    .int()
    .min(0)
    .max(100_000)
    .default(250)
    .describe(
      'memory that a stream is taken to need until it has run for a minute, MB; higher lets fewer start at once, lower more',
    ),
  viewers: count(
    10_000,
    500,
    'browsers and players that receive a picture, of all streams; higher serves more, lower bounds the upload',
  ),
  viewersPerStream: count(
    10_000,
    200,
    'the same of one stream; higher serves more, lower leaves more to the other streams',
  ),
  webSockets: count(
    10_000,
    1000,
    'open WebSockets; higher lets more pages stay open, lower bounds the memory they take',
  ),
  webSocketsPerAddress: count(
    10_000,
    100,
    'the same from one address; higher lets more pages stay open behind one router, lower leaves more to others',
  ),
  whepPlayers: count(10_000, 500, 'players by WHEP; they count as viewers as well; higher serves more'),
  whipPublishers: count(256, 64, 'publishers by WHIP; higher lets more cameras publish, lower bounds what is received'),
  probes: count(
    16,
    2,
    'sources that are tried at a time; higher lets more people add cameras at once, lower disturbs streams less',
  ),
  eventReaders: count(10_000, 200, 'readers that follow events as they happen; higher serves more programs'),
  connections: count(100_000, 4000, 'HTTP connections; those beyond are closed unanswered; higher needs more files'),
  requestsPerS: count(
    100_000,
    100,
    'requests a second from one address, over ten seconds; higher suits many people behind one router, lower stops a flood sooner',
  ),
  bodyKb: count(10_000, 64, 'size of the body of a request, KiB; higher takes larger configurations'),
  headerKb: count(1024, 16, 'size of the path and the headers of a request, KiB; higher takes more cookies'),
  messageKb: count(1024, 64, 'size of a message over a WebSocket, KiB; longer ones end it'),
  requestS: count(
    3600,
    30,
    'time for a request to arrive, s; higher is patient with slow networks, lower frees connections sooner',
  ),
  headersS: count(3600, 10, 'time for its headers to arrive, s; higher is patient, lower frees connections sooner'),
  keepAliveS: count(3600, 72, 'time that a connection is kept for the next request, s; lower frees connections sooner'),
  greetingS: count(
    3600,
    10,
    'time for a WebSocket to send its first message, s; one that is silent for longer is closed',
  ),
  connectS: count(
    3600,
    20,
    'time for a viewer or publisher to connect for media once it has asked, s; higher is patient with slow networks, lower frees what never comes sooner',
  ),
});

/** {@link limitsSchema} with its defaults filled in. */
export type LimitsConfig = z.output<typeof limitsSchema>;
