import { describe, expect, it } from 'vitest';
import { assessRisk, DEFAULT_RISK_WEIGHTS, type RiskEvidence } from '#src/stream/stages/reid/risk.js';

const calm: RiskEvidence = {
  ambiguity: 0,
  occlusionS: 0,
  jump: 1,
  gapS: 0,
  hasEmerged: false,
  reliability: 1,
  harmlessRatio: 0,
  logResize: 0,
  isConfusable: false,
  isNewcomer: false,
};

describe('assessRisk', () => {
  it('is none where nothing happens', () => {
    expect(assessRisk(calm)).toEqual({ value: 0, reasons: [] });
  });

  it.each([
    { name: 'two tracks fit one detection', evidence: { ambiguity: 0.5 }, value: 0.5, reason: 'rival' },
    { name: 'a person is occluded close by for a second', evidence: { occlusionS: 1 }, value: 0.75, reason: 'shadow' },
    { name: 'a jump beyond the usual', evidence: { jump: 8 }, value: 0.3, reason: 'jump' },
    { name: 'a long gap of a reliable track', evidence: { gapS: 5 }, value: 0.9, reason: 'returned' },
    { name: 'back from behind an occluder', evidence: { hasEmerged: true }, value: 0.7, reason: 'emerged' },
    { name: 'twice the size', evidence: { logResize: Math.LN2 }, value: 0.3, reason: 'resized' },
    { name: 'half the size', evidence: { logResize: -Math.LN2 }, value: 0.3, reason: 'resized' },
    { name: 'the camera put one where another was', evidence: { isConfusable: true }, value: 0.6, reason: 'camera' },
    { name: 'a new track while a person is missing', evidence: { isNewcomer: true }, value: 1, reason: 'newcomer' },
  ])('weighs each reason: $name', ({ evidence, value, reason }) => {
    const risk = assessRisk({ ...calm, ...evidence });

    expect(risk.value).toBeCloseTo(value, 6);
    expect(risk.reasons).toEqual([reason]);
  });

  it('joins reasons as independent ones and names the strongest first', () => {
    const risk = assessRisk({ ...calm, ambiguity: 0.2, hasEmerged: true });

    expect(risk.value).toBeCloseTo(1 - 0.8 * 0.3, 6);
    expect(risk.reasons).toEqual(['emerged', 'rival']);
  });

  it.each([
    { name: 'a detector that misses people all the time', evidence: { reliability: 0.4 } },
    { name: 'returns that were harmless so far', evidence: { harmlessRatio: 0.5 } },
    { name: 'a short gap', evidence: { gapS: 0.04 } },
  ])('is lower after a gap with $name', ({ evidence }) => {
    const usual = assessRisk({ ...calm, gapS: 0.4 });

    const risk = assessRisk({ ...calm, gapS: 0.4, ...evidence });

    expect(risk.value).toBeLessThan(0.7 * usual.value);
  });

  it('never counts a return as harmless', () => {
    expect(assessRisk({ ...calm, gapS: 1, harmlessRatio: 0.99 }).value).toBeGreaterThan(0.3);
  });

  it('takes other weights', () => {
    expect(assessRisk({ ...calm, jump: 99 }, { ...DEFAULT_RISK_WEIGHTS, jump: 1 }).value).toBe(1);
  });
});
