/** What the page calls the options that it edits, by their path. */
export const OPTION_LABELS: Readonly<Record<string, string>> = {
  'source.url': 'Address',
  'source.user': 'User',
  'source.password': 'Password',
  'source.transport': 'Transport',
  'source.track.video': 'Picture track',
  'source.track.audio': 'Sound track',
  'source.tls.verify': 'Check the certificate',
  'source.tls.fingerprint': 'Fingerprint of the certificate',
  'source.tls.caFile': 'File of certificate authorities',
  'source.latencyMs': 'Jitter buffer, ms',
  'source.rotate': 'Turn the picture, degrees',
  'source.maxGopS': 'Longest wait for a keyframe, s',
  'source.frozenS': 'Frozen after, s',
  'source.takeover': 'A second sender takes over',
  'source.loop': 'Repeat a file',
  'source.timeoutS': 'Open again without a picture after, s',
  'source.pollFps': 'Single pictures a second',
  'source.v4l2.format': 'Format of the camera',
  'source.v4l2.width': 'Width that the camera sends, pixels',
  'source.v4l2.height': 'Height that the camera sends, pixels',
  'source.v4l2.fps': 'Frame rate that the camera sends, fps',
  'output.width': 'Width, pixels',
  'output.height': 'Height, pixels',
  'output.fps': 'Frame rate, fps',
  'output.bitrateKbps': 'Bitrate, kbit/s',
  'output.gopS': 'Keyframe interval, s',
  'output.profile': 'H.264 profile',
  'output.encoder': 'Encoder',
  'output.preset': 'Preset of x264',
  'output.audioBitrateKbps': 'Bitrate of the sound, kbit/s',
  'framing.holdS': 'Tile of somebody who is gone stays for, s',
  'framing.headroomRatio': 'Space above the hair, share of the tile',
  'framing.headRatio': 'Height of the head, share of the tile',
  'framing.smoothingS': 'Tiles follow people within, s',
  'framing.maxZoom': 'Enlarged at most, times',
  'framing.transitionS': 'Length of a change, s',
  'framing.borderPx': 'Line between tiles, pixels',
  'framing.borderColour': 'Colour of the line',
  'framing.cornerPx': 'Radius of corners, pixels',
  'framing.marginPx': 'Space around tiles, pixels',
  'framing.backgroundColour': 'Colour of the background',
};

/** Options that the page sets elsewhere, or not at all, and of which it tells that they were changed. */
const OTHER_LABELS: Readonly<Record<string, string>> = {
  id: 'Name of the stream',
  'source.passwordFile': 'File of the password',
  'source.onvif': 'Keyframes over ONVIF',
  'source.track': 'Tracks',
  'source.tls': 'Certificate of the camera',
  'source.v4l2': 'Settings of the video device',
  'detect.model': 'Detector',
  'detect.pose': 'Network that reads poses',
  'detect.maxFps': 'Detections a second',
  'detect.calmFps': 'Detections a second while nobody moves',
  'detect.scoreThreshold': 'Least score of a detection',
  'detect.nmsIou': 'Overlap of two detections of one person',
  'detect.threads': 'Threads of the detector',
  'detect.inputWidth': 'Width of the picture for the detector',
  'track.highScore': 'Score of a sure detection',
  'track.newScore': 'Score of somebody new',
  'track.matchCost': 'Most difference between detection and person',
  'track.lostS': 'Time until somebody unseen is forgotten',
  'reid.mode': 'When faces are compared',
  'reid.model': 'Network that compares faces',
  'reid.riskThreshold': 'Doubt at which faces are compared',
  'people.names': 'Names of people',
  'people.leaveOut': 'People left out',
  'people.zone': 'Zone of people who get tiles',
  'people.leaveOutZones': 'Zones without tiles',
  'slots.maxTiles': 'Most tiles',
  'slots.mode': 'Who has which tile',
  'slots.smoothingS': 'Smoothing of positions',
  'slots.marginRatio': 'Distance at which people keep their tiles',
  'slots.labels': 'Names of places',
  'shots.preset': 'Pace of shots',
  'shots.minS': 'Least length of a shot',
  'shots.transition': 'Change of shots',
  'record.enabled': 'Recording',
  'record.segmentS': 'Length of recorded files',
  'record.segmentMb': 'Size of recorded files',
  'record.maxGb': 'Space for recordings',
  'record.maxAgeH': 'Age at which recordings are deleted',
  targets: 'Targets',
};

/** What the form that adds a camera has; all others are in the settings of the stream. */
const ADDED_WITH: ReadonlySet<string> = new Set(['source.url', 'source.user', 'source.password']);

/** Which of the options that a text names by their labels can be set only once the camera is saved. */
export const settingsNamedIn = (text: string): readonly string[] =>
  Object.entries(OPTION_LABELS)
    .filter(([path, label]) => !ADDED_WITH.has(path) && text.includes(`“${label}”`))
    .map(([, label]) => label);

/** Options that most people look for; the others are folded away. */
const COMMON: ReadonlySet<string> = new Set([
  'source.url',
  'source.user',
  'source.password',
  'output.width',
  'output.height',
  'output.fps',
  'output.bitrateKbps',
  'framing.borderPx',
  'framing.borderColour',
  'framing.cornerPx',
  'framing.marginPx',
  'framing.backgroundColour',
]);

/** What an option is called; its own name where it has no other. @param name - its path, such as `output.fps` */
export const optionLabel = (name: string): string => OPTION_LABELS[name] ?? OTHER_LABELS[name] ?? name;

/** Whether an option is shown at once. @param name - its path */
export const isCommon = (name: string): boolean => COMMON.has(name);
