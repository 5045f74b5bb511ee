// Import direction: shared/domain ← stream/domain ← pure stage files ← operators ← pipeline ← live-stream, offline;
// gateway and stream meet in shared/ipc only.
const PURE = '^src/(shared/domain|stream/(domain|stages|rtsp)|gateway/cluster)/(?!.*\\.(operator|adapter)\\.ts$)';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-circle',
      comment: 'Two files that need each other are one concept, or miss a third. Types count too.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'gateway-and-stream-do-not-meet',
      comment: 'The two processes share messages (shared/ipc) and vocabulary, no code of each other.',
      severity: 'error',
      from: { path: '^src/gateway/' },
      to: { path: '^src/(stream|offline|bench|test-camera|cli|viewer)/' },
    },
    {
      name: 'stream-and-gateway-do-not-meet',
      severity: 'error',
      from: { path: '^src/stream/' },
      to: { path: '^src/(gateway|offline|bench|test-camera|cli|viewer)/' },
    },
    {
      name: 'offline-runs-the-stream-pipeline',
      severity: 'error',
      from: { path: '^src/offline/' },
      to: { path: '^src/(gateway|bench|test-camera|cli|viewer)/' },
    },
    {
      name: 'shared-stands-below-all',
      severity: 'error',
      from: { path: '^src/shared/' },
      to: { path: '^src/(?!shared/)' },
    },
    {
      name: 'domain-stands-alone',
      comment: 'The vocabulary knows nothing of what is built with it.',
      severity: 'error',
      from: { path: '^src/shared/domain/' },
      to: { pathNot: '^src/shared/domain/' },
    },
    {
      name: 'stream-domain-stands-alone',
      severity: 'error',
      from: { path: '^src/stream/domain/' },
      to: { pathNot: '^src/(stream|shared)/domain/' },
    },
    {
      name: 'native-code-only-where-frames-are',
      comment: 'The gateway has no GStreamer graphs and no frames; of the command line only the doctor looks at them.',
      severity: 'error',
      from: { pathNot: '^src/(stream|offline|bench|cli/doctor)/' },
      to: { path: '^src/stream/(native|gst)/' },
    },
    {
      name: 'stages-do-not-meet',
      comment: 'What two stages share is domain; what joins them is the pipeline.',
      severity: 'error',
      from: { path: '^src/stream/stages/([^/]+)/' },
      to: { path: '^src/stream/stages/', pathNot: '^src/stream/stages/$1/' },
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
      from: { path: '^src/', pathNot: '^src/(stream/[^/]+\\.ts$|offline/|bench/)' },
      to: { path: '^src/stream/pipeline\\.ts$' },
    },
    {
      name: 'parts-do-not-know-the-root-of-the-stream',
      comment: 'Files directly in src/stream/ put its parts together.',
      severity: 'error',
      from: { path: '^src/stream/[^/]+/' },
      to: { path: '^src/stream/[^/]+\\.ts$' },
    },
    {
      name: 'parts-do-not-know-the-root-of-the-gateway',
      severity: 'error',
      from: { path: '^src/gateway/[^/]+/' },
      to: { path: '^src/gateway/[^/]+\\.ts$' },
    },
    {
      name: 'cluster-is-loaded-on-demand',
      comment: 'A gateway that is alone loads nothing of it: import() where the configuration has the block cluster.',
      severity: 'error',
      from: { pathNot: '^src/gateway/cluster/' },
      to: { path: '^src/gateway/cluster/', dynamic: false, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'one-importer-of-the-gstreamer-binding',
      severity: 'error',
      from: { pathNot: '^src/stream/gst/' },
      // Unresolved where it is not built.
      to: { path: '(^|/)gstreamer-superficial(/|$)' },
    },
    {
      name: 'viewer-is-a-page',
      comment: 'The page shares vocabulary and messages with the gateway, nothing that runs on Node.',
      severity: 'error',
      from: { path: '^src/viewer/.*\\.tsx?$' },
      to: { path: '^src/(?!viewer/|shared/|test-camera/timecode\\.ts$)|\\.adapter\\.ts$' },
    },
    {
      name: 'nothing-runs-the-viewer',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/viewer/' },
      to: { path: '^src/viewer/' },
    },
    {
      name: 'test-camera-is-for-demo-and-tests',
      severity: 'error',
      from: { pathNot: '^src/(test-camera|cli|bench)/' },
      to: { path: '^src/test-camera/', pathNot: '^src/test-camera/timecode\\.ts$' },
    },
    {
      name: 'benchmarks-are-started-by-the-command-line',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(bench|cli)/' },
      to: { path: '^src/bench/' },
    },
    {
      name: 'sources-import-by-path',
      comment: 'Entries that begin with # are for tests: at run time they would name TypeScript.',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['aliased-subpath-import'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|native|test)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      conditionNames: ['import', 'node', 'default', 'types'],
      exportsFields: ['exports'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json', '.d.ts'],
    },
  },
};
