import { describe, expect, it } from 'vitest';
import { assessRisk, DEFAULT_RISK_WEIGHTS, type RiskEvidence } from '#src/stream/stages/reid/risk.js';

const calm: RiskEvidence = {
  rivalry: 0,
  shadowS: 0,
  jump: 1,
  gapS: 0,
  hasEmerged: false,
  steadiness: 1,
  harmlessness: 0,
  logResize: 0,
  isMistakable: false,
  isNewcomer: false,
};

describe('assessRisk', () => {
  it('sees none where nothing happens', () => {
    expect(assessRisk(calm)).toEqual({ value: 0, reasons: [] });
  });

  it.each([
    { name: 'two people fit one detection', evidence: { rivalry: 0.5 }, value: 0.5, reason: 'rival' },
    { name: 'somebody is hidden close by for a second', evidence: { shadowS: 1 }, value: 0.75, reason: 'shadow' },
    { name: 'a jump beyond the usual', evidence: { jump: 8 }, value: 0.3, reason: 'jump' },
    { name: 'a long gap of a steady person', evidence: { gapS: 5 }, value: 0.9, reason: 'returned' },
    { name: 'out of hiding', evidence: { hasEmerged: true }, value: 0.7, reason: 'emerged' },
    { name: 'twice the size', evidence: { logResize: Math.LN2 }, value: 0.3, reason: 'resized' },
    { name: 'half the size', evidence: { logResize: -Math.LN2 }, value: 0.3, reason: 'resized' },
    { name: 'the camera put one where another was', evidence: { isMistakable: true }, value: 0.6, reason: 'camera' },
    { name: 'somebody new while somebody is missing', evidence: { isNewcomer: true }, value: 1, reason: 'newcomer' },
  ])('weighs each reason: $name', ({ evidence, value, reason }) => {
    const risk = assessRisk({ ...calm, ...evidence });

    expect(risk.value).toBeCloseTo(value, 6);
    expect(risk.reasons).toEqual([reason]);
  });

  it('joins reasons as independent ones and names the strongest first', () => {
    const risk = assessRisk({ ...calm, rivalry: 0.2, hasEmerged: true });

    expect(risk.value).toBeCloseTo(1 - 0.8 * 0.3, 6);
    expect(risk.reasons).toEqual(['emerged', 'rival']);
  });

  it.each([
    { name: 'a detector that misses people all the time', evidence: { steadiness: 0.4 } },
    { name: 'returns that were harmless so far', evidence: { harmlessness: 0.5 } },
    { name: 'a short gap', evidence: { gapS: 0.04 } },
  ])('is calmer about gaps with $name', ({ evidence }) => {
    const alarmed = assessRisk({ ...calm, gapS: 0.4 });

    const risk = assessRisk({ ...calm, gapS: 0.4, ...evidence });

    expect(risk.value).toBeLessThan(0.7 * alarmed.value);
  });

  it('never takes returns as quite harmless', () => {
    expect(assessRisk({ ...calm, gapS: 1, harmlessness: 0.99 }).value).toBeGreaterThan(0.3);
  });

  it('takes other weights', () => {
    expect(assessRisk({ ...calm, jump: 99 }, { ...DEFAULT_RISK_WEIGHTS, jump: 1 }).value).toBe(1);
  });
});
