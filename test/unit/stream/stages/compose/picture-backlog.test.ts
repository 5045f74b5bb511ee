import { describe, expect, it } from 'vitest';
import { PictureBacklog } from '#src/stream/stages/compose/picture-backlog.js';

describe('PictureBacklog', () => {
  it('says how long ago the oldest picture was begun that is not done', () => {
    const backlog = new PictureBacklog();
    const waited = [backlog.waitedMs(100)];

    backlog.begun(100);
    backlog.begun(133);
    waited.push(backlog.waitedMs(150));
    backlog.done();
    waited.push(backlog.waitedMs(150));
    backlog.done();
    waited.push(backlog.waitedMs(150));

    expect(waited).toEqual([0, 50, 17, 0]);
  });

  it('takes a picture that nobody announced', () => {
    const backlog = new PictureBacklog();

    backlog.done();

    expect(backlog.waitedMs(1)).toBe(0);
  });
});
