import { describe, expect, it } from 'vitest';
import { appearanceOf } from '#src/stream/stages/reid/appearance.js';
import { Gallery, type AppearanceSample } from '#src/stream/stages/reid/gallery.js';

const appearance = appearanceOf('cosine');
const sampleAt = (degrees: number, ptsMs = 0, quality = 1): AppearanceSample => ({
  embedding: embeddingAt(degrees),
  ptsMs,
  quality,
});
const embeddingAt = (degrees: number): Float32Array => {
  const angle = (degrees * Math.PI) / 180;
  return Float32Array.of(Math.cos(angle), Math.sin(angle));
};
const galleryOf = (...samples: AppearanceSample[]): Gallery => {
  const gallery = new Gallery(appearance);
  for (const sample of samples) gallery.add(sample);
  return gallery;
};

describe('Gallery', () => {
  it('is empty at first', () => {
    const gallery = galleryOf();

    expect(gallery.size).toBe(0);
    expect(gallery.similarity(embeddingAt(0))).toBeUndefined();
    expect(gallery.newestPtsMs).toBe(Number.NEGATIVE_INFINITY);
    expect(gallery.typicalSame).toBe(appearance.typicalSame);
  });

  it('compares with the mean of its samples', () => {
    const gallery = galleryOf(sampleAt(-20), sampleAt(20));

    expect(gallery.similarity(embeddingAt(0))).toBeCloseTo(1, 5);
    expect(gallery.similarity(embeddingAt(60))).toBeCloseTo(0.5, 5);
  });

  it('learns how similar samples of this person are', () => {
    const similar = galleryOf(...Array.from({ length: 8 }, () => sampleAt(0)));
    const dissimilar = galleryOf(...Array.from({ length: 8 }, (_, index) => sampleAt(index % 2 === 0 ? 50 : -50)));

    expect(similar.typicalSame).toBeGreaterThan(0.9);
    expect(dissimilar.typicalSame).toBeLessThan(appearance.typicalSame);
  });

  it('keeps eight samples, and removes the one of least weight', () => {
    const gallery = galleryOf(sampleAt(90, 0, 0.1), ...Array.from({ length: 8 }, (_, index) => sampleAt(0, index + 1)));

    expect(gallery.size).toBe(8);
    expect(gallery.similarity(embeddingAt(0))).toBeCloseTo(1, 6);
    expect(gallery.newestPtsMs).toBe(8);
  });

  it('weighs old samples less', () => {
    const gallery = galleryOf(sampleAt(0, 0), sampleAt(90, 600_000));

    expect(gallery.similarity(embeddingAt(90))!).toBeGreaterThan(gallery.similarity(embeddingAt(0))! + 0.5);
  });

  it('compares two people', () => {
    expect(galleryOf(sampleAt(0)).similarityTo(galleryOf(sampleAt(60)))).toBeCloseTo(0.5, 5);
    expect(galleryOf(sampleAt(0)).similarityTo(galleryOf())).toBeUndefined();
  });

  it('weighs samples by the quality of their crops', () => {
    const gallery = galleryOf(sampleAt(0));

    expect(gallery.meanSimilarity([sampleAt(0, 0, 0.9), sampleAt(90, 0, 0.3)])).toBeCloseTo(0.75, 6);
  });
});
