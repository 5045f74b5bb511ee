// @ts-check
// Known weaknesses of the packages that are installed with Diptych: npm run check:audit
//
// Exits with 1 where `npm audit` finds one that is high or critical, with 2 where the registry cannot be reached, so that
// nothing was looked at: a machine without a network is no finding.

import { spawnSync } from 'node:child_process';
import { packagePath } from './package-root.mjs';

const FOUND = 1;
const NOT_LOOKED = 2;
const SEVERE = ['high', 'critical'];

/**
 * @typedef {{ title: string, url: string }} Advisory
 * @typedef {{ name: string, severity: string, range: string, fixAvailable: unknown, via: readonly (string | Advisory)[] }} Finding
 * @typedef {{ vulnerabilities?: Record<string, Finding>, error?: unknown, message?: string }} Audit
 */

/** @param {string} text @returns {Audit} */
function parse(text) {
  try {
    return /** @type {Audit} */ (JSON.parse(text));
  } catch {
    return { message: text.trim().split('\n')[0] ?? '' };
  }
}

/** What is known of it: advisories, or the packages that bring it. @param {Finding} finding */
const reasonsOf = ({ via }) =>
  via.map((each) => (typeof each === 'string' ? `by ${each}` : `${each.title} (${each.url})`)).join(', ');

const { stdout, stderr } = spawnSync('npm', ['audit', '--json', '--omit=dev'], {
  cwd: packagePath(''),
  encoding: 'utf8',
});
const audit = parse(stdout);
if (audit.vulnerabilities === undefined) {
  const [reason = ''] = (audit.message ?? stderr).split('\n');
  process.stderr.write(`audit: nothing was looked at, because the registry could not be asked (${reason})\n`);
  process.exitCode = NOT_LOOKED;
} else {
  const findings = Object.values(audit.vulnerabilities);
  const severe = findings.filter(({ severity }) => SEVERE.includes(severity));
  for (const finding of findings) {
    const { name, severity, range, fixAvailable } = finding;
    const advice =
      fixAvailable === false ? 'there is no version without it yet' : 'npm audit names a version without it';
    process.stderr.write(`audit: ${severity}: ${[name, range].join(' ').trim()}: ${reasonsOf(finding)}; ${advice}\n`);
  }
  process.stdout.write(`audit: ${findings.length} known weaknesses, ${severe.length} of them high or critical\n`);
  process.exitCode = severe.length > 0 ? FOUND : 0;
}
