import { describe, expect, it } from 'vitest';
import { appearanceOf } from '#src/stream/stages/reid/appearance.js';
import { Gallery, type View } from '#src/stream/stages/reid/gallery.js';

const appearance = appearanceOf('cosine');
const viewAt = (degrees: number, ptsMs = 0, quality = 1): View => ({
  embedding: lookAt(degrees),
  ptsMs,
  quality,
});
const lookAt = (degrees: number): Float32Array => {
  const angle = (degrees * Math.PI) / 180;
  return Float32Array.of(Math.cos(angle), Math.sin(angle));
};
const galleryOf = (...views: View[]): Gallery => {
  const gallery = new Gallery(appearance);
  for (const view of views) gallery.add(view);
  return gallery;
};

describe('Gallery', () => {
  it('knows nothing at first', () => {
    const gallery = galleryOf();

    expect(gallery.size).toBe(0);
    expect(gallery.similarity(lookAt(0))).toBeUndefined();
    expect(gallery.newestPtsMs).toBe(Number.NEGATIVE_INFINITY);
    expect(gallery.typicalSame).toBe(appearance.typicalSame);
  });

  it('compares with the middle of its views', () => {
    const gallery = galleryOf(viewAt(-20), viewAt(20));

    expect(gallery.similarity(lookAt(0))).toBeCloseTo(1, 5);
    expect(gallery.similarity(lookAt(60))).toBeCloseTo(0.5, 5);
  });

  it('learns how alike looks at this person are', () => {
    const alike = galleryOf(...Array.from({ length: 8 }, () => viewAt(0)));
    const unlike = galleryOf(...Array.from({ length: 8 }, (_, index) => viewAt(index % 2 === 0 ? 50 : -50)));

    expect(alike.typicalSame).toBeGreaterThan(0.9);
    expect(unlike.typicalSame).toBeLessThan(appearance.typicalSame);
  });

  it('keeps a few views, and lets the weakest go', () => {
    const gallery = galleryOf(viewAt(90, 0, 0.1), ...Array.from({ length: 8 }, (_, index) => viewAt(0, index + 1)));

    expect(gallery.size).toBe(8);
    expect(gallery.similarity(lookAt(0))).toBeCloseTo(1, 6);
    expect(gallery.newestPtsMs).toBe(8);
  });

  it('lets old views fade', () => {
    const gallery = galleryOf(viewAt(0, 0), viewAt(90, 600_000));

    expect(gallery.similarity(lookAt(90))!).toBeGreaterThan(gallery.similarity(lookAt(0))! + 0.5);
  });

  it('says how like each other two people are', () => {
    expect(galleryOf(viewAt(0)).likenessTo(galleryOf(viewAt(60)))).toBeCloseTo(0.5, 5);
    expect(galleryOf(viewAt(0)).likenessTo(galleryOf())).toBeUndefined();
  });
});
