interface Closable {
  close(): Promise<void>;
}

/**
 * Waits for two parts that are being opened; where one of them fails, the other one is closed as soon
 * as it is open.
 * @throws What the part that failed first was rejected with.
 */
export async function openBoth<A extends Closable, B extends Closable | undefined>(
  first: Promise<A>,
  second: Promise<B>,
): Promise<readonly [A, B]> {
  try {
    return await Promise.all([first, second]);
  } catch (error) {
    const opened = await Promise.allSettled([first, second]);
    for (const part of opened) if (part.status === 'fulfilled') await part.value?.close();
    throw error;
  }
}
