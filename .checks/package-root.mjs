// @ts-check
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const ROOT = dirname(createRequire(import.meta.url).resolve('#package.json'));

/** Path of a file or folder of the package. @param {string} path relative to the package's folder */
export const packagePath = (path) => join(ROOT, path);
