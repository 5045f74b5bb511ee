import { readFileSync } from 'node:fs';
import { packagePath } from './package-root.js';

/** Version of this package, such as `1.2.3`. */
export function packageVersion(): string {
  const text = readFileSync(packagePath('package.json'), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}
