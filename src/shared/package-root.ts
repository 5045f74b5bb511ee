import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Folder of the package, for the sources and for the build alike. */
const PACKAGE_ROOT = dirname(createRequire(import.meta.url).resolve('#package.json'));

/** Path of a file or folder of the package. @param path - relative to the package's folder, such as `models/manifest.json` */
export const packagePath = (path: string): string => join(PACKAGE_ROOT, path);

/** The build's form of a source file, also where this runs from the sources, as tests do. @param path - relative to `src/`, with the ending `.js` */
export const builtPath = (path: string): string => packagePath(`dist/${path}`);
