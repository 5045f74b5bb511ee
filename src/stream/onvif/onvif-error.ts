/** Why a camera was not asked over ONVIF, in words; `isRefused` where it does not take the user. */
export class OnvifError extends Error {
  /** User or password is wrong, or missing: asking again may lock the user out. */
  readonly isRefused: boolean;

  /**
   * Says why.
   *
   * @param message - without the address of the camera, which the log names beside it
   */
  constructor(message: string, options: { readonly isRefused?: boolean; readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'OnvifError';
    this.isRefused = options.isRefused ?? false;
  }
}

/** The reason of an exchange that did not come about, by Node's code. */
export function explainHttpError(code: string, url: Pick<URL, 'host' | 'protocol'>): string {
  const { host } = url;
  switch (code) {
    case 'ECONNREFUSED':
      return `nothing listens on ${host}; check source.onvif.url, and that ONVIF is switched on in the camera`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the name in ${host} is not found; check source.onvif.url`;
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `there is no way to ${host}; check the network and source.onvif.url`;
    case 'ECONNRESET':
      return `${host} ended the connection; check source.onvif.url`;
    default:
      return `asking ${host} failed: ${code}`;
  }
}
