import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { DiptychError } from '../../shared/domain/errors.js';

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Encrypts what etcd keeps with the key of the cluster, which etcd does not have (AES-256-GCM). */
export class SealedText {
  readonly #key: Buffer;

  /** With a key made of `cluster.key`. @throws {@link DiptychError} `DIPTYCH_E_CONFIG` where there is none */
  constructor(secret: string | undefined) {
    if (secret === undefined) throw new DiptychError('DIPTYCH_E_CONFIG', 'cluster.key: expected key or keyFile');
    this.#key = Buffer.from(hkdfSync('sha256', secret, '', 'diptych cluster streams', 32));
  }

  /** Encrypts a text, or bytes. @param about - what it belongs to: it opens for nothing else */
  seal(text: string | Buffer, about: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.#key, nonce).setAAD(Buffer.from(about));
    const sealed = Buffer.concat([cipher.update(Buffer.from(text)), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64');
  }

  /** Takes back {@link SealedText.seal}. @throws {@link DiptychError} `DIPTYCH_E_CLUSTER` where another key sealed it, or it was changed */
  open(sealed: string, about: string): string {
    return this.openBytes(sealed, about).toString('utf8');
  }

  /** As {@link SealedText.open}, bytes. @throws {@link DiptychError} as it does */
  openBytes(sealed: string, about: string): Buffer {
    const bytes = Buffer.from(sealed, 'base64');
    try {
      const decipher = createDecipheriv(ALGORITHM, this.#key, bytes.subarray(0, NONCE_BYTES));
      decipher.setAAD(Buffer.from(about)).setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
      return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
    } catch (error) {
      const message = `"${about}" was encrypted with another key; give every host the same cluster.key`;
      throw new DiptychError('DIPTYCH_E_CLUSTER', message, { cause: error });
    }
  }
}
