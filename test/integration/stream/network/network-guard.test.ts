import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { connect, type AddressInfo, type LookupFunction } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessSchema } from '#src/shared/config/access-schema.js';
import { DiptychError } from '#src/shared/domain/errors.js';
import { NetworkGuard } from '#src/stream/network/network-guard.adapter.js';

const LOOPBACK = ['127.0.0.0/8', '::1'];
const guard = (deny: readonly string[]): NetworkGuard =>
  new NetworkGuard(accessSchema.parse({ sources: { deny } }).sources, 'sources');

let server: Server;
let port: number;

beforeAll(async () => {
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});

afterAll(() => server.close());

/** Connects as sources do; resolves with the address, or the error. */
async function connected(host: string, by: NetworkGuard): Promise<string | Error> {
  try {
    const socket = connect({ host, port, ...by.connection(host) });
    await once(socket, 'connect');
    const { remoteAddress = '' } = socket;
    socket.destroy();
    return remoteAddress;
  } catch (error) {
    return error as Error;
  }
}

describe('a name whose addresses may not be reached', () => {
  it('is not connected to, and the error names the address and the option', async () => {
    const error = await connected('localhost', guard(LOOPBACK));

    expect(error).toBeInstanceOf(DiptychError);
    expect(error).toMatchObject({ code: 'DIPTYCH_E_ADDRESS_NOT_ALLOWED' });
    expect((error as Error).message).toMatch(/^localhost leads nowhere that may be reached: .*access\.sources\.deny/);
  });

  it('has no address for those who connect by themselves', async () => {
    await expect(guard(LOOPBACK).addressOf('localhost')).rejects.toMatchObject({
      code: 'DIPTYCH_E_ADDRESS_NOT_ALLOWED',
    });
  });

  it.each(['2130706433', '0x7f000001', '127.1', '127.0.0.1', '::ffff:127.0.0.1'])(
    'as an address in another notation: %s',
    async (host) => {
      expect(await connected(host, guard(LOOPBACK))).toMatchObject({ code: 'DIPTYCH_E_ADDRESS_NOT_ALLOWED' });
    },
  );
});

it('a name is connected to at those of its addresses that may be reached', async () => {
  expect(await connected('localhost', guard(['::1']))).toBe('127.0.0.1');
  expect(await guard(['::1']).addressOf('localhost')).toBe('127.0.0.1');
});

it('a name that nobody knows is told as that', async () => {
  expect(await connected('camera.invalid', guard([]))).toMatchObject({
    code: expect.stringMatching(/^E(NOTFOUND|AI_AGAIN)$/) as string,
  });
});

it('gives one address to those who ask for one', async () => {
  const { lookup }: { readonly lookup: LookupFunction } = guard(['::1']).connection('localhost');

  const found = await new Promise((resolve) =>
    lookup('localhost', {}, (_error, address, family) => resolve([address, family])),
  );

  expect(found).toEqual(['127.0.0.1', 4]);
});
