/**
 * Fat binaries of CUDA, as nvcc puts them into the section `.nv_fatbin`: a header (u32 magic, u16
 * version, u16 size of the header, u64 size of what follows), then entries, one for each
 * architecture (u16 kind, u16 version, u32 size of the entry's header, u64 size of its payload, …,
 * u32 architecture at 28). All little-endian. Seen in ONNX Runtime's CUDA 13 provider; NVIDIA
 * does not document it.
 */
const MAGIC = 0xba55ed50;
const ARCHITECTURE_OFFSET = 28;

/**
 * Overwrites with zeros, in place, the payloads of all architectures but one, so that the file
 * compresses well and is otherwise as it was. A fat binary without that architecture stays whole:
 * the driver may need what it has.
 *
 * @param {Buffer} file
 * @param {number} architecture e.g. 90
 * @returns {{ zeroedBytes: number, keptBytes: number }} payloads
 */
export function keepArchitecture(file, architecture) {
  const magic = Buffer.alloc(4);
  magic.writeUInt32LE(MAGIC);
  let zeroedBytes = 0;
  let keptBytes = 0;
  for (let at = file.indexOf(magic); at >= 0;) {
    const fatbin = readFatbin(file, at);
    if (fatbin === undefined) {
      at = file.indexOf(magic, at + 1);
      continue;
    }
    const isThere = fatbin.entries.some((entry) => entry.architecture === architecture);
    for (const { start, end, architecture: of } of fatbin.entries) {
      if (isThere && of !== architecture) {
        file.fill(0, start, end);
        zeroedBytes += end - start;
      } else {
        keptBytes += end - start;
      }
    }
    at = file.indexOf(magic, fatbin.end);
  }
  return { zeroedBytes, keptBytes };
}

/** The fat binary at an offset; undefined where the bytes there only look like one. */
function readFatbin(file, at) {
  if (at + 16 > file.length) return undefined;
  const headerSize = file.readUInt16LE(at + 6);
  const end = at + headerSize + Number(file.readBigUInt64LE(at + 8));
  if (headerSize < 16 || end > file.length) return undefined;
  const entries = [];
  for (let entry = at + headerSize; entry < end;) {
    if (entry + ARCHITECTURE_OFFSET + 4 > end) return undefined;
    const start = entry + file.readUInt32LE(entry + 4);
    const next = start + Number(file.readBigUInt64LE(entry + 8));
    if (start < entry + ARCHITECTURE_OFFSET + 4 || next > end) return undefined;
    entries.push({ start, end: next, architecture: file.readUInt32LE(entry + ARCHITECTURE_OFFSET) });
    entry = next;
  }
  return { end, entries };
}
