/** Larger pictures are given up, bytes. */
const MAX_PICTURE_BYTES = 16 * 1024 * 1024;
const FIRST_BYTES = 64 * 1024;
/** What is looked at for the boundary before a picture that was cut off, bytes. */
const MAX_PART_HEADER_BYTES = 2048;
const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const BEGIN = Buffer.from([0xff, SOI, 0xff]);
const END = Buffer.from([0xff, EOI]);

/** Where in a picture the reading is. */
type Part = 'outside' | 'marker' | 'scan';

/**
 * Takes whole JPEG pictures out of a stream of bytes, each as soon as its last byte is there. The pictures are followed
 * from marker to marker, so that nothing of what cameras put between them has to be right: boundaries, lengths, headers.
 */
export class JpegSplitter {
  #data = Buffer.allocUnsafe(FIRST_BYTES);
  #length = 0;
  #at = 0;
  #part: Part = 'outside';
  #skippedBytes = 0;
  #damaged = 0;

  /** Bytes that belong to no picture, so far. */
  get skippedBytes(): number {
    return this.#skippedBytes;
  }

  /** Pictures that were cut off or given up, so far. */
  get damaged(): number {
    return this.#damaged;
  }

  /** Takes the next bytes. @returns the pictures that are whole with them */
  push(chunk: Uint8Array): Buffer[] {
    this.#append(chunk);
    const pictures: Buffer[] = [];
    for (;;) {
      const outcome = this.#step();
      if (outcome === 'more') break;
      if (Buffer.isBuffer(outcome)) pictures.push(outcome);
    }
    if (this.#length > MAX_PICTURE_BYTES) {
      this.#damaged += 1;
      this.#drop(this.#length);
      this.#part = 'outside';
    }
    return pictures;
  }

  #step(): Buffer | 'more' | 'again' {
    switch (this.#part) {
      case 'outside':
        return this.#find();
      case 'marker':
        return this.#readMarker();
      case 'scan':
        return this.#readScan();
    }
  }

  #find(): 'more' | 'again' {
    const found = this.#view().indexOf(BEGIN);
    const before = found >= 0 ? found : Math.max(0, this.#length - (BEGIN.length - 1));
    this.#skippedBytes += before;
    this.#drop(before);
    if (found < 0) return 'more';
    this.#at = 2;
    this.#part = 'marker';
    return 'again';
  }

  #readMarker(): Buffer | 'more' | 'again' {
    const data = this.#view();
    while (data[this.#at] === 0xff && data[this.#at + 1] === 0xff) this.#at += 1;
    if (this.#at + 2 > data.length) return 'more';
    const marker = data[this.#at] === 0xff ? (data[this.#at + 1] ?? 0) : 0;
    if (marker === EOI) return this.#take(this.#at + 2);
    if (marker === SOI) return this.#restart(this.#at);
    if (hasNoLength(marker)) {
      this.#at += 2;
      return 'again';
    }
    // Not a marker at all, or one that cannot be here.
    if (marker < 0xc0) return this.#restart(2);
    if (this.#at + 4 > data.length) return 'more';
    const length = data.readUInt16BE(this.#at + 2);
    if (length < 2) return this.#restart(2);
    if (this.#at + 2 + length > data.length) return 'more';
    this.#at += 2 + length;
    this.#part = marker === SOS ? 'scan' : 'marker';
    return 'again';
  }

  #readScan(): Buffer | 'more' | 'again' {
    const data = this.#view();
    for (;;) {
      const found = data.indexOf(0xff, this.#at);
      this.#at = found < 0 ? data.length : found;
      if (found < 0 || found + 1 >= data.length) return 'more';
      const marker = data[found + 1] ?? 0;
      if (marker === EOI) return this.#take(found + 2);
      if (marker === SOI) return this.#cutOff(found);
      if (marker === 0xff) this.#at = found + 1;
      else if (marker === 0 || hasNoLength(marker)) this.#at = found + 2;
      else {
        this.#part = 'marker';
        return 'again';
      }
    }
  }

  /** A picture that ends at `end`. */
  #take(end: number): Buffer {
    const picture = Buffer.from(this.#view().subarray(0, end));
    this.#drop(end);
    this.#part = 'outside';
    return picture;
  }

  /** The next picture begins before this one has ended: it is shown as far as it goes. */
  #cutOff(next: number): Buffer {
    const boundary = this.#view().lastIndexOf('\r\n--', next);
    const end = boundary > next - MAX_PART_HEADER_BYTES && boundary > 0 ? boundary : next;
    const picture = Buffer.concat([this.#view().subarray(0, end), END]);
    this.#damaged += 1;
    this.#drop(next);
    this.#part = 'outside';
    return picture;
  }

  /** What seemed to be a picture is none. */
  #restart(at: number): 'again' {
    this.#damaged += 1;
    this.#skippedBytes += at;
    this.#drop(at);
    this.#part = 'outside';
    return 'again';
  }

  #view(): Buffer {
    return this.#data.subarray(0, this.#length);
  }

  #append(chunk: Uint8Array): void {
    const needed = this.#length + chunk.length;
    if (needed > this.#data.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#data.length));
      this.#data.copy(larger, 0, 0, this.#length);
      this.#data = larger;
    }
    this.#data.set(chunk, this.#length);
    this.#length = needed;
  }

  #drop(bytes: number): void {
    this.#data.copyWithin(0, bytes, this.#length);
    this.#length -= bytes;
    this.#at = 0;
  }
}

/** TEM and the restart markers. */
const hasNoLength = (marker: number): boolean => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7);
