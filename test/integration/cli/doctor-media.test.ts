import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { examineMedia } from '#src/cli/doctor/media-report.adapter.js';
import type { Finding } from '#src/cli/doctor/finding.js';
import { parseConfig } from '#src/shared/config/parse-config.js';
import { startTurnServer, type TurnServer } from '../turn-server.js';

const examine = async (webrtc: string): Promise<Record<string, Finding[]>> => {
  const findings = await examineMedia(parseConfig({ text: `webrtc: { maxPort: 43440, ${webrtc} }`, fileName: 'test' }));
  const areas = [...new Set(findings.map(({ area }) => area))];
  return Object.fromEntries(areas.map((area) => [area, findings.filter((finding) => finding.area === area)]));
};

describe('the doctor, on the way of media', () => {
  let turn: TurnServer;
  const sockets: Socket[] = [];

  beforeAll(async () => {
    turn = await startTurnServer();
  });

  afterAll(async () => {
    for (const socket of sockets) socket.close();
    await turn.stop();
  });

  it('is answered at each address, over UDP and TCP', async () => {
    const { 'ice address': found } = await examine('listenIp: 0.0.0.0, minPort: 43410');

    expect(found).toMatchObject([{ verdict: 'good' }]);
    const [, answers, tried] = /(\d+) of (\d+) tried ways answer/.exec(found?.[0]?.text ?? '') ?? [];
    expect(Number(tried)).toBeGreaterThanOrEqual(2);
    expect(answers).toBe(tried);
  });

  it('says which address gives no answer', async () => {
    const { 'ice address': found } = await examine('minPort: 43420, announcedAddresses: [127.0.0.1, 127.9.9.9]');

    expect(found?.[0]).toMatchObject({ verdict: 'limited' });
    expect(found?.[0]?.advice).toContain('127.9.9.9 UDP');
    expect(found?.[0]?.advice).not.toContain('127.0.0.1 UDP');
  });

  it('says that the port is taken', async () => {
    const socket = createSocket('udp4');
    sockets.push(socket);
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');

    const { 'ice address': found } = await examine(`minPort: 43400, port: ${socket.address().port}`);

    expect(found?.[0]).toMatchObject({ verdict: 'broken' });
    expect(found?.[0]?.text).toMatch(/port \d+ of 127.0.0.1 is in use, UDP or TCP; choose another with webrtc.port/);
  });

  it.each([
    ['the right secret', 'north-wind', ['good', 'good', 'good']],
    ['a wrong one', 'south-wind', ['limited', 'limited', 'good']],
  ])('asks TURN servers for an address: %s', async (_name, secret, verdicts) => {
    const place = `127.0.0.1:${turn.port}`;
    const urls = `["turn:${place}?transport=udp", "turn:${place}?transport=tcp", "stun:${place}"]`;

    const { 'ice server': found } = await examine(`minPort: 43430, iceServers: [{ urls: ${urls}, secret: ${secret} }]`);

    expect(found?.map(({ verdict }) => verdict)).toEqual(verdicts);
  });
});
