import { describe, expect, it } from 'vitest';
import { framingFigures, told } from './framing-figures.js';
import { play } from './scene-play.js';
import { SCENES } from './scenes.js';

/** Of these scenes two people are in tiles for long enough. */
const NAMES = ['demo', 'crossing', 'meet and return', 're-entry on the same side'];

describe('heads in the two tiles of a split', () => {
  it.each(SCENES.filter(({ name }) => NAMES.includes(name)))('$name', (scene) => {
    const figures = framingFigures(play(scene, 1));

    console.log(told(scene.name, figures));
    expect(figures.sizeRatio.p95).toBeLessThan(1.05);
    expect(figures.eyeLine.p95).toBeLessThan(0.03);
    expect(figures.headroom.p95).toBeLessThan(0.15);
    expect(figures.moving).toBeLessThan(0.4);
  });
});
