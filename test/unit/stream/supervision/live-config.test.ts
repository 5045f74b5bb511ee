import { describe, expect, it } from 'vitest';
import { streamSchema } from '#src/shared/config/schema.js';
import { LiveConfig } from '#src/stream/supervision/live-config.js';

const configWith = (more: object) => streamSchema.parse({ source: { url: 'test:' }, ...more });

describe('LiveConfig', () => {
  it('gives its blocks the options of the new configuration, also to who keeps a block', () => {
    const live = new LiveConfig(configWith({ framing: { holdS: 1 }, slots: { labels: ['Ada', 'Ben'] } }));
    const { framing, slots } = live.view;

    live.set(configWith({ framing: { holdS: 4 }, slots: { labels: ['Cleo', ''] } }));

    expect([framing.holdS, slots.labels]).toEqual([4, ['Cleo', '']]);
    expect(live.view.framing).toBe(framing);
  });

  it('takes options away that the new configuration does not have', () => {
    const live = new LiveConfig(configWith({ source: { url: 'rtsp://camera/1', user: 'eva', password: 'secret' } }));
    const { source } = live.view;

    live.set(configWith({ source: { url: 'rtsp://camera/2' } }));

    expect(source).toEqual(live.current.source);
    expect('password' in source).toBe(false);
  });

  it('leaves the configurations that it is given as they are', () => {
    const first = configWith({ framing: { holdS: 1 } });
    const live = new LiveConfig(first);

    live.set(configWith({ framing: { holdS: 4 } }));

    expect(first.framing.holdS).toBe(1);
    expect(live.current.framing.holdS).toBe(4);
  });
});
