// Import direction: domain ← pure stage files ← operators ← pipeline ← stream, gateway ← main,
// and domain ← adapters ← stream, gateway.
const PURE = '^src/(domain|stages)/(?!.*\\.(operator|adapter)\\.ts$)';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-circle',
      comment: 'Two files that need each other are one concept, or miss a third.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'domain-stands-alone',
      comment: 'The vocabulary knows nothing of what is built with it.',
      severity: 'error',
      from: { path: '^src/domain/' },
      to: { pathNot: '^src/domain/' },
    },
    {
      name: 'stages-do-not-meet',
      comment: 'What two stages share is domain; what joins them is the pipeline.',
      severity: 'error',
      from: { path: '^src/stages/([^/]+)/' },
      to: { path: '^src/stages/', pathNot: '^src/stages/$1/' },
    },
    {
      name: 'pure-files-are-pure',
      comment: 'x.ts has no clock, no I/O and no RxJS: those belong into x.adapter.ts and x.operator.ts.',
      severity: 'error',
      from: { path: PURE },
      to: { path: '\\.(operator|adapter)\\.ts$|node_modules/rxjs/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'pure-files-do-no-io',
      severity: 'error',
      from: { path: PURE },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'operators-wrap-pure-files',
      comment: 'An operator puts a pure file into a stream; what talks to the outside is handed to it.',
      severity: 'error',
      from: { path: '\\.operator\\.ts$' },
      to: { path: '\\.adapter\\.ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'pipeline-is-joined-above',
      comment: 'Only a composition root knows the whole chain.',
      severity: 'error',
      from: { pathNot: '^src/[^/]+\\.ts$' },
      to: { path: '^src/pipeline\\.ts$' },
    },
    {
      name: 'roots-are-roots',
      comment: 'Files directly in src/ put the parts together; the command line starts them.',
      severity: 'error',
      from: { pathNot: '^src/[^/]+\\.ts$|^src/(commands|bench)/' },
      to: { path: '^src/[^/]+\\.ts$' },
    },
    {
      name: 'one-importer-of-the-gstreamer-binding',
      severity: 'error',
      from: { pathNot: '^src/gst/' },
      to: { path: 'node_modules/gstreamer-superficial/' },
    },
    {
      name: 'viewer-is-a-page',
      comment: 'The page shares vocabulary and messages with the gateway, nothing that runs on Node.',
      severity: 'error',
      from: { path: '^src/viewer/.*\\.ts$' },
      to: { path: '\\.adapter\\.ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'test-camera-is-for-demo-and-tests',
      severity: 'error',
      from: { pathNot: '^src/(test-camera|commands|bench)/' },
      to: { path: '^src/test-camera/', pathNot: '^src/test-camera/timecode\\.ts$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|native|test)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      conditionNames: ['diptych-source', 'import', 'node', 'default', 'types'],
      exportsFields: ['exports'],
      extensions: ['.ts', '.mjs', '.js', '.json', '.d.ts'],
    },
  },
};
