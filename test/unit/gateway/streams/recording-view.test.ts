import { expect, it } from 'vitest';
import { RecordingView } from '#src/gateway/streams/recording-view.js';

const NOW = '2026-11-29T08:00:00.000Z';
const recording = { state: 'recording', since: '2026-11-29T07:00:00.000Z', file: 'a.mp4', bytes: 10 } as const;

it('waits for the stream, then shows what is reported', () => {
  const view = new RecordingView();

  const before = view.update({ isWanted: true, isReady: false }, NOW);
  const ready = view.update({ isWanted: true, isReady: true }, NOW);
  view.report(recording);
  const reported = view.update({ isWanted: true, isReady: true }, NOW);

  expect(before).toEqual({ state: 'waiting', since: NOW, bytes: 0 });
  expect(ready.state).toBe('starting');
  expect(reported).toEqual(recording);
});

it('counts bytes over the runs of the stream', () => {
  const view = new RecordingView();
  view.report(recording);
  view.update({ isWanted: true, isReady: true }, NOW);

  view.endRun();
  const between = view.update({ isWanted: true, isReady: false }, NOW);
  view.report({ ...recording, bytes: 5 });
  const after = view.update({ isWanted: true, isReady: true }, NOW);

  expect(between).toEqual({ state: 'waiting', since: NOW, bytes: 10 });
  expect(after.bytes).toBe(15);
});

it('shows a recording that is not wanted any more until it has ended', () => {
  const view = new RecordingView();
  view.report(recording);

  const ending = view.update({ isWanted: false, isReady: true }, NOW);
  view.report({ state: 'off', since: NOW, bytes: 10 });
  const over = view.update({ isWanted: false, isReady: true }, NOW);

  expect(ending.state).toBe('recording');
  expect(over.state).toBe('off');
});
