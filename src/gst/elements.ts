/** Debian and Ubuntu packages by the elements, or prefixes ending in `*`, that Diptych may use. */
const PACKAGES: readonly (readonly [name: string, elements: readonly string[]])[] = [
  ['gstreamer1.0-libav', ['av*']],
  ['gstreamer1.0-plugins-ugly', ['x264enc']],
  [
    'gstreamer1.0-plugins-bad',
    ['h264parse', 'h265parse', 'rtmp2*', 'fdkaac*', 'faac', 'voaacenc', 'webrtcbin', 'srtp*', 'nv*', 'va*', 'v4l2codecs*', 'opusparse', 'aiffparse', 'cuda*', 'x265enc', 'openh264*', 'dtls*', 'codectimestamper', 'h264timestamper', 'h265timestamper'],
  ],
  [
    'gstreamer1.0-plugins-good',
    ['rtp*', 'rtsp*', 'udp*', 'flv*', 'qt*', 'mp4mux', 'matroska*', 'webm*', 'jpeg*', 'png*', 'wav*', 'alaw*', 'mulaw*', 'videobox', 'videocrop', 'deinterlace', 'level', 'v4l2*', 'multifile*', 'aacparse', 'ac3parse', 'mpegaudioparse', 'videomixer', 'souphttp*'],
  ],
  ['gstreamer1.0-x', ['textoverlay', 'timeoverlay', 'clockoverlay']],
  ['gstreamer1.0-nice', ['nice*']],
  [
    'gstreamer1.0-plugins-base',
    ['video*', 'audio*', 'opus*', 'app*', 'decodebin*', 'uridecodebin*', 'parsebin', 'playbin*', 'overlaycomposition', 'compositor', 'ogg*', 'vorbis*', 'theora*', 'volume', 'tcp*', 'encodebin*', 'gio*', 'giosrc', 'rawvideoparse', 'rawaudioparse', 'unaligned*', 'subparse', 'urisourcebin'],
  ],
  [
    'libgstreamer1.0-0',
    ['queue*', 'tee', 'identity', 'clocksync', 'fakesink', 'fakesrc', 'filesrc', 'filesink', 'fd*', 'capsfilter', 'valve', 'typefind', 'funnel', 'input-selector', 'output-selector', 'concat', 'multiqueue', 'streamiddemux'],
  ],
];

/** The Debian package that has a GStreamer element, where it is known. */
export function packageOf(element: string): string | undefined {
  const has = (pattern: string): boolean =>
    pattern.endsWith('*') ? element.startsWith(pattern.slice(0, -1)) : element === pattern;
  // An exact name wins over a prefix of another package.
  const exact = PACKAGES.find(([, elements]) => elements.includes(element));
  return (exact ?? PACKAGES.find(([, elements]) => elements.some(has)))?.[0];
}
