/** Bundles the page into `directory`: index.html and the few files it loads. */
export function buildViewer(directory?: string): Promise<void>;
