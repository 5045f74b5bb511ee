import type { StreamStatus } from '../../shared/domain/stream-status.js';
import type { EventEntry } from './event-log.js';
import { stateText, targetText } from './event-text.js';

/** The part of a status that events are made of. */
export type TracedStatus = Pick<StreamStatus, 'state' | 'error' | 'targets'>;

/** What has happened between two statuses of a stream: its state, and those of its targets. */
export function statusChanges(before: TracedStatus, after: TracedStatus): EventEntry[] {
  const { state, error } = after;
  const changes: EventEntry[] = [];
  if (before.state !== state) {
    const data = { from: before.state, to: state, ...(error && { error }) };
    changes.push({ kind: 'state', text: stateText(state, error?.message), data });
  }
  for (const target of after.targets) {
    const former = before.targets.find(({ id }) => id === target.id);
    if (former?.state === target.state) continue;
    const data = {
      ...{ target: target.id, url: target.url, ...(former && { from: former.state }), to: target.state },
      ...(target.error && { error: target.error }),
    };
    changes.push({ kind: 'target', text: targetText(target.id, target.state, target.error?.message), data });
  }
  for (const { id, url, state: from } of before.targets) {
    if (after.targets.some((target) => target.id === id)) continue;
    changes.push({ kind: 'target', text: targetText(id, undefined), data: { target: id, url, from } });
  }
  return changes;
}
