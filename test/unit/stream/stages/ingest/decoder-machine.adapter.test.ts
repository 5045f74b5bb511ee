import { expect, it } from 'vitest';
import { chooseDecoder } from '#src/stream/stages/ingest/decoder-choice.js';
import { thisMachine } from '#src/stream/stages/ingest/decoder-machine.adapter.js';

/** As after a driver has gone: GStreamer's cached list names all of these, of which `made` can be made. */
const machineThatMakes = (made: readonly string[]) =>
  thisMachine({
    elementInfo: (element) => ({ exists: ['nvh264dec', 'vah264dec', 'avdec_h264'].includes(element), rank: 256 }),
    elementProperties: (element) => (made.includes(element) ? [] : undefined),
  });

it('has no decoder of a GPU that is only in a list', () => {
  const machine = machineThatMakes(['avdec_h264']);

  expect(machine.has('nvh264dec')).toBe(false);
  expect(chooseDecoder('h264', machine)).toMatchObject({ element: 'avdec_h264', isHardware: false });
});

it('does not make what the CPU decodes with in order to know of it', () => {
  expect(machineThatMakes([]).has('avdec_h264')).toBe(true);
  expect(machineThatMakes([]).has('avdec_h265')).toBe(false);
});
