import { describe, expect, it } from 'vitest';
import { SrtConnection } from '#src/stream/stages/publish/srt-connection.js';

const caller = (acknowledged: number, tooLate: number, sent: number): string =>
  `application/x-srt-statistics, packets-sent=(gint64)12, packet-ack-received=(int)${acknowledged}, packets-sent-dropped=(int)${tooLate}, bytes-sent-total=(guint64)${sent};`;

/** Several receivers, as GStreamer writes a structure within a structure. */
const callers = (sent: number, ...each: (readonly [acknowledged: number, tooLate: number])[]): string => {
  const inner = each.map(
    ([acknowledged, tooLate]) =>
      `"application/x-srt-statistics\\,\\ packet-ack-received\\=\\(int\\)${acknowledged}\\,\\ packets-sent-dropped\\=\\(int\\)${tooLate}\\,\\ caller-address\\=\\(GSocketAddress\\)NULL\\;"`,
  );
  return `application/x-srt-statistics, callers=(GValueArray)< ${inner.join(', ')} >, bytes-sent-total=(guint64)${sent};`;
};

describe('SrtConnection', () => {
  it.each([
    ['nothing is known', null],
    ['nobody is connected', 'application/x-srt-statistics, bytes-sent-total=(guint64)0;'],
    ['the last receiver has left', callers(0)],
  ])('is not open while %s', (_, stats) => {
    const { isOpen, sentBytes, takenBytes } = new SrtConnection().update(stats);

    expect({ isOpen, sentBytes, takenBytes }).toEqual({ isOpen: false, sentBytes: 0, takenBytes: 0 });
  });

  it('counts as taken what was sent when the last acknowledgement was new', () => {
    const connection = new SrtConnection();
    connection.update(caller(1, 0, 1000));
    connection.update(caller(2, 0, 2000));

    expect(connection.update(caller(2, 0, 3000))).toEqual({
      isOpen: true,
      sentBytes: 3000,
      takenBytes: 2000,
      dropped: 0,
    });
  });

  it('adds up what was too late, over receivers that come and go', () => {
    const connection = new SrtConnection();
    connection.update(caller(1, 2, 1000));
    connection.update(caller(2, 5, 2000));
    connection.update(callers(3000, [1, 0], [1, 9]));

    expect(connection.update(callers(4000, [2, 1], [1, 11]))).toMatchObject({
      isOpen: true,
      takenBytes: 4000,
      dropped: 6,
    });
  });
});
