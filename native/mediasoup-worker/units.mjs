// @ts-check
// Which sources of mediasoup's worker are compiled together. Most of the time of its own build goes
// into reading the same headers for each of 258 sources. As 11 files it takes a fifth of the
// processor time (77 s of 392 s, GCC 12), with the same optimisation; no compiler needs more than
// 0.82 GB. With -O2 it would take 74 s, with -O1 58 s.

import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * @typedef {object} Unit
 * @property {string} name of the file that includes the sources
 * @property {readonly string[]} sources files, and folders (with a slash at the end) that stand for
 *   all below; the entry that fits a source most closely decides
 */

/**
 * @typedef {object} Target
 * @property {string} file that lists the sources, in a folder of the worker's
 * @property {string} list its name there
 * @property {readonly Unit[]} units compiled in this order: those that take longest come first, so
 *   that no processor waits for the last
 */

/**
 * A file is kept apart from its neighbours (units named `apart`) where both define a name that is
 * local to a file, `static` or in an anonymous namespace. The comment tells the name, or one of them.
 * @type {readonly Target[]}
 */
export const TARGETS = [
  {
    file: 'meson.build',
    list: 'common_sources',
    units: [
      { name: 'rtc', sources: ['src/RTC/'] },
      { name: 'sctp', sources: ['src/RTC/SCTP/'] },
      { name: 'rtp', sources: ['src/RTC/RTP/', 'src/RTC/RTCP/', 'src/RTC/NEW_RTCP/'] },
      {
        name: 'parameters',
        sources: ['src/RTC/RtpDictionaries/', 'src/RTC/SctpDictionaries/', 'src/RTC/BWE/', 'src/RTC/ICE/'],
      },
      {
        name: 'apart-1',
        sources: [
          'src/DepLibSRTP.cpp', // GlobalSyncMutex
          'src/DepOpenSSL.cpp', // GlobalInitOnce
          'src/handles/TcpServerHandle.cpp', // onCloseTcp
          'src/handles/UdpSocketHandle.cpp', // onAlloc
          'src/RTC/BWE/LossBasedController.cpp', // CongestionControllerMinBitrate
          'src/RTC/PlainTransport.cpp', // SrtpMasterKeyLength
          'src/RTC/RTP/RtxStream.cpp', // MaxDropout
          'src/RTC/SCTP/association/TransmissionControlBlock.cpp', // PacketFactoryBuffer
          'src/RTC/SvcProducerStreamManager.cpp', // BweDowngradeConservativeMs
          'src/RTC/TransportCongestionControlServer.cpp', // PacketLossHistogramLength
          'src/RTC/WebRtcTransport.cpp', // IceComponent
        ],
      },
      { name: 'base', sources: ['src/'] },
      {
        name: 'apart-2',
        sources: [
          'src/DepLibWebRTC.cpp', // GlobalInitOnce
          'src/handles/UnixStreamSocketHandle.cpp', // onAlloc
          'src/RTC/BWE/TargetRateController.cpp', // CongestionControllerMinBitrate
          'src/RTC/RTCP/Feedback.cpp', // specialises a template that its neighbours use before
          'src/Settings.cpp', // GlobalSyncMutex
        ],
      },
    ],
  },
  {
    file: 'deps/libwebrtc/meson.build',
    list: 'libwebrtc_sources',
    units: [
      { name: 'libwebrtc', sources: ['libwebrtc/'] },
      {
        name: 'libwebrtc-apart-1',
        sources: [
          'libwebrtc/modules/congestion_controller/goog_cc/delay_based_bwe.cc', // kInterArrivalShift
          'libwebrtc/modules/congestion_controller/goog_cc/trendline_estimator.cc', // kDeltaCounterMax
        ],
      },
      {
        name: 'libwebrtc-apart-2',
        sources: ['libwebrtc/modules/congestion_controller/goog_cc/median_slope_estimator.cc'], // kDeltaCounterMax
      },
    ],
  },
];

/**
 * Puts the units in the place of the single sources.
 * @param {string} worker folder with a copy of the worker's sources; it is changed
 */
export function writeUnits(worker) {
  for (const { file, list, units } of TARGETS) {
    const path = join(worker, file);
    const text = readFileSync(path, 'utf8');
    const folder = dirname(path);
    const members = membersOf(units, sourcesIn(text, list));
    for (const [name, sources] of members) writeFileSync(join(folder, `${name}.cpp`), textOf(sources));
    const [whole = '', ...additions] = text.match(listsNamed(list)) ?? [];
    const names = [...members.keys()].map((name) => `  '${name}.cpp',\n`).join('');
    writeFileSync(
      path,
      additions.reduce(
        (changed, addition) => changed.replace(addition, ''),
        text.replace(whole, () => `${list} = [\n${names}]`),
      ),
    );
  }
}

/** `list = […]` and `list += […]` of a meson.build. @param {string} list */
function listsNamed(list) {
  return new RegExp(`\\b${list} \\+?= \\[[^\\]]*\\]`, 'g');
}

/** @param {string} text of a meson.build @param {string} list @returns {readonly string[]} in its order */
export function sourcesIn(text, list) {
  return (text.match(listsNamed(list)) ?? []).flatMap((part) =>
    [...part.matchAll(/'([^']+)'/g)].map(([, path]) => path ?? ''),
  );
}

/**
 * @param {readonly Unit[]} units
 * @param {readonly string[]} sources
 * @returns {ReadonlyMap<string, readonly string[]>} each unit's sources, in the order of their inclusion
 * @throws {Error} where a source fits no unit, or a file that a unit names is no source
 */
export function membersOf(units, sources) {
  const entries = units.flatMap((unit) => unit.sources.map((entry) => ({ unit, entry })));
  const gone = entries.find(({ entry }) => !entry.endsWith('/') && !sources.includes(entry));
  if (gone !== undefined) throw new Error(`unit ${gone.unit.name} names ${gone.entry}, which is no source`);
  /** @type {Map<string, string[]>} */
  const members = new Map(units.map(({ name }) => [name, []]));
  for (const source of sources) {
    const [closest] = entries
      .filter(({ entry }) => source === entry || (entry.endsWith('/') && source.startsWith(entry)))
      .sort((a, b) => b.entry.length - a.entry.length);
    if (closest === undefined) throw new Error(`no unit for ${source}`);
    members.get(closest.unit.name)?.push(source);
  }
  return members;
}

/** Each source names its class for the log in a macro of the same name. @param {readonly string[]} sources */
function textOf(sources) {
  return sources.map((source) => `#undef MS_CLASS\n#include "${source}"\n`).join('');
}
