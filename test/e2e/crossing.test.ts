import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchChromium } from '#src/bench/viewer-browser.js';
import { startRunningGateway, type RunningGateway } from '../faults/running-gateway.js';
import { sampleShownPeople, type ShownSample } from './shown-people.js';

let gateway: RunningGateway;
let browser: Browser;

beforeAll(async () => {
  gateway = await startRunningGateway();
  await gateway.call('POST', '', {
    ...{ id: 'hall', source: { url: 'test:people' } },
    output: { width: 640, height: 360, fps: 15, bitrateKbps: 800, preset: 'ultrafast', gopS: 1 },
  });
  browser = await launchChromium();
});

afterAll(async () => {
  await browser.close();
  await gateway.stop();
});

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** Who has which colour, as text. */
const colours = ({ list }: ShownSample): string => Object.entries(list).sort().join(' ');

it('gives a person one colour in the picture, in the list and on the tiles, at every picture, while people cross', async () => {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.goto(`${gateway.url}/s/hall`);
  await page.locator('.tile').nth(1).waitFor({ timeout: 90_000 });

  // The people of the scene cross twice a minute.
  const samples: ShownSample[] = [];
  const crossings = (): number => {
    const pairs = samples.filter(({ list }) => Object.keys(list).length === 2).map(colours);
    return pairs.filter((now, index) => index > 0 && now !== pairs[index - 1]).length;
  };
  for (let round = 0; round < 40 && crossings() < 2; round++) {
    samples.push(...(await page.evaluate(sampleShownPeople, 40)));
  }

  const contradictions = samples.filter(({ list, tiles, drawn }) => {
    const ofTiles = Object.entries(tiles).every(([person, colour]) => list[person] === colour);
    // Each box has the colour of somebody in the list.
    const ofBoxes = Object.keys(drawn).every((colour) => Object.values(list).includes(colour));
    return !ofTiles || !ofBoxes;
  });
  expect(samples.length).toBeGreaterThan(100);
  expect(crossings()).toBeGreaterThanOrEqual(2);
  expect(contradictions).toEqual([]);

  // One wears light clothes, the other dark ones: so the picture says who is under which colour.
  const brightness = new Map<string, number[]>();
  for (const { list, drawn } of samples) {
    for (const [person, colour] of Object.entries(list)) {
      const value = drawn[colour];
      if (value !== undefined) brightness.set(person, [...(brightness.get(person) ?? []), value]);
    }
  }
  const people = [...brightness].filter(([, values]) => values.length > 40);
  const [one = 0, other = 0] = people.map(([, values]) => median(values));
  const limit = (one + other) / 2;
  const shares = people.map(([, values]) => {
    const bright = values.filter((value) => value > limit).length / values.length;
    return Math.max(bright, 1 - bright);
  });
  console.info(`${samples.length} pictures, ${crossings()} crossings, clothes of brightness ${one} and ${other}`);
  expect(people).toHaveLength(2);
  expect(Math.abs(one - other)).toBeGreaterThan(20);
  for (const share of shares) expect(share).toBeGreaterThan(0.85);
}, 400_000);
