import { describe, expect, it } from 'vitest';
import { ConfigError, type ConfigIssue } from '#src/shared/config/config-error.js';
import { parseConfig } from '#src/shared/config/parse-config.js';

function issuesOf(text: string): readonly ConfigIssue[] {
  try {
    parseConfig({ text, fileName: 'g.yaml' });
  } catch (error) {
    if (error instanceof ConfigError) return error.issues;
    throw error;
  }
  throw new Error('expected a mistake to be found');
}

describe('a zone', () => {
  it.each([
    { zone: '[[0, 0], [1, 0]]', path: 'zone', message: /at least 3 corners, this one has 2/ },
    { zone: '[[0, 0], [640, 0], [640, 480], [0, 480]]', path: 'zone', message: /corner 2 lies outside the picture/ },
    { zone: '[[0, 0], [1, 1], [1, 0], [0, 1]]', path: 'zone', message: /sides 1 and 3 cross/ },
    { zone: '[[0, 0], [1], [1, 1]]', path: 'zone[1]', message: /expected a list of 2 values/ },
    { zone: '[[0, 0], [1, up], [1, 1]]', path: 'zone[1][1]', message: /number/ },
    { zone: '[[0, 0], [1, 0, 0], [1, 1]]', path: 'zone[1]', message: /expected a list of 2 values/ },
    { zone: 'everywhere', path: 'zone', message: /list/ },
  ])('that is wrong has one clear mistake: $zone', ({ zone, path, message }) => {
    const issues = issuesOf(`streams:\n  - source: { url: "test:" }\n    people:\n      zone: ${zone}`);

    expect(issues).toHaveLength(1);
    expect(issues[0]).toMatchObject({ path: `streams[0].people.${path}`, line: 4 });
    expect(issues[0]!.message).toMatch(message);
  });

  it.each([
    ['people.leaveOut[0]', '{ leaveOut: [0] }'],
    ['people.leaveOut[1]', '{ leaveOut: [Anna, true] }'],
    ['people.leaveOutZones[0]', '{ leaveOutZones: [[]] }'],
  ])('and who is left out: %s', (path, people) => {
    const issues = issuesOf(`streams:\n  - source: { url: "test:" }\n    people: ${people}`);

    expect(issues.map((issue) => issue.path)).toEqual([`streams[0].${path}`]);
  });
});
