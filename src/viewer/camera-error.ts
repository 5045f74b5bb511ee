/** What went wrong while a camera was opened, for people: one sentence with what to do. */
export function cameraProblem(name: string, { hasMicrophone }: { readonly hasMicrophone: boolean }): string {
  const devices = hasMicrophone ? 'the camera and the microphone' : 'the camera';
  switch (name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return `This page may not use ${devices}. Allow it beside the address of the page, then try again.`;
    case 'NotFoundError':
      return hasMicrophone
        ? 'There is no such camera or microphone. Connect one, or choose “No microphone”.'
        : 'There is no camera. Connect one, then try again.';
    case 'NotReadableError':
    case 'AbortError':
      return `Another program uses ${devices}. Close it, then try again.`;
    case 'OverconstrainedError':
      return 'The camera that was chosen is gone. Choose another.';
    default:
      return `${devices[0]?.toUpperCase() ?? ''}${devices.slice(1)} cannot be opened (${name}). Try another.`;
  }
}

/** Whether this page may ask for a camera at all; undefined in pages that are not secure, whatever its type says. */
export const canOpenCameras = (): boolean => (navigator.mediaDevices as MediaDevices | undefined) !== undefined;

/** Browsers give cameras to secure pages only. */
export const INSECURE_PAGE =
  'Browsers give a camera only to pages that are encrypted. Open this page by https://, or as http://localhost on the machine of the gateway.';
